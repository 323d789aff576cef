// Adam (Kingma & Ba 2015) on up to three tensors p with gradients g, in place; DECOUPLED = 1: AdamW (Loshchilov & Hutter 2019):
//   g' = g + decay·p (AdamW: g' = g, p −= lr·decay·p);  m = β₁m + (1−β₁)g';  v = β₂v + (1−β₂)g'²
//   p −= lr · (m/c₁) / (√(v/c₂) + ε), with cₙ = 1 − βₙᵗ computed by the host in float64
// m and v are flat buffers in which each tensor's slot begins at p.starts. One thread updates one element of one tensor.
// p, m, v are read and written once, g read once.
// kernel: adam
// uses: index
// inout: m v p0 p1 p2
struct Params {
  sizes: vec4<u32>, starts: vec4<u32>,
  lr: f32, beta1: f32, beta2: f32, eps: f32, decay: f32, correction1: f32, correction2: f32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> m: array<f32>;
@group(0) @binding(2) var<storage, read_write> v: array<f32>;
@group(0) @binding(3) var<storage, read_write> p0: array<f32>;
@group(0) @binding(4) var<storage, read> g0: array<f32>;
@group(0) @binding(5) var<storage, read_write> p1: array<f32>;
@group(0) @binding(6) var<storage, read> g1: array<f32>;
@group(0) @binding(7) var<storage, read_write> p2: array<f32>;
@group(0) @binding(8) var<storage, read> g2: array<f32>;
// Four elements at a time.
@group(0) @binding(1) var<storage, read_write> m4: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> v4: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> p04: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> g04: array<vec4<f32>>;

override DECOUPLED: u32 = 0u;

// The new value of a parameter, given its gradient; `at` is its place in m and v.
fn step_of(value: f32, grad: f32, at: u32) -> f32 {
  let full = select(grad + p.decay * value, grad, DECOUPLED == 1u);
  let decayed = select(value, value - p.lr * p.decay * value, DECOUPLED == 1u);
  let mean = p.beta1 * m[at] + (1.0f - p.beta1) * full;
  let square = p.beta2 * v[at] + (1.0f - p.beta2) * full * full;
  m[at] = mean;
  v[at] = square;
  return decayed - p.lr * (mean / p.correction1) / (sqrt(square / p.correction2) + p.eps);
}

// Entry points by the number of tensors. Each tensor has its own buffers, the state is one: it is touched in one place.
@compute @workgroup_size(LANES)
fn adam_1(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.sizes.x) { return; }
  p0[e] = step_of(p0[e], g0[e], p.starts.x + e);
}

@compute @workgroup_size(LANES)
fn adam_2(thread: Thread) {
  let e = thread_index(thread);
  let e1 = e - p.sizes.x;
  let first = e < p.sizes.x;
  if (!first && e1 >= p.sizes.y) { return; }
  var value: f32;
  var grad: f32;
  if (first) {
    value = p0[e];
    grad = g0[e];
  } else {
    value = p1[e1];
    grad = g1[e1];
  }
  value = step_of(value, grad, select(p.starts.y + e1, p.starts.x + e, first));
  if (first) { p0[e] = value; } else { p1[e1] = value; }
}

@compute @workgroup_size(LANES)
fn adam_3(thread: Thread) {
  let e = thread_index(thread);
  let e1 = e - p.sizes.x;
  let e2 = e1 - p.sizes.y;
  let first = e < p.sizes.x;
  let second = !first && e1 < p.sizes.y;
  if (!first && !second && e2 >= p.sizes.z) { return; }
  var value: f32;
  var grad: f32;
  if (first) {
    value = p0[e];
    grad = g0[e];
  } else if (second) {
    value = p1[e1];
    grad = g1[e1];
  } else {
    value = p2[e2];
    grad = g2[e2];
  }
  value = step_of(value, grad, select(select(p.starts.z + e2, p.starts.y + e1, second), p.starts.x + e, first));
  if (first) {
    p0[e] = value;
  } else if (second) {
    p1[e1] = value;
  } else {
    p2[e2] = value;
  }
}

// One tensor, four elements a thread; its start is a multiple of four. Behind its last element nothing changes.
@compute @workgroup_size(LANES)
fn adam_vec4(thread: Thread) {
  let q = thread_index(thread);
  if (q * 4u >= p.sizes.x) { return; }
  let at = p.starts.x / 4u + q;
  let inside = vec4<u32>(q * 4u) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(p.sizes.x);
  let value = p04[q];
  let decoupled = DECOUPLED == 1u;
  let grad = select(g04[q] + p.decay * value, g04[q], decoupled);
  let decayed = select(value, value - p.lr * p.decay * value, decoupled);
  let mean = p.beta1 * m4[at] + (1.0f - p.beta1) * grad;
  let square = p.beta2 * v4[at] + (1.0f - p.beta2) * grad * grad;
  let updated = decayed - p.lr * (mean / p.correction1) / (sqrt(square / p.correction2) + p.eps);
  m4[at] = select(m4[at], mean, inside);
  v4[at] = select(v4[at], square, inside);
  p04[q] = select(value, updated, inside);
}
