// y[m, iy, ix] = Σ g[m, oy, ox] over the windows whose largest pixel that was (index), or Σ g[m, oy, ox] / n over all
// windows that have the pixel, n as in pool.wgsl: the gradients of pooling, params as there. A gather, so that no two
// threads write one place; in the order of the windows.
// One thread per pixel; or per RUN pixels of a row, which share what is worked out for the row, and where the windows
// over one pixel follow from those over the one before; or, where windows do not overlap, per cell of stride × stride
// pixels, in which one window lies, or none. Pixels read g and index of each window that has them, cells once.
// kernel: pool_grad
// uses: index pool
struct Params {
  rows: vec4<u32>, cols: vec4<u32>, steps: vec4<i32>, images: u32, g_offset: u32, index_offset: u32, divisor: f32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> g: array<f32>;
@group(0) @binding(3) var<storage, read> index: array<i32>;

// Pixel of a thread: the windows that reach it, and where its image begins in g.
struct Pixel { rows: vec2<u32>, cols: vec2<u32>, image: u32 }

fn pixel_of(e: u32) -> Pixel {
  let row = e / p.cols.y;
  let v = windows_over(row % p.rows.y, p.rows, p.steps.x, p.steps.z);
  let h = windows_over(e % p.cols.y, p.cols, p.steps.y, p.steps.w);
  return Pixel(v, h, row / p.rows.y * (p.rows.x * p.cols.x));
}
fn count() -> u32 { return p.images * p.rows.y * p.cols.y; }

@compute @workgroup_size(LANES)
fn pool_grad_max(thread: Thread) {
  let e = thread_index(thread);
  if (e >= count()) { return; }
  let at = pixel_of(e);
  let place = i32(e % (p.rows.y * p.cols.y));
  var sum = 0.0f;
  for (var oy = at.rows.x; oy < at.rows.y; oy++) {
    for (var ox = at.cols.x; ox < at.cols.y; ox++) {
      let o = at.image + oy * p.cols.x + ox;
      if (index[p.index_offset + o] == place) { sum += g[p.g_offset + o]; }
    }
  }
  y[e] = sum;
}

// What a mean divides by, over a window.
fn share(oy: u32, ox: u32) -> f32 {
  let height = extent(range_of(oy, p.rows, p.steps.x, p.steps.z), p.rows, p.steps.x);
  let width = extent(range_of(ox, p.cols, p.steps.y, p.steps.w), p.cols, p.steps.y);
  return select(p.divisor, f32(height * width), p.divisor == 0.0f);
}

@compute @workgroup_size(LANES)
fn pool_grad_mean(thread: Thread) {
  let e = thread_index(thread);
  if (e >= count()) { return; }
  let at = pixel_of(e);
  var sum = 0.0f;
  for (var oy = at.rows.x; oy < at.rows.y; oy++) {
    for (var ox = at.cols.x; ox < at.cols.y; ox++) {
      sum += g[p.g_offset + at.image + oy * p.cols.x + ox] / share(oy, ox);
    }
  }
  y[e] = sum;
}

// Pixels of a row that a thread of pool_grad_run_* takes.
const RUN = 8u;

// The windows over a pixel are [⌈(pixel + padding − reach)/stride⌉, ⌊(pixel + padding)/stride⌋], within the axis. As a
// pixel goes on to the next, both numerators grow by one: quotient and remainder without a division.
struct Over { first: i32, first_rest: i32, last: i32, last_rest: i32 }

fn over(pixel: u32, axis: vec4<u32>, padding: i32, dilation: i32) -> Over {
  let stride = i32(axis.w);
  let at = i32(pixel) + padding;
  let reach = i32(axis.z - 1u) * dilation;
  let above = at - reach + stride - 1;
  // Rounded down, below zero too.
  let first = select(above, above - stride + 1, above < 0) / stride;
  let last = at / stride;
  return Over(first, above - first * stride, last, at - last * stride);
}

fn next(o: Over, stride: i32) -> Over {
  let steps_first = o.first_rest + 1 == stride;
  let steps_last = o.last_rest + 1 == stride;
  return Over(
    o.first + select(0, 1, steps_first), select(o.first_rest + 1, 0, steps_first),
    o.last + select(0, 1, steps_last), select(o.last_rest + 1, 0, steps_last));
}

// A thread's pixels [begin, end) of the row, the windows over the row, and where its images begin in y and g.
struct Run { row: u32, begin: u32, end: u32, rows: vec2<u32>, y: u32, g: u32 }

fn run_of(t: u32) -> Run {
  let runs = (p.cols.y + RUN - 1u) / RUN;
  let line = t / runs;
  let begin = (t - line * runs) * RUN;
  let image = line / p.rows.y;
  let row = line - image * p.rows.y;
  let rows = windows_over(row, p.rows, p.steps.x, p.steps.z);
  return Run(
    row, begin, min(begin + RUN, p.cols.y), rows, line * p.cols.y, p.g_offset + image * (p.rows.x * p.cols.x));
}
fn runs() -> u32 { return p.images * p.rows.y * ((p.cols.y + RUN - 1u) / RUN); }

@compute @workgroup_size(LANES)
fn pool_grad_run_max(thread: Thread) {
  let t = thread_index(thread);
  if (t >= runs()) { return; }
  let run = run_of(t);
  let to_index = p.index_offset - p.g_offset;
  var h = over(run.begin, p.cols, p.steps.y, p.steps.w);
  for (var ix = run.begin; ix < run.end; ix++) {
    let place = i32(run.row * p.cols.y + ix);
    let first = u32(max(h.first, 0));
    let end = min(u32(h.last) + 1u, p.cols.x);
    var sum = 0.0f;
    for (var oy = run.rows.x; oy < run.rows.y; oy++) {
      for (var o = run.g + oy * p.cols.x + first; o < run.g + oy * p.cols.x + end; o++) {
        if (index[o + to_index] == place) { sum += g[o]; }
      }
    }
    y[run.y + ix] = sum;
    h = next(h, i32(p.cols.w));
  }
}

@compute @workgroup_size(LANES)
fn pool_grad_run_mean(thread: Thread) {
  let t = thread_index(thread);
  if (t >= runs()) { return; }
  let run = run_of(t);
  var h = over(run.begin, p.cols, p.steps.y, p.steps.w);
  for (var ix = run.begin; ix < run.end; ix++) {
    let end = min(u32(h.last) + 1u, p.cols.x);
    var sum = 0.0f;
    for (var oy = run.rows.x; oy < run.rows.y; oy++) {
      for (var ox = u32(max(h.first, 0)); ox < end; ox++) {
        sum += g[run.g + oy * p.cols.x + ox] / share(oy, ox);
      }
    }
    y[run.y + ix] = sum;
    h = next(h, i32(p.cols.w));
  }
}

// Cells along an axis; those after its windows have none.
fn cells(axis: vec4<u32>, padding: i32) -> u32 { return (axis.y + u32(padding) + axis.w - 1u) / axis.w; }

// A thread's cell: its window, the window's place in g, the pixels [rows), [cols), and where its image begins in y.
struct Cell { here: bool, oy: u32, ox: u32, window: u32, rows: vec2<i32>, cols: vec2<i32>, y: u32 }

fn cell_of(t: u32) -> Cell {
  let across = cells(p.cols, p.steps.y);
  let down = cells(p.rows, p.steps.x);
  let line = t / across;
  let ox = t - line * across;
  let image = line / down;
  let oy = line - image * down;
  let top = i32(oy * p.rows.w) - p.steps.x;
  let left = i32(ox * p.cols.w) - p.steps.y;
  return Cell(
    image < p.images && oy < p.rows.x && ox < p.cols.x, oy, ox, (image * p.rows.x + oy) * p.cols.x + ox,
    vec2<i32>(max(top, 0), select(0, min(top + i32(p.rows.w), i32(p.rows.y)), image < p.images)),
    vec2<i32>(max(left, 0), min(left + i32(p.cols.w), i32(p.cols.y))), image * (p.rows.y * p.cols.y));
}

@compute @workgroup_size(LANES)
fn pool_grad_cell_max(thread: Thread) {
  let cell = cell_of(thread_index(thread));
  var place = -1;
  var value = 0.0f;
  if (cell.here) {
    place = index[p.index_offset + cell.window];
    value = g[p.g_offset + cell.window];
  }
  for (var iy = cell.rows.x; iy < cell.rows.y; iy++) {
    for (var ix = cell.cols.x; ix < cell.cols.y; ix++) {
      let at = iy * i32(p.cols.y) + ix;
      y[cell.y + u32(at)] = select(0.0f, value, at == place);
    }
  }
}

@compute @workgroup_size(LANES)
fn pool_grad_cell_mean(thread: Thread) {
  let cell = cell_of(thread_index(thread));
  var value = 0.0f;
  if (cell.here) { value = g[p.g_offset + cell.window] / share(cell.oy, cell.ox); }
  // Windows may be shorter than their cells.
  let end = vec2<i32>(range_of(cell.oy, p.rows, p.steps.x, 1).y, range_of(cell.ox, p.cols, p.steps.y, 1).y);
  for (var iy = cell.rows.x; iy < cell.rows.y; iy++) {
    for (var ix = cell.cols.x; ix < cell.cols.y; ix++) {
      y[cell.y + u32(iy) * p.cols.y + u32(ix)] = select(0.0f, value, iy < end.x && ix < end.y);
    }
  }
}
