// y[t, i, j] = Σ_k a[t, i, k]·b[t, k, j] for every matrix t of the batch: strided in everything, so transposed operands and
// broadcast batches need no copies. t = b0·inner + b1; a = (sb0, sb1, sm, sk) and b = (sb0, sb1, sk, sn) are strides in
// elements. y is contiguous. k = 0 gives zeros.
// kernel: matmul
// uses: index
struct Params {
  batch: u32, inner: u32, m: u32, n: u32, k: u32, a_offset: i32, b_offset: i32,
  a: vec4<i32>, b: vec4<i32>,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> a: array<f32>;
@group(0) @binding(3) var<storage, read> b: array<f32>;

fn batch_offset(offset: i32, strides: vec4<i32>, t: u32) -> i32 {
  return offset + i32(t / p.inner) * strides.x + i32(t % p.inner) * strides.y;
}

// The plainest form, the reference of the ladder: one thread per output, k steps, a read n times and b m times.
@compute @workgroup_size(LANES)
fn matmul_naive(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let e = thread_index(group, groups, lane);
  if (e >= p.batch * p.m * p.n) { return; }
  let j = e % p.n;
  let i = (e / p.n) % p.m;
  let t = e / (p.n * p.m);
  var at_a = batch_offset(p.a_offset, p.a, t) + i32(i) * p.a.z;
  var at_b = batch_offset(p.b_offset, p.b, t) + i32(j) * p.b.w;
  var sum = 0.0f;
  for (var k = 0u; k < p.k; k++) {
    sum += a[at_a] * b[at_b];
    at_a += p.a.w;
    at_b += p.b.z;
  }
  y[e] = sum;
}
