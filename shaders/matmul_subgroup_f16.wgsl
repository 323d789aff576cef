// matmul_subgroup.wgsl for a b of float16, where the adapter has the type: y[t, i, j] = Σ_k a[t, i, k]·b[t, k, j] by
// strips of 16 rows × 4 columns a thread, or of up to four rows by eight lanes that share k. b needs no copy of 32
// bits: half the bytes are read, and widened in registers, which is exact. Sums are of the same products in the same
// order as there; a is read n/64 times, b m/16 times, by matmul_subgroup_few_f16 n/4 times and once; y is written once
// for every 256 of k.
// kernel: matmul
// uses: index bits product subgroup
// needs: subgroups shader-f16
enable subgroups;
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
// b and y four columns at a time, where rows of b are contiguous and n, strides and offset are multiples of four.
@group(0) @binding(1) var<storage, read_write> y4: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> b4: array<vec4<f16>>;

fn weight(i: i32) -> f32 { return f32(b[i]); }

@compute @workgroup_size(TILE_THREADS)
fn matmul_subgroup_vec4_f16(thread: Thread, @builtin(subgroup_invocation_id) lane: u32) { strip_vec4(thread, lane); }

@compute @workgroup_size(TILE_THREADS)
fn matmul_subgroup_f16(thread: Thread, @builtin(subgroup_invocation_id) lane: u32) { strip_any(thread, lane); }

// Up to four rows, where k lies side by side in b.
@compute @workgroup_size(LANES_OF_ROW)
fn matmul_subgroup_few_f16(thread: Thread) { few_rows(thread); }
