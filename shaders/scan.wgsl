// y[r, t] = fold of x[r, 0], …, x[r, t] along an axis (REVERSE = 1: from the last element back): running sum, product,
// log Σ eˣ, or the linear recurrence y[t] = a[t]·y[t−1] + x[t] (LAG = 1: a[t−1]), where a·0 counts as 0 whatever a is.
// x, a and y are row-major with the axis inside: row r is element r / inner of the outer axes and r % inner of the
// inner ones.
// A stretch of elements is a pair that combines with the next stretch's: (sum, –), (product, –), (m, s) for s·eᵐ, and
// (A, B) for y ↦ A·y + B. Rows may be cut in segments of `chunk` elements: scan_*_totals leave the pair of each segment
// in scratch, and the scan of a segment begins with what those before it combine to. x and a are read once (twice with
// segments), y written once.
// Float sums: a chain has at most BLOCK + chunk/BLOCK + segments additions (thread), PER + 9 + chunk/TILE + segments
// (group); the plan keeps both ≤ 1,024 up to 2²³ elements per row. Always in the same order, so reruns are
// bit-identical.
// Float sums of terms ≥ 0 never fall, and stay where a term is 0, whatever the rounding. Blocks are nested (a lane's
// neighbours, pairs of lanes, pairs of pairs, a tile, a segment, the row), each is summed from 0, and what lies before
// it in the next larger block is added last: y[t] = fl(c + l[t]), l the sums within a block, c the last y before it.
// Rounding is monotone, so l[t] ≤ l[t+1] gives y[t] ≤ y[t+1], and equal where these are equal; over the edge of a
// block, y[t+1] = fl(c' + l'[0]) ≥ c', and = c' where l'[0] = 0, for c' is y[t]. The last is what counts: a carry is
// the very number that was written, so it is made of the same additions, also where scan_*_totals make it.
// kernel: scan
// uses: index bits wide special
struct Params { rows: u32, cols: u32, inner: u32, offset: u32, a_offset: u32, chunk: u32, segments: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;
@group(0) @binding(2) var<storage, read> x: array<u32>;
@group(0) @binding(3) var<storage, read> a: array<u32>;
@group(0) @binding(4) var<storage, read> carry: array<vec2<u32>>;
// In y's place, where the pairs of segments are written.
@group(0) @binding(1) var<storage, read_write> totals: array<vec2<u32>>;

override OP: u32 = 0u;
override INT: u32 = 0u;
override REVERSE: u32 = 0u;
override LAG: u32 = 0u;

const SUM = 0u;
const PROD = 1u;
const LOGSUMEXP = 2u;
const LINEAR = 3u;

const ONE = 0x3f800000u;
// Elements that a thread adds up before it adds them to what came before.
const BLOCK = 64u;
// Elements a lane, and a workgroup, takes at a time.
const PER = 4u;
const TILE = 1024u;

fn f(x: u32) -> f32 { return bitcast<f32>(x); }
fn bits(x: f32) -> u32 { return bitcast<u32>(x); }

// a + b, rounded before it is used. WGSL lets a compiler make (a + b) + c of a + (b + c), and fast mathematics does;
// none sees that an integer is added here that is 0, for cols is below 2³¹.
fn plus(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> {
  return bitcast<vec4<f32>>(bitcast<vec4<u32>>(a + b) + (p.cols >> 31u));
}
fn add(a: f32, b: f32) -> f32 { return f(bits(a + b) + (p.cols >> 31u)); }

// The pair of no elements.
fn nothing() -> vec2<u32> {
  switch OP {
    case SUM: { return vec2<u32>(0u, 0u); }
    case LOGSUMEXP: { return vec2<u32>(bits(LOWEST), 0u); }
    default: { return vec2<u32>(select(ONE, 1u, INT == 1u), 0u); }
  }
}

// First u, then v.
fn combine(u: vec2<u32>, v: vec2<u32>) -> vec2<u32> {
  if (OP == SUM) { return vec2<u32>(select(bits(add(f(u.x), f(v.x))), u.x + v.x, INT == 1u), 0u); }
  if (OP == PROD) { return vec2<u32>(select(bits(f(u.x) * f(v.x)), u.x * v.x, INT == 1u), 0u); }
  if (OP == LOGSUMEXP) {
    // Equal maxima differ by 0, also where both are +∞.
    let e = own_exp(select(-abs(f(u.x) - f(v.x)), 0.0f, u.x == v.x));
    let s = select(f(u.y) + f(v.y) * e, f(v.y) + f(u.y) * e, f(v.x) > f(u.x));
    return vec2<u32>(bits(nan_max(f(u.x), f(v.x))), bits(s));
  }
  let before = select(f(v.x) * f(u.y), 0.0f, (u.y & 0x7fffffffu) == 0u);
  return vec2<u32>(bits(f(u.x) * f(v.x)), bits(before + f(v.y)));
}

// What a pair means as a result.
fn result(u: vec2<u32>) -> u32 {
  if (OP == LOGSUMEXP) { return select(bits(f(u.x) + own_log(f(u.y))), NEG_INF_BITS, u.y == 0u); }
  return select(u.x, u.y, OP == LINEAR);
}

// Place of the t-th element, in the direction of the scan, of row r.
fn place(r: u32, t: u32) -> u32 {
  let j = select(t, p.cols - 1u - t, REVERSE == 1u);
  if (p.inner == 1u) { return r * p.cols + j; }
  let outer = r / p.inner;
  return (outer * p.cols + j) * p.inner + (r - outer * p.inner);
}

fn element(r: u32, t: u32) -> vec2<u32> {
  let value = x[p.offset + place(r, t)];
  if (OP == LOGSUMEXP) {
    if (value == NEG_INF_BITS) { return nothing(); }
    return vec2<u32>(value, ONE);
  }
  if (OP != LINEAR) { return vec2<u32>(value, 0u); }
  // Before the first element is 0: its factor does not matter.
  if (t == 0u) { return vec2<u32>(0u, value); }
  return vec2<u32>(a[p.a_offset + place(r, t - LAG)], value);
}

// What the segments before segment s of row r combine to.
fn before_segment(r: u32, s: u32) -> vec2<u32> {
  var sum = nothing();
  for (var i = 0u; i < s; i++) { sum = combine(sum, carry[r * p.segments + i]); }
  return sum;
}

// One thread per row, or segment of one: for software adapters, and where the rows are many and lie side by side.
@compute @workgroup_size(LANES)
fn scan_thread(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.rows * p.segments) { return; }
  let r = e / p.segments;
  let begin = (e - r * p.segments) * p.chunk;
  let end = min(begin + p.chunk, p.cols);
  let before = before_segment(r, e - r * p.segments);
  if (OP == SUM && INT == 0u) {
    var sum = 0.0f;
    for (var at = begin; at < end; at += BLOCK) {
      var part = 0.0f;
      for (var t = at; t < min(at + BLOCK, end); t++) {
        part = add(part, f(element(r, t).x));
        y[place(r, t)] = bits(add(f(before.x), add(sum, part)));
      }
      sum = add(sum, part);
    }
  } else {
    var sum = before;
    for (var t = begin; t < end; t++) {
      sum = combine(sum, element(r, t));
      y[place(r, t)] = result(sum);
    }
  }
}

@compute @workgroup_size(LANES)
fn scan_thread_totals(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.rows * p.segments) { return; }
  let r = e / p.segments;
  let begin = (e - r * p.segments) * p.chunk;
  let end = min(begin + p.chunk, p.cols);
  var sum = nothing();
  for (var at = begin; at < end; at += BLOCK) {
    var part = nothing();
    for (var t = at; t < min(at + BLOCK, end); t++) { part = combine(part, element(r, t)); }
    sum = combine(sum, part);
  }
  totals[e] = sum;
}

