// y[m, iy, ix] = Σ_{ky, kx} x[m, ky, kx, oy, ox] over the taps of windows that lie on the pixel: oy·sy + ky·dy − py =
// iy, and so for columns. m counts images times channels; rows and cols are (windows, pixels, taps, stride) of an axis,
// steps is (py, px, dy, dx). The transpose of taking windows out (im2col), as a gather: no two threads write one place.
// One thread computes one pixel, taps in order. x is read at most once, y written once.
// kernel: fold
// uses: index
struct Params { rows: vec4<u32>, cols: vec4<u32>, steps: vec4<i32>, images: u32, x_offset: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;

// The window whose tap k lies on pixel i of an axis, or −1.
fn window_at(i: u32, k: u32, axis: vec4<u32>, padding: i32, dilation: i32) -> i32 {
  let t = i32(i) + padding - i32(k) * dilation;
  let o = t / i32(axis.w);
  return select(-1, o, t >= 0 && o * i32(axis.w) == t && o < i32(axis.x));
}

@compute @workgroup_size(LANES)
fn fold(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.images * p.rows.y * p.cols.y) { return; }
  let row = e / p.cols.y;
  let m = row / p.rows.y;
  var sum = 0.0f;
  for (var ky = 0u; ky < p.rows.z; ky++) {
    let oy = window_at(row % p.rows.y, ky, p.rows, p.steps.x, p.steps.z);
    if (oy < 0) { continue; }
    for (var kx = 0u; kx < p.cols.z; kx++) {
      let ox = window_at(e % p.cols.y, kx, p.cols, p.steps.y, p.steps.w);
      if (ox < 0) { continue; }
      let tap = (m * p.rows.z + ky) * p.cols.z + kx;
      sum += x[p.x_offset + (tap * p.rows.x + u32(oy)) * p.cols.x + u32(ox)];
    }
  }
  y[e] = sum;
}
