// y[t, i, j] = Σ_k a[t, i, k]·b[t, k, j] for every matrix t of the batch: strided in everything, so transposed operands
// and broadcast batches need no copies. t = b0·inner + b1; a = (sb0, sb1, sm, sk) and b = (sb0, sb1, sk, sn) are
// strides in elements. y is contiguous. k = 0 gives zeros.
// Naive: one output per thread; reads each element of a n times and of b m times. Tile: 8 × 4 outputs per thread; reads
// a n/64 times and b m/8 times. Shared: 64 × 64 outputs per workgroup, 4 × 4 per thread; reads a n/64 times and b m/64
// times. y is written once.
// kernel: matmul
// uses: index tile
// consts: tile
struct Params {
  batch: u32, inner: u32, m: u32, n: u32, k: u32, a_offset: i32, b_offset: i32,
  a: vec4<i32>, b: vec4<i32>,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> a: array<f32>;
@group(0) @binding(3) var<storage, read> b: array<f32>;
// b and y four columns at a time, where rows of b are contiguous and n, strides and offset are multiples of four.
@group(0) @binding(1) var<storage, read_write> y4: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> b4: array<vec4<f32>>;

fn batch_offset(offset: i32, strides: vec4<i32>, t: u32) -> i32 {
  return offset + i32(t / p.inner) * strides.x + i32(t % p.inner) * strides.y;
}

// The plainest form, the reference of the ladder: one thread per output, k steps, reading a n times and b m times.
@compute @workgroup_size(LANES)
fn matmul_naive(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.batch * p.m * p.n) { return; }
  let j = e % p.n;
  let i = (e / p.n) % p.m;
  let t = e / (p.n * p.m);
  var at_a = batch_offset(p.a_offset, p.a, t) + i32(i) * p.a.z;
  var at_b = batch_offset(p.b_offset, p.b, t) + i32(j) * p.b.w;
  var sum = 0.0f;
  for (var k = 0u; k < p.k; k++) {
    sum += a[at_a] * b[at_b];
    at_a += p.a.w;
    at_b += p.b.z;
  }
  y[e] = sum;
}

// Register tile: a thread holds ROWS × 4 outputs, TILE_THREADS neighbours make a strip of rows, so that a is loaded
// from one address per workgroup: each element of a is read n/64 times, of b m/8 times. No workgroup memory and no
// barrier: for software adapters without subgroups (those with them have matmul_subgroup.wgsl).
const ROWS = 8u;
const TILE_THREADS = 16u;

struct Strip { row: u32, column: u32, at_a: i32, at_b: i32, at_y: u32 }

// Where a thread's tile is, and where its operands begin; false after the last batch.
fn strip(thread: Thread) -> Strip {
  let columns = (p.n + 4u * TILE_THREADS - 1u) / (4u * TILE_THREADS);
  let strips = (p.m + ROWS - 1u) / ROWS;
  let g = group_index(thread);
  let t = g / (columns * strips);
  let row = (g / columns) % strips * ROWS;
  let column = ((g % columns) * TILE_THREADS + thread.lane) * 4u;
  let inside = t < p.batch && column < p.n;
  let at_a = batch_offset(p.a_offset, p.a, t) + i32(row) * p.a.z;
  return Strip(row, select(p.n, column, inside), at_a, batch_offset(p.b_offset, p.b, t), t * p.m * p.n + row * p.n);
}

// Rows to store, and a step of 1 that compilers cannot see, so that they do not unroll the loop: unrolled, the stores
// would take four times as long to compile on a software adapter as all the rest.
fn rows_of(row: u32) -> u32 { return min(ROWS, p.m - row); }
fn step_not_unrolled() -> u32 { return min(p.batch, 1u); }

// Write up to four neighbours of y, as many as the row has.
fn store(at: u32, count: u32, value: vec4<f32>) {
  y[at] = value.x;
  if (count > 1u) { y[at + 1u] = value.y; }
  if (count > 2u) { y[at + 2u] = value.z; }
  if (count > 3u) { y[at + 3u] = value.w; }
}

