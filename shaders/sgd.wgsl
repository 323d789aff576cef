// Stochastic gradient descent on up to three tensors p with gradients g, in place:
//   g' = g + decay·p;  b = momentum·b + g';  step = NESTEROV ? g' + momentum·b : b;  p −= lr·step
// (Sutskever et al. 2013 as PyTorch has it), without momentum p −= lr·g'. b is kept in m, a flat buffer in which each
// tensor's slot begins at p.starts. One thread updates one element of one tensor. p is read and written once, g read once.
// kernel: sgd
// uses: index
// inout: m p0 p1 p2
struct Params { sizes: vec4<u32>, starts: vec4<u32>, lr: f32, momentum: f32, decay: f32 }
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

// What to subtract from a parameter, given its gradient; `at` is its place in m.
fn plain(value: f32, grad: f32) -> f32 {
  return p.lr * (grad + p.decay * value);
}

fn heavy(value: f32, grad: f32, at: u32) -> f32 {
  let full = grad + p.decay * value;
  let b = p.momentum * m[at] + full;
  m[at] = b;
  return p.lr * select(b, full + p.momentum * b, NESTEROV == 1u);
}

// Entry points by the number of tensors, without momentum.
@compute @workgroup_size(LANES)
fn sgd_1(thread: Thread) {
  var e = thread_index(thread);
  if (e < p.sizes.x) {
    p0[e] -= plain(p0[e], g0[e]);
    return;
  }
}

@compute @workgroup_size(LANES)
fn sgd_2(thread: Thread) {
  var e = thread_index(thread);
  if (e < p.sizes.x) {
    p0[e] -= plain(p0[e], g0[e]);
    return;
  }
  e -= p.sizes.x;
  if (e < p.sizes.y) {
    p1[e] -= plain(p1[e], g1[e]);
    return;
  }
}

@compute @workgroup_size(LANES)
fn sgd_3(thread: Thread) {
  var e = thread_index(thread);
  if (e < p.sizes.x) {
    p0[e] -= plain(p0[e], g0[e]);
    return;
  }
  e -= p.sizes.x;
  if (e < p.sizes.y) {
    p1[e] -= plain(p1[e], g1[e]);
    return;
  }
  e -= p.sizes.y;
  if (e < p.sizes.z) {
    p2[e] -= plain(p2[e], g2[e]);
    return;
  }
}

// Entry points by the number of tensors, with momentum.
@compute @workgroup_size(LANES)
fn sgd_momentum_1(thread: Thread) {
  var e = thread_index(thread);
  if (e < p.sizes.x) {
    p0[e] -= heavy(p0[e], g0[e], p.starts.x + e);
    return;
  }
}

@compute @workgroup_size(LANES)
fn sgd_momentum_2(thread: Thread) {
  var e = thread_index(thread);
  if (e < p.sizes.x) {
    p0[e] -= heavy(p0[e], g0[e], p.starts.x + e);
    return;
  }
  e -= p.sizes.x;
  if (e < p.sizes.y) {
    p1[e] -= heavy(p1[e], g1[e], p.starts.y + e);
    return;
  }
}

@compute @workgroup_size(LANES)
fn sgd_momentum_3(thread: Thread) {
  var e = thread_index(thread);
  if (e < p.sizes.x) {
    p0[e] -= heavy(p0[e], g0[e], p.starts.x + e);
    return;
  }
  e -= p.sizes.x;
  if (e < p.sizes.y) {
    p1[e] -= heavy(p1[e], g1[e], p.starts.y + e);
    return;
  }
  e -= p.sizes.y;
  if (e < p.sizes.z) {
    p2[e] -= heavy(p2[e], g2[e], p.starts.z + e);
    return;
  }
}

// One tensor, four elements a thread; its start is a multiple of four. Behind its last element nothing changes.
fn inside(q: u32) -> vec4<bool> {
  return vec4<u32>(q * 4u) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(p.sizes.x);
}

@compute @workgroup_size(LANES)
fn sgd_vec4(thread: Thread) {
  let q = thread_index(thread);
  if (q * 4u >= p.sizes.x) { return; }
  let value = p04[q];
  p04[q] = select(value, value - p.lr * (g04[q] + p.decay * value), inside(q));
}

@compute @workgroup_size(LANES)
fn sgd_momentum_vec4(thread: Thread) {
  let q = thread_index(thread);
  if (q * 4u >= p.sizes.x) { return; }
  let at = p.starts.x / 4u + q;
  let value = p04[q];
  let full = g04[q] + p.decay * value;
  let b = p.momentum * m4[at] + full;
  let step = select(b, full + p.momentum * b, NESTEROV == 1u);
  m4[at] = select(m4[at], b, inside(q));
  p04[q] = select(value, value - p.lr * step, inside(q));
}
