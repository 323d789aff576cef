// Tiles of ROWS × COLS scores in workgroup memory, for GPUs: 256 threads, 15.6 KiB. Needs lib/attention, and of the
// kernel element(), which reads an operand.

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

// x after dropout, which left a minus before the weights that it takes.
fn kept(x: vec4<f32>, w: vec4<f32>) -> vec4<f32> {
  return select(x * p.keep, vec4<f32>(), w < vec4<f32>());
}
