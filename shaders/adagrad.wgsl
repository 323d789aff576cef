// Adagrad (Duchi, Hazan, Singer 2011) on up to three tensors p with gradients g, in place:
//   g' = sign·g + decay·p;  m = m + g'²;  p −= rate·g'/(√m + ε), rate = η/(1 + (t − 1)·lrDecay), sign −1 to maximize
// Threads, state and entry points are lib/step's. p and m are read and written once, g read once.
// kernel: adagrad
// uses: index step state1
// inout: m p0 p1 p2
struct Params { sizes: vec4<u32>, starts: vec4<u32>, rate: f32, eps: f32, decay: f32, sign: f32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> m: array<f32>;
@group(0) @binding(2) var<storage, read_write> p0: array<f32>;
@group(0) @binding(3) var<storage, read> g0: array<f32>;
@group(0) @binding(4) var<storage, read_write> p1: array<f32>;
@group(0) @binding(5) var<storage, read> g1: array<f32>;
@group(0) @binding(6) var<storage, read_write> p2: array<f32>;
@group(0) @binding(7) var<storage, read> g2: array<f32>;
// Four elements at a time.
@group(0) @binding(1) var<storage, read_write> m4: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> p04: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> g04: array<vec4<f32>>;

fn update(value: vec4<f32>, grad: vec4<f32>, sum: ptr<function, vec4<f32>>) -> vec4<f32> {
  let full = p.sign * grad + p.decay * value;
  *sum = *sum + full * full;
  return value - p.rate * full / (sqrt(*sum) + p.eps);
}

@compute @workgroup_size(LANES) fn adagrad_1(thread: Thread) { step_1(thread); }
@compute @workgroup_size(LANES) fn adagrad_2(thread: Thread) { step_2(thread); }
@compute @workgroup_size(LANES) fn adagrad_3(thread: Thread) { step_3(thread); }
@compute @workgroup_size(LANES) fn adagrad_vec4(thread: Thread) { step_vec4(thread); }
