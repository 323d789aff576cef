// Up to six tensors g, in place, by one number of `factor`, at p.at:
//   MULTIPLY: g = g·factor;  CLAMP: g = max(−factor, min(g, factor)), NaN stays
// One thread per element of the tensors end to end, which is read and written once. A factor of exactly 1 changes no
// bit, so that denormal numbers stay where an adapter's arithmetic has none.
// kernel: scale
// uses: index bits
// inout: g0 g1 g2 g3 g4 g5
struct Params { lo: vec4<u32>, hi: vec4<u32>, at: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> factor: array<f32>;
@group(0) @binding(2) var<storage, read_write> g0: array<f32>;
@group(0) @binding(3) var<storage, read_write> g1: array<f32>;
@group(0) @binding(4) var<storage, read_write> g2: array<f32>;
@group(0) @binding(5) var<storage, read_write> g3: array<f32>;
@group(0) @binding(6) var<storage, read_write> g4: array<f32>;
@group(0) @binding(7) var<storage, read_write> g5: array<f32>;

override OP: u32 = 0u;

const MULTIPLY = 0u;
const CLAMP = 1u;

fn changed(x: f32) -> f32 {
  let by = factor[p.at];
  if (OP == CLAMP) { return select(clamp(x, -by, by), x, is_nan(x)); }
  return select(x * by, x, by == 1.0f);
}

fn in_0(e: u32) -> bool {
  if (e < p.lo.x) { g0[e] = changed(g0[e]); }
  return e < p.lo.x;
}

fn in_1(e: u32) -> bool {
  if (e < p.lo.y) { g1[e] = changed(g1[e]); }
  return e < p.lo.y;
}

fn in_2(e: u32) -> bool {
  if (e < p.lo.z) { g2[e] = changed(g2[e]); }
  return e < p.lo.z;
}

fn in_3(e: u32) -> bool {
  if (e < p.lo.w) { g3[e] = changed(g3[e]); }
  return e < p.lo.w;
}

fn in_4(e: u32) -> bool {
  if (e < p.hi.x) { g4[e] = changed(g4[e]); }
  return e < p.hi.x;
}

fn in_5(e: u32) {
  if (e < p.hi.y) { g5[e] = changed(g5[e]); }
}

// Where the tensors after the first, the second, … begin.
fn after(tensors: u32) -> u32 {
  var sum = 0u;
  for (var t = 0u; t < tensors; t++) { sum += select(p.lo[t & 3u], p.hi[t & 3u], t > 3u); }
  return sum;
}

@compute @workgroup_size(LANES)
fn scale_1(thread: Thread) {
  let done = in_0(thread_index(thread));
}

@compute @workgroup_size(LANES)
fn scale_2(thread: Thread) {
  let e = thread_index(thread);
  if (in_0(e)) { return; }
  let done = in_1(e - after(1u));
}

@compute @workgroup_size(LANES)
fn scale_3(thread: Thread) {
  let e = thread_index(thread);
  if (in_0(e) || in_1(e - after(1u))) { return; }
  let done = in_2(e - after(2u));
}

@compute @workgroup_size(LANES)
fn scale_4(thread: Thread) {
  let e = thread_index(thread);
  if (in_0(e) || in_1(e - after(1u)) || in_2(e - after(2u))) { return; }
  let done = in_3(e - after(3u));
}

@compute @workgroup_size(LANES)
fn scale_5(thread: Thread) {
  let e = thread_index(thread);
  if (in_0(e) || in_1(e - after(1u)) || in_2(e - after(2u)) || in_3(e - after(3u))) { return; }
  let done = in_4(e - after(4u));
}

@compute @workgroup_size(LANES)
fn scale_6(thread: Thread) {
  let e = thread_index(thread);
  if (in_0(e) || in_1(e - after(1u)) || in_2(e - after(2u)) || in_3(e - after(3u)) || in_4(e - after(4u))) { return; }
  in_5(e - after(5u));
}
