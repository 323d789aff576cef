// y[r, c] = (x[r, c] − m)/√(v + ε)·w[k] + b[k], with m the mean and v the variance of row r; RMS = 1: m = 0 and v = the
// mean of x². k is the channel of an element, (r mod groups)·(cols/span) + ⌊c/span⌋: layerNorm has groups = span = 1,
// so that k = c. v is taken from the differences to a first mean, whose rounding their own mean takes back: rows of
// mean 1000 and σ 0.01 keep their digits (Chan, Golub and LeVeque 1983). Where v is beyond float32, or so small that
// squares are lost, m and v are found again of the row times a power of two. Rows are contiguous in x from x_offset,
// w and b from their offsets; WEIGHT = 0, BIAS = 0: they are not read. mean gets m, spread v, or −√v of a
// row that was found again, as v may be out of range; kept what the gradients read of a row, as lib/deviation has it.
// Thread: a thread per row; group: a workgroup per row. x is read three times (RMS: twice), where a row is found
// again five times (three), w and b once for each element of y; y, mean, spread and kept are written once.
// kernel: norm
// uses: index bits scale deviation
struct Params {
  rows: u32, cols: u32, x_offset: u32, w_offset: u32, b_offset: u32, groups: u32, span: u32, eps: f32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read_write> mean: array<f32>;
@group(0) @binding(3) var<storage, read_write> spread: array<f32>;
@group(0) @binding(4) var<storage, read_write> kept: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> x: array<f32>;
@group(0) @binding(6) var<storage, read> w: array<f32>;
@group(0) @binding(7) var<storage, read> b: array<f32>;

// Four columns at a time.
@group(0) @binding(1) var<storage, read_write> y4: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> x4: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> w4: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read> b4: array<vec4<f32>>;

override RMS: u32 = 0u;
override WEIGHT: u32 = 0u;
override BIAS: u32 = 0u;

// Elements that one thread adds up before it adds their sum to the others: chains of additions stay short.
const BLOCK = 256u;

// Channel of column c, in a row whose channels begin at `first`.
fn channel(first: u32, c: u32) -> u32 {
  if (p.span == 1u) { return first + c; }
  return first + c / p.span;
}

fn result(x: f32, scale: f32, k: u32) -> f32 {
  var value = x * scale;
  if (WEIGHT == 1u) { value *= w[p.w_offset + k]; }
  if (BIAS == 1u) { value += b[p.b_offset + k]; }
  return value;
}

// A row: its first mean m; of the differences to that, times 2^power, the mean and the variance. They are multiplied,
// not x and m: compilers may turn x·u − m·u − shift into x·u − (m·u + shift), which rounds the shift away (seen on
// lavapipe).
struct Row { power: i32, m: f32, shift: f32, v: f32 }

// Fill a row from its first mean and the sums of d and d². False where it has to be found again, times another power.
fn settle(row: ptr<function, Row>, m: f32, sums: vec2<f32>) -> bool {
  let n = f32(p.cols);
  let shift = select(sums.x / n, 0.0f, RMS == 1u);
  let v = sums.y / n - shift * shift;
  let power = row_power(v + p.eps, m);
  let settled = (*row).power != 0 || power == 0;
  *row = Row(select(power, (*row).power, settled), m, shift, select(v, 0.0f, v < 0.0f));
  return settled;
}

// What is told of a row.
fn tell(r: u32, row: Row, scale: f32) {
  let back = power_of_two(-row.power);
  mean[r] = row.m + row.shift * back;
  spread[r] = select(-sqrt(row.v) * back, row.v, row.power == 0);
  kept[r] = vec4<f32>(row.m, row.shift, kept_power(row.power), scale);
}

// One thread per row: for software adapters.
@compute @workgroup_size(LANES)
fn norm_thread(thread: Thread) {
  let r = thread_index(thread);
  if (r >= p.rows) { return; }
  let begin = p.x_offset + r * p.cols;
  var row = Row();
  loop {
    let unit = power_of_two(row.power);
    var m = 0.0f;
    if (RMS == 0u) {
      for (var first = 0u; first < p.cols; first += BLOCK) {
        let end = min(first + BLOCK, p.cols);
        var part = 0.0f;
        for (var c = first; c < end; c++) { part += x[begin + c] * unit; }
        m += part;
      }
      m = m / f32(p.cols) * power_of_two(-row.power);
    }
    var sums = vec2<f32>(0.0f);
    for (var first = 0u; first < p.cols; first += BLOCK) {
      let end = min(first + BLOCK, p.cols);
      var part = vec2<f32>(0.0f);
      for (var c = first; c < end; c++) {
        let d = (x[begin + c] - m) * unit;
        part += vec2<f32>(d, d * d);
      }
      sums += part;
    }
    if (settle(&row, m, sums)) { break; }
  }
  let unit = power_of_two(row.power);
  let scale = inverse_deviation(row.v, p.eps, row.power);
  tell(r, row, scale);
  let channels = (r % p.groups) * (p.cols / p.span);
  for (var c = 0u; c < p.cols; c++) {
    y[r * p.cols + c] = result((x[begin + c] - row.m) * unit - row.shift, scale, channel(channels, c));
  }
}

fn sum4(v: vec4<f32>) -> f32 {
  return (v.x + v.y) + (v.z + v.w);
}

fn weight4(first: u32, q: u32) -> vec4<f32> {
  if (p.span == 1u) { return w4[(p.w_offset + first) / 4u + q]; }
  let k = p.w_offset + first + 4u * q / p.span;
  return vec4<f32>(w4[k / 4u][k % 4u]);
}

fn bias4(first: u32, q: u32) -> vec4<f32> {
  if (p.span == 1u) { return b4[(p.b_offset + first) / 4u + q]; }
  let k = p.b_offset + first + 4u * q / p.span;
  return vec4<f32>(b4[k / 4u][k % 4u]);
}

// The same on four columns at a time, where cols, x_offset, and either span or the offsets of w and b are multiples of
// four.
@compute @workgroup_size(LANES)
fn norm_thread_vec4(thread: Thread) {
  let r = thread_index(thread);
  if (r >= p.rows) { return; }
  let quads = p.cols / 4u;
  let begin = p.x_offset / 4u + r * quads;
  var row = Row();
  loop {
    let unit = power_of_two(row.power);
    var m4 = vec4<f32>(0.0f);
    if (RMS == 0u) {
      for (var first = 0u; first < quads; first += BLOCK) {
        let end = min(first + BLOCK, quads);
        var part = vec4<f32>(0.0f);
        for (var c = first; c < end; c++) { part += x4[begin + c] * unit; }
        m4 += part;
      }
    }
    let m = sum4(m4) / f32(p.cols) * power_of_two(-row.power);
    var shift4 = vec4<f32>(0.0f);
    var v4 = vec4<f32>(0.0f);
    for (var first = 0u; first < quads; first += BLOCK) {
      let end = min(first + BLOCK, quads);
      var shift_part = vec4<f32>(0.0f);
      var part = vec4<f32>(0.0f);
      for (var c = first; c < end; c++) {
        let d = (x4[begin + c] - m) * unit;
        shift_part += d;
        part += d * d;
      }
      shift4 += shift_part;
      v4 += part;
    }
    if (settle(&row, m, vec2<f32>(sum4(shift4), sum4(v4)))) { break; }
  }
  let unit = power_of_two(row.power);
  let scale = inverse_deviation(row.v, p.eps, row.power);
  tell(r, row, scale);
  let channels = (r % p.groups) * (p.cols / p.span);
  for (var c = 0u; c < quads; c++) {
    var value = ((x4[begin + c] - row.m) * unit - row.shift) * scale;
    if (WEIGHT == 1u) { value *= weight4(channels, c); }
    if (BIAS == 1u) { value += bias4(channels, c); }
    y4[r * quads + c] = value;
  }
}

var<workgroup> partial: array<vec2<f32>, LANES>;

// The sum of what each lane brings, known to all lanes.
fn all_sum(lane: u32, value: vec2<f32>) -> vec2<f32> {
  partial[lane] = value;
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { partial[lane] += partial[lane + half]; }
  }
  // With a barrier before and after; and all lanes are known to go on alike.
  return workgroupUniformLoad(&partial[0]);
}

