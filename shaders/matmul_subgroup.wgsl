// matmul.wgsl's contract where the adapter has subgroups of at least 8 lanes: a thread holds 16 rows × 4 columns of
// outputs; of a, each of 8 lanes loads two elements per k, and subgroupBroadcast hands them to all, so that a is read
// as often as in a tile of 16 × 64 and no workgroup memory is touched: on lavapipe memory costs 10 ns a load,
// arithmetic next to nothing.
// kernel: matmul
// uses: index bits product half weights subgroup
// needs: subgroups
enable subgroups;
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
// b of matmul_subgroup_few, whatever its format: HALF of lib/weights.
@group(0) @binding(3) var<storage, read> weights: array<u32>;

@compute @workgroup_size(TILE_THREADS)
fn matmul_subgroup_vec4(thread: Thread, @builtin(subgroup_invocation_id) lane: u32) { strip_vec4(thread, lane); }

@compute @workgroup_size(TILE_THREADS)
fn matmul_subgroup(thread: Thread, @builtin(subgroup_invocation_id) lane: u32) { strip_any(thread, lane); }

// Up to four rows, where k lies side by side in b.
@compute @workgroup_size(LANES_OF_ROW)
fn matmul_subgroup_few(thread: Thread) { few_rows(thread); }
