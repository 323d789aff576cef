// RMSprop as rmsprop.wgsl has it, centred and with momentum: the mean of gradients is in v, the momentum buffer in s:
//   v = αv + rest·g';  s = momentum·s + g'/(√(m − v²) + ε);  p −= lr·s
// Three states leave room for two tensors a launch. p, m, v, s are read and written once, g read once.
// kernel: rmsprop
// uses: index step state3
// inout: m v s p0 p1 p2
struct Params {
  sizes: vec4<u32>, starts: vec4<u32>,
  lr: f32, rest: f32, eps: f32, decay: f32, momentum: f32, sign: f32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> m: array<f32>;
@group(0) @binding(2) var<storage, read_write> v: array<f32>;
@group(0) @binding(3) var<storage, read_write> s: array<f32>;
@group(0) @binding(4) var<storage, read_write> p0: array<f32>;
@group(0) @binding(5) var<storage, read> g0: array<f32>;
@group(0) @binding(6) var<storage, read_write> p1: array<f32>;
@group(0) @binding(7) var<storage, read> g1: array<f32>;
@group(0) @binding(8) var<storage, read_write> p2: array<f32>;
@group(0) @binding(9) var<storage, read> g2: array<f32>;
// Four elements at a time.
@group(0) @binding(1) var<storage, read_write> m4: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> v4: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> s4: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> p04: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> g04: array<vec4<f32>>;

fn update(
  value: vec4<f32>, grad: vec4<f32>, square: ptr<function, vec4<f32>>, mean: ptr<function, vec4<f32>>,
  b: ptr<function, vec4<f32>>,
) -> vec4<f32> {
  let full = p.sign * grad + p.decay * value;
  *square = (1.0f - p.rest) * *square + p.rest * full * full;
  *mean = (1.0f - p.rest) * *mean + p.rest * full;
  let variance = max(*square - *mean * *mean, vec4<f32>());
  *b = p.momentum * *b + full / (sqrt(variance) + p.eps);
  return value - p.lr * *b;
}

@compute @workgroup_size(LANES) fn rmsprop_three_1(thread: Thread) { step_1(thread); }
@compute @workgroup_size(LANES) fn rmsprop_three_2(thread: Thread) { step_2(thread); }
@compute @workgroup_size(LANES) fn rmsprop_three_vec4(thread: Thread) { step_vec4(thread); }
