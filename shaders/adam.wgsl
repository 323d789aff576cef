// Adam (Kingma & Ba 2015) on up to three tensors p with gradients g, in place; DECOUPLED = 1: AdamW (Loshchilov &
// Hutter 2019):
//   g' = g + decay·p (AdamW: g' = g, p −= lr·decay·p);  m = β₁m + (1−β₁)g';  v = β₂v + (1−β₂)g'²
//   p −= lr · (m/c₁) / (√(v/c₂) + ε), with cₙ = 1 − βₙᵗ computed by the host in float64
// Threads, state and entry points are lib/step's. p, m, v are read and written once, g read once.
// kernel: adam
// uses: index step state2
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

fn update(
  value: vec4<f32>, grad: vec4<f32>, mean: ptr<function, vec4<f32>>, square: ptr<function, vec4<f32>>,
) -> vec4<f32> {
  let decoupled = DECOUPLED == 1u;
  let full = select(grad + p.decay * value, grad, decoupled);
  let decayed = select(value, value - p.lr * p.decay * value, decoupled);
  *mean = p.beta1 * *mean + (1.0f - p.beta1) * full;
  *square = p.beta2 * *square + (1.0f - p.beta2) * full * full;
  return decayed - p.lr * (*mean / p.correction1) / (sqrt(*square / p.correction2) + p.eps);
}

@compute @workgroup_size(LANES) fn adam_1(thread: Thread) { step_1(thread); }
@compute @workgroup_size(LANES) fn adam_2(thread: Thread) { step_2(thread); }
@compute @workgroup_size(LANES) fn adam_3(thread: Thread) { step_3(thread); }
@compute @workgroup_size(LANES) fn adam_vec4(thread: Thread) { step_vec4(thread); }