@compute @workgroup_size(TILE_THREADS)
fn matmul_tile_vec4(thread: Thread) {
  let tile = strip(thread);
  if (tile.column >= p.n) { return; }
  var sum = array<vec4<f32>, ROWS>();
  // Rows below the last are computed from the last, and not stored.
  let last = p.m - 1u - tile.row;
  var at_b = u32(tile.at_b) / 4u + tile.column / 4u;
  for (var k = 0u; k < p.k; k++) {
    let v = b4[at_b];
    for (var r = 0u; r < ROWS; r++) {
      sum[r] += a[tile.at_a + i32(min(r, last)) * p.a.z + i32(k) * p.a.w] * v;
    }
    at_b += u32(p.b.z) / 4u;
  }
  for (var r = 0u; r < rows_of(tile.row); r += step_not_unrolled()) {
    y4[(tile.at_y + r * p.n + tile.column) / 4u] = sum[r];
  }
}

@compute @workgroup_size(TILE_THREADS)
fn matmul_tile(thread: Thread) {
  let tile = strip(thread);
  if (tile.column >= p.n) { return; }
  var sum = array<vec4<f32>, ROWS>();
  let last = p.m - 1u - tile.row;
  // Columns after the last are computed from the last, and not stored.
  let j = min(vec4<u32>(tile.column) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(p.n - 1u));
  var at_b = vec4<i32>(tile.at_b) + vec4<i32>(j) * p.b.w;
  for (var k = 0u; k < p.k; k++) {
    let v = vec4<f32>(b[at_b.x], b[at_b.y], b[at_b.z], b[at_b.w]);
    for (var r = 0u; r < ROWS; r++) {
      sum[r] += a[tile.at_a + i32(min(r, last)) * p.a.z + i32(k) * p.a.w] * v;
    }
    at_b += p.b.z;
  }
  for (var r = 0u; r < rows_of(tile.row); r += step_not_unrolled()) {
    store(tile.at_y + r * p.n + tile.column, p.n - tile.column, sum[r]);
  }
}

// Workgroup memory tile (lib/tile), for GPUs: 256 threads make 64 × 64 outputs, 4 × 4 each, from slices of 16 of k that
// all share: each element of a is read n/64 times and of b m/64 times.
@compute @workgroup_size(LANES)
fn matmul_shared(thread: Thread) {
  let lane = thread.lane;
  let columns = (p.n + TILE - 1u) / TILE;
  let strips = (p.m + TILE - 1u) / TILE;
  let g = group_index(thread);
  let t = g / (columns * strips);
  let row = (g / columns) % strips * TILE;
  let column = (g % columns) * TILE;
  let base_a = batch_offset(p.a_offset, p.a, t);
  let base_b = batch_offset(p.b_offset, p.b, t);
  let i = tile_row(lane);
  let j = tile_column(lane);
  // Neighbouring lanes load neighbouring elements, whichever way the operand lies.
  let a_by_row = p.a.z == 1;
  let b_by_row = p.b.z == 1;
  var sum = array<vec4<f32>, 4>();
  for (var k = 0u; k < p.k; k += SLICE) {
    for (var part = 0u; part < 4u; part++) {
      let e = part * LANES + lane;
      let ai = select(e / SLICE, e % TILE, a_by_row);
      let ak = select(e % SLICE, e / TILE, a_by_row);
      let a_in = row + ai < p.m && k + ak < p.k && t < p.batch;
      let a_at = base_a + i32(row + ai) * p.a.z + i32(k + ak) * p.a.w;
      slice_a[ak * TILE + ai] = select(0.0f, a[select(0, a_at, a_in)], a_in);
      let bj = select(e % TILE, e / SLICE, b_by_row);
      let bk = select(e / TILE, e % SLICE, b_by_row);
      let b_in = column + bj < p.n && k + bk < p.k && t < p.batch;
      let b_at = base_b + i32(k + bk) * p.b.z + i32(column + bj) * p.b.w;
      slice_b[bk * TILE + bj] = select(0.0f, b[select(0, b_at, b_in)], b_in);
    }
    add_slice(&sum, lane);
  }
  if (t >= p.batch) { return; }
  for (var r = 0u; r < 4u && row + i + r < p.m; r += step_not_unrolled()) {
    if (column + j < p.n) { store((t * p.m + row + i + r) * p.n + column + j, p.n - column - j, sum[r]); }
  }
}
