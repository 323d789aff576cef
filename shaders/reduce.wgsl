// y[i] = op over j of x[kept view at i + reduced view at j]: sum, product, maximum or minimum over any axes.
// kept = (count, d1, d2, splits), reduced = (count, d1, d2, chunk); ks, rs are the views over the kept and the reduced
// dims (rs.x = 0). Split s covers reduced elements [s·chunk, (s+1)·chunk), and its result goes to y[i·splits + s]; the
// plan runs the kernel again on these until one is left. Float sums: each thread adds into four accumulators, so that
// the longest chain of additions is chunk/4 + 2 (reduce_thread) or chunk/1024 + 10 (reduce_group); the plan keeps both
// ≤ 1,024.
// reduce_rows has sixteen, and a chain of chunk/16 + 7; reduce_columns four for each column, as reduce_thread.
// Always in the same order, so reruns are bit-identical. NaN wins in maximum and minimum. Nothing to reduce: 0 or 1.
// x is read once, y written once.
// kernel: reduce
// uses: index view bits
struct Params { kept: vec4<u32>, reduced: vec4<u32>, ks: vec4<i32>, rs: vec4<i32> }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;
@group(0) @binding(2) var<storage, read> x: array<u32>;
// The same buffer, four elements at a time.
@group(0) @binding(2) var<storage, read> x4: array<vec4<u32>>;

override OP: u32 = 0u;
override INT: u32 = 0u;

const SUM = 0u;
const PROD = 1u;
const MAX = 2u;
const MIN = 3u;

fn f(x: u32) -> f32 { return bitcast<f32>(x); }
fn i(x: u32) -> i32 { return bitcast<i32>(x); }

fn combine(a: u32, b: u32) -> u32 {
  if (INT == 1u) {
    switch OP {
      case SUM: { return a + b; }
      case PROD: { return a * b; }
      case MAX: { return bitcast<u32>(max(i(a), i(b))); }
      default: { return bitcast<u32>(min(i(a), i(b))); }
    }
  }
  switch OP {
    case SUM: { return bitcast<u32>(f(a) + f(b)); }
    case PROD: { return bitcast<u32>(f(a) * f(b)); }
    case MAX: { return bitcast<u32>(nan_max(f(a), f(b))); }
    default: { return bitcast<u32>(nan_min(f(a), f(b))); }
  }
}

// What leaves every other value as it is.
fn identity() -> u32 {
  if (INT == 1u) {
    switch OP {
      case SUM: { return 0u; }
      case PROD: { return 1u; }
      case MAX: { return 0x80000000u; }
      default: { return 0x7fffffffu; }
    }
  }
  switch OP {
    case SUM: { return 0u; }
    case PROD: { return 0x3f800000u; }
    case MAX: { return NEG_INF_BITS; }
    default: { return INF_BITS; }
  }
}

fn combine4(a: vec4<u32>, b: vec4<u32>) -> vec4<u32> {
  return vec4<u32>(combine(a.x, b.x), combine(a.y, b.y), combine(a.z, b.z), combine(a.w, b.w));
}

fn value(base: u32, j: u32) -> u32 {
  return x[base + view_address(j, p.reduced.x, p.reduced.y, p.reduced.z, p.rs)];
}

// One thread per result: for software adapters, and where the results are many.
@compute @workgroup_size(LANES)
fn reduce_thread(thread: Thread) {
  let e = thread_index(thread);
  let splits = p.kept.w;
  if (e >= p.kept.x * splits) { return; }
  let begin = (e % splits) * p.reduced.w;
  let end = min(begin + p.reduced.w, p.reduced.x);
  let base = view_address(e / splits, p.kept.x, p.kept.y, p.kept.z, p.ks);
  let nothing = identity();
  var sum = array<u32, 4>(nothing, nothing, nothing, nothing);
  for (var j = begin; j < end; j += 4u) {
    // Beyond the end the last element is read again, and does not count.
    for (var i = 0u; i < 4u; i++) {
      sum[i] = combine(sum[i], select(value(base, min(j + i, end - 1u)), nothing, j + i >= end));
    }
  }
  y[e] = combine(combine(sum[0], sum[1]), combine(sum[2], sum[3]));
}

