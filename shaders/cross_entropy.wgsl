// loss[r] = log s − (1−σ)·(x[r, t] − m) − σ·mean_c (x[r, c] − m), with t = target[r], σ the smoothing, m = max and
// s = Σ e^(x − m) over row r: cross-entropy from logits. stats[r] = (m, 1/s) is for the gradient, 1/s being 0 in a row
// that is masked as a whole. m and s stay apart because their log-sum-exp, m + log s, loses digits where logits are
// large.
// Rows whose target is p.ignore (IGNORE = 1) have loss 0; a target outside [0, cols) is reported to status, with loss
// 0; p.first is the place of row 0 then.
// With NLL = 1 x are log-probabilities: m is taken as 0 and s as 1, so that loss[r] = −x[r, t].
// Logits are contiguous rows from x_offset. x is read twice, loss and stats written once. Threads and workgroups: a row
// each.
// kernel: cross_entropy
// uses: index bits wide special status
struct Params {
  rows: u32, cols: u32, x_offset: u32, target_offset: u32, smoothing: f32, ignore: i32, first: u32,
  launch_id: u32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> loss: array<f32>;
@group(0) @binding(2) var<storage, read_write> stats: array<vec2<f32>>;
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read> labels: array<i32>;
@group(0) @binding(5) var<storage, read_write> status: Status;

override IGNORE: u32 = 0u;
override NLL: u32 = 0u;

// Elements that one thread adds up before it adds their sum to the others: chains of additions stay short.
const BLOCK = 256u;

fn term(x: f32, m: f32) -> f32 {
  return select(nan_exp(x - m), 0.0f, is_neg_inf(x));
}

// loss and stats of a row, from its m, s and Σ (x − m).
fn finish(r: u32, m: f32, s: f32, total: f32) {
  let log_s = own_log(s);
  stats[r] = vec2<f32>(m, select(1.0f / s, 0.0f, s == 0.0f));
  let t = labels[p.target_offset + r];
  loss[r] = 0.0f;
  if (IGNORE == 1u && t == p.ignore) { return; }
  if (t < 0 || u32(t) >= p.cols) {
    report(p.launch_id, p.first + r, t, p.cols);
    return;
  }
  let own = x[p.x_offset + r * p.cols + u32(t)];
  var l = log_s - (1.0f - p.smoothing) * (own - m);
  // With smoothing 0 the mean has no part, not even 0 · ∞.
  if (p.smoothing > 0.0f) { l -= p.smoothing * (total / f32(p.cols)); }
  // A masked target is impossible, in a row that is masked as a whole too.
  loss[r] = select(l, -own, is_neg_inf(own));
}

// One thread per row.
@compute @workgroup_size(LANES)
fn cross_entropy_thread(thread: Thread) {
  let r = thread_index(thread);
  if (r >= p.rows) { return; }
  let begin = p.x_offset + r * p.cols;
  // Of log-probabilities no row is read.
  let cols = select(p.cols, 0u, NLL == 1u);
  var m = select(LOWEST, 0.0f, NLL == 1u);
  for (var c = 0u; c < cols; c++) { m = nan_max(m, x[begin + c]); }
  var sums = vec2<f32>(select(0.0f, 1.0f, NLL == 1u), 0.0f);
  for (var first = 0u; first < cols; first += BLOCK) {
    let end = min(first + BLOCK, cols);
    var part = vec2<f32>(0.0f);
    for (var c = first; c < end; c++) {
      let v = x[begin + c];
      part += vec2<f32>(term(v, m), v - m);
    }
    sums += part;
  }
  finish(r, m, sums.x, sums.y);
}

var<workgroup> partial: array<vec2<f32>, LANES>;

// One workgroup per row: for GPUs.
@compute @workgroup_size(LANES)
fn cross_entropy_group(thread: Thread) {
  let lane = thread.lane;
  let r = group_index(thread);
  let cols = select(0u, p.cols, r < p.rows && NLL == 0u);
  let begin = p.x_offset + r * p.cols;
  var m = LOWEST;
  for (var c = lane; c < cols; c += LANES) { m = nan_max(m, x[begin + c]); }
  partial[lane].x = m;
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { partial[lane].x = nan_max(partial[lane].x, partial[lane + half].x); }
  }
  workgroupBarrier();
  m = partial[0].x;
  workgroupBarrier();
  var sums = vec2<f32>(0.0f);
  for (var c = lane; c < cols; c += LANES) {
    let v = x[begin + c];
    sums += vec2<f32>(term(v, m), v - m);
  }
  partial[lane] = sums;
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { partial[lane] += partial[lane + half]; }
  }
  if (lane == 0u && r < p.rows) {
    finish(r, select(m, 0.0f, NLL == 1u), select(partial[0].x, 1.0f, NLL == 1u), partial[0].y);
  }
}
