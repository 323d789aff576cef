// The norm of up to six tensors x as one vector, and the factor that takes it down to a limit, over several launches:
//   y = (‖x‖, min(1, limit/(‖x‖ + 1e-6)), and three sums of squares that the next launch goes on with)
// Squares of float32 leave its range beyond 1.8e19 and below 1e-19, so there are three sums (Blue 1978): of elements
// above 2^45, times 2^−90; of those below 2^−60, times 2^90, denormal ones read as integers; of the others. Each is far
// from the ends of the range for up to 2^31 elements. NaN and ±∞ go to the first sum, and show there.
// Two passes. squares_…: a thread or workgroup per chunk of the tensors end to end, x is read once; its three sums go
// to scratch. total_…: one thread or workgroup adds the `parts` of them, in x0, to y (to nothing if `first`), and if
// `last` writes norm and factor; with CHECK = 1 it reports a norm that is NaN or ∞. Sums are in a fixed order.
// kernel: squares
// uses: index bits scale status
// inout: y
struct Params {
  lo: vec4<u32>, hi: vec4<u32>, // sizes of the tensors
  chunk: u32, parts: u32, first: u32, last: u32, limit: f32, launch_id: u32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;
@group(0) @binding(2) var<storage, read> x0: array<u32>;
@group(0) @binding(3) var<storage, read> x1: array<u32>;
@group(0) @binding(4) var<storage, read> x2: array<u32>;
@group(0) @binding(5) var<storage, read> x3: array<u32>;
@group(0) @binding(6) var<storage, read> x4: array<u32>;
@group(0) @binding(7) var<storage, read> x5: array<u32>;
@group(0) @binding(8) var<storage, read_write> status: Status;

override CHECK: u32 = 0u;

// What is reported, beside the kinds of weights.wgsl.
const NONFINITE = 8u;

// Bits of 2^45, 2^−60 and the least normal number.
const BIG = 0x56000000u;
const SMALL = 0x21800000u;
const NORMAL = 0x00800000u;

fn element(at: u32) -> u32 {
  var e = at;
  if (e < p.lo.x) { return x0[e]; }
  e -= p.lo.x;
  if (e < p.lo.y) { return x1[e]; }
  e -= p.lo.y;
  if (e < p.lo.z) { return x2[e]; }
  e -= p.lo.z;
  if (e < p.lo.w) { return x3[e]; }
  e -= p.lo.w;
  if (e < p.hi.x) { return x4[e]; }
  return x5[e - p.hi.x];
}

fn total_size() -> u32 { return p.lo.x + p.lo.y + p.lo.z + p.lo.w + p.hi.x + p.hi.y; }

// The square, in the sum that it belongs to: of big, of medium, of small elements.
fn square(bits: u32) -> vec3<f32> {
  let size = bits & 0x7fffffffu;
  let x = bitcast<f32>(size);
  if (size > BIG) { return vec3<f32>(times_power(x, -90) * times_power(x, -90), 0.0f, 0.0f); }
  if (size >= SMALL) { return vec3<f32>(0.0f, x * x, 0.0f); }
  let scaled = select(times_power(x, 90), f32(size) * 0x1p-59f, size < NORMAL);
  return vec3<f32>(0.0f, 0.0f, scaled * scaled);
}

fn write_part(part: u32, sums: vec3<f32>) {
  y[3u * part] = bitcast<u32>(sums.x);
  y[3u * part + 1u] = bitcast<u32>(sums.y);
  y[3u * part + 2u] = bitcast<u32>(sums.z);
}

fn read_part(part: u32) -> vec3<f32> {
  return bitcast<vec3<f32>>(vec3<u32>(x0[3u * part], x0[3u * part + 1u], x0[3u * part + 2u]));
}

// Chains of at most 256 additions, for chunks of up to 65,536.
@compute @workgroup_size(LANES)
fn squares_thread(thread: Thread) {
  let part = thread_index(thread);
  if (part >= p.parts) { return; }
  let end = min((part + 1u) * p.chunk, total_size());
  var sums = vec3<f32>(0.0f);
  for (var start = part * p.chunk; start < end; start += 256u) {
    var some = vec3<f32>(0.0f);
    for (var e = start; e < min(start + 256u, end); e++) { some += square(element(e)); }
    sums += some;
  }
  write_part(part, sums);
}

var<workgroup> shared_sums: array<vec3<f32>, LANES>;

// The sums of all lanes, in shared_sums[0], which lane 0 wrote and no other may read without a barrier.
fn over_lanes(lane: u32, own: vec3<f32>) {
  shared_sums[lane] = own;
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { shared_sums[lane] += shared_sums[lane + half]; }
  }
}

@compute @workgroup_size(LANES)
fn squares_group(thread: Thread) {
  let part = group_index(thread);
  // A grid folded in two may be larger than the work.
  let inside = part < p.parts;
  let end = select(0u, min((part + 1u) * p.chunk, total_size()), inside);
  var own = vec3<f32>(0.0f);
  for (var e = part * p.chunk + thread.lane; e < end; e += LANES) { own += square(element(e)); }
  over_lanes(thread.lane, own);
  if (thread.lane == 0u && inside) { write_part(part, shared_sums[0]); }
}

fn hypot(a: f32, b: f32) -> f32 { return sqrt(a * a + b * b); }

// √ of the sums together, as bits, since a denormal number would not survive arithmetic.
fn norm_of(sums: vec3<f32>) -> u32 {
  if (is_nan(sums.x)) { return NAN_BITS; }
  if (is_inf(sums.x)) { return INF_BITS; }
  let roots = sqrt(sums);
  if (sums.x > 0.0f) { return bitcast<u32>(hypot(roots.x, times_power(roots.y, -90)) * 0x1p90f); }
  if (sums.y >= 0x1p-60f) { return bitcast<u32>(hypot(roots.y, times_power(roots.z, -90))); }
  let root = hypot(roots.z, times_power(roots.y, 90));
  return select(bitcast<u32>(root * 0x1p-90f), u32(root * 0x1p59f + 0.5f), root < 0x1p-36f);
}

fn finish(own: vec3<f32>) {
  var sums = own;
  if (p.first == 0u) { sums += bitcast<vec3<f32>>(vec3<u32>(y[2], y[3], y[4])); }
  y[2] = bitcast<u32>(sums.x);
  y[3] = bitcast<u32>(sums.y);
  y[4] = bitcast<u32>(sums.z);
  if (p.last == 0u) { return; }
  let norm = norm_of(sums);
  let factor = min(1.0f, quotient(p.limit, bitcast<f32>(norm) + 1e-6f));
  y[0] = norm;
  y[1] = select(select(bitcast<u32>(factor), 0u, norm == INF_BITS), NAN_BITS, norm == NAN_BITS);
  if (CHECK == 1u && norm >= INF_BITS) { report_as(NONFINITE, p.launch_id, 0u, i32(norm), 0u, 0); }
}

@compute @workgroup_size(1)
fn total_thread() {
  var sums = vec3<f32>(0.0f);
  for (var part = 0u; part < p.parts; part++) { sums += read_part(part); }
  finish(sums);
}

@compute @workgroup_size(LANES)
fn total_group(thread: Thread) {
  var own = vec3<f32>(0.0f);
  for (var part = thread.lane; part < p.parts; part += LANES) { own += read_part(part); }
  over_lanes(thread.lane, own);
  if (thread.lane == 0u) { finish(shared_sums[0]); }
}