// One thread per result, where the reduced elements lie side by side in aligned vec4s.
@compute @workgroup_size(LANES)
fn reduce_rows(thread: Thread) {
  let e = thread_index(thread);
  let splits = p.kept.w;
  if (e >= p.kept.x * splits) { return; }
  let begin = (e % splits) * p.reduced.w;
  let base = view_address(e / splits, p.kept.x, p.kept.y, p.kept.z, p.ks);
  var at = (base + begin) / 4u;
  let end = (base + min(begin + p.reduced.w, p.reduced.x)) / 4u;
  let nothing = vec4<u32>(identity());
  var sum0 = nothing;
  var sum1 = nothing;
  var sum2 = nothing;
  var sum3 = nothing;
  for (; at + 4u <= end; at += 4u) {
    sum0 = combine4(sum0, x4[at]);
    sum1 = combine4(sum1, x4[at + 1u]);
    sum2 = combine4(sum2, x4[at + 2u]);
    sum3 = combine4(sum3, x4[at + 3u]);
  }
  for (; at < end; at++) { sum0 = combine4(sum0, x4[at]); }
  let sum = combine4(combine4(sum0, sum1), combine4(sum2, sum3));
  y[e] = combine(combine(sum.x, sum.y), combine(sum.z, sum.w));
}

fn columns(base: u32, j: u32) -> vec4<u32> {
  return x4[(base + view_address(j, p.reduced.x, p.reduced.y, p.reduced.z, p.rs)) / 4u];
}

// One thread for four neighbouring results, where the kept elements lie side by side in aligned vec4s.
@compute @workgroup_size(LANES)
fn reduce_columns(thread: Thread) {
  let t = thread_index(thread);
  let splits = p.kept.w;
  let fours = p.kept.x / 4u;
  if (t >= fours * splits) { return; }
  let split = t / fours;
  let e = 4u * (t - split * fours);
  var j = split * p.reduced.w;
  let end = min(j + p.reduced.w, p.reduced.x);
  let base = view_address(e, p.kept.x, p.kept.y, p.kept.z, p.ks);
  let nothing = vec4<u32>(identity());
  var sum0 = nothing;
  var sum1 = nothing;
  var sum2 = nothing;
  var sum3 = nothing;
  for (; j + 4u <= end; j += 4u) {
    sum0 = combine4(sum0, columns(base, j));
    sum1 = combine4(sum1, columns(base, j + 1u));
    sum2 = combine4(sum2, columns(base, j + 2u));
    sum3 = combine4(sum3, columns(base, j + 3u));
  }
  for (; j < end; j++) { sum0 = combine4(sum0, columns(base, j)); }
  let sum = combine4(combine4(sum0, sum1), combine4(sum2, sum3));
  y[e * splits + split] = sum.x;
  y[(e + 1u) * splits + split] = sum.y;
  y[(e + 2u) * splits + split] = sum.z;
  y[(e + 3u) * splits + split] = sum.w;
}

var<workgroup> partial: array<u32, LANES>;

// One workgroup per result: lanes stride the reduced elements, then a tree of eight levels in workgroup memory.
@compute @workgroup_size(LANES)
fn reduce_group(thread: Thread) {
  let lane = thread.lane;
  let e = group_index(thread);
  let splits = p.kept.w;
  // A grid folded in two may be larger than the work: such workgroups reduce nothing and write nothing.
  let inside = e < p.kept.x * splits;
  let begin = (e % splits) * p.reduced.w;
  let end = select(0u, min(begin + p.reduced.w, p.reduced.x), inside);
  let base = view_address(e / splits, p.kept.x, p.kept.y, p.kept.z, p.ks);
  var sum = array<u32, 4>(identity(), identity(), identity(), identity());
  var j = begin + lane;
  for (; j + 3u * LANES < end; j += 4u * LANES) {
    sum[0] = combine(sum[0], value(base, j));
    sum[1] = combine(sum[1], value(base, j + LANES));
    sum[2] = combine(sum[2], value(base, j + 2u * LANES));
    sum[3] = combine(sum[3], value(base, j + 3u * LANES));
  }
  for (; j < end; j += LANES) { sum[0] = combine(sum[0], value(base, j)); }
  partial[lane] = combine(combine(sum[0], sum[1]), combine(sum[2], sum[3]));
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { partial[lane] = combine(partial[lane], partial[lane + half]); }
  }
  if (lane == 0u && inside) { y[e] = partial[0]; }
}
