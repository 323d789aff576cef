// y[r, c] = g[r]·(e^(x[r, c] − m)/s − (1−σ)·[c = t] − σ/cols), the gradient of cross_entropy.wgsl's loss by its logits,
// with t = target[r] and stats[r] = (m, 1/s), m = max and s = Σ e^(x − m) over row r. Rows that the loss ignored
// (IGNORE = 1) and rows with g = 0 are 0. g_stride 0: one g for all rows; MEAN = 1: it is divided by count, the rows of
// a mean. With NLL = 1, and where x is −∞, the first term is missing.
// One thread computes one element, or in the vec4 entry point four columns. x is read once, y written once.
// kernel: cross_entropy_grad
// uses: index bits
struct Params {
  rows: u32, cols: u32, x_offset: u32, target_offset: u32, g_offset: u32, g_stride: u32, smoothing: f32, ignore: i32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> labels: array<i32>;
@group(0) @binding(4) var<storage, read> stats: array<vec2<f32>>;
@group(0) @binding(5) var<storage, read> g: array<f32>;
@group(0) @binding(6) var<storage, read> count: array<f32>;
// Four columns at a time.
@group(0) @binding(1) var<storage, read_write> y4: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> x4: array<vec4<f32>>;

override IGNORE: u32 = 0u;
override NLL: u32 = 0u;
override MEAN: u32 = 0u;

// What multiplies the gradient of row r: 0 where the loss ignored it.
fn scale_of(r: u32, t: i32) -> f32 {
  if (IGNORE == 1u && t == p.ignore) { return 0.0f; }
  let scale = g[p.g_offset + r * p.g_stride];
  if (MEAN == 1u) { return scale / count[0]; }
  return scale;
}

fn slope(x: f32, row: vec2<f32>, hit: bool) -> f32 {
  let chance = select(nan_exp(x - row.x) * row.y, 0.0f, NLL == 1u || is_neg_inf(x));
  return chance - select(0.0f, 1.0f - p.smoothing, hit) - p.smoothing / f32(p.cols);
}

@compute @workgroup_size(LANES)
fn cross_entropy_grad(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.rows * p.cols) { return; }
  let r = e / p.cols;
  let t = labels[p.target_offset + r];
  let scale = scale_of(r, t);
  let value = scale * slope(x[p.x_offset + e], stats[r], i32(e % p.cols) == t);
  // 0 stays 0 where the slope is not finite.
  y[e] = select(value, 0.0f, scale == 0.0f);
}

// cols and x_offset are multiples of four.
@compute @workgroup_size(LANES)
fn cross_entropy_grad_vec4(thread: Thread) {
  let e = thread_index(thread) * 4u;
  if (e >= p.rows * p.cols) { return; }
  let r = e / p.cols;
  let t = labels[p.target_offset + r];
  let scale = scale_of(r, t);
  let v = x4[(p.x_offset + e) / 4u];
  let row = stats[r];
  let c = i32(e % p.cols);
  let slopes = vec4<f32>(
    slope(v.x, row, c == t), slope(v.y, row, c + 1 == t), slope(v.z, row, c + 2 == t), slope(v.w, row, c + 3 == t));
  y4[e / 4u] = select(scale * slopes, vec4<f32>(), scale == 0.0f);
}
