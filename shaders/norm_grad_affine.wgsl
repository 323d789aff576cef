// dw[k] = Σ g·z and db[k] = Σ g over the elements of channel k: the gradients of norm.wgsl by its weight and its bias,
// z as in norm_grad.wgsl. The channel has span neighbours in each of the rows r, r + groups, r + 2·groups, …: its
// elements are counted row after row. Split s of a channel is its elements from s·chunk on, and goes to
// dw[s·channels + k]; norm_grad_affine_sum adds up such parts, which it reads from x and g, until one is left. The plan
// keeps chains of additions ≤ 256. Rows are contiguous in x and g, which are read once; dw and db are written once.
// kernel: norm_grad_affine
// uses: index bits scale deviation
struct Params {
  rows: u32, cols: u32, x_offset: u32, g_offset: u32, groups: u32, span: u32, splits: u32, chunk: u32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> dw: array<f32>;
@group(0) @binding(2) var<storage, read_write> db: array<f32>;
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read> g: array<f32>;
@group(0) @binding(5) var<storage, read> kept: array<vec4<f32>>;

// Four columns at a time.
@group(0) @binding(1) var<storage, read_write> dw4: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> db4: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> x4: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> g4: array<vec4<f32>>;

// Channels of a row, and of all rows.
fn in_row() -> u32 { return p.cols / p.span; }
fn channel_count() -> u32 { return p.groups * in_row(); }
// Elements of a channel.
fn count() -> u32 { return p.rows / p.groups * p.span; }

// One thread per channel and split.
@compute @workgroup_size(LANES)
fn norm_grad_affine_thread(thread: Thread) {
  let e = thread_index(thread);
  let channels = channel_count();
  if (e >= channels * p.splits) { return; }
  let k = e % channels;
  let begin = e / channels * p.chunk;
  let end = min(begin + p.chunk, count());
  var r = k / in_row() + begin / p.span * p.groups;
  let first = k % in_row() * p.span;
  var c = begin % p.span;
  var sums = vec2<f32>(0.0f);
  for (var i = begin; i < end; r += p.groups) {
    let row = kept[r];
    let unit = unit_of(row);
    let stop = min(end, i + p.span - c);
    for (var at = r * p.cols + first + c; i < stop; i++) {
      let value = g[p.g_offset + at];
      sums += vec2<f32>(value * standard(x[p.x_offset + at], row, unit), value);
      at++;
    }
    c = 0u;
  }
  dw[e] = sums.x;
  db[e] = sums.y;
}

fn sum4(v: vec4<f32>) -> f32 {
  return (v.x + v.y) + (v.z + v.w);
}

// The same on four neighbours of a channel at a time, where span, chunk and the offsets are multiples of four.
@compute @workgroup_size(LANES)
fn norm_grad_affine_rows(thread: Thread) {
  let e = thread_index(thread);
  let channels = channel_count();
  if (e >= channels * p.splits) { return; }
  let k = e % channels;
  let begin = e / channels * p.chunk;
  let end = min(begin + p.chunk, count());
  var r = k / in_row() + begin / p.span * p.groups;
  let first = k % in_row() * p.span;
  var c = begin % p.span;
  var dw_sum = vec4<f32>(0.0f);
  var db_sum = vec4<f32>(0.0f);
  for (var i = begin; i < end; r += p.groups) {
    let row = kept[r];
    let unit = unit_of(row);
    let stop = min(end, i + p.span - c);
    for (var at = r * p.cols + first + c; i < stop; i += 4u) {
      let value = g4[(p.g_offset + at) / 4u];
      dw_sum += value * standard4(x4[(p.x_offset + at) / 4u], row, unit);
      db_sum += value;
      at += 4u;
    }
    c = 0u;
  }
  dw[e] = sum4(dw_sum);
  db[e] = sum4(db_sum);
}

// One thread for four neighbouring channels and a split, where each has one element in a row, groups is 1, and cols and
// the offsets are multiples of four.
@compute @workgroup_size(LANES)
fn norm_grad_affine_columns(thread: Thread) {
  let e = thread_index(thread);
  let quads = p.cols / 4u;
  if (e >= quads * p.splits) { return; }
  let begin = e / quads * p.chunk;
  let end = min(begin + p.chunk, p.rows);
  var dw_sum = vec4<f32>(0.0f);
  var db_sum = vec4<f32>(0.0f);
  for (var r = begin; r < end; r++) {
    let row = kept[r];
    let at = r * quads + e % quads;
    let value = g4[p.g_offset / 4u + at];
    dw_sum += value * standard4(x4[p.x_offset / 4u + at], row, unit_of(row));
    db_sum += value;
  }
  dw4[e] = dw_sum;
  db4[e] = db_sum;
}

var<workgroup> partial: array<vec2<f32>, LANES>;

// One workgroup per channel and split: for GPUs.
@compute @workgroup_size(LANES)
fn norm_grad_affine_group(thread: Thread) {
  let lane = thread.lane;
  let e = group_index(thread);
  let channels = channel_count();
  // A grid folded in two may be larger than the work: such workgroups add nothing and write nothing.
  let inside = e < channels * p.splits;
  let k = e % channels;
  let begin = e / channels * p.chunk;
  let end = select(0u, min(begin + p.chunk, count()), inside);
  let first = k % in_row() * p.span;
  var sums = vec2<f32>(0.0f);
  for (var i = begin + lane; i < end; i += LANES) {
    let r = k / in_row() + i / p.span * p.groups;
    let row = kept[r];
    let at = r * p.cols + first + i % p.span;
    let value = g[p.g_offset + at];
    sums += vec2<f32>(value * standard(x[p.x_offset + at], row, unit_of(row)), value);
  }
  partial[lane] = sums;
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { partial[lane] += partial[lane + half]; }
  }
  if (lane == 0u && inside) {
    dw[e] = partial[0].x;
    db[e] = partial[0].y;
  }
}

// dw and db from `rows` parts of `cols` channels, in x and g: one thread per channel and split of the parts.
@compute @workgroup_size(LANES)
fn norm_grad_affine_sum(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.cols * p.splits) { return; }
  let begin = e / p.cols * p.chunk;
  let end = min(begin + p.chunk, p.rows);
  var sums = vec2<f32>(0.0f);
  for (var part = begin; part < end; part++) {
    let at = part * p.cols + e % p.cols;
    sums += vec2<f32>(x[at], g[at]);
  }
  dw[e] = sums.x;
  db[e] = sums.y;
}
