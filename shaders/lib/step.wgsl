// Bodies of the entry points of an optimizer's step: up to three tensors p with gradients g, in place. One thread
// updates one element of one tensor, or four: p is read and written once, g read once. The file that uses it has the
// params p, with sizes and starts of the tensors, the bindings, and the rule `update`: new values from old ones and
// gradients, four at a time, pure arithmetic. State is kept in flat buffers in which each tensor's slot begins at
// p.starts; lib/state0 to state3, by how many there are, reads it for the rule and writes it back. Needs lib/index and
// one of these. A shader binds 8 storage buffers everywhere: with three states, two tensors. The rule has one call in
// each body, because compilers copy it to every call.

fn step_1(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.sizes.x) { return; }
  p0[e] = update_one(p0[e], g0[e], p.starts.x + e);
}

fn step_2(thread: Thread) {
  let e = thread_index(thread);
  let e1 = e - p.sizes.x;
  let first = e < p.sizes.x;
  if (!first && e1 >= p.sizes.y) { return; }
  var value: f32;
  var grad: f32;
  if (first) {
    value = p0[e];
    grad = g0[e];
  } else {
    value = p1[e1];
    grad = g1[e1];
  }
  value = update_one(value, grad, select(p.starts.y + e1, p.starts.x + e, first));
  if (first) { p0[e] = value; } else { p1[e1] = value; }
}

fn step_3(thread: Thread) {
  let e = thread_index(thread);
  let e1 = e - p.sizes.x;
  let e2 = e1 - p.sizes.y;
  let first = e < p.sizes.x;
  let second = !first && e1 < p.sizes.y;
  if (!first && !second && e2 >= p.sizes.z) { return; }
  var value: f32;
  var grad: f32;
  if (first) {
    value = p0[e];
    grad = g0[e];
  } else if (second) {
    value = p1[e1];
    grad = g1[e1];
  } else {
    value = p2[e2];
    grad = g2[e2];
  }
  value = update_one(value, grad, select(select(p.starts.z + e2, p.starts.y + e1, second), p.starts.x + e, first));
  if (first) {
    p0[e] = value;
  } else if (second) {
    p1[e1] = value;
  } else {
    p2[e2] = value;
  }
}

// One tensor, four elements per thread; its start is a multiple of four. What is after its last element is not its own.
fn step_vec4(thread: Thread) {
  let q = thread_index(thread);
  let e = q * 4u;
  if (e >= p.sizes.x) { return; }
  let inside = vec4<u32>(e) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(p.sizes.x);
  let value = update_four(p04[q], g04[q], p.starts.x / 4u + q, inside);
  if (inside.w) {
    p04[q] = value;
    return;
  }
  p04[q].x = value.x;
  if (inside.y) { p04[q].y = value.y; }
  if (inside.z) { p04[q].z = value.z; }
}
