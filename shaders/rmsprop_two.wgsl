// RMSprop as rmsprop.wgsl has it, with a second state v: CENTERED = 1, the mean of gradients (Graves 2013, eq. 38–40);
// CENTERED = 0, the momentum buffer:
//   centred: v = αv + rest·g';  p −= lr·g'/(√(m − v²) + ε)
//   momentum: v = momentum·v + g'/(√m + ε);  p −= lr·v
// A variance that rounding takes below 0 is 0. p, m, v are read and written once, g read once.
// kernel: rmsprop
// uses: index step state2
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
@group(0) @binding(4) var<storage, read_write> p04: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> g04: array<vec4<f32>>;

override CENTERED: u32 = 0u;

fn update(
  value: vec4<f32>, grad: vec4<f32>, square: ptr<function, vec4<f32>>, second: ptr<function, vec4<f32>>,
) -> vec4<f32> {
  let full = p.sign * grad + p.decay * value;
  *square = (1.0f - p.rest) * *square + p.rest * full * full;
  if (CENTERED == 1u) {
    *second = (1.0f - p.rest) * *second + p.rest * full;
    let variance = max(*square - *second * *second, vec4<f32>());
    return value - p.lr * full / (sqrt(variance) + p.eps);
  }
  *second = p.momentum * *second + full / (sqrt(*square) + p.eps);
  return value - p.lr * *second;
}

@compute @workgroup_size(LANES) fn rmsprop_two_1(thread: Thread) { step_1(thread); }
@compute @workgroup_size(LANES) fn rmsprop_two_2(thread: Thread) { step_2(thread); }
@compute @workgroup_size(LANES) fn rmsprop_two_3(thread: Thread) { step_3(thread); }
@compute @workgroup_size(LANES) fn rmsprop_two_vec4(thread: Thread) { step_vec4(thread); }
