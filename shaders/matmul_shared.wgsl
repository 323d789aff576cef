// matmul.wgsl's contract by tiles in workgroup memory (lib/tile), for GPUs: 256 threads make 64 × 64 outputs, 4 × 4
// each, from slices of 16 of k that all share: each element of a is read n/64 times and of b m/64 times.
// kernel: matmul
// uses: index bits product tile shared
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
fn matmul_shared(thread: Thread) { shared_tile(thread); }
