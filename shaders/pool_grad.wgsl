// y[m, iy, ix] = Σ g[m, oy, ox] over the windows whose largest pixel that was (index), or Σ g[m, oy, ox] / n over all
// windows that have the pixel, n as in pool.wgsl: the gradients of pooling, params as there. A gather, so that no two
// threads write one place; in the order of the windows.
// One thread per pixel. g and index are read by all pixels of a window, y is written once.
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

@compute @workgroup_size(LANES)
fn pool_grad_mean(thread: Thread) {
  let e = thread_index(thread);
  if (e >= count()) { return; }
  let at = pixel_of(e);
  var sum = 0.0f;
  for (var oy = at.rows.x; oy < at.rows.y; oy++) {
    let height = extent(range_of(oy, p.rows, p.steps.x, p.steps.z), p.rows, p.steps.x);
    for (var ox = at.cols.x; ox < at.cols.y; ox++) {
      let n = height * extent(range_of(ox, p.cols, p.steps.y, p.steps.w), p.cols, p.steps.y);
      sum += g[p.g_offset + at.image + oy * p.cols.x + ox] / select(p.divisor, f32(n), p.divisor == 0.0f);
    }
  }
  y[e] = sum;
}
