// The elementwise part of Muon (Jordan et al. 2024) on up to three tensors p with gradients g, where p is room for what
// is made orthogonal then:
//   m = μm + rest·g;  p = NESTEROV ? μm + rest·g : m, rest = 1 − μ
// Threads, state and entry points are lib/step's. m is read and written once, g read once, p written once.
// kernel: muon
// uses: index step state1
// inout: m p0 p1 p2
struct Params { sizes: vec4<u32>, starts: vec4<u32>, momentum: f32, rest: f32 }
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

override NESTEROV: u32 = 0u;

fn update(value: vec4<f32>, grad: vec4<f32>, mean: ptr<function, vec4<f32>>) -> vec4<f32> {
  *mean = p.momentum * *mean + p.rest * grad;
  return select(*mean, p.momentum * *mean + p.rest * grad, NESTEROV == 1u);
}

@compute @workgroup_size(LANES) fn muon_1(thread: Thread) { step_1(thread); }
@compute @workgroup_size(LANES) fn muon_2(thread: Thread) { step_2(thread); }
@compute @workgroup_size(LANES) fn muon_3(thread: Thread) { step_3(thread); }
@compute @workgroup_size(LANES) fn muon_vec4(thread: Thread) { step_vec4(thread); }
