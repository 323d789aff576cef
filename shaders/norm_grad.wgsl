// y[r, c] = s·(h − A − z·B), the gradient of norm.wgsl by x: h = g[r, c]·w[k], s = 1/√(v + ε), z = (x[r, c] − m)·s, A
// the mean of h over row r and B the mean of h·z; RMS = 1: m = 0 and without A. m, s and by what power of two a row is
// multiplied are read from kept. Rows are contiguous in x and g; WEIGHT = 0: w is not read and counts as 1.
// Thread: a thread per row; group: a workgroup per row. x and g are read twice, w twice for each element of y, y
// written once.
// kernel: norm_grad
// uses: index bits scale deviation
struct Params {
  rows: u32, cols: u32, x_offset: u32, g_offset: u32, w_offset: u32, groups: u32, span: u32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> g: array<f32>;
@group(0) @binding(4) var<storage, read> kept: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> w: array<f32>;

// Four columns at a time.
@group(0) @binding(1) var<storage, read_write> y4: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> x4: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> g4: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> w4: array<vec4<f32>>;

override RMS: u32 = 0u;
override WEIGHT: u32 = 0u;

const BLOCK = 256u;

// g·w at column c of row r, whose channels begin at `first`.
fn weighted(r: u32, c: u32, first: u32) -> f32 {
  let value = g[p.g_offset + r * p.cols + c];
  if (WEIGHT == 0u) { return value; }
  if (p.span == 1u) { return value * w[p.w_offset + first + c]; }
  return value * w[p.w_offset + first + c / p.span];
}

// A and B from the sums of h and of its products with the differences to the first mean.
fn line(sums: vec2<f32>, row: vec4<f32>) -> vec2<f32> {
  let means = sums / f32(p.cols);
  return vec2<f32>(select(means.x, 0.0f, RMS == 1u), (means.y - row.y * means.x) * row.w);
}

// One thread per row: for software adapters.
@compute @workgroup_size(LANES)
fn norm_grad_thread(thread: Thread) {
  let r = thread_index(thread);
  if (r >= p.rows) { return; }
  let begin = p.x_offset + r * p.cols;
  let channels = (r % p.groups) * (p.cols / p.span);
  let row = kept[r];
  let unit = unit_of(row);
  var sums = vec2<f32>(0.0f);
  for (var first = 0u; first < p.cols; first += BLOCK) {
    let end = min(first + BLOCK, p.cols);
    var part = vec2<f32>(0.0f);
    for (var c = first; c < end; c++) {
      let h = weighted(r, c, channels);
      part += vec2<f32>(h, h * ((x[begin + c] - row.x) * unit));
    }
    sums += part;
  }
  let ab = line(sums, row);
  for (var c = 0u; c < p.cols; c++) {
    let z = standard(x[begin + c], row, unit);
    y[r * p.cols + c] = row.w * unit * (weighted(r, c, channels) - ab.x - z * ab.y);
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
  let row = kept[r];
  let unit = unit_of(row);
  var h_sum = vec4<f32>(0.0f);
  var hd_sum = vec4<f32>(0.0f);
  for (var first = 0u; first < quads; first += BLOCK) {
    let end = min(first + BLOCK, quads);
    var h_part = vec4<f32>(0.0f);
    var hd_part = vec4<f32>(0.0f);
    for (var c = first; c < end; c++) {
      let h = weighted4(r, c, channels);
      h_part += h;
      hd_part += h * ((x4[begin + c] - row.x) * unit);
    }
    h_sum += h_part;
    hd_sum += hd_part;
  }
  let ab = line(vec2<f32>(sum4(h_sum), sum4(hd_sum)), row);
  for (var c = 0u; c < quads; c++) {
    let z = standard4(x4[begin + c], row, unit);
    y4[r * quads + c] = row.w * unit * (weighted4(r, c, channels) - ab.x - z * ab.y);
  }
}

var<workgroup> partial: array<vec2<f32>, LANES>;

// One workgroup per row: for GPUs.
@compute @workgroup_size(LANES)
fn norm_grad_group(thread: Thread) {
  let lane = thread.lane;
  let r = group_index(thread);
  // A grid folded in two may have more workgroups than rows; they work on no columns.
  let inside = r < p.rows;
  let cols = select(0u, p.cols, inside);
  let begin = p.x_offset + r * p.cols;
  let channels = (r % p.groups) * (p.cols / p.span);
  let row = kept[select(0u, r, inside)];
  let unit = unit_of(row);
  var sums = vec2<f32>(0.0f);
  for (var c = lane; c < cols; c += LANES) {
    let h = weighted(r, c, channels);
    sums += vec2<f32>(h, h * ((x[begin + c] - row.x) * unit));
  }
  partial[lane] = sums;
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { partial[lane] += partial[lane + half]; }
  }
  workgroupBarrier();
  let ab = line(partial[0], row);
  for (var c = lane; c < cols; c += LANES) {
    let z = standard(x[begin + c], row, unit);
    y[r * p.cols + c] = row.w * unit * (weighted(r, c, channels) - ab.x - z * ab.y);
  }
}
