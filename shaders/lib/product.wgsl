// What the rungs of matmul's ladder share: where a matrix begins, and how sums get into y. Needs of the kernel its
// params and the bindings y, y4, bias and residual, and lib/bits.

override BIAS: u32 = 0u;
override RESIDUAL: u32 = 0u;
override RELU: u32 = 0u;

// Products in one chain of additions. Their sum is added to what y has from those before.
const BLOCK = 256u;
// Such sums, or parts of k, that are added to each other in one chain.
const PARTS = 64u;
// Rows that the rungs of few rows hold in registers; those below the last are computed from the last, and not stored.
const FEW = 4u;

fn batch_offset(offset: i32, strides: vec4<i32>, t: u32) -> i32 {
  return offset + i32(t / p.inner) * strides.x + i32(t % p.inner) * strides.y;
}

// A step of 1 that compilers cannot see, so that they do not unroll the loop: unrolled, the stores would take four
// times as long to compile on a software adapter as all the rest.
fn step_not_unrolled() -> u32 { return min(p.batch, 1u); }

// max(x, 0), and NaN where x is, as the pointwise kernel has it.
fn relu_of(x: vec4<f32>) -> vec4<f32> {
  let nan = (bitcast<vec4<u32>>(x) & vec4<u32>(0x7fffffffu)) > vec4<u32>(INF_BITS);
  return select(max(x, vec4<f32>()), x, nan);
}

// What becomes of element e of y, in column j, with a sum of the products from `first` up to `end`.
fn element(e: u32, j: u32, first: u32, end: u32, sum: f32) -> f32 {
  var value = sum;
  if (first > 0u) { value += y[e]; }
  if (BIAS == 1u && end == p.k) { value += bias[p.bias_offset + j]; }
  if (RESIDUAL == 1u && end == p.k) { value += residual[e]; }
  if (RELU == 1u && end == p.k) { value = relu_of(vec4<f32>(value)).x; }
  return value;
}

// The same of up to four neighbours, as many as the row has from column j on.
fn store(e: u32, j: u32, first: u32, end: u32, sum: vec4<f32>) {
  y[e] = element(e, j, first, end, sum.x);
  if (j + 1u < p.n) { y[e + 1u] = element(e + 1u, j + 1u, first, end, sum.y); }
  if (j + 2u < p.n) { y[e + 2u] = element(e + 2u, j + 2u, first, end, sum.z); }
  if (j + 3u < p.n) { y[e + 3u] = element(e + 3u, j + 3u, first, end, sum.w); }
}

// Four neighbours, where y is read and written four at a time.
fn store4(e: u32, j: u32, first: u32, end: u32, sum: vec4<f32>) {
  var value = sum;
  if (first > 0u) { value += y4[e / 4u]; }
  if (BIAS == 1u && end == p.k) {
    let at = p.bias_offset + j;
    value += vec4<f32>(bias[at], bias[at + 1u], bias[at + 2u], bias[at + 3u]);
  }
  if (RESIDUAL == 1u && end == p.k) {
    value += vec4<f32>(residual[e], residual[e + 1u], residual[e + 2u], residual[e + 3u]);
  }
  if (RELU == 1u && end == p.k) { value = relu_of(value); }
  y4[e / 4u] = value;
}