var<workgroup> partial: array<vec2<u32>, LANES>;

// One workgroup per row, or segment of one, TILE elements at a time: each lane folds PER neighbours, the lanes' folds
// are scanned in eight steps (Hillis & Steele 1986), and each lane goes over its neighbours again from what lies before
// them.
@compute @workgroup_size(LANES)
fn scan_group(thread: Thread) {
  let lane = thread.lane;
  let e = group_index(thread);
  let r = e / p.segments;
  let begin = (e - r * p.segments) * p.chunk;
  // A grid folded in two may have more workgroups than segments: those have no elements.
  let end = select(0u, min(begin + p.chunk, p.cols), r < p.rows);
  let before = before_segment(r, select(0u, e - r * p.segments, r < p.rows));
  if (OP == SUM && INT == 0u) {
    group_sums(lane, r, begin, end, f(before.x));
    return;
  }
  var sum = before;
  for (var tile = 0u; tile < p.chunk; tile += TILE) {
    let first = begin + tile + lane * PER;
    var own = nothing();
    for (var t = first; t < min(first + PER, end); t++) { own = combine(own, element(r, t)); }
    workgroupBarrier();
    partial[lane] = own;
    for (var step = 1u; step < LANES; step *= 2u) {
      workgroupBarrier();
      if (lane >= step) { own = combine(partial[lane - step], own); }
      workgroupBarrier();
      partial[lane] = own;
    }
    workgroupBarrier();
    var running = sum;
    if (lane > 0u) { running = combine(sum, partial[lane - 1u]); }
    for (var t = first; t < min(first + PER, end); t++) {
      running = combine(running, element(r, t));
      y[place(r, t)] = result(running);
    }
    sum = combine(sum, partial[LANES - 1u]);
  }
}

