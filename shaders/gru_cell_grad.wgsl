// Gradients of gru_cell.wgsl by a, b and h from g, that of its output: with s = g·(1 − z)·(1 − n²),
// da_r = db_r = s·b_n·r(1 − r);  da_z = db_z = g·(h − n)·z(1 − z);  da_n = s, db_n = s·r;  dh = g·z.
// The gates are computed again. One thread does one element of dh and three of da and of db; every input is read once,
// every output written once.
// kernel: gru_cell_grad
// uses: index bits wide special
struct Params { rows: u32, cols: u32, a_offset: u32, b_offset: u32, h_offset: u32, g_offset: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> da: array<f32>;
@group(0) @binding(2) var<storage, read_write> db: array<f32>;
@group(0) @binding(3) var<storage, read_write> dh: array<f32>;
@group(0) @binding(4) var<storage, read> a: array<f32>;
@group(0) @binding(5) var<storage, read> b: array<f32>;
@group(0) @binding(6) var<storage, read> h: array<f32>;
@group(0) @binding(7) var<storage, read> g: array<f32>;

@compute @workgroup_size(LANES)
fn gru_cell_grad(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.rows * p.cols) { return; }
  let at = e / p.cols * 3u * p.cols + e % p.cols;
  let step = vec3<u32>(0u, p.cols, 2u * p.cols) + at;
  let at_a = step + p.a_offset;
  let at_b = step + p.b_offset;
  let b_n = b[at_b.z];
  let r = own_sigmoid(a[at_a.x] + b[at_b.x]);
  let z = own_sigmoid(a[at_a.y] + b[at_b.y]);
  let n = own_tanh(a[at_a.z] + r * b_n);
  let gy = g[p.g_offset + e];
  let s = gy * (1.0f - z) * (1.0f - n * n);
  let slope_r = s * b_n * r * (1.0f - r);
  let slope_z = gy * (h[p.h_offset + e] - n) * z * (1.0f - z);
  da[step.x] = slope_r;
  da[step.y] = slope_z;
  da[step.z] = s;
  db[step.x] = slope_r;
  db[step.y] = slope_z;
  db[step.z] = s * r;
  dh[e] = gy * z;
}
