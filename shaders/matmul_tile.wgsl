// matmul.wgsl's contract by tiles in registers: a thread holds ROWS × 4 outputs, TILE_THREADS neighbours make a strip
// of rows, so that a is loaded from one address per workgroup: each element of a is read n/64 times, of b m/8 times. No
// workgroup memory and no barrier: for software adapters without subgroups (those with them have
// matmul_subgroup.wgsl).
// kernel: matmul
// uses: index bits product
struct Params {
  batch: u32, inner: u32, m: u32, n: u32, k: u32, a_offset: i32, b_offset: i32, bias_offset: u32,
  a: vec4<i32>, b: vec4<i32>,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> a: array<f32>;
@group(0) @binding(3) var<storage, read> b: array<f32>;
@group(0) @binding(4) var<storage, read> bias: array<f32>;
@group(0) @binding(5) var<storage, read> residual: array<f32>;
// b and y four columns at a time, where rows of b are contiguous and n, strides and offset are multiples of four.
@group(0) @binding(1) var<storage, read_write> y4: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> b4: array<vec4<f32>>;

const ROWS = 8u;
const TILE_THREADS = 16u;

struct Strip { row: u32, column: u32, at_a: i32, at_b: i32, at_y: u32 }

// Where a thread's tile is, and where its operands begin; in column n after the last batch.
fn strip(thread: Thread) -> Strip {
  let columns = (p.n + 4u * TILE_THREADS - 1u) / (4u * TILE_THREADS);
  let strips = (p.m + ROWS - 1u) / ROWS;
  let g = group_index(thread);
  let t = g / (columns * strips);
  let row = (g / columns) % strips * ROWS;
  let column = ((g % columns) * TILE_THREADS + thread.lane) * 4u;
  let inside = t < p.batch && column < p.n;
  let at_a = batch_offset(p.a_offset, p.a, t) + i32(row) * p.a.z;
  return Strip(row, select(p.n, column, inside), at_a, batch_offset(p.b_offset, p.b, t), (t * p.m + row) * p.n);
}

@compute @workgroup_size(TILE_THREADS)
fn matmul_tile_vec4(thread: Thread) {
  let tile = strip(thread);
  if (tile.column >= p.n) { return; }
  // Rows below the last are computed from the last, and not stored.
  let last = min(ROWS, p.m - tile.row) - 1u;
  var at_a = tile.at_a;
  var at_b = u32(tile.at_b) / 4u + tile.column / 4u;
  for (var first = 0u; first == 0u || first < p.k; first += BLOCK) {
    let end = min(first + BLOCK, p.k);
    var sum = array<vec4<f32>, ROWS>();
    for (var k = first; k < end; k++) {
      let v = b4[at_b];
      for (var r = 0u; r < ROWS; r++) { sum[r] += a[at_a + i32(min(r, last)) * p.a.z] * v; }
      at_a += p.a.w;
      at_b += u32(p.b.z) / 4u;
    }
    for (var r = 0u; r <= last; r += step_not_unrolled()) {
      store4(tile.at_y + r * p.n + tile.column, tile.column, first, end, sum[r]);
    }
  }
}

@compute @workgroup_size(TILE_THREADS)
fn matmul_tile(thread: Thread) {
  let tile = strip(thread);
  if (tile.column >= p.n) { return; }
  let last = min(ROWS, p.m - tile.row) - 1u;
  var at_a = tile.at_a;
  // Columns after the last are computed from the last, and not stored.
  let j = min(vec4<u32>(tile.column) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(p.n - 1u));
  var at_b = vec4<i32>(tile.at_b) + vec4<i32>(j) * p.b.w;
  for (var first = 0u; first == 0u || first < p.k; first += BLOCK) {
    let end = min(first + BLOCK, p.k);
    var sum = array<vec4<f32>, ROWS>();
    for (var k = first; k < end; k++) {
      let v = vec4<f32>(b[at_b.x], b[at_b.y], b[at_b.z], b[at_b.w]);
      for (var r = 0u; r < ROWS; r++) { sum[r] += a[at_a + i32(min(r, last)) * p.a.z] * v; }
      at_a += p.a.w;
      at_b += p.b.z;
    }
    for (var r = 0u; r <= last; r += step_not_unrolled()) {
      store(tile.at_y + r * p.n + tile.column, tile.column, first, end, sum[r]);
    }
  }
}
