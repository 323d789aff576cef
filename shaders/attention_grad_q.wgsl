// dq[i, :] = Σ_j ds_ij·k[j, :] with ds_ij = scale·p_ij·(f_ij·g[i, :]·v[j, :] − delta[i]): the gradient of
// attention.wgsl's y by its queries. p_ij = e^(s_ij − m_i) / Σ_j e^(s_ij − m_i) is computed again; f is what
// dropout multiplied by; delta[i] = g[i, :]·y[i, :].
// Thread: a thread per query, four keys at a time, sums in y itself: k is read twice per query, v once. Block: four
// queries a thread, so a fourth of that. Tile: a workgroup per 64 queries, 32 keys at a time in workgroup memory.
// kernel: attention_grad_q
// uses: index bits wide special philox walks attention attention_tile
struct Params {
  mask_at: vec4<i32>, q_at: vec4<i32>, k_at: vec4<i32>, v_at: vec4<i32>, g_at: vec4<i32>,
  lengths_at: vec4<i32>, y_at: vec4<i32>,
  batch: u32, rows: u32, cols: u32, e: u32, ev: u32, group: u32, inner: u32, mask_step: i32, scale: f32,
  mask_kind: u32, causal: u32, ragged: u32, seed_lo: u32, seed_hi: u32, offset_lo: u32, offset_hi: u32, threshold: u32,
  keep: f32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> q: array<f32>;
@group(0) @binding(3) var<storage, read> k: array<f32>;
@group(0) @binding(4) var<storage, read> v: array<f32>;
@group(0) @binding(5) var<storage, read> mask: array<u32>;
@group(0) @binding(6) var<storage, read> g: array<f32>;
@group(0) @binding(7) var<storage, read> stats: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read> lengths: array<i32>;
@group(0) @binding(1) var<storage, read_write> y4: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> q4: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> k4: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> v4: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> g4: array<vec4<f32>>;

// Of a query stats has (m, 1 / Σ, delta).

// ds = scale·p·(f·g·v − delta).
fn slope(w: vec4<f32>, gv: vec4<f32>, of_row: f32) -> vec4<f32> {
  return p.scale * w * (gv - of_row);
}

fn element(operand: u32, at: u32) -> f32 {
  if (operand == 1u) { return q[at]; }
  if (operand == 2u) { return k[at]; }
  if (operand == 3u) { return v[at]; }
  return g[at];
}

@compute @workgroup_size(LANES)
fn attention_grad_q_thread(thread: Thread) {
  let row = thread_index(thread);
  if (row >= p.batch * p.rows) { return; }
  let t = row / p.rows;
  let i = row - t * p.rows;
  let at_q = row_of(p.q_at, of_queries(p.q_at, t), i);
  let at_g = row_of(p.g_at, of_queries(p.g_at, t), i);
  let own_k = of_keys(p.k_at, t);
  let own_v = of_keys(p.v_at, t);
  let at_mask = mask_row(t, i);
  let of_row = stats[row];
  let n = keys_in(t);
  let to = row_of(p.y_at, of_queries(p.y_at, t), i);
  for (var c = 0u; c < p.e; c++) { y[to + c] = 0.0f; }
  for (var j = 0u; j < keys_of(n, i); j += 4u) {
    let keys = four_keys(n, j);
    let at_k = rows_of(p.k_at, own_k, keys);
    let at_v = rows_of(p.v_at, own_v, keys);
    var s = vec4<f32>();
    for (var c = 0u; c < p.e; c++) {
      s += q[at_q + c] * vec4<f32>(k[at_k.x + c], k[at_k.y + c], k[at_k.z + c], k[at_k.w + c]);
    }
    var gv = vec4<f32>();
    for (var c = 0u; c < p.ev; c++) {
      gv += g[at_g + c] * vec4<f32>(v[at_v.x + c], v[at_v.y + c], v[at_v.z + c], v[at_v.w + c]);
    }
    let w = term4(score(n, s, at_mask, i, j), of_row.x) * of_row.y;
    let ds = slope(w, gv * dropped(row, j / 4u), of_row.z);
    for (var c = 0u; c < p.e; c++) {
      y[to + c] += dot(ds, vec4<f32>(k[at_k.x + c], k[at_k.y + c], k[at_k.z + c], k[at_k.w + c]));
    }
  }
}

// e, ev and the walks are multiples of four.
@compute @workgroup_size(BLOCK_LANES)
fn attention_grad_q_block(thread: Thread) {
  let t = group_index(thread) / strips(p.rows);
  let first = block_of(thread, p.rows);
  if (t >= p.batch || first >= p.rows) { return; }
  let i = min(vec4<u32>(first) + FOUR, vec4<u32>(p.rows - 1u));
  let e = p.e / 4u;
  let ev = p.ev / 4u;
  let at_q = rows_of(p.q_at / 4, of_queries(p.q_at / 4, t), i);
  let at_g = rows_of(p.g_at / 4, of_queries(p.g_at / 4, t), i);
  let own_k = of_keys(p.k_at / 4, t);
  let own_v = of_keys(p.v_at / 4, t);
  let n = keys_in(t);
  let to = rows_of(p.y_at / 4, of_queries(p.y_at / 4, t), i);
  for (var c = 0u; c < e; c++) {
    y4[to.x + c] = vec4<f32>();
    y4[to.y + c] = vec4<f32>();
    y4[to.z + c] = vec4<f32>();
    y4[to.w + c] = vec4<f32>();
  }
  for (var j = 0u; j < keys_of(n, i.w); j += 4u) {
    let keys = four_keys(n, j);
    let at_k = rows_of(p.k_at / 4, own_k, keys);
    let at_v = rows_of(p.v_at / 4, own_v, keys);
    var s0 = vec4<f32>();
    var s1 = vec4<f32>();
    var s2 = vec4<f32>();
    var s3 = vec4<f32>();
    for (var c = 0u; c < e; c++) {
      let four = mat4x4<f32>(k4[at_k.x + c], k4[at_k.y + c], k4[at_k.z + c], k4[at_k.w + c]);
      s0 += q4[at_q.x + c] * four;
      s1 += q4[at_q.y + c] * four;
      s2 += q4[at_q.z + c] * four;
      s3 += q4[at_q.w + c] * four;
    }
    var g0 = vec4<f32>();
    var g1 = vec4<f32>();
    var g2 = vec4<f32>();
    var g3 = vec4<f32>();
    for (var c = 0u; c < ev; c++) {
      let four = mat4x4<f32>(v4[at_v.x + c], v4[at_v.y + c], v4[at_v.z + c], v4[at_v.w + c]);
      g0 += g4[at_g.x + c] * four;
      g1 += g4[at_g.y + c] * four;
      g2 += g4[at_g.z + c] * four;
      g3 += g4[at_g.w + c] * four;
    }
    let products = mat4x4<f32>(s0, s1, s2, s3);
    var ds = mat4x4<f32>(g0, g1, g2, g3);
    for (var r = 0u; r < 4u; r += step_not_unrolled()) {
      let own = i.x + min(r, i.w - i.x);
      let row = t * p.rows + own;
      let of_row = stats[row];
      let w = term4(score(n, pick(products, r), mask_row(t, own), own, j), of_row.x) * of_row.y;
      ds = place(ds, r, slope(w, pick(ds, r) * dropped(row, j / 4u), of_row.z));
    }
    for (var c = 0u; c < e; c++) {
      let four = mat4x4<f32>(k4[at_k.x + c], k4[at_k.y + c], k4[at_k.z + c], k4[at_k.w + c]);
      let y0 = y4[to.x + c] + four * ds[0];
      let y1 = y4[to.y + c] + four * ds[1];
      let y2 = y4[to.z + c] + four * ds[2];
      let y3 = y4[to.w + c] + four * ds[3];
      y4[to.x + c] = y0;
      y4[to.y + c] = y1;
      y4[to.z + c] = y2;
      y4[to.w + c] = y3;
    }
  }
}

@compute @workgroup_size(LANES)
fn attention_grad_q_tile(
  @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let tiles = (p.rows + ROWS - 1u) / ROWS;
  let id = group.y * groups.x + group.x;
  let t = id / tiles;
  let first = id % tiles * ROWS;
  let n = keys_in(t);
  let end = keys_of(n, first + ROWS - 1u);
  let queries = strip_of(1u, p.q_at, of_queries(p.q_at, t), first, p.rows);
  let cotangents = strip_of(4u, p.g_at, of_queries(p.g_at, t), first, p.rows);
  let own_k = of_keys(p.k_at, t);
  let own_v = of_keys(p.v_at, t);
  let at = lane / 4u * (COLS + 1u) + lane % 4u * 8u;
  let own = mine(lane);
  // Rows outside are computed from the last, and not stored.
  let i = min(first + lane / 4u, p.rows - 1u);
  let at_mask = mask_row(t, i);
  // Workgroups past the last tile work on no keys, but read here.
  let matrix = min(t, p.batch - 1u);
  let of_row = stats[matrix * p.rows + i].xy;
  let own_block = min(vec4<u32>(first + lane / 16u * 4u) + FOUR, vec4<u32>(p.rows - 1u));
  let at_block = own_block + matrix * p.rows;
  let deltas = vec4<f32>(stats[at_block.x].z, stats[at_block.y].z, stats[at_block.z].z, stats[at_block.w].z);
  var sums = Sums();
  for (var j = 0u; j < end; j += COLS) {
    let keys = strip_of(2u, p.k_at, own_k, j, n);
    put(lane, product(lane, queries, keys, p.e));
    // The next product has barriers, but none where ev is 0.
    workgroupBarrier();
    let gv = product(lane, cotangents, strip_of(3u, p.v_at, own_v, j, n), p.ev);
    // Weights by fours of threads, each with eight keys of a row; what dropout takes is marked by its sign.
    for (var c = at; c < at + 8u; c += 4u * step_not_unrolled()) {
      let from_j = j + lane % 4u * 8u + c - at;
      let w = term4(score(n, weights_at(c), at_mask, i, from_j), of_row.x) * of_row.y;
      weights_put(c, select(w, -w, dropped(t * p.rows + i, from_j / 4u) == vec4<f32>()));
    }
    workgroupBarrier();
    let w = take(lane);
    put(lane, Block(
      p.scale * abs(w.a) * (kept(gv.a, w.a) - deltas),
      p.scale * abs(w.b) * (kept(gv.b, w.b) - deltas)));
    workgroupBarrier();
    accumulate(lane, keys, p.e, &sums);
  }
  if (t >= p.batch) { return; }
  for (var r = 0u; r < across() / 4u && first + own + r < p.rows; r++) {
    let to = row_of(p.y_at, of_queries(p.y_at, t), first + own + r);
    for (var s = 0u; s < 4u; s++) {
      let c = lane % across() + s * across();
      if (c < p.e) { y[to + c] = sums[r][s]; }
    }
  }
}