// One workgroup per row: for GPUs.
@compute @workgroup_size(LANES)
fn norm_group(thread: Thread) {
  let lane = thread.lane;
  let r = group_index(thread);
  // A grid folded in two may have more workgroups than rows; they work on no columns.
  let cols = select(0u, p.cols, r < p.rows);
  let begin = p.x_offset + r * p.cols;
  var row = Row();
  loop {
    let unit = power_of_two(row.power);
    var part = vec2<f32>(0.0f);
    if (RMS == 0u) {
      for (var c = lane; c < cols; c += LANES) { part.x += x[begin + c] * unit; }
    }
    let m = all_sum(lane, part).x / f32(p.cols) * power_of_two(-row.power);
    part = vec2<f32>(0.0f);
    for (var c = lane; c < cols; c += LANES) {
      let d = (x[begin + c] - m) * unit;
      part += vec2<f32>(d, d * d);
    }
    if (settle(&row, m, all_sum(lane, part))) { break; }
  }
  let unit = power_of_two(row.power);
  let scale = inverse_deviation(row.v, p.eps, row.power);
  if (lane == 0u && r < p.rows) { tell(r, row, scale); }
  let channels = (r % p.groups) * (p.cols / p.span);
  for (var c = lane; c < cols; c += LANES) {
    y[r * p.cols + c] = result((x[begin + c] - row.m) * unit - row.shift, scale, channel(channels, c));
  }
}
