// A running average of up to three tensors, in place: p = keep·p + rate·g, g the tensor that is averaged. Threads and
// entry points are lib/step's; there is no state. p is read and written once, g read once.
// kernel: average
// uses: index step state0
// inout: p0 p1 p2
struct Params { sizes: vec4<u32>, starts: vec4<u32>, keep: f32, rate: f32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> p0: array<f32>;
@group(0) @binding(2) var<storage, read> g0: array<f32>;
@group(0) @binding(3) var<storage, read_write> p1: array<f32>;
@group(0) @binding(4) var<storage, read> g1: array<f32>;
@group(0) @binding(5) var<storage, read_write> p2: array<f32>;
@group(0) @binding(6) var<storage, read> g2: array<f32>;
// Four elements at a time.
@group(0) @binding(1) var<storage, read_write> p04: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> g04: array<vec4<f32>>;

fn update(value: vec4<f32>, grad: vec4<f32>) -> vec4<f32> {
  return p.keep * value + p.rate * grad;
}

@compute @workgroup_size(LANES) fn average_1(thread: Thread) { step_1(thread); }
@compute @workgroup_size(LANES) fn average_2(thread: Thread) { step_2(thread); }
@compute @workgroup_size(LANES) fn average_3(thread: Thread) { step_3(thread); }
@compute @workgroup_size(LANES) fn average_vec4(thread: Thread) { step_vec4(thread); }
