// What the three attention kernels share: addresses, scores, masks, dropout, and tiles in workgroup memory. Needs
// lib/bits, lib/wide, lib/special, lib/philox, lib/walks; of the kernel its params, the bindings `mask` and `lengths`,
// and element(), which reads an operand.

// Where the matrix of keys or values begins that matrix t of queries shares with p.group − 1 neighbours.
fn of_keys(walk: vec4<i32>, t: u32) -> i32 {
  return walk.x + i32(t / p.inner) * walk.y + i32(t % p.inner / p.group) * walk.z;
}

// Where four rows of a matrix begin.
fn rows_of(walk: vec4<i32>, matrix: i32, i: vec4<u32>) -> vec4<u32> {
  return vec4<u32>(matrix + vec4<i32>(i) * walk.w);
}

// p.mask_kind: 1 a bool mask, true takes part; 2 floats, added to the scores; 0 none.

// Where row i of matrix t begins in the mask.
fn mask_row(t: u32, i: u32) -> i32 {
  return of_queries(p.mask_at, t) + i32(i) * p.mask_at.w;
}

// Of how many keys matrix t of queries may see the first: those of its batch row, or all; none where there is no such
// matrix. What lies behind them is not read.
fn keys_in(t: u32) -> u32 {
  if (t >= p.batch) { return 0u; }
  if (p.ragged == 0u) { return p.cols; }
  return u32(clamp(lengths[u32(of_queries(p.lengths_at, t))], 0, i32(p.cols)));
}

// Query i of a matrix of n keys sees the first 1 + i + sight of them where p.causal is not 0: 1, counted from the first
// of each; 2, from the last.
fn sight(n: u32) -> i32 {
  return select(0, i32(n) - i32(p.rows), p.causal == 2u);
}

// How many of n keys query i may see.
fn keys_of(n: u32, i: u32) -> u32 {
  return select(n, u32(clamp(1 + i32(i) + sight(n), 0, i32(n))), p.causal != 0u);
}

// The first query that may see key j of n, or one of the three before it.
fn first_query(n: u32, j: u32) -> u32 {
  if (j >= n) { return p.rows; }
  return select(0u, u32(max(i32(j) - sight(n), 0)) / 4u * 4u, p.causal != 0u);
}

const FOUR = vec4<u32>(0u, 1u, 2u, 3u);

// Four keys of n from j on; past the last they are read as the last, and score() takes them out.
fn four_keys(n: u32, j: u32) -> vec4<u32> {
  return min(vec4<u32>(j) + FOUR, vec4<u32>(max(n, 1u) - 1u));
}

// The scores of query i and keys j … j + 3 of n from their products; −∞ where a key takes no part.
fn score(n: u32, products: vec4<f32>, at_mask: i32, i: u32, j: u32) -> vec4<f32> {
  let keys = vec4<u32>(j) + FOUR;
  var s = products * p.scale;
  var part = keys < vec4<u32>(n);
  if (p.causal != 0u) { part = part & (vec4<i32>(keys) <= vec4<i32>(i32(i) + sight(n))); }
  if (p.mask_kind != 0u) {
    let at = at_mask + vec4<i32>(four_keys(n, j)) * p.mask_step;
    let m = vec4<u32>(mask[at.x], mask[at.y], mask[at.z], mask[at.w]);
    if (p.mask_kind == 1u) {
      part = part & (m != vec4<u32>());
    } else {
      part = part & (m != vec4<u32>(NEG_INF_BITS));
      s += bitcast<vec4<f32>>(m);
    }
  }
  return select(vec4<f32>(from_bits(NEG_INF_BITS)), s, part);
}

// e^(s − m), where m may be the stand-in for −∞.
fn term(s: f32, m: f32) -> f32 {
  return select(nan_exp(s - m), 0.0f, is_neg_inf(s));
}

