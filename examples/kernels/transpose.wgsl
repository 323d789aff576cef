// y[j, i] = x[i, j] of a square of n·n numbers, n a multiple of 32. A workgroup moves a tile of 32 × 32: each thread
// reads four numbers along a row of x, and writes four along a row of y. x is read once, y written once.
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
override n: u32;
const ROW = 32u;
var<workgroup> tile: array<f32, 32 * ROW>;

@compute @workgroup_size(32, 8)
fn transpose(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) id: vec3<u32>) {
  for (var k = id.y; k < 32u; k += 8u) {
    tile[k * ROW + id.x] = x[(32u * group.y + k) * n + 32u * group.x + id.x];
  }
  workgroupBarrier();
  for (var k = id.y; k < 32u; k += 8u) {
    y[(32u * group.x + k) * n + 32u * group.y + id.x] = tile[id.x * ROW + k];
  }
}
