// Stochastic gradient descent without momentum on up to three tensors p with gradients g, in place:
//   p −= lr·(sign·g + decay·p), sign −1 to maximize
// Threads and entry points are lib/step's; there is no state. With momentum: sgd_momentum.wgsl, the same kernel. p is
// read and written once, g read once.
// kernel: sgd
// uses: index step state0
// inout: m p0 p1 p2
struct Params { sizes: vec4<u32>, starts: vec4<u32>, lr: f32, momentum: f32, decay: f32, gain: f32, sign: f32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> m: array<f32>;
@group(0) @binding(2) var<storage, read_write> p0: array<f32>;
@group(0) @binding(3) var<storage, read> g0: array<f32>;
@group(0) @binding(4) var<storage, read_write> p1: array<f32>;
@group(0) @binding(5) var<storage, read> g1: array<f32>;
@group(0) @binding(6) var<storage, read_write> p2: array<f32>;
@group(0) @binding(7) var<storage, read> g2: array<f32>;
// Four elements at a time.
@group(0) @binding(2) var<storage, read_write> p04: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> g04: array<vec4<f32>>;

fn update(value: vec4<f32>, grad: vec4<f32>) -> vec4<f32> {
  return value - p.lr * (p.sign * grad + p.decay * value);
}

@compute @workgroup_size(LANES) fn sgd_1(thread: Thread) { step_1(thread); }
@compute @workgroup_size(LANES) fn sgd_2(thread: Thread) { step_2(thread); }
@compute @workgroup_size(LANES) fn sgd_3(thread: Thread) { step_3(thread); }
@compute @workgroup_size(LANES) fn sgd_vec4(thread: Thread) { step_vec4(thread); }
