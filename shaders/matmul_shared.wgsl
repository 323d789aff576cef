// matmul.wgsl's contract by tiles in workgroup memory (lib/tile), for GPUs: 256 threads make 64 × 64 outputs, 4 × 4
// each, from slices of 16 of k that all share: each element of a is read n/64 times and of b m/64 times.
// kernel: matmul
// uses: index bits product tile
// consts: tile
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
@group(0) @binding(1) var<storage, read_write> y4: array<vec4<f32>>;

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
  // Neighbouring lanes load neighbouring elements, whichever way the operand lies.
  let a_by_row = p.a.z == 1;
  let b_by_row = p.b.z == 1;
  let i = row + tile_row(lane);
  let j = column + tile_columns(lane);
  for (var first = 0u; first == 0u || first < p.k; first += BLOCK) {
    let end = min(first + BLOCK, p.k);
    var sum = array<vec4<f32>, 4>();
    for (var k = first; k < end; k += SLICE) {
      for (var part = 0u; part < 4u; part++) {
        let e = part * LANES + lane;
        let ai = select(e / SLICE, e % TILE, a_by_row);
        let ak = select(e % SLICE, e / TILE, a_by_row);
        let a_in = row + ai < p.m && k + ak < end && t < p.batch;
        let a_at = base_a + i32(row + ai) * p.a.z + i32(k + ak) * p.a.w;
        slice_a[ak * PITCH + ai] = select(0.0f, a[select(0, a_at, a_in)], a_in);
        let bj = select(e % TILE, e / SLICE, b_by_row);
        let bk = select(e / TILE, e % SLICE, b_by_row);
        let b_in = column + bj < p.n && k + bk < end && t < p.batch;
        let b_at = base_b + i32(k + bk) * p.b.z + i32(column + bj) * p.b.w;
        slice_b[bk * PITCH + bj] = select(0.0f, b[select(0, b_at, b_in)], b_in);
      }
      add_slice(&sum, lane);
    }
    // Loops that compilers unroll: what is looked up by number would not be in registers.
    for (var r = 0u; r < 4u; r++) {
      if (t >= p.batch || i + r >= p.m) { continue; }
      let e = (t * p.m + i + r) * p.n;
      for (var c = 0u; c < 4u; c++) {
        if (j[c] < p.n) { y[e + j[c]] = element(e + j[c], j[c], first, end, sum[r][c]); }
      }
    }
  }
}
