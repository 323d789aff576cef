// y[i, :] = Σ_j w_ij·v[j, :] / Σ_j w_ij, w_ij = e^(s_ij − m_i), s_ij = scale·q[i, :]·k[j, :] (+ mask), for every query
// i of every matrix: attention whose scores are never stored (online softmax, Milakov & Gimelshein 2018; Dao et al.
// 2022). m is the largest score so far; when it grows, what was summed is scaled by e^(m before − m). stats[i] = (m_i,
// 1 / Σ_j w_ij) is for the gradients; its second number, and y, are 0 where a query has no key. `group` matrices of q
// share one of k and v, and see the first lengths[…] keys of it where p.ragged is 1; a length that is none is reported.
// Dropout multiplies weights, but not those that are summed.
// Thread: a thread per query, four keys at a time, sums in y itself: k and v are read once per query. Block: four
// queries a thread, so a fourth of that. Tile: a workgroup per 64 queries, 32 keys at a time in workgroup memory.
// kernel: attention
// uses: index bits wide special philox walks attention attention_tile status attended
// consts: status attention
struct Params {
  mask_at: vec4<i32>, q_at: vec4<i32>, k_at: vec4<i32>, v_at: vec4<i32>, lengths_at: vec4<i32>,
  y_at: vec4<i32>,
  batch: u32, rows: u32, cols: u32, e: u32, ev: u32, group: u32, inner: u32, mask_step: i32, scale: f32,
  mask_kind: u32, causal: u32, ragged: u32, seed_lo: u32, seed_hi: u32, offset_lo: u32, offset_hi: u32, threshold: u32,
  keep: f32, launch_id: u32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read_write> stats: array<vec2<f32>>;
@group(0) @binding(3) var<storage, read> q: array<f32>;
@group(0) @binding(4) var<storage, read> k: array<f32>;
@group(0) @binding(5) var<storage, read> v: array<f32>;
@group(0) @binding(6) var<storage, read> mask: array<u32>;
@group(0) @binding(7) var<storage, read> lengths: array<i32>;
@group(0) @binding(8) var<storage, read_write> status: Status;
@group(0) @binding(1) var<storage, read_write> y4: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> q4: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> k4: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> v4: array<vec4<f32>>;

@compute @workgroup_size(LANES)
fn attention_thread(thread: Thread) {
  let row = thread_index(thread);
  if (row >= p.batch * p.rows) { return; }
  let t = row / p.rows;
  let i = row - t * p.rows;
  let at_q = row_of(p.q_at, of_queries(p.q_at, t), i);
  let own_k = of_keys(p.k_at, t);
  let own_v = of_keys(p.v_at, t);
  let at_mask = mask_row(t, i);
  let to = row_of(p.y_at, of_queries(p.y_at, t), i);
  for (var c = 0u; c < p.ev; c++) { y[to + c] = 0.0f; }
  let n = keys_told(t, i);
  var m = LOWEST;
  var sum = 0.0f;
  for (var j = 0u; j < keys_of(n, i); j += 4u) {
    let keys = four_keys(n, j);
    let at_k = rows_of(p.k_at, own_k, keys);
    var s = vec4<f32>();
    for (var c = 0u; c < p.e; c++) {
      s += q[at_q + c] * vec4<f32>(k[at_k.x + c], k[at_k.y + c], k[at_k.z + c], k[at_k.w + c]);
    }
    s = score(n, s, at_mask, i, j);
    let top = nan_max(m, top4(s));
    let by = nan_exp(m - top);
    m = top;
    var w = term4(s, m);
    sum = sum * by + sum4(w);
    w *= dropped(row, j / 4u);
    let at_v = rows_of(p.v_at, own_v, keys);
    for (var c = 0u; c < p.ev; c++) {
      y[to + c] = y[to + c] * by + dot(w, vec4<f32>(v[at_v.x + c], v[at_v.y + c], v[at_v.z + c], v[at_v.w + c]));
    }
  }
  let factor = norm(sum);
  stats[row] = vec2<f32>(m, factor);
  for (var c = 0u; c < p.ev; c++) { y[to + c] *= factor; }
}

// e, ev and the walks are multiples of four. Rows past the last are the last again: all four are read before one is
// stored.
@compute @workgroup_size(BLOCK_LANES)
fn attention_block(thread: Thread) {
  let t = group_index(thread) / strips(p.rows);
  let first = block_of(thread, p.rows);
  if (t >= p.batch || first >= p.rows) { return; }
  let i = min(vec4<u32>(first) + FOUR, vec4<u32>(p.rows - 1u));
  let row = t * p.rows + i.x;
  let e = p.e / 4u;
  let ev = p.ev / 4u;
  let at_q = rows_of(p.q_at / 4, of_queries(p.q_at / 4, t), i);
  let own_k = of_keys(p.k_at / 4, t);
  let own_v = of_keys(p.v_at / 4, t);
  let own_y = of_queries(p.y_at / 4, t);
  let to = rows_of(p.y_at / 4, own_y, i);
  let n = keys_told(t, i.x);
  var m = vec4<f32>(LOWEST);
  var sum = vec4<f32>();
  for (var c = 0u; c < ev; c++) {
    y4[to.x + c] = vec4<f32>();
    y4[to.y + c] = vec4<f32>();
    y4[to.z + c] = vec4<f32>();
    y4[to.w + c] = vec4<f32>();
  }
  for (var j = 0u; j < keys_of(n, i.w); j += 4u) {
    let keys = four_keys(n, j);
    let at_k = rows_of(p.k_at / 4, own_k, keys);
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
    var w = mat4x4<f32>(s0, s1, s2, s3);
    var by = vec4<f32>();
    for (var r = 0u; r < 4u; r += step_not_unrolled()) {
      let own = i.x + min(r, i.w - i.x);
      let s = score(n, pick(w, r), mask_row(t, own), own, j);
      let before = pick4(m, r);
      let top = nan_max(before, top4(s));
      let f = nan_exp(before - top);
      by = place4(by, r, f);
      m = place4(m, r, top);
      let terms = term4(s, top);
      sum = place4(sum, r, pick4(sum, r) * f + sum4(terms));
      w = place(w, r, terms * dropped(t * p.rows + own, j / 4u));
    }
    let at_v = rows_of(p.v_at / 4, own_v, keys);
    for (var c = 0u; c < ev; c++) {
      let four = mat4x4<f32>(v4[at_v.x + c], v4[at_v.y + c], v4[at_v.z + c], v4[at_v.w + c]);
      let y0 = y4[to.x + c] * by.x + four * w[0];
      let y1 = y4[to.y + c] * by.y + four * w[1];
      let y2 = y4[to.z + c] * by.z + four * w[2];
      let y3 = y4[to.w + c] * by.w + four * w[3];
      y4[to.x + c] = y0;
      y4[to.y + c] = y1;
      y4[to.z + c] = y2;
      y4[to.w + c] = y3;
    }
  }
  for (var r = 0u; r < min(4u, p.rows - i.x); r += step_not_unrolled()) {
    let factor = norm(pick4(sum, r));
    stats[row + r] = vec2<f32>(pick4(m, r), factor);
    let own = row_of(p.y_at / 4, own_y, i.x + r);
    for (var c = own; c < own + ev; c++) { y4[c] *= factor; }
  }
}
var<workgroup> partial: array<f32, LANES>;
var<workgroup> rescale: array<f32, ROWS>;

// Of the four threads that share a row.
fn total(first: u32) -> f32 {
  return (partial[first] + partial[first + 1u]) + (partial[first + 2u] + partial[first + 3u]);
}

fn element(operand: u32, at: u32) -> f32 {
  if (operand == 1u) { return q[at]; }
  if (operand == 2u) { return k[at]; }
  return v[at];
}

@compute @workgroup_size(LANES)
fn attention_tile(
  @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let tiles = (p.rows + ROWS - 1u) / ROWS;
  let id = group.y * groups.x + group.x;
  let t = id / tiles;
  let first = id % tiles * ROWS;
  // A grid folded in two may have more workgroups than tiles; they work on no keys.
  let n = keys_told(t, first + lane);
  let end = keys_of(n, first + ROWS - 1u);
  let row = t * p.rows + first;
  let queries = strip_of(1u, p.q_at, of_queries(p.q_at, t), first, p.rows);
  let own_k = of_keys(p.k_at, t);
  let own_v = of_keys(p.v_at, t);
  // Scores are looked at by fours of threads, each with eight keys of a row; sums are in threads as accumulate() has
  // them.
  let at = lane / 4u * (COLS + 1u) + lane % 4u * 8u;
  let own = mine(lane);
  let i = min(first + lane / 4u, p.rows - 1u);
  let at_mask = mask_row(t, i);
  var m = LOWEST;
  var sum = 0.0f;
  var sums = Sums();
  for (var j = 0u; j < end; j += COLS) {
    put(lane, product(lane, queries, strip_of(2u, p.k_at, own_k, j, n), p.e));
    workgroupBarrier();
    var top = m;
    for (var c = at; c < at + 8u; c += 4u * step_not_unrolled()) {
      let s = score(n, weights_at(c), at_mask, i, j + lane % 4u * 8u + c - at);
      weights_put(c, s);
      top = nan_max(top, top4(s));
    }
    partial[lane] = top;
    workgroupBarrier();
    let four = lane / 4u * 4u;
    top = top4(vec4<f32>(partial[four], partial[four + 1u], partial[four + 2u], partial[four + 3u]));
    let by = nan_exp(m - top);
    m = top;
    sum *= by;
    for (var c = at; c < at + 8u; c += 4u * step_not_unrolled()) {
      let w = term4(weights_at(c), m);
      sum += sum4(w);
      weights_put(c, w * dropped(row + lane / 4u, (j + lane % 4u * 8u + c - at) / 4u));
    }
    if (lane % 4u == 0u) { rescale[lane / 4u] = by; }
    workgroupBarrier();
    for (var r = 0u; r < 8u; r++) { sums[r] *= rescale[min(own + r, ROWS - 1u)]; }
    accumulate(lane, strip_of(3u, p.v_at, own_v, j, n), p.ev, &sums);
  }
  partial[lane] = sum;
  workgroupBarrier();
  if (t >= p.batch) { return; }
  if (lane % 4u == 0u && first + lane / 4u < p.rows) {
    stats[row + lane / 4u] = vec2<f32>(m, norm(total(lane)));
  }
  for (var r = 0u; r < across() / 4u && first + own + r < p.rows; r++) {
    let values = sums[r] * norm(total((own + r) * 4u));
    let to = row_of(p.y_at, of_queries(p.y_at, t), first + own + r);
    for (var s = 0u; s < 4u; s++) {
      let c = lane % across() + s * across();
      if (c < p.ev) { y[to + c] = values[s]; }
    }
  }
}
