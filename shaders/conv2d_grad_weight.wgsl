// dw[k, c, ky, kx] = Σ_{n, oy, ox} g[n, k, oy, ox]·x[n, c, oy·sy + ky·dy − py, ox·sx + kx·dx − px]: the gradient of
// conv2d.wgsl by its weights, and of its transpose with x and g changing places. Params as there; counts = (batch,
// groups, channels of x in a group, of g in a group). A column is one (c, ky, kx) of a group.
// Windows are counted over the batch. Split s sums windows [s·chunk, (s + 1)·chunk) and its result goes to y[s, …]; a
// second dispatch adds up the splits. Always in the same order, so reruns are bit-identical; the longest chain of
// additions is chunk + splits.
// Thread: a thread per channel of g, four columns and split reads g once for each four columns, x once for each tap and
// channel of g. Tile: 8 channels per thread, 64 columns per workgroup: reads x is read an eighth as often, g once for
// each 64 columns. Shared: a workgroup per 64 channels × 64 columns and split: x once for each tap and 64 channels, g
// once for each 64 columns. y is written once for each split; adding them up, a thread per weight reads each once.
// kernel: conv2d_grad_weight
// uses: index windows tile
struct Params {
  counts: vec4<u32>, rows: vec4<u32>, cols: vec4<u32>, steps: vec4<i32>, x_offset: u32, g_offset: u32, chunk: u32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> g: array<f32>;

fn windows() -> u32 { return p.counts.x * p.rows.x * p.cols.x; }
fn splits() -> u32 { return max(1u, (windows() + p.chunk - 1u) / p.chunk); }
fn columns() -> u32 { return p.counts.z * p.rows.z * p.cols.z; }
fn weights() -> u32 { return p.counts.y * p.counts.w * columns(); }

// Four columns: offset of the channel of x, and the tap. Those after the last are computed like the last, and not
// stored.
struct Four { channel: vec4<i32>, ky: vec4<i32>, kx: vec4<i32> }

fn four(column: vec4<u32>) -> Four {
  let at = min(column, vec4<u32>(columns() - 1u));
  let row = at / p.cols.z;
  let plane = p.rows.y * p.cols.y;
  return Four(
    vec4<i32>(row / p.rows.z * plane),
    vec4<i32>(row % p.rows.z) * p.steps.z - p.steps.x,
    vec4<i32>(at % p.cols.z) * p.steps.w - p.steps.y);
}

// A window: its image and place.
struct Window { n: u32, row: u32, col: u32 }

fn window(i: u32) -> Window {
  let row = i / p.cols.x;
  return Window(row / p.rows.x, row % p.rows.x, i % p.cols.x);
}

fn next(at: Window) -> Window {
  let wraps = at.col + 1u == p.cols.x;
  let row = at.row + select(0u, 1u, wraps);
  let ends = row == p.rows.x;
  return Window(at.n + select(0u, 1u, ends), select(row, 0u, ends), select(at.col + 1u, 0u, wraps));
}

// x where the taps of four columns lie in a window; 0 outside.
fn load(f: Four, t: u32, at: Window) -> vec4<f32> {
  let size = vec2<i32>(vec2<u32>(p.rows.y, p.cols.y));
  let iy = i32(at.row * p.rows.w) + f.ky;
  let ix = i32(at.col * p.cols.w) + f.kx;
  let inside = (iy >= vec4<i32>()) & (iy < vec4<i32>(size.x)) & (ix >= vec4<i32>()) & (ix < vec4<i32>(size.y));
  let image = i32(p.x_offset + (at.n * p.counts.y + t) * p.counts.z * p.rows.y * p.cols.y);
  let e = select(vec4<i32>(), image + f.channel + iy * size.y + ix, inside);
  return select(vec4<f32>(), vec4<f32>(x[e.x], x[e.y], x[e.z], x[e.w]), inside);
}

// Place in g of a window, for a channel over all groups.
fn at_g(channel: u32, at: Window) -> u32 {
  return p.g_offset + ((at.n * p.counts.y * p.counts.w + channel) * p.rows.x + at.row) * p.cols.x + at.col;
}

// Write four columns of a channel, for a split.
fn store(column: vec4<u32>, channel: u32, split: u32, value: vec4<f32>) {
  let at = split * weights() + channel * columns() + column;
  let end = columns();
  if (column.x < end) { y[at.x] = value.x; }
  if (column.y < end) { y[at.y] = value.y; }
  if (column.z < end) { y[at.z] = value.z; }
  if (column.w < end) { y[at.w] = value.w; }
}

fn quarter() -> u32 { return (columns() + 3u) / 4u; }
fn quarters(q: u32) -> vec4<u32> { return q + vec4<u32>(0u, 1u, 2u, 3u) * quarter(); }

// One thread per channel of four columns and split; any sizes.
@compute @workgroup_size(LANES)
fn conv2d_grad_weight_thread(thread: Thread) {
  let e = thread_index(thread);
  let row = e / quarter();
  let channels = p.counts.y * p.counts.w;
  let split = row / channels;
  if (split >= splits()) { return; }
  let channel = row % channels;
  let column = quarters(e % quarter());
  let f = four(column);
  let end = min(windows(), (split + 1u) * p.chunk);
  var at = window(split * p.chunk);
  var sum = vec4<f32>();
  for (var i = split * p.chunk; i < end; i++) {
    sum += g[at_g(channel, at)] * load(f, channel / p.counts.w, at);
    at = next(at);
  }
  store(column, channel, split, sum);
}

// Register tile: a thread holds CHANNELS channels of four columns; g is loaded from one address per workgroup. For
// software adapters.
const CHANNELS = 8u;
const TILE_THREADS = 16u;

@compute @workgroup_size(TILE_THREADS)
fn conv2d_grad_weight_tile(thread: Thread) {
  let blocks = (quarter() + TILE_THREADS - 1u) / TILE_THREADS;
  let strips = (p.counts.w + CHANNELS - 1u) / CHANNELS;
  let id = group_index(thread);
  let t = (id / (blocks * strips)) % p.counts.y;
  let split = id / (blocks * strips * p.counts.y);
  let first = (id / blocks) % strips * CHANNELS;
  let q = id % blocks * TILE_THREADS + thread.lane;
  if (split >= splits() || q >= quarter()) { return; }
  let f = four(quarters(q));
  // Channels after the last of a group are computed from the last, and not stored.
  let last = min(CHANNELS, p.counts.w - first) - 1u;
  let end = min(windows(), (split + 1u) * p.chunk);
  let plane = p.rows.x * p.cols.x;
  var at = window(split * p.chunk);
  var sum = array<vec4<f32>, CHANNELS>();
  for (var i = split * p.chunk; i < end; i++) {
    let v = load(f, t, at);
    let e = at_g(t * p.counts.w + first, at);
    for (var r = 0u; r < CHANNELS; r++) { sum[r] += g[e + min(r, last) * plane] * v; }
    at = next(at);
  }
  for (var r = 0u; r <= last; r += min(p.counts.y, 1u)) {
    store(quarters(q), t * p.counts.w + first + r, split, sum[r]);
  }
}

// Workgroup memory, for GPUs: 64 channels × 64 columns, from slices of 16 windows.
@compute @workgroup_size(LANES)
fn conv2d_grad_weight_shared(thread: Thread) {
  let lane = thread.lane;
  let blocks = (columns() + TILE - 1u) / TILE;
  let strips = (p.counts.w + TILE - 1u) / TILE;
  let id = group_index(thread);
  let t = (id / (blocks * strips)) % p.counts.y;
  let split = id / (blocks * strips * p.counts.y);
  let first = (id / blocks) % strips * TILE;
  let column = id % blocks * TILE;
  // A lane loads one window of a slice: for four channels of g and four columns.
  let k = lane % SLICE;
  let j = lane / SLICE;
  let f = four(column + j + vec4<u32>(0u, 16u, 32u, 48u));
  let begin = split * p.chunk;
  let end = min(windows(), begin + p.chunk);
  var sum = array<vec4<f32>, 4>();
  // All threads make all rounds: barriers must be reached by all of them.
  for (var i = 0u; i < p.chunk; i += SLICE) {
    let has = begin + i + k < end;
    let at = window(select(0u, begin + i + k, has));
    let v = select(vec4<f32>(), load(f, t, at), has);
    for (var part = 0u; part < 4u; part++) {
      let c = j + part * 16u;
      let has_g = has && first + c < p.counts.w;
      let e = at_g(t * p.counts.w + first + c, at);
      slice_a[k * PITCH + c] = select(0.0f, g[select(0u, e, has_g)], has_g);
      slice_b[k * PITCH + c] = v[part];
    }
    add_slice(&sum, lane);
  }
  let row = first + tile_row(lane);
  let mine = column + tile_columns(lane);
  for (var r = 0u; r < 4u && split < splits() && row + r < p.counts.w; r += min(p.counts.y, 1u)) {
    store(mine, t * p.counts.w + row + r, split, sum[r]);
  }
}

// y[e] = Σ over the splits, in order; x is what the first dispatch wrote.
@compute @workgroup_size(LANES)
fn conv2d_grad_weight_sum(thread: Thread) {
  let e = thread_index(thread);
  if (e >= weights()) { return; }
  var sum = 0.0f;
  for (var s = 0u; s < splits(); s++) { sum += x[s * weights() + e]; }
  y[e] = sum;
}
