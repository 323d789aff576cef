// matmul.wgsl's contract for matrices of up to four rows, as in decoding: each element of b, which may have 16 bits, is
// read once.
// kernel: matmul
// uses: index bits product half weights few
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
// b and y four columns at a time, where rows of b are contiguous and n, strides and offset are multiples of four.
@group(0) @binding(1) var<storage, read_write> y4: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> weights: array<u32>;
@group(0) @binding(3) var<storage, read> weights4: array<vec4<u32>>;

// The i-th four neighbours of b.
fn four_weights(i: u32) -> vec4<f32> {
  if (HALF == 0u) { return bitcast<vec4<f32>>(weights4[i]); }
  let both = weights4[i / 2u];
  let words = select(both.xy, both.zw, (i & 1u) == 1u);
  if (HALF == FLOAT16) { return vec4<f32>(unpack2x16float(words.x), unpack2x16float(words.y)); }
  let upper = words & vec2<u32>(0xffff0000u);
  let lower = words << vec2<u32>(16u);
  return bitcast<vec4<f32>>(vec4<u32>(lower.x, upper.x, lower.y, upper.y));
}

// A thread per four columns: for software adapters.
const COLUMN_THREADS = 16u;

@compute @workgroup_size(COLUMN_THREADS)
fn matmul_few_vec4(thread: Thread) {
  let e = (group_index(thread) * COLUMN_THREADS + thread.lane) * 4u;
  let t = e / p.n;
  if (t >= p.batch) { return; }
  let column = e % p.n;
  let i = min(vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(p.m - 1u));
  var at_a = batch_offset(p.a_offset, p.a, t) + vec4<i32>(i) * p.a.z;
  var at_b = (u32(batch_offset(p.b_offset, p.b, t)) + column) / 4u;
  for (var first = 0u; first == 0u || first < p.k; first += BLOCK) {
    let end = min(first + BLOCK, p.k);
    var sum = array<vec4<f32>, FEW>();
    for (var k = first; k < end; k++) {
      let v = four_weights(at_b);
      sum[0] += a[at_a.x] * v;
      sum[1] += a[at_a.y] * v;
      sum[2] += a[at_a.z] * v;
      sum[3] += a[at_a.w] * v;
      at_a += p.a.w;
      at_b += u32(p.b.z) / 4u;
    }
    for (var r = 0u; r < min(p.m, FEW); r += step_not_unrolled()) {
      store4((t * p.m + r) * p.n + column, column, first, end, sum[r]);
    }
  }
}

// A workgroup per column, where k lies side by side in b, for GPUs.
@compute @workgroup_size(STEP_THREADS)
fn matmul_few_group(thread: Thread) { few_group(thread); }
