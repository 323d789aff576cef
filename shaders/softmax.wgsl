// y[r, c] = e^(x[r, c] − m) / s, or with LOG = 1 x[r, c] − m − log s, where m = max and s = Σ e^(x − m) over row r.
// Rows are contiguous in x from p.offset. −∞ (a masked element) gives 0, or −∞; a row of −∞ only gives zeros, or −∞.
// NaN makes its whole row NaN. x is read three times, y written once.
// kernel: softmax
// uses: index bits wide special
struct Params { rows: u32, cols: u32, offset: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y4: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> x4: array<vec4<f32>>;

override LOG: u32 = 0u;

// Elements that one thread adds up before it adds their sum to the others: chains of additions stay short.
const BLOCK = 256u;

// e^(x − m), where m may be the stand-in for −∞.
fn term(x: f32, m: f32) -> f32 {
  return select(nan_exp(x - m), 0.0f, is_neg_inf(x));
}

// s as it is used on each element: 1/s (0 for a row that is masked as a whole), or log s.
fn norm(s: f32) -> f32 {
  if (LOG == 1u) { return own_log(s); }
  return select(1.0f / s, 0.0f, s == 0.0f);
}

fn result(x: f32, m: f32, by: f32) -> f32 {
  if (LOG == 1u) { return select(x - m - by, x, is_neg_inf(x) && !is_nan(by)); }
  return term(x, m) * by;
}

fn max4(m: vec4<f32>, v: vec4<f32>) -> vec4<f32> {
  return vec4<f32>(nan_max(m.x, v.x), nan_max(m.y, v.y), nan_max(m.z, v.z), nan_max(m.w, v.w));
}

fn term4(v: vec4<f32>, m: f32) -> vec4<f32> {
  return vec4<f32>(term(v.x, m), term(v.y, m), term(v.z, m), term(v.w, m));
}

// One thread per row: for software adapters.
@compute @workgroup_size(LANES)
fn softmax_thread(thread: Thread) {
  let r = thread_index(thread);
  if (r >= p.rows) { return; }
  let begin = p.offset + r * p.cols;
  var m = LOWEST;
  for (var c = 0u; c < p.cols; c++) { m = nan_max(m, x[begin + c]); }
  var s = 0.0f;
  for (var first = 0u; first < p.cols; first += BLOCK) {
    let end = min(first + BLOCK, p.cols);
    var part = 0.0f;
    for (var c = first; c < end; c++) { part += term(x[begin + c], m); }
    s += part;
  }
  let by = norm(s);
  let to = r * p.cols;
  for (var c = 0u; c < p.cols; c++) { y[to + c] = result(x[begin + c], m, by); }
}

// The same on four columns at a time, where cols and offset are multiples of four.
@compute @workgroup_size(LANES)
fn softmax_thread_vec4(thread: Thread) {
  let r = thread_index(thread);
  if (r >= p.rows) { return; }
  let quads = p.cols / 4u;
  let begin = p.offset / 4u + r * quads;
  var m4 = vec4<f32>(LOWEST);
  for (var c = 0u; c < quads; c++) { m4 = max4(m4, x4[begin + c]); }
  let m = nan_max(nan_max(m4.x, m4.y), nan_max(m4.z, m4.w));
  var s4 = vec4<f32>(0.0f);
  for (var first = 0u; first < quads; first += BLOCK) {
    let end = min(first + BLOCK, quads);
    var part = vec4<f32>(0.0f);
    for (var c = first; c < end; c++) { part += term4(x4[begin + c], m); }
    s4 += part;
  }
  let by = norm((s4.x + s4.y) + (s4.z + s4.w));
  let to = r * quads;
  for (var c = 0u; c < quads; c++) {
    let v = x4[begin + c];
    y4[to + c] = vec4<f32>(result(v.x, m, by), result(v.y, m, by), result(v.z, m, by), result(v.w, m, by));
  }
}

var<workgroup> partial: array<f32, LANES>;

// One workgroup per row: for GPUs.
@compute @workgroup_size(LANES)
fn softmax_group(thread: Thread) {
  let lane = thread.lane;
  let r = group_index(thread);
  // A grid folded in two may have more workgroups than rows; they work on no columns.
  let cols = select(0u, p.cols, r < p.rows);
  let begin = p.offset + r * p.cols;
  var m = LOWEST;
  for (var c = lane; c < cols; c += LANES) { m = nan_max(m, x[begin + c]); }
  partial[lane] = m;
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { partial[lane] = nan_max(partial[lane], partial[lane + half]); }
  }
  workgroupBarrier();
  m = partial[0];
  workgroupBarrier();
  var s = 0.0f;
  for (var c = lane; c < cols; c += LANES) { s += term(x[begin + c], m); }
  partial[lane] = s;
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { partial[lane] += partial[lane + half]; }
  }
  workgroupBarrier();
  let by = norm(partial[0]);
  let to = r * p.cols;
  for (var c = lane; c < cols; c += LANES) { y[to + c] = result(x[begin + c], m, by); }
}
