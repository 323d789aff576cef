// Adam and AdamW as adam.wgsl has them, with AMSGrad (Reddi, Kale, Kumar 2018): s = max(s, v) stands for v in the step.
// Threads, state and entry points are lib/step's: three states leave room for two tensors a launch. p, m, v, s are read
// and written once, g read once.
// kernel: adam
// uses: index step state3
// inout: m v s p0 p1 p2
struct Params {
  sizes: vec4<u32>, starts: vec4<u32>,
  rate: f32, rest1: f32, rest2: f32, eps: f32, decay: f32, root: f32, sign: f32,
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

override DECOUPLED: u32 = 0u;

fn update(
  value: vec4<f32>, grad: vec4<f32>, mean: ptr<function, vec4<f32>>, square: ptr<function, vec4<f32>>,
  most: ptr<function, vec4<f32>>,
) -> vec4<f32> {
  let decoupled = DECOUPLED == 1u;
  let full = p.sign * grad + select(p.decay, 0.0f, decoupled) * value;
  *mean = (1.0f - p.rest1) * *mean + p.rest1 * full;
  *square = (1.0f - p.rest2) * *square + p.rest2 * full * full;
  *most = max(*most, *square);
  let kept = value - select(0.0f, p.decay, decoupled) * value;
  return kept - p.rate * *mean / (sqrt(*most) / p.root + p.eps);
}

@compute @workgroup_size(LANES) fn adam_amsgrad_1(thread: Thread) { step_1(thread); }
@compute @workgroup_size(LANES) fn adam_amsgrad_2(thread: Thread) { step_2(thread); }
@compute @workgroup_size(LANES) fn adam_amsgrad_vec4(thread: Thread) { step_vec4(thread); }
