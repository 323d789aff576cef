// y[r, c] = g[r]·(e^(x[r, c] − lse[r]) − (1−σ)·[c = t] − σ/cols), the gradient of cross_entropy.wgsl's loss by its logits, with
// t = target[r]. Rows that the loss ignored (IGNORE = 1) and rows with g = 0 are 0. g_stride 0: one g for all rows.
// One thread computes one element. x is read once, y written once.
// kernel: cross_entropy_grad
// uses: index
struct Params {
  rows: u32, cols: u32, x_offset: u32, target_offset: u32, g_offset: u32, g_stride: u32, smoothing: f32, ignore: i32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> labels: array<i32>;
@group(0) @binding(4) var<storage, read> lse: array<f32>;
@group(0) @binding(5) var<storage, read> g: array<f32>;

override IGNORE: u32 = 0u;

@compute @workgroup_size(LANES)
fn cross_entropy_grad(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.rows * p.cols) { return; }
  let r = e / p.cols;
  let c = e % p.cols;
  let t = labels[p.target_offset + r];
  let scale = g[p.g_offset + r * p.g_stride];
  if (scale == 0.0f || (IGNORE == 1u && t == p.ignore)) {
    y[e] = 0.0f;
    return;
  }
  let hit = select(0.0f, 1.0f - p.smoothing, i32(c) == t);
  y[e] = scale * (exp(x[p.x_offset + e] - lse[r]) - hit - p.smoothing / f32(p.cols));
}
