// What the files of the pointwise kernel share: reading 1 to 3 operands through their views, and the bodies of the
// entry points. Needs lib/index, lib/view, lib/bits, lib/apply; the file that uses it has the params p, the bindings,
// and `apply`.

override OP: u32 = 0u;
override SCALAR: u32 = 0u;
override INT: u32 = 0u;
// For the vec4 entry points: size is not a multiple of four; bit i: operand i does not change along a row.
override TAIL: u32 = 0u;
override SPREAD: u32 = 0u;
// vec4s that a thread computes.
override RUN: u32 = 1u;

// op on tensors u, v, w with the scalar in its place. What is not OP is folded away, so that a call is little more than
// the operation.
fn place(u: u32, v: u32, w: u32) -> u32 {
  var operands = vec3<u32>(u, v, w);
  let s = select(bits(p.scalar), bits_i(i32(p.scalar)), INT == 1u || (OP >= TWO_INTEGERS && OP < THREE_OPERANDS));
  switch SCALAR {
    case 1u: { operands = vec3<u32>(s, u, v); }
    case 2u: { operands = vec3<u32>(u, s, v); }
    case 3u: { operands = vec3<u32>(u, v, s); }
    default: {}
  }
  return apply(operands.x, operands.y, operands.z);
}

// Four results in four turns, each of which takes the first of four operands and passes the next one up: `place` stands
// here once, so that a driver compiles the file's operations once and not four times (a third of the time, measured on
// lavapipe), and unrolls the turns when little is left of them.
fn place4(u: vec4<u32>, v: vec4<u32>, w: vec4<u32>) -> vec4<u32> {
  var first = u;
  var second = v;
  var third = w;
  var results = vec4<u32>();
  for (var turn = 0u; turn < 4u; turn++) {
    results = vec4<u32>(results.yzw, place(first.x, second.x, third.x));
    first = first.yzwx;
    second = second.yzwx;
    third = third.yzwx;
  }
  return results;
}

// Address of element e; of four elements e … e + 3 where they lie in one row.
fn at(e: u32, view: vec4<i32>) -> u32 {
  return view_address(e, p.size, p.d1, p.d2, view);
}

// The last vec4 may be partial: what lies after y's last element is not y's.
fn store4(e: u32, value: vec4<u32>) {
  if (TAIL == 0u || e + 4u <= p.size) {
    y4[e / 4u] = value;
    return;
  }
  y4[e / 4u].x = value.x;
  if (e + 1u < p.size) { y4[e / 4u].y = value.y; }
  if (e + 2u < p.size) { y4[e / 4u].z = value.z; }
}

// Four neighbours of a row, each at its own address; a negative stride wraps.
fn a_each(e: u32) -> vec4<u32> {
  let i = vec4<u32>(at(e, p.a)) + vec4<u32>(0u, 1u, 2u, 3u) * u32(p.a.w);
  return vec4<u32>(a[i.x], a[i.y], a[i.z], a[i.w]);
}

fn b_each(e: u32) -> vec4<u32> {
  let i = vec4<u32>(at(e, p.b)) + vec4<u32>(0u, 1u, 2u, 3u) * u32(p.b.w);
  return vec4<u32>(b[i.x], b[i.y], b[i.z], b[i.w]);
}

fn c_each(e: u32) -> vec4<u32> {
  let i = vec4<u32>(at(e, p.c)) + vec4<u32>(0u, 1u, 2u, 3u) * u32(p.c.w);
  return vec4<u32>(c[i.x], c[i.y], c[i.z], c[i.w]);
}

fn elements_1(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.size) { return; }
  y[e] = place(a[at(e, p.a)], 0u, 0u);
}

fn elements_2(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.size) { return; }
  y[e] = place(a[at(e, p.a)], b[at(e, p.b)], 0u);
}

fn elements_3(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.size) { return; }
  y[e] = place(a[at(e, p.a)], b[at(e, p.b)], c[at(e, p.c)]);
}

// The vec4 entry points are for rows of a multiple of four elements (or one row) in which every operand is contiguous
// and aligned (s2 = 1), or does not change (s2 = 0).
fn a_at(e: u32) -> vec4<u32> {
  let first = at(e, p.a);
  if ((SPREAD & 1u) != 0u) { return vec4<u32>(a4[first / 4u][first % 4u]); }
  return a4[first / 4u];
}

fn b_at(e: u32) -> vec4<u32> {
  let first = at(e, p.b);
  if ((SPREAD & 2u) != 0u) { return vec4<u32>(b4[first / 4u][first % 4u]); }
  return b4[first / 4u];
}

fn c_at(e: u32) -> vec4<u32> {
  let first = at(e, p.c);
  if ((SPREAD & 4u) != 0u) { return vec4<u32>(c4[first / 4u][first % 4u]); }
  return c4[first / 4u];
}

// Of the last four elements those that there are; the first stands for the others, so that what lies after a tensor
// decides nothing.
fn inside(e: u32, v: vec4<u32>) -> vec4<u32> {
  return select(vec4<u32>(v.x), v, vec4<u32>(e) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(p.size));
}

fn elements_vec4_1(thread: Thread) {
  let first = thread_index(thread) * 4u * RUN;
  for (var e = first; e < min(first + 4u * RUN, p.size); e += 4u) {
    store4(e, place4(inside(e, a_at(e)), vec4<u32>(0u), vec4<u32>(0u)));
  }
}

fn elements_vec4_2(thread: Thread) {
  let first = thread_index(thread) * 4u * RUN;
  for (var e = first; e < min(first + 4u * RUN, p.size); e += 4u) {
    store4(e, place4(inside(e, a_at(e)), inside(e, b_at(e)), vec4<u32>(0u)));
  }
}

fn elements_vec4_3(thread: Thread) {
  let first = thread_index(thread) * 4u * RUN;
  for (var e = first; e < min(first + 4u * RUN, p.size); e += 4u) {
    store4(e, place4(inside(e, a_at(e)), inside(e, b_at(e)), inside(e, c_at(e))));
  }
}

// Rows of a multiple of four elements, of operands with any strides: an address is worked out for four neighbours.
fn elements_rows_1(thread: Thread) {
  let e = thread_index(thread) * 4u;
  if (e >= p.size) { return; }
  y4[e / 4u] = place4(a_each(e), vec4<u32>(0u), vec4<u32>(0u));
}

fn elements_rows_2(thread: Thread) {
  let e = thread_index(thread) * 4u;
  if (e >= p.size) { return; }
  y4[e / 4u] = place4(a_each(e), b_each(e), vec4<u32>(0u));
}

fn elements_rows_3(thread: Thread) {
  let e = thread_index(thread) * 4u;
  if (e >= p.size) { return; }
  y4[e / 4u] = place4(a_each(e), b_each(e), c_each(e));
}
