// RMSprop (Tieleman & Hinton 2012, lecture 6e) on up to three tensors p with gradients g, in place:
//   g' = sign·g + decay·p;  m = αm + rest·g'²;  p −= lr·g'/(√m + ε), rest = 1 − α, sign −1 to maximize
// With momentum or centred: rmsprop_two.wgsl; with both: rmsprop_three.wgsl, the same kernel.
// Threads, state and entry points are lib/step's. p and m are read and written once, g read once.
// kernel: rmsprop
// uses: index step state1
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
@group(0) @binding(4) var<storage, read_write> p04: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> g04: array<vec4<f32>>;

fn update(value: vec4<f32>, grad: vec4<f32>, square: ptr<function, vec4<f32>>) -> vec4<f32> {
  let full = p.sign * grad + p.decay * value;
  *square = (1.0f - p.rest) * *square + p.rest * full * full;
  return value - p.lr * full / (sqrt(*square) + p.eps);
}

@compute @workgroup_size(LANES) fn rmsprop_1(thread: Thread) { step_1(thread); }
@compute @workgroup_size(LANES) fn rmsprop_2(thread: Thread) { step_2(thread); }
@compute @workgroup_size(LANES) fn rmsprop_3(thread: Thread) { step_3(thread); }
@compute @workgroup_size(LANES) fn rmsprop_vec4(thread: Thread) { step_vec4(thread); }
