// y[e] = value, for float32 (INT = 0) or for int32 and bool (INT = 1: value is a whole number).
// One thread writes four neighbours; y is written once.
// kernel: fill
// uses: index
struct Params { size: u32, value: f32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<vec4<u32>>;

override INT: u32 = 0u;

@compute @workgroup_size(LANES)
fn fill(thread: Thread) {
  let e = thread_index(thread) * 4u;
  if (e >= p.size) { return; }
  var bits = bitcast<u32>(p.value);
  if (INT == 1u) { bits = bitcast<u32>(i32(p.value)); }
  if (e + 4u <= p.size) {
    y[e / 4u] = vec4<u32>(bits);
    return;
  }
  y[e / 4u].x = bits;
  if (e + 1u < p.size) { y[e / 4u].y = bits; }
  if (e + 2u < p.size) { y[e / 4u].z = bits; }
}
