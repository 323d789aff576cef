// y[m, oy, ox] = the largest of x[m, window (oy, ox)] and index[m, oy, ox] its place iy·width + ix, or the mean of the
// window: Σ x / n, n its pixels (or, PADDED = 1, its taps on padding too), or p.divisor where that is not 0. m counts
// images times channels; rows and cols as lib/pool.wgsl has them, steps = (py, px, dy, dx). Padding is not read.
// The first pixel wins where several are largest, and the first NaN where there is one: values are compared as integer
// keys.
// Means add up each row of a window first, in runs: no chain of additions is longer than height + width / RUN + RUN.
// One thread per window. x is read by all windows that overlap there, y and index are written once.
// kernel: pool
// uses: index bits order pool
struct Params { rows: vec4<u32>, cols: vec4<u32>, steps: vec4<i32>, images: u32, x_offset: u32, divisor: f32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read_write> index: array<i32>;
@group(0) @binding(3) var<storage, read> x: array<f32>;
// The same as bits.
@group(0) @binding(1) var<storage, read_write> y_bits: array<u32>;
@group(0) @binding(3) var<storage, read> x_bits: array<u32>;

// Window of a thread: its ranges, and where its image begins in x.
struct Window { rows: vec2<i32>, cols: vec2<i32>, image: u32 }

fn window_of(e: u32) -> Window {
  let row = e / p.cols.x;
  let v = range_of(row % p.rows.x, p.rows, p.steps.x, p.steps.z);
  let h = range_of(e % p.cols.x, p.cols, p.steps.y, p.steps.w);
  return Window(v, h, p.x_offset + row / p.rows.x * (p.rows.y * p.cols.y));
}
fn count() -> u32 { return p.images * p.rows.x * p.cols.x; }

// The first tap that is not on padding.
fn first(begin: i32, dilation: i32) -> u32 {
  return u32(begin + (max(-begin, 0) + dilation - 1) / dilation * dilation);
}

@compute @workgroup_size(LANES)
fn pool_max(thread: Thread) {
  let e = thread_index(thread);
  if (e >= count()) { return; }
  let w = window_of(e);
  let end = vec2<u32>(min(vec2<i32>(w.rows.y, w.cols.y), vec2<i32>(i32(p.rows.y), i32(p.cols.y))));
  let top = first(w.rows.x, p.steps.z);
  let left = first(w.cols.x, p.steps.w);
  var best = top * p.cols.y + left;
  // Below every key.
  var best_key = 0u;
  for (var iy = top; iy < end.x; iy += u32(p.steps.z)) {
    for (var ix = left; ix < end.y; ix += u32(p.steps.w)) {
      let at = iy * p.cols.y + ix;
      let k = order_key(x_bits[w.image + at], 0u);
      best = select(best, at, k > best_key);
      best_key = max(k, best_key);
    }
  }
  y_bits[e] = x_bits[w.image + best];
  index[e] = i32(best);
}

const RUN = 64u;

@compute @workgroup_size(LANES)
fn pool_mean(thread: Thread) {
  let e = thread_index(thread);
  if (e >= count()) { return; }
  let w = window_of(e);
  let begin = vec2<u32>(max(vec2<i32>(w.rows.x, w.cols.x), vec2<i32>()));
  let end = vec2<u32>(min(vec2<i32>(w.rows.y, w.cols.y), vec2<i32>(i32(p.rows.y), i32(p.cols.y))));
  var sum = 0.0f;
  for (var iy = begin.x; iy < end.x; iy++) {
    var row = 0.0f;
    for (var ix = begin.y; ix < end.y; ix += RUN) {
      var part = 0.0f;
      for (var i = ix; i < min(ix + RUN, end.y); i++) { part += x[w.image + iy * p.cols.y + i]; }
      row += part;
    }
    sum += row;
  }
  let n = extent(w.rows, p.rows, p.steps.x) * extent(w.cols, p.cols, p.steps.y);
  y[e] = sum / select(p.divisor, f32(n), p.divisor == 0.0f);
}