fn term4(s: vec4<f32>, m: f32) -> vec4<f32> {
  return vec4<f32>(term(s.x, m), term(s.y, m), term(s.z, m), term(s.w, m));
}

// What dropout multiplies the weights of keys 4b … 4b + 3 by, in a row of all queries: as dropout.wgsl does it.
fn dropped(row: u32, b: u32) -> vec4<f32> {
  if (p.threshold == 0u) { return vec4<f32>(1.0f); }
  let words = philox(counter_at(vec2<u32>(p.offset_lo, p.offset_hi), b, row), vec2<u32>(p.seed_lo, p.seed_hi));
  return select(vec4<f32>(), vec4<f32>(p.keep), (words >> vec4<u32>(8u)) >= vec4<u32>(p.threshold));
}

fn top4(v: vec4<f32>) -> f32 {
  return nan_max(nan_max(v.x, v.y), nan_max(v.z, v.w));
}

fn sum4(v: vec4<f32>) -> f32 {
  return (v.x + v.y) + (v.z + v.w);
}

// A step of 1 that compilers cannot see, so that they do not unroll loops that need no registers by number: unrolled,
// they would take a software adapter ten times as long to compile.
fn step_not_unrolled() -> u32 { return min(p.batch, 1u); }

// Row r of four, and the four with another row r. By selection: what is looked up by number would not be in registers.
fn pick(m: mat4x4<f32>, r: u32) -> vec4<f32> {
  return select(select(m[0], m[1], r == 1u), select(m[2], m[3], r == 3u), r >= 2u);
}

fn place(m: mat4x4<f32>, r: u32, v: vec4<f32>) -> mat4x4<f32> {
  return mat4x4<f32>(
    select(m[0], v, r == 0u), select(m[1], v, r == 1u), select(m[2], v, r == 2u), select(m[3], v, r == 3u));
}

fn pick4(m: vec4<f32>, r: u32) -> f32 {
  return select(select(m.x, m.y, r == 1u), select(m.z, m.w, r == 3u), r >= 2u);
}

fn place4(m: vec4<f32>, r: u32, v: f32) -> vec4<f32> {
  return select(m, vec4<f32>(v), FOUR == vec4<u32>(r));
}

// x after dropout, which left a minus before the weights that it takes.
fn kept(x: vec4<f32>, w: vec4<f32>) -> vec4<f32> {
  return select(x * p.keep, vec4<f32>(), w < vec4<f32>());
}

// ---- tiles of ROWS × COLS scores, for GPUs: 256 threads, 15.6 KiB

const ROWS = 64u;
const COLS = 32u;
const SLICE = 16u;
var<workgroup> left: array<f32, 1040>;    // SLICE × (ROWS + 1): the odd stride spreads columns over the banks
var<workgroup> right: array<f32, 528>;    // SLICE × (COLS + 1)
var<workgroup> weights: array<f32, 2112>; // ROWS × (COLS + 1)

// A thread's products: rows 4y … 4y + 3 of column x (a) and of column x + 16 (b), with y = lane / 16, x = lane mod 16.
struct Block { a: vec4<f32>, b: vec4<f32> }

// So many rows of an operand (1: q, 2: k, 3: v, 4: g): where the first begins, and how far the next one is.
struct Strip { operand: u32, at: u32, step: u32, rows: u32 }

// Those of a matrix of so many from a row on.
fn strip_of(operand: u32, walk: vec4<i32>, matrix: i32, row: u32, rows: u32) -> Strip {
  return Strip(operand, row_of(walk, matrix, row), u32(walk.w), max(rows, row) - row);
}

// An element of a strip, 0 outside.
fn inside(strip: Strip, r: u32, c: u32, width: u32) -> f32 {
  if (r >= strip.rows || c >= width) { return 0.0f; }
  return element(strip.operand, strip.at + r * strip.step + c);
}

