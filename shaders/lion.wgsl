// Lion (Chen et al. 2023, algorithm 2) on up to three tensors p with gradients g, in place:
//   g' = sign·g;  p −= lr·(sgn(β₁m + (1 − β₁)g') + decay·p);  m = β₂m + (1 − β₂)g', rest = 1 − β, sign −1 to maximize
// NaN stays NaN, as the built-in of some drivers has it not.
// Threads, state and entry points are lib/step's. p and m are read and written once, g read once.
// kernel: lion
// uses: index step bits state1
// inout: m p0 p1 p2
struct Params { sizes: vec4<u32>, starts: vec4<u32>, lr: f32, rest1: f32, rest2: f32, decay: f32, sign: f32 }
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

fn update(value: vec4<f32>, grad: vec4<f32>, mean: ptr<function, vec4<f32>>) -> vec4<f32> {
  let full = p.sign * grad;
  let c = (1.0f - p.rest1) * *mean + p.rest1 * full;
  *mean = (1.0f - p.rest2) * *mean + p.rest2 * full;
  let nan = (bitcast<vec4<u32>>(c) & vec4<u32>(0x7fffffffu)) > vec4<u32>(INF_BITS);
  return value - p.lr * (select(sign(c), c, nan) + p.decay * value);
}

@compute @workgroup_size(LANES) fn lion_1(thread: Thread) { step_1(thread); }
@compute @workgroup_size(LANES) fn lion_2(thread: Thread) { step_2(thread); }
@compute @workgroup_size(LANES) fn lion_3(thread: Thread) { step_3(thread); }
@compute @workgroup_size(LANES) fn lion_vec4(thread: Thread) { step_vec4(thread); }
