// y[n, k, oy, ox] = b[k] + Σ_{c, ky, kx} w[k, c, ky, kx]·x[n, c, oy·sy + ky·dy − py, ox·sx + kx·dx − px], zeros outside
// of x.
// TRANSPOSED = 1: the transpose of that linear map, which is its gradient by x and the forward of transposed
// convolutions:
// y[n, c, iy, ix] = b[c] + Σ_{k, ky, kx} w[k, c, ky, kx]·x[n, k, oy, ox] over the windows that have tap (ky, kx) on the
// pixel.
// counts = (batch, groups, channels of x in a group, of y in a group); rows and cols are (windows, pixels, taps,
// stride) of an axis: x has the pixels and y the windows, or if transposed the other way round; steps = (py, px, dy,
// dx).
// Taps are the outer loop, channels the inner one: where a tap lands is found once for all channels. A column is one
// place of y in one image of the batch. Padding is not read: it counts as 0.
// Thread: one channel of y and four columns per thread; reads x once for each tap and channel of y, and w once for each
// four columns. Tile: 8 channels per thread, 128 columns per workgroup; reads x once for each tap and 8 channels of y,
// and w once for each 128 columns. Shared: 64 channels × 64 columns per workgroup; reads x once for each tap and 64
// channels of y, and w once for each 64 columns. y is written once.
// kernel: conv2d
// uses: index windows tile
struct Params {
  counts: vec4<u32>, rows: vec4<u32>, cols: vec4<u32>, steps: vec4<i32>, x_offset: u32, w_offset: u32, b_offset: u32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> w: array<f32>;
// Bound to something else where there is no bias.
@group(0) @binding(4) var<storage, read> b: array<f32>;

override TRANSPOSED: u32 = 0u;
override BIAS: u32 = 0u;

// Sizes of x and of y: (height, width).
fn size_x() -> vec2<u32> {
  return select(vec2<u32>(p.rows.y, p.cols.y), vec2<u32>(p.rows.x, p.cols.x), TRANSPOSED == 1u);
}
fn size_y() -> vec2<u32> {
  return select(vec2<u32>(p.rows.x, p.cols.x), vec2<u32>(p.rows.y, p.cols.y), TRANSPOSED == 1u);
}
fn columns() -> u32 { return p.counts.x * size_y().x * size_y().y; }
fn taps() -> u32 { return p.rows.z * p.cols.z; }
// Distances in w from one channel of y, and of x, to the next.
fn step_y() -> u32 { return select(p.counts.z * taps(), taps(), TRANSPOSED == 1u); }
fn step_x() -> u32 { return select(taps(), p.counts.w * taps(), TRANSPOSED == 1u); }
fn weights_of(t: u32) -> u32 { return p.w_offset + t * p.counts.z * p.counts.w * taps(); }

fn reach(place: vec4<i32>, k: u32, axis: vec4<u32>, padding: i32, dilation: i32) -> vec4<i32> {
  if (TRANSPOSED == 1u) { return window_of(place, k, axis, padding, dilation); }
  return pixel_of(place, k, axis, padding, dilation);
}

// Four columns: image and place of each. Those after the last are computed like the last, and not stored.
struct Four { column: vec4<u32>, image: vec4<u32>, row: vec4<i32>, col: vec4<i32> }

fn four(column: vec4<u32>) -> Four {
  let size = size_y();
  let at = min(column, vec4<u32>(columns() - 1u));
  let row = at / size.y;
  return Four(column, row / size.x, vec4<i32>(row % size.x), vec4<i32>(at % size.y));
}

// Where a tap lands in the first channel of x of group t, −1 outside.
fn landing(f: Four, t: u32, ky: u32, kx: u32) -> vec4<i32> {
  let size = vec2<i32>(size_x());
  let iy = reach(f.row, ky, p.rows, p.steps.x, p.steps.z);
  let ix = reach(f.col, kx, p.cols, p.steps.y, p.steps.w);
  let channel = vec4<i32>((f.image * p.counts.y + t) * p.counts.z);
  let at = i32(p.x_offset) + (channel * size.x + iy) * size.y + ix;
  return select(vec4<i32>(-1), at, (iy >= vec4<i32>()) & (ix >= vec4<i32>()));
}

// x at four places, `step` elements after where a tap landed.
fn load(at: vec4<i32>, step: u32) -> vec4<f32> {
  let from_first = vec4<u32>(max(at, vec4<i32>())) + step;
  let v = vec4<f32>(x[from_first.x], x[from_first.y], x[from_first.z], x[from_first.w]);
  return select(vec4<f32>(), v, at >= vec4<i32>());
}

fn bias(channel: u32) -> vec4<f32> {
  if (BIAS == 1u) { return vec4<f32>(b[p.b_offset + channel]); }
  return vec4<f32>();
}

// Write a channel of four columns.
fn store(f: Four, channel: u32, value: vec4<f32>) {
  let size = size_y();
  let plane = f.image * (p.counts.y * p.counts.w) + channel;
  let at = (plane * size.x + vec4<u32>(f.row)) * size.y + vec4<u32>(f.col);
  let end = columns();
  if (f.column.x < end) { y[at.x] = value.x; }
  if (f.column.y < end) { y[at.y] = value.y; }
  if (f.column.z < end) { y[at.z] = value.z; }
  if (f.column.w < end) { y[at.w] = value.w; }
}

// The quarters of all columns: a thread takes the same place of each, so that neighbours read and write side by side.
fn quarter() -> u32 { return (columns() + 3u) / 4u; }
fn quarters(q: u32) -> vec4<u32> { return q + vec4<u32>(0u, 1u, 2u, 3u) * quarter(); }

// One thread per channel of four columns; any sizes, and the best for few channels in a group.
@compute @workgroup_size(LANES)
fn conv2d_thread(thread: Thread) {
  let e = thread_index(thread);
  let channel = e / quarter();
  let t = channel / p.counts.w;
  if (t >= p.counts.y) { return; }
  let f = four(quarters(e % quarter()));
  let weights = weights_of(t) + channel % p.counts.w * step_y();
  let plane = size_x().x * size_x().y;
  var sum = bias(channel);
  for (var ky = 0u; ky < p.rows.z; ky++) {
    for (var kx = 0u; kx < p.cols.z; kx++) {
      let at = landing(f, t, ky, kx);
      if (all(at < vec4<i32>())) { continue; }
      var at_w = weights + ky * p.cols.z + kx;
      for (var c = 0u; c < p.counts.z; c++) {
        sum += w[at_w] * load(at, c * plane);
        at_w += step_x();
      }
    }
  }
  store(f, channel, sum);
}

// Register tile: a thread holds CHANNELS channels of four columns; all threads of a workgroup have the same channels,
// so that w is loaded from one address per workgroup. x is read 1/CHANNELS as often. No workgroup memory and no
// barrier: for software adapters, and for few channels of x.
const CHANNELS = 8u;
const TILE_THREADS = 32u;

@compute @workgroup_size(TILE_THREADS)
fn conv2d_tile(thread: Thread) {
  let blocks = (quarter() + TILE_THREADS - 1u) / TILE_THREADS;
  let strips = (p.counts.w + CHANNELS - 1u) / CHANNELS;
  let g = group_index(thread);
  let t = g / (blocks * strips);
  let first = (g / blocks) % strips * CHANNELS;
  let q = g % blocks * TILE_THREADS + thread.lane;
  if (t >= p.counts.y || q >= quarter()) { return; }
  let f = four(quarters(q));
  // Channels after the last of a group are computed from the last, and not stored.
  let last = min(CHANNELS, p.counts.w - first) - 1u;
  let weights = weights_of(t) + first * step_y();
  let plane = size_x().x * size_x().y;
  var sum = array<vec4<f32>, CHANNELS>();
  for (var ky = 0u; ky < p.rows.z; ky++) {
    for (var kx = 0u; kx < p.cols.z; kx++) {
      let at = landing(f, t, ky, kx);
      if (all(at < vec4<i32>())) { continue; }
      var at_w = weights + ky * p.cols.z + kx;
      for (var c = 0u; c < p.counts.z; c++) {
        let v = load(at, c * plane);
        for (var r = 0u; r < CHANNELS; r++) { sum[r] += w[at_w + min(r, last) * step_y()] * v; }
        at_w += step_x();
      }
    }
  }
  // A step that is 1 without compilers knowing it: unrolled, the stores would take longer to compile than all the rest.
  for (var r = 0u; r <= last; r += min(p.counts.x, 1u)) {
    let channel = t * p.counts.w + first + r;
    store(f, channel, bias(channel) + sum[r]);
  }
}

// Workgroup memory, for GPUs: 64 channels × 64 columns, from slices of 16 channels of x at one tap.
@compute @workgroup_size(LANES)
fn conv2d_shared(thread: Thread) {
  let lane = thread.lane;
  let blocks = (columns() + TILE - 1u) / TILE;
  let strips = (p.counts.w + TILE - 1u) / TILE;
  let g = group_index(thread);
  // A grid folded in two may be larger than the work: such workgroups compute the last group, and store nothing.
  let inside = g < blocks * strips * p.counts.y;
  let t = min(g / (blocks * strips), p.counts.y - 1u);
  let first = (g / blocks) % strips * TILE;
  let column = g % blocks * TILE;
  let plane = size_x().x * size_x().y;
  // A lane loads one column of x at four channels, and one channel of x for four channels of y.
  let mine = four(vec4<u32>(column + lane % TILE));
  let c_w = lane % SLICE;
  var sum = array<vec4<f32>, 4>();
  for (var tap = 0u; tap < taps(); tap++) {
    let at = landing(mine, t, tap / p.cols.z, tap % p.cols.z).x;
    for (var c = 0u; c < p.counts.z; c += SLICE) {
      for (var part = 0u; part < 4u; part++) {
        let k = lane / SLICE + part * 16u;
        let has_w = first + k < p.counts.w && c + c_w < p.counts.z;
        let at_w = weights_of(t) + (first + k) * step_y() + (c + c_w) * step_x() + tap;
        slice_a[c_w * PITCH + k] = select(0.0f, w[select(0u, at_w, has_w)], has_w);
        let c_x = lane / TILE + part * 4u;
        let has_x = at >= 0 && c + c_x < p.counts.z;
        slice_b[c_x * PITCH + lane % TILE] = select(0.0f, x[select(0u, u32(at) + (c + c_x) * plane, has_x)], has_x);
      }
      add_slice(&sum, lane);
    }
  }
  let row = first + tile_row(lane);
  let f = four(column + tile_columns(lane));
  for (var r = 0u; r < 4u && inside && row + r < p.counts.w; r += min(p.counts.x, 1u)) {
    let channel = t * p.counts.w + row + r;
    store(f, channel, bias(channel) + sum[r]);
  }
}
