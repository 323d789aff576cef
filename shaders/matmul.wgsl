// y[t, i, j] = Σ_k a[t, i, k]·b[t, k, j] for every matrix t of the batch, with BIAS = 1 plus bias[j], with RESIDUAL = 1
// plus residual[t, i, j], with RELU = 1 the greater of that and 0: strided in everything, so transposed operands and
// broadcast batches need no copies.
// t = b0·inner + b1; a = (sb0, sb1, sm, sk) and b = (sb0, sb1, sk, sn) are strides in elements. y, bias and residual
// are contiguous. k = 0 gives zeros, and what is added to them.
// Sums are of 256 products each, added up in y (lib/product); of more than 64 such sums parts lie in scratch, and
// matmul_join adds them: no chain of additions is long, and 10⁶ equal terms keep 5 digits.
// This is the first rung of the ladder: one output per thread; each element of a is read n times, of b m times, y is
// written once for every 256 of k. matmul_tile (software adapters), matmul_shared (GPUs) and matmul_subgroup are the
// others.
// kernel: matmul
// uses: index bits product half weights
// consts: product
struct Params {
  batch: u32, inner: u32, m: u32, n: u32, k: u32, a_offset: i32, b_offset: i32, bias_offset: u32,
  a: vec4<i32>, b: vec4<i32>,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> a: array<f32>;
@group(0) @binding(3) var<storage, read> b: array<f32>;
@group(0) @binding(4) var<storage, read> bias: array<f32>;
@group(0) @binding(5) var<storage, read> residual: array<f32>;
@group(0) @binding(1) var<storage, read_write> y4: array<vec4<f32>>;
// b, whatever its format: HALF of lib/weights.
@group(0) @binding(3) var<storage, read> weights: array<u32>;

@compute @workgroup_size(LANES)
fn matmul_naive(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.batch * p.m * p.n) { return; }
  let j = e % p.n;
  let i = (e / p.n) % p.m;
  let t = e / (p.n * p.m);
  var at_a = batch_offset(p.a_offset, p.a, t) + i32(i) * p.a.z;
  var at_b = batch_offset(p.b_offset, p.b, t) + i32(j) * p.b.w;
  for (var first = 0u; first == 0u || first < p.k; first += BLOCK) {
    let end = min(first + BLOCK, p.k);
    var sum = 0.0f;
    for (var k = first; k < end; k++) {
      sum += a[at_a] * weight(at_b);
      at_a += p.a.w;
      at_b += p.b.z;
    }
    y[e] = element(e, j, first, end, sum);
  }
}

// y[a_offset + e] = Σ_s a[s, e] + b[e], over the parts of k that the dispatches before have left in scratch: `batch`
// whole ones of m × n sums in a, and with k > 0 what k has besides them in b.
@compute @workgroup_size(LANES)
fn matmul_join(thread: Thread) {
  let e = thread_index(thread);
  let size = p.m * p.n;
  if (e >= size) { return; }
  var total = 0.0f;
  for (var first = 0u; first < p.batch; first += PARTS) {
    var sum = 0.0f;
    for (var s = first; s < min(first + PARTS, p.batch); s++) { sum += a[s * size + e]; }
    total += sum;
  }
  if (p.k > 0u) { total += b[e]; }
  if (BIAS == 1u) { total += bias[p.bias_offset + e % p.n]; }
  if (RESIDUAL == 1u) { total += residual[u32(p.a_offset) + e]; }
  if (RELU == 1u) { total = relu_of(vec4<f32>(total)).x; }
  y[u32(p.a_offset) + e] = total;
}
