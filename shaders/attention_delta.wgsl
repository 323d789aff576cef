// What the gradients of attention.wgsl read of each query i: (m, 1 / Σ, delta, 0), of which stats has the first two,
// and delta = g[i, :]·y[i, :] = Σ_j p_ij·dp_ij is what softmax's gradient subtracts. One thread per query, g and y are
// read once.
// kernel: attention_delta
// uses: index walks
struct Params { g_at: vec4<i32>, y_at: vec4<i32>, size: u32, rows: u32, ev: u32, inner: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> known: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> g: array<f32>;
@group(0) @binding(3) var<storage, read> y: array<f32>;
@group(0) @binding(4) var<storage, read> stats: array<vec2<f32>>;

@compute @workgroup_size(LANES)
fn attention_delta(thread: Thread) {
  let row = thread_index(thread);
  if (row >= p.size) { return; }
  let t = row / p.rows;
  let at_g = row_of(p.g_at, of_queries(p.g_at, t), row % p.rows);
  let at_y = row_of(p.y_at, of_queries(p.y_at, t), row % p.rows);
  // Four sums, so that none is long.
  var sums = vec4<f32>();
  let fours = p.ev / 4u * 4u;
  for (var c = 0u; c < fours; c += 4u) {
    let from_g = vec4<f32>(g[at_g + c], g[at_g + c + 1u], g[at_g + c + 2u], g[at_g + c + 3u]);
    sums += from_g * vec4<f32>(y[at_y + c], y[at_y + c + 1u], y[at_y + c + 2u], y[at_y + c + 3u]);
  }
  for (var c = fours; c < p.ev; c++) { sums.x += g[at_g + c] * y[at_y + c]; }
  known[row] = vec4<f32>(stats[row], (sums.x + sums.y) + (sums.z + sums.w), 0.0f);
}
