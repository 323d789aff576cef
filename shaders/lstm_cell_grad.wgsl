// Gradients of lstm_cell.wgsl by its sum of gates (that is, by a and by b) and by c, from dh and dn, those of h and
// c_next:
// with t = tanh(c_next), s = dn + dh·o·(1 − t²);  gates: s·g·i(1 − i), s·c·f(1 − f), s·i·(1 − g²), dh·t·o(1 − o);  dc =
// s·f.
// The gates are computed again. GIVEN says which of dh (1) and dn (2) there are; the other is 0.
// One thread does one element of dc and four of the gates; every buffer is read or written once.
// kernel: lstm_cell_grad
// uses: index bits wide special
struct Params { rows: u32, cols: u32, a_offset: u32, b_offset: u32, c_offset: u32, dh_offset: u32, dn_offset: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> gates: array<f32>;
@group(0) @binding(2) var<storage, read_write> dc: array<f32>;
@group(0) @binding(3) var<storage, read> a: array<f32>;
@group(0) @binding(4) var<storage, read> b: array<f32>;
@group(0) @binding(5) var<storage, read> c: array<f32>;
// Where there is none, c stands in its place and is not read as one.
@group(0) @binding(6) var<storage, read> dh: array<f32>;
@group(0) @binding(7) var<storage, read> dn: array<f32>;

override GIVEN: u32 = 3u;

@compute @workgroup_size(LANES)
fn lstm_cell_grad(thread: Thread) {
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
  let before = c[p.c_offset + e];
  let t = own_tanh(f * before + i * g);
  var gh = 0.0f;
  var s = 0.0f;
  if ((GIVEN & 1u) != 0u) { gh = dh[p.dh_offset + e]; }
  if ((GIVEN & 2u) != 0u) { s = dn[p.dn_offset + e]; }
  s += gh * o * (1.0f - t * t);
  gates[step.x] = s * g * i * (1.0f - i);
  gates[step.y] = s * before * f * (1.0f - f);
  gates[step.z] = s * i * (1.0f - g * g);
  gates[step.w] = gh * t * o * (1.0f - o);
  dc[e] = s * f;
}