// Products of the rows of two strips, over `depth` columns.
fn product(lane: u32, a: Strip, b: Strip, depth: u32) -> Block {
  let y = lane / 16u * 4u;
  let x = lane % 16u;
  var sum = Block();
  for (var c = 0u; c < depth; c += SLICE) {
    for (var e = lane; e < ROWS * SLICE; e += LANES * step_not_unrolled()) {
      left[e % SLICE * (ROWS + 1u) + e / SLICE] = inside(a, e / SLICE, c + e % SLICE, depth);
    }
    for (var e = lane; e < COLS * SLICE; e += LANES * step_not_unrolled()) {
      right[e % SLICE * (COLS + 1u) + e / SLICE] = inside(b, e / SLICE, c + e % SLICE, depth);
    }
    workgroupBarrier();
    for (var s = 0u; s < min(SLICE, depth - c); s += step_not_unrolled()) {
      let at = s * (ROWS + 1u) + y;
      let v = vec4<f32>(left[at], left[at + 1u], left[at + 2u], left[at + 3u]);
      sum.a += v * right[s * (COLS + 1u) + x];
      sum.b += v * right[s * (COLS + 1u) + x + 16u];
    }
    workgroupBarrier();
  }
  return sum;
}

// Where a thread's products are in the tile of weights: its first row; the next one is COLS + 1 further, column b 16
// further.
fn block_at(lane: u32) -> u32 {
  return lane / 16u * 4u * (COLS + 1u) + lane % 16u;
}

fn put(lane: u32, s: Block) {
  let at = block_at(lane);
  for (var r = 0u; r < 4u; r++) {
    weights[at + r * (COLS + 1u)] = s.a[r];
    weights[at + r * (COLS + 1u) + 16u] = s.b[r];
  }
}

fn take(lane: u32) -> Block {
  let at = block_at(lane);
  var s = Block();
  for (var r = 0u; r < 4u; r++) {
    s.a[r] = weights[at + r * (COLS + 1u)];
    s.b[r] = weights[at + r * (COLS + 1u) + 16u];
  }
  return s;
}

fn weights_at(at: u32) -> vec4<f32> {
  return vec4<f32>(weights[at], weights[at + 1u], weights[at + 2u], weights[at + 3u]);
}

fn weights_put(at: u32, w: vec4<f32>) {
  weights[at] = w.x;
  weights[at + 1u] = w.y;
  weights[at + 2u] = w.z;
  weights[at + 3u] = w.w;
}

// Threads side by side when weights are applied, with four columns each: for up to 64 columns, or for up to 128.
fn across() -> u32 { return select(32u, 16u, max(p.e, p.ev) <= 64u); }

// Sums of a thread: columns x + n·across for x = lane mod across, of the first of 8, or of 4, rows from mine() on.
alias Sums = array<vec4<f32>, 8>;

fn mine(lane: u32) -> u32 { return lane / across() * (across() / 4u); }

// sums += weights × the strip's rows, for up to 4·across columns. Begins after a barrier and ends with one.
fn accumulate(lane: u32, strip: Strip, width: u32, sums: ptr<function, Sums>) {
  let wide = across();
  let x = lane % wide;
  let y = mine(lane) * (COLS + 1u);
  let step = LANES / wide;
  for (var j = 0u; j < min(COLS, strip.rows); j += step * step_not_unrolled()) {
    for (var e = lane; e < 4u * LANES; e += LANES * step_not_unrolled()) {
      left[e] = inside(strip, j + e / (4u * wide), e % (4u * wide), width);
    }
    workgroupBarrier();
    for (var k = 0u; k < step; k += step_not_unrolled()) {
      let at = k * 4u * wide + x;
      let v = vec4<f32>(left[at], left[at + wide], left[at + 2u * wide], left[at + 3u * wide]);
      for (var r = 0u; r < 8u; r++) {
        if (4u * r < wide) { (*sums)[r] += weights[y + r * (COLS + 1u) + j + k] * v; }
      }
    }
    workgroupBarrier();
  }
}
