// One step of an LSTM (Hochreiter & Schmidhuber 1997) after its two products: with z = a + b, rows of 4·cols in
// PyTorch's order of gates i, f, g, o, i = σ(z_i), f = σ(z_f), g = tanh(z_g), o = σ(z_o);  c_next = f·c + i·g,  h =
// o·tanh(c_next).
// One thread does one element of h and c_next; every input is read once, every output written once.
// kernel: lstm_cell
// uses: index bits wide special
struct Params { rows: u32, cols: u32, a_offset: u32, b_offset: u32, c_offset: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> h: array<f32>;
@group(0) @binding(2) var<storage, read_write> c_next: array<f32>;
@group(0) @binding(3) var<storage, read> a: array<f32>;
@group(0) @binding(4) var<storage, read> b: array<f32>;
@group(0) @binding(5) var<storage, read> c: array<f32>;

@compute @workgroup_size(LANES)
fn lstm_cell(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.rows * p.cols) { return; }
  let at = e / p.cols * 4u * p.cols + e % p.cols;
  let step = vec4<u32>(0u, p.cols, 2u * p.cols, 3u * p.cols) + at;
  let at_a = step + p.a_offset;
  let at_b = step + p.b_offset;
  let i = own_sigmoid(a[at_a.x] + b[at_b.x]);
  let f = own_sigmoid(a[at_a.y] + b[at_b.y]);
  let g = own_tanh(a[at_a.z] + b[at_b.z]);
  let o = own_sigmoid(a[at_a.w] + b[at_b.w]);
  let next = f * c[p.c_offset + e] + i * g;
  c_next[e] = next;
  h[e] = o * own_tanh(next);
}
