// y[r, c] = s·(h − A − z·B), the gradient of norm.wgsl by x: h = g[r, c]·w[k], s = 1/√(v + ε), z = (x[r, c] − m)·s, A
// the mean of h over row r and B the mean of h·z; RMS = 1: m = 0 and without A. The mean of the differences x − m takes
// back m's rounding, and a row whose v is far from 1 is multiplied by a power of two first, as in norm.wgsl. Rows are
// contiguous in x and g; WEIGHT = 0: w is not read and counts as 1. PART = 1: y = h·z, what the gradient of w is the
// sum of. m is read from mean, v from spread, where −√v stands for a v out of range.
// Thread: a thread per row; group: a workgroup per row. x and g are read twice, w twice for each element of y, y
// written once.
// kernel: norm_grad
// uses: index bits scale deviation
struct Params {
  rows: u32, cols: u32, x_offset: u32, g_offset: u32, w_offset: u32, groups: u32, span: u32, eps: f32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> g: array<f32>;
@group(0) @binding(4) var<storage, read> mean: array<f32>;
@group(0) @binding(5) var<storage, read> spread: array<f32>;
@group(0) @binding(6) var<storage, read> w: array<f32>;

// Four columns at a time.
@group(0) @binding(1) var<storage, read_write> y4: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> x4: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> g4: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> w4: array<vec4<f32>>;

override RMS: u32 = 0u;
override WEIGHT: u32 = 0u;
override PART: u32 = 0u;

const BLOCK = 256u;

// g·w at column c of row r, whose channels begin at `first`.
fn weighted(r: u32, c: u32, first: u32) -> f32 {
  let value = g[p.g_offset + r * p.cols + c];
  if (WEIGHT == 0u) { return value; }
  if (p.span == 1u) { return value * w[p.w_offset + first + c]; }
  return value * w[p.w_offset + first + c / p.span];
}

// What a row's elements have in common: m; of the differences to that, times `unit`, the mean; 1/√(v + ε) in that unit,
// A and B.
struct Row { unit: f32, m: f32, shift: f32, scale: f32, a: f32, b: f32 }

// What is known before elements are seen.
fn start_of(r: u32) -> Row {
  let m = select(mean[r], 0.0f, RMS == 1u);
  let kept = spread[r];
  if (!(kept < 0.0f)) { return Row(1.0f, m, 0.0f, inverse_deviation(kept, p.eps, 0), 0.0f, 0.0f); }
  let power = row_power(kept * kept + p.eps, m);
  let unit = power_of_two(power);
  let root = kept * unit;
  return Row(unit, m, 0.0f, inverse_deviation(root * root, p.eps, power), 0.0f, 0.0f);
}

// The rest, from the sums of d = (x − m)·unit, h and h·d.
fn row_of(start: Row, sums: vec3<f32>) -> Row {
  let means = sums / f32(p.cols);
  let kept = select(means.xy, vec2<f32>(0.0f), RMS == 1u);
  let b = (means.z - kept.x * kept.y) * start.scale;
  return Row(start.unit, start.m, kept.x, start.scale, kept.y, b);
}

fn slope(d: f32, h: f32, row: Row) -> f32 {
  let z = (d - row.shift) * row.scale;
  if (PART == 1u) { return h * z; }
  return row.scale * row.unit * (h - row.a - z * row.b);
}

// One thread per row: for software adapters.
@compute @workgroup_size(LANES)
fn norm_grad_thread(thread: Thread) {
  let r = thread_index(thread);
  if (r >= p.rows) { return; }
  let begin = p.x_offset + r * p.cols;
  let channels = (r % p.groups) * (p.cols / p.span);
  let start = start_of(r);
  var sums = vec3<f32>(0.0f);
  for (var first = 0u; first < p.cols; first += BLOCK) {
    let end = min(first + BLOCK, p.cols);
    var part = vec3<f32>(0.0f);
    for (var c = first; c < end; c++) {
      let d = (x[begin + c] - start.m) * start.unit;
      let h = weighted(r, c, channels);
      part += vec3<f32>(d, h, h * d);
    }
    sums += part;
  }
  let row = row_of(start, sums);
  for (var c = 0u; c < p.cols; c++) {
    let d = (x[begin + c] - row.m) * row.unit;
    y[r * p.cols + c] = slope(d, weighted(r, c, channels), row);
  }
}

fn weighted4(r: u32, q: u32, first: u32) -> vec4<f32> {
  let value = g4[p.g_offset / 4u + r * (p.cols / 4u) + q];
  if (WEIGHT == 0u) { return value; }
  if (p.span == 1u) { return value * w4[(p.w_offset + first) / 4u + q]; }
  let k = p.w_offset + first + 4u * q / p.span;
  return value * w4[k / 4u][k % 4u];
}

fn sum4(v: vec4<f32>) -> f32 {
  return (v.x + v.y) + (v.z + v.w);
}

// The same on four columns at a time, where cols, the offsets of x and g, and either span or w's offset are multiples
// of four.
@compute @workgroup_size(LANES)
fn norm_grad_thread_vec4(thread: Thread) {
  let r = thread_index(thread);
  if (r >= p.rows) { return; }
  let quads = p.cols / 4u;
  let begin = p.x_offset / 4u + r * quads;
  let channels = (r % p.groups) * (p.cols / p.span);
  let start = start_of(r);
  var d_sum = vec4<f32>(0.0f);
  var h_sum = vec4<f32>(0.0f);
  var hd_sum = vec4<f32>(0.0f);
  for (var first = 0u; first < quads; first += BLOCK) {
    let end = min(first + BLOCK, quads);
    var d_part = vec4<f32>(0.0f);
    var h_part = vec4<f32>(0.0f);
    var hd_part = vec4<f32>(0.0f);
    for (var c = first; c < end; c++) {
      let d = (x4[begin + c] - start.m) * start.unit;
      let h = weighted4(r, c, channels);
      d_part += d;
      h_part += h;
      hd_part += h * d;
    }
    d_sum += d_part;
    h_sum += h_part;
    hd_sum += hd_part;
  }
  let row = row_of(start, vec3<f32>(sum4(d_sum), sum4(h_sum), sum4(hd_sum)));
  for (var c = 0u; c < quads; c++) {
    let z = ((x4[begin + c] - row.m) * row.unit - row.shift) * row.scale;
    let h = weighted4(r, c, channels);
    y4[r * quads + c] = select(row.scale * row.unit * (h - row.a - z * row.b), h * z, PART == 1u);
  }
}

var<workgroup> partial: array<vec3<f32>, LANES>;

// One workgroup per row: for GPUs.
@compute @workgroup_size(LANES)
fn norm_grad_group(thread: Thread) {
  let lane = thread.lane;
  let r = group_index(thread);
  let inside = r < p.rows;
  let cols = select(0u, p.cols, inside);
  let row_at = select(0u, r, inside);
  let begin = p.x_offset + r * p.cols;
  let channels = (r % p.groups) * (p.cols / p.span);
  let start = start_of(row_at);
  var sums = vec3<f32>(0.0f);
  for (var c = lane; c < cols; c += LANES) {
    let d = (x[begin + c] - start.m) * start.unit;
    let h = weighted(r, c, channels);
    sums += vec3<f32>(d, h, h * d);
  }
  partial[lane] = sums;
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { partial[lane] += partial[lane + half]; }
  }
  workgroupBarrier();
  let row = row_of(start, partial[0]);
  for (var c = lane; c < cols; c += LANES) {
    let d = (x[begin + c] - row.m) * row.unit;
    y[r * p.cols + c] = slope(d, weighted(r, c, channels), row);
  }
}
