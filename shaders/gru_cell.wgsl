// One step of a GRU (Cho et al. 2014; the reset gate acts after the product, as in cuDNN and PyTorch) after its two
// products a and b, rows of 3·cols: r = σ(a_r + b_r), z = σ(a_z + b_z), n = tanh(a_n + r·b_n);  y = (1 − z)·n + z·h.
// One thread does one element of y; every input is read once, the output written once.
// kernel: gru_cell
// uses: index bits wide special
struct Params { rows: u32, cols: u32, a_offset: u32, b_offset: u32, h_offset: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> a: array<f32>;
@group(0) @binding(3) var<storage, read> b: array<f32>;
@group(0) @binding(4) var<storage, read> h: array<f32>;

@compute @workgroup_size(LANES)
fn gru_cell(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.rows * p.cols) { return; }
  let at = e / p.cols * 3u * p.cols + e % p.cols;
  let step = vec3<u32>(0u, p.cols, 2u * p.cols) + at;
  let at_a = step + p.a_offset;
  let at_b = step + p.b_offset;
  let r = own_sigmoid(a[at_a.x] + b[at_b.x]);
  let z = own_sigmoid(a[at_a.y] + b[at_b.y]);
  let n = own_tanh(a[at_a.z] + r * b[at_b.z]);
  y[e] = (1.0f - z) * n + z * h[p.h_offset + e];
}
