// matmul_few_group of matmul_few.wgsl for a b of float16, where the adapter has the type: y[t, i, j] =
// Σ_k a[t, i, k]·b[t, k, j] for up to four rows, a workgroup per column. An element of b is a load and a conversion,
// without taking words apart. Sums are of the same products in the same order as there; a is read n times, b once, y
// written once for every 16,384 of k. Where rows of b lie side by side, matmul_few_vec4 is as fast: none is here.
// kernel: matmul
// uses: index bits product few
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

fn weight(i: i32) -> f32 { return f32(b[i]); }

@compute @workgroup_size(STEP_THREADS)
fn matmul_few_group_f16(thread: Thread) { few_group(thread); }