// Float sums of a segment: those of each lane's neighbours, from 0, to which eight steps add what lies before them in
// pairs of lanes, pairs of pairs … (Sklansky 1960), then what lies before the tile, then before the segment.
fn group_sums(lane: u32, r: u32, begin: u32, end: u32, before: f32) {
  var sum = 0.0f;
  for (var tile = 0u; tile < p.chunk; tile += TILE) {
    let first = begin + tile + lane * PER;
    var own = vec4<f32>();
    var part = 0.0f;
    for (var k = 0u; k < PER; k++) {
      if (first + k < end) { part = add(part, f(element(r, first + k).x)); }
      own[k] = part;
    }
    for (var step = 1u; step < LANES; step *= 2u) {
      workgroupBarrier();
      partial[lane].x = bits(own.w);
      workgroupBarrier();
      // The last lane of the lower half, whose sums are those of that half.
      if ((lane & step) != 0u) { own = plus(vec4<f32>(f(partial[(lane | (step - 1u)) - step].x)), own); }
    }
    workgroupBarrier();
    partial[lane].x = bits(own.w);
    workgroupBarrier();
    let ys = plus(vec4<f32>(before), plus(vec4<f32>(sum), own));
    for (var k = 0u; k < PER; k++) {
      if (first + k < end) { y[place(r, first + k)] = bits(ys[k]); }
    }
    sum = add(sum, f(partial[LANES - 1u].x));
  }
}

// Each lane folds its share of a stretch of elements; then neighbours combine, eight times. A stretch is the segment,
// but of float sums the tile: these are the additions of group_sums.
@compute @workgroup_size(LANES)
fn scan_group_totals(thread: Thread) {
  let lane = thread.lane;
  let e = group_index(thread);
  let r = e / p.segments;
  let begin = (e - r * p.segments) * p.chunk;
  let end = select(0u, min(begin + p.chunk, p.cols), r < p.rows);
  let stretch = select(p.chunk, TILE, OP == SUM && INT == 0u);
  let share = (stretch + LANES - 1u) / LANES;
  var sum = nothing();
  for (var at = 0u; at < p.chunk; at += stretch) {
    let first = begin + at + lane * share;
    var own = nothing();
    for (var t = first; t < min(first + share, end); t++) { own = combine(own, element(r, t)); }
    workgroupBarrier();
    partial[lane] = own;
    for (var step = 1u; step < LANES; step *= 2u) {
      workgroupBarrier();
      if (lane % (2u * step) == 0u) { partial[lane] = combine(partial[lane], partial[lane + step]); }
    }
    if (lane == 0u) { sum = combine(sum, partial[0]); }
  }
  if (lane == 0u && r < p.rows) { totals[e] = sum; }
}
