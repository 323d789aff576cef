// The body of matmul_few_group and matmul_few_group_f16, a workgroup per column, where k lies side by side in b, for
// GPUs: neighbours read neighbouring steps of k, and add their sums up in workgroup memory. Needs of the kernel its
// bindings and `weight(i)`, element i of b, lib/bits and lib/product.

const STEP_THREADS = 64u;
var<workgroup> partial: array<vec4<f32>, STEP_THREADS>;

fn few_group(thread: Thread) {
  let lane = thread.lane;
  let g = group_index(thread);
  let t = min(g / p.n, p.batch - 1u);
  let column = g % p.n;
  let i = min(vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(p.m - 1u));
  var at_a = batch_offset(p.a_offset, p.a, t) + vec4<i32>(i) * p.a.z + i32(lane) * p.a.w;
  var at_b = batch_offset(p.b_offset, p.b, t) + i32(column) * p.b.w + i32(lane) * p.b.z;
  // Chains of BLOCK additions in each lane.
  for (var first = 0u; first == 0u || first < p.k; first += BLOCK * STEP_THREADS) {
    let end = min(first + BLOCK * STEP_THREADS, p.k);
    var sum = vec4<f32>();
    for (var k = first + lane; k < end; k += STEP_THREADS) {
      sum += vec4<f32>(a[at_a.x], a[at_a.y], a[at_a.z], a[at_a.w]) * weight(at_b);
      at_a += i32(STEP_THREADS) * p.a.w;
      at_b += i32(STEP_THREADS) * p.b.z;
    }
    partial[lane] = sum;
    for (var half = STEP_THREADS / 2u; half > 0u; half /= 2u) {
      workgroupBarrier();
      if (lane < half) { partial[lane] += partial[lane + half]; }
    }
    workgroupBarrier();
    if (lane < min(p.m, FEW) && g < p.n * p.batch) {
      let e = (t * p.m + lane) * p.n + column;
      y[e] = element(e, column, first, end, partial[0][lane]);
    }
    workgroupBarrier();
  }
}
