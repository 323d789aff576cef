/* Naive matrix multiplication: C = A * B, one thread per element of C.
   A is M x K, B is K x N, all row-major. */
struct Dims {
  M: u32,
  K: u32,
  N: u32,
}

@binding(0) @group(0) var<storage, read> A: array<f32>;
@binding(1) @group(0) var<storage, read> B: array<f32>;
@binding(2) @group(0) var<storage, read_write> C: array<f32>;
@binding(3) @group(0) var<uniform> dims: Dims;

override TILE_X: u32 = 8;
override TILE_Y: u32 = 8;

@compute @workgroup_size(TILE_X, TILE_Y)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let row = id.y;
  let col = id.x;
  if (row >= dims.M || col >= dims.N) { return; }
  var acc: f32 = 0.0;
  for (var k = 0u; k < dims.K; k = k + 1u) {
    acc = acc + A[row * dims.K + k] * B[k * dims.N + col];
  }
  C[row * dims.N + col] = acc;
}
