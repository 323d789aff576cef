// What the three attention kernels share: addresses, scores, masks, dropout. Needs lib/bits, lib/wide, lib/special,
// lib/philox, lib/walks; of the kernel its params and the bindings `mask` and `lengths`.

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

// Workgroups of blocks have four rows of one matrix a thread, so that all read the same rows of the other operands,
// which a software adapter then reads once: how many workgroups a matrix of so many rows takes, and a thread's first.
const BLOCK_LANES = 16u;

fn strips(rows: u32) -> u32 { return (rows + 4u * BLOCK_LANES - 1u) / (4u * BLOCK_LANES); }

fn block_of(thread: Thread, rows: u32) -> u32 {
  return (group_index(thread) % strips(rows) * BLOCK_LANES + thread.lane) * 4u;
}
