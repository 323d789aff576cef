// matmul_shared.wgsl for a b of float16, where the adapter has the type: y[t, i, j] = Σ_k a[t, i, k]·b[t, k, j] by
// tiles of 64 × 64 in workgroup memory, 4 × 4 a thread. Of b, which needs no copy of 32 bits, half the bytes are read;
// its elements are widened, which is exact, where they are put into the slices, once for 64 products. Sums are of the
// same products in the same order as there; a is read n/64 times, b m/64 times, y written once for every 256 of k.
// kernel: matmul
// uses: index bits product tile shared
// needs: shader-f16
enable f16;
struct Params {
  batch: u32, inner: u32, m: u32, n: u32, k: u32, a_offset: i32, b_offset: i32, bias_offset: u32,
  a: vec4<i32>, b: vec4<i32>,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> a: array<f32>;
@group(0) @binding(3) var<storage, read> b: array<f16>;
@group(0) @binding(4) var<storage, read> bias: array<f32>;
@group(0) @binding(5) var<storage, read> residual: array<f32>;
@group(0) @binding(1) var<storage, read_write> y4: array<vec4<f32>>;

@compute @workgroup_size(LANES)
fn matmul_shared_f16(thread: Thread) { shared_tile(thread); }
