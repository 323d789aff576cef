// attention.wgsl's contract for few queries and many keys, as in decoding, where e, ev and the walks are multiples of
// four. Each key and value is read once per query.
// kernel: attention
// uses: index bits wide special philox walks attention status attended
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

// For software adapters two passes, which need no barrier: a thread per four keys stores their scores, and one per four
// columns reads all scores of its query, which is cheap where neighbours read the same.
const FEW_LANES = 16u;

@compute @workgroup_size(FEW_LANES)
fn attention_few_scores(thread: Thread) {
  let e = group_index(thread) * FEW_LANES + thread.lane;
  let fours = (p.cols + 3u) / 4u;
  let t = e / fours / p.rows;
  let i = e / fours % p.rows;
  let j = e % fours * 4u;
  let n = keys_told(t, i + j);
  if (j >= keys_of(n, i)) { return; }
  let at_q = row_of(p.q_at / 4, of_queries(p.q_at / 4, t), i);
  let at_k = rows_of(p.k_at / 4, of_keys(p.k_at / 4, t), four_keys(n, j));
  var s = vec4<f32>();
  for (var c = 0u; c < p.e / 4u; c++) {
    s += q4[at_q + c] * mat4x4<f32>(k4[at_k.x + c], k4[at_k.y + c], k4[at_k.z + c], k4[at_k.w + c]);
  }
  y4[e] = score(n, s, mask_row(t, i), i, j);
}

// k has the scores.
@compute @workgroup_size(FEW_LANES)
fn attention_few_mix(thread: Thread) {
  let e = group_index(thread) * FEW_LANES + thread.lane;
  let row = e / (p.ev / 4u);
  let c = e % (p.ev / 4u);
  let t = row / p.rows;
  if (t >= p.batch) { return; }
  let i = row % p.rows;
  let n = keys_in(t);
  let end = keys_of(n, i);
  let at = row * ((p.cols + 3u) / 4u);
  let own_v = of_keys(p.v_at / 4, t);
  var m = LOWEST;
  for (var j = 0u; j < end; j += 4u) { m = nan_max(m, top4(k4[at + j / 4u])); }
  var sum = 0.0f;
  var value = vec4<f32>();
  for (var j = 0u; j < end; j += 4u) {
    let w = term4(k4[at + j / 4u], m);
    sum += sum4(w);
    let at_v = rows_of(p.v_at / 4, own_v, four_keys(n, j));
    value += mat4x4<f32>(v4[at_v.x + c], v4[at_v.y + c], v4[at_v.z + c], v4[at_v.w + c]) * (w * dropped(row, j / 4u));
  }
  if (c == 0u) { stats[row] = vec2<f32>(m, norm(sum)); }
  y4[row_of(p.y_at / 4, of_queries(p.y_at / 4, t), i) + c] = value * norm(sum);
}

// For GPUs a workgroup per query: its threads take a key each for the scores, and four columns each of a part of the
// keys for the sums, up to CHUNK keys at a time in workgroup memory.
const CHUNK = 2048u;
var<workgroup> chunk: array<f32, CHUNK>;
var<workgroup> partial: array<vec4<f32>, LANES>;
var<workgroup> tops: array<f32, 16>;

// The largest of all threads' x.
fn top_of(lane: u32, x: f32) -> f32 {
  partial[lane].x = x;
  workgroupBarrier();
  if (lane < 16u) {
    var top = partial[lane].x;
    for (var e = lane + 16u; e < LANES; e += 16u * step_not_unrolled()) { top = nan_max(top, partial[e].x); }
    tops[lane] = top;
  }
  workgroupBarrier();
  var top = tops[0];
  for (var e = 1u; e < 16u; e += step_not_unrolled()) { top = nan_max(top, tops[e]); }
  return top;
}

@compute @workgroup_size(LANES)
fn attention_few_group(
  @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = group.y * groups.x + group.x;
  let t = row / p.rows;
  let i = row % p.rows;
  let n = keys_told(t, i + lane);
  let end = keys_of(n, i);
  let at_q = row_of(p.q_at / 4, of_queries(p.q_at / 4, t), i);
  let own_k = of_keys(p.k_at / 4, t);
  let own_v = of_keys(p.v_at / 4, t);
  let at_mask = mask_row(t, i);
  let ev = p.ev / 4u;
  let parts = LANES / ev;
  let c = lane % ev;
  let part = lane / ev;
  var m = LOWEST;
  var sum = 0.0f;
  var total = vec4<f32>();
  for (var first = 0u; first < end; first += CHUNK) {
    let count = min(CHUNK, end - first);
    var top = m;
    for (var e = lane; e < count; e += LANES) {
      let at_k = row_of(p.k_at / 4, own_k, first + e);
      var s = vec4<f32>();
      for (var d = 0u; d < p.e / 4u; d++) { s += q4[at_q + d] * k4[at_k + d]; }
      let x = score(n, vec4<f32>(sum4(s)), at_mask, i, first + e).x;
      chunk[e] = x;
      top = nan_max(top, x);
    }
    top = top_of(lane, top);
    let by = nan_exp(m - top);
    m = top;
    sum *= by;
    for (var e = lane; e < count; e += LANES) {
      let w = term(chunk[e], m);
      sum += w;
      chunk[e] = w * dropped(row, (first + e) / 4u)[(first + e) % 4u];
    }
    workgroupBarrier();
    total *= by;
    if (part < parts) {
      for (var e = part; e < count; e += parts) {
        total += chunk[e] * v4[row_of(p.v_at / 4, own_v, first + e) + c];
      }
    }
    workgroupBarrier();
  }
  partial[lane] = total;
  chunk[lane] = sum;
  workgroupBarrier();
  if (t >= p.batch) { return; }
  var all = 0.0f;
  for (var e = 0u; e < LANES; e += step_not_unrolled()) { all += chunk[e]; }
  if (lane == 0u) { stats[row] = vec2<f32>(m, norm(all)); }
  if (lane < ev) {
    var value = vec4<f32>();
    for (var e = 0u; e < parts; e += step_not_unrolled()) { value += partial[lane + e * ev]; }
    y4[row_of(p.y_at / 4, of_queries(p.y_at / 4, t), i) + lane] = value * norm(all);
  }
}
