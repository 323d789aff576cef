// dv[j, :] = Σ_i f_ij·p_ij·g[i, :] and dk[j, :] = Σ_i ds_ij·q[i, :], the gradients of attention.wgsl's y by its keys
// and values, over all queries that share them; p, f, ds and delta as in attention_grad_q.wgsl. y holds dk and dv: with
// a buffer of its own for each, the kernel would bind nine.
// Thread: a thread per key, sums in y itself. Block: four keys per thread, four queries at a time. Tile: a workgroup
// per 64 keys, 32 queries at a time in workgroup memory. q and g are read twice each.
// kernel: attention_grad_kv
// uses: index bits wide special philox walks attention attention_tile
struct Params {
  mask_at: vec4<i32>, q_at: vec4<i32>, k_at: vec4<i32>, v_at: vec4<i32>, g_at: vec4<i32>,
  lengths_at: vec4<i32>, dk_at: vec4<i32>, dv_at: vec4<i32>,
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
fn attention_grad_kv_thread(thread: Thread) {
  let key = thread_index(thread);
  if (key >= p.batch / p.group * p.cols) { return; }
  let first = key / p.cols * p.group;
  let j = key % p.cols;
  let at_k = row_of(p.k_at, of_keys(p.k_at, first), j);
  let at_v = row_of(p.v_at, of_keys(p.v_at, first), j);
  let dk = row_of(p.dk_at, of_keys(p.dk_at, first), j);
  let dv = row_of(p.dv_at, of_keys(p.dv_at, first), j);
  for (var c = 0u; c < p.e; c++) { y[dk + c] = 0.0f; }
  for (var c = 0u; c < p.ev; c++) { y[dv + c] = 0.0f; }
  let n = keys_in(first);
  for (var t = first; t < first + p.group; t++) {
    let own_q = of_queries(p.q_at, t);
    let own_g = of_queries(p.g_at, t);
    for (var i = first_query(n, j); i < p.rows; i++) {
      let row = t * p.rows + i;
      let at_q = row_of(p.q_at, own_q, i);
      let at_g = row_of(p.g_at, own_g, i);
      var s = 0.0f;
      for (var c = 0u; c < p.e; c++) { s += k[at_k + c] * q[at_q + c]; }
      var gv = 0.0f;
      for (var c = 0u; c < p.ev; c++) { gv += v[at_v + c] * g[at_g + c]; }
      // The one of four keys that is this thread's.
      let of_row = stats[row];
      let w = term(score(n, vec4<f32>(s), mask_row(t, i), i, j).x, of_row.x) * of_row.y;
      let f = dropped(row, j / 4u)[j % 4u];
      let ds = slope(vec4<f32>(w), vec4<f32>(gv * f), of_row.z).x;
      for (var c = 0u; c < p.ev; c++) { y[dv + c] += w * f * g[at_g + c]; }
      for (var c = 0u; c < p.e; c++) { y[dk + c] += ds * q[at_q + c]; }
    }
  }
}

// e, ev and the walks are multiples of four. Keys past the last that is seen are this one again: all four are read
// before one is stored, and what is not seen keeps its 0.
@compute @workgroup_size(BLOCK_LANES)
fn attention_grad_kv_block(thread: Thread) {
  let matrix = group_index(thread) / strips(p.cols);
  let j = block_of(thread, p.cols);
  if (matrix * p.group >= p.batch || j >= p.cols) { return; }
  let n = keys_in(matrix * p.group);
  let keys = four_keys(n, j);
  let own = four_keys(p.cols, j);
  let e = p.e / 4u;
  let ev = p.ev / 4u;
  let at_k = rows_of(p.k_at / 4, of_keys(p.k_at / 4, matrix * p.group), keys);
  let at_v = rows_of(p.v_at / 4, of_keys(p.v_at / 4, matrix * p.group), keys);
  let dk = rows_of(p.dk_at / 4, of_keys(p.dk_at / 4, matrix * p.group), own);
  let dv = rows_of(p.dv_at / 4, of_keys(p.dv_at / 4, matrix * p.group), own);
  for (var c = 0u; c < e; c++) {
    y4[dk.x + c] = vec4<f32>();
    y4[dk.y + c] = vec4<f32>();
    y4[dk.z + c] = vec4<f32>();
    y4[dk.w + c] = vec4<f32>();
  }
  for (var c = 0u; c < ev; c++) {
    y4[dv.x + c] = vec4<f32>();
    y4[dv.y + c] = vec4<f32>();
    y4[dv.z + c] = vec4<f32>();
    y4[dv.w + c] = vec4<f32>();
  }
  for (var h = 0u; h < p.group; h++) {
    let t = matrix * p.group + h;
    let own_q = of_queries(p.q_at / 4, t);
    let own_g = of_queries(p.g_at / 4, t);
    for (var first = first_query(n, j); first < p.rows; first += 4u) {
      let i = min(vec4<u32>(first) + FOUR, vec4<u32>(p.rows - 1u));
      let at_q = rows_of(p.q_at / 4, own_q, i);
      let at_g = rows_of(p.g_at / 4, own_g, i);
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
      var wf = mat4x4<f32>();
      for (var r = 0u; r < 4u; r += step_not_unrolled()) {
        let query = min(first + r, i.w);
        let row = t * p.rows + query;
        let of_row = stats[row];
        let w = term4(score(n, pick(products, r), mask_row(t, query), query, j), of_row.x) * of_row.y;
        // Queries past the last have no part.
        let given = select(vec4<f32>(), w, first + r < p.rows);
        let f = dropped(row, j / 4u);
        ds = place(ds, r, slope(given, pick(ds, r) * f, of_row.z));
        wf = place(wf, r, given * f);
      }
      // Columns are now keys: a row of dk or dv is four queries times one of them.
      ds = transpose(ds);
      wf = transpose(wf);
      for (var c = 0u; c < ev; c++) {
        let four = mat4x4<f32>(g4[at_g.x + c], g4[at_g.y + c], g4[at_g.z + c], g4[at_g.w + c]);
        let y0 = y4[dv.x + c] + four * wf[0];
        let y1 = y4[dv.y + c] + four * wf[1];
        let y2 = y4[dv.z + c] + four * wf[2];
        let y3 = y4[dv.w + c] + four * wf[3];
        y4[dv.x + c] = y0;
        if (j + 1u < n) { y4[dv.y + c] = y1; }
        if (j + 2u < n) { y4[dv.z + c] = y2; }
        if (j + 3u < n) { y4[dv.w + c] = y3; }
      }
      for (var c = 0u; c < e; c++) {
        let four = mat4x4<f32>(q4[at_q.x + c], q4[at_q.y + c], q4[at_q.z + c], q4[at_q.w + c]);
        let y0 = y4[dk.x + c] + four * ds[0];
        let y1 = y4[dk.y + c] + four * ds[1];
        let y2 = y4[dk.z + c] + four * ds[2];
        let y3 = y4[dk.w + c] + four * ds[3];
        y4[dk.x + c] = y0;
        if (j + 1u < n) { y4[dk.y + c] = y1; }
        if (j + 2u < n) { y4[dk.z + c] = y2; }
        if (j + 3u < n) { y4[dk.w + c] = y3; }
      }
    }
  }
}

@compute @workgroup_size(LANES)
fn attention_grad_kv_tile(
  @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let tiles = (p.cols + ROWS - 1u) / ROWS;
  let id = group.y * groups.x + group.x;
  let matrix = id / tiles;
  let first = id % tiles * ROWS;
  let inside_batch = matrix * p.group < p.batch;
  let n = keys_in(matrix * p.group);
  let keys = strip_of(2u, p.k_at, of_keys(p.k_at, matrix * p.group), first, n);
  let values = strip_of(3u, p.v_at, of_keys(p.v_at, matrix * p.group), first, n);
  let own = mine(lane);
  // Eight keys of a query that a thread looks at.
  let at = lane / COLS * 8u;
  var sums_k = Sums();
  var sums_v = Sums();
  for (var h = 0u; h < select(0u, p.group, inside_batch); h++) {
    let t = matrix * p.group + h;
    let row = t * p.rows;
    let own_q = of_queries(p.q_at, t);
    let own_g = of_queries(p.g_at, t);
    for (var i = first_query(n, first); i < p.rows; i += COLS) {
      let queries = strip_of(1u, p.q_at, own_q, i, p.rows);
      let cotangents = strip_of(4u, p.g_at, own_g, i, p.rows);
      put(lane, product(lane, keys, queries, p.e));
      // The next product has barriers, but none where ev is 0.
      workgroupBarrier();
      let gv = product(lane, values, cotangents, p.ev);
      let query = min(i + lane % COLS, p.rows - 1u);
      let at_mask = mask_row(t, query);
      // Queries past the last have no part.
      let of_row = select(vec2<f32>(), stats[row + query].xy, i + lane % COLS < p.rows);
      for (var c = at; c < at + 8u; c += 4u * step_not_unrolled()) {
        let to = vec4<u32>(c * (COLS + 1u) + lane % COLS) + FOUR * (COLS + 1u);
        let s = vec4<f32>(weights[to.x], weights[to.y], weights[to.z], weights[to.w]);
        let w = term4(score(n, s, at_mask, query, first + c), of_row.x) * of_row.y;
        // What dropout takes is marked by its sign.
        let marked = select(w, -w, dropped(row + query, (first + c) / 4u) == vec4<f32>());
        weights[to.x] = marked.x;
        weights[to.y] = marked.y;
        weights[to.z] = marked.z;
        weights[to.w] = marked.w;
      }
      workgroupBarrier();
      let w = take(lane);
      let delta_a = stats[row + min(i + lane % 16u, p.rows - 1u)].z;
      let delta_b = stats[row + min(i + lane % 16u + 16u, p.rows - 1u)].z;
      put(lane, Block(kept(w.a, w.a), kept(w.b, w.b)));
      workgroupBarrier();
      accumulate(lane, cotangents, p.ev, &sums_v);
      put(lane, Block(slope(abs(w.a), kept(gv.a, w.a), delta_a), slope(abs(w.b), kept(gv.b, w.b), delta_b)));
      workgroupBarrier();
      accumulate(lane, queries, p.e, &sums_k);
    }
  }
  if (!inside_batch) { return; }
  for (var r = 0u; r < across() / 4u && first + own + r < p.cols; r++) {
    let seen = first + own + r < n;
    let dk = row_of(p.dk_at, of_keys(p.dk_at, matrix * p.group), first + own + r);
    let dv = row_of(p.dv_at, of_keys(p.dv_at, matrix * p.group), first + own + r);
    for (var s = 0u; s < 4u; s++) {
      let c = lane % across() + s * across();
      if (c < p.e) { y[dk + c] = select(0.0f, sums_k[r][s], seen); }
      if (c < p.ev) { y[dv + c] = select(0.0f, sums_v[r][s], seen); }
    }
  }
}
