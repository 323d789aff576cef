// y[dst view] = x[src view] where the elements of one or both have 16 bits: FROM and TO are formats of lib/half. Equal
// ones move bits as they are, else floats are widened, which is exact, or rounded. A word of y has two elements, which
// need not lie side by side in the view: so there are three ways to write. Each element is read and written once.
// kernel: copy
// uses: index copied half
// consts: half
// inout: y
struct Params {
  size: u32, dst_offset: i32, src_offset: i32, flat: u32,
  shape_lo: vec4<u32>, shape_hi: vec4<u32>,
  dst_lo: vec4<i32>, dst_hi: vec4<i32>,
  src_lo: vec4<i32>, src_hi: vec4<i32>,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;
@group(0) @binding(2) var<storage, read> x: array<u32>;
// Where halves of a word belong to several threads.
@group(0) @binding(1) var<storage, read_write> shared_y: array<atomic<u32>>;

override FROM: u32 = 0u;
override TO: u32 = 0u;
// 1: y has no other elements than those that are written.
override WHOLE: u32 = 0u;

// Element i of x in the format of y.
fn converted(i: u32) -> u32 {
  if (FROM == 0u) { return round_half(x[i], TO); }
  let half = half_of(x[i / 2u], i);
  if (FROM == TO) { return half; }
  let bits = widen_half(half, FROM);
  if (TO == 0u) { return bits; }
  return round_half(bits, TO);
}

// Float32 of halves: a thread an element.
@compute @workgroup_size(LANES)
fn copy_widen(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.size) { return; }
  let at = place(e);
  y[u32(at.x)] = converted(u32(at.y));
}

// The same where both lie in order, from even numbers on: a thread reads a word, and writes both.
@compute @workgroup_size(LANES)
fn copy_widen_flat(thread: Thread) {
  let e = 2u * thread_index(thread);
  if (e >= p.size) { return; }
  let word = x[(u32(p.src_offset) + e) / 2u];
  let to = u32(p.dst_offset) + e;
  y[to] = widen_half(word & 0xffffu, FROM);
  if (e + 1u < p.size) { y[to + 1u] = widen_half(word >> 16u, FROM); }
}

// Halves that lie in order in y, from an even number on: a thread writes a word. The last one may be half a word,
// beside which y keeps what it has.
@compute @workgroup_size(LANES)
fn copy_words(thread: Thread) {
  let e = 2u * thread_index(thread);
  if (e >= p.size) { return; }
  let to = (u32(p.dst_offset) + e) / 2u;
  let first = converted(u32(place(e).y));
  if (e + 1u < p.size) {
    y[to] = first | (converted(u32(place(e + 1u).y)) << 16u);
  } else if (WHOLE == 1u) {
    y[to] = first;
  } else {
    y[to] = first | (y[to] & 0xffff0000u);
  }
}

// Halves anywhere in y: a thread an element. Of the other half of the word no bit is touched.
@compute @workgroup_size(LANES)
fn copy_halves(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.size) { return; }
  let at = place(e);
  let up = 16u * (u32(at.x) & 1u);
  let word = &shared_y[u32(at.x) / 2u];
  atomicAnd(word, 0xffff0000u >> up);
  atomicOr(word, converted(u32(at.y)) << up);
}
