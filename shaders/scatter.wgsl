// y[r, c] = Σ over the i with index[i] = first + r of g[i, c], added in the order of i: the backward of gather, without
// float atomics, so that reruns are bit-identical. With OP = PROD their product (1 where there are none), with MAX the
// greatest (0 where there are none), NaN if one is. In three passes over links, a scratch buffer that holds for each
// row r its first i at links[r], and for each i the next one with the same index at links[rows + i]; −1 ends a chain:
//   scatter_clear  one thread per row ends every chain
//   scatter_link_* finds the chains
//   scatter_sum_*  one thread per element of y (or four) walks its row's chain, n long: g is read once, y written once;
//                  TERMS elements are added up before their sum is added to others, of which GROUP are added up:
//                  at most TERMS + GROUP + n/(TERMS·GROUP) additions in a row
// For many indices on GPUs pairs (row, i) are sorted instead, in as many passes as sorting has:
//   scatter_sort_block  blocks of indices (lib/pairs)
//   scatter_sort_merge  runs of `span` pairs become runs twice as long
//   scatter_sum_sorted  one thread per element of y looks for its row's pairs, which are side by side in order of i
// Where equal indices lie only at multiples of `step` within runs of `span` (those along an axis, as flat_index makes
// them), only there are they looked for; 1 and count else.
// Negative indices count from the end. One outside [−limit, limit) is reported to status with its position and is in no
// chain. y has the rows [first, first + rows) of the table; indices of others are in no chain either, and row r is
// counted from `first`.
// kernel: scatter
// uses: index status bits pairs
// consts: pairs
struct Params {
  first: u32, rows: u32, limit: u32, cols: u32, count: u32, g_offset: u32, index_offset: u32, step: u32, span: u32,
  launch_id: u32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> g: array<f32>;
@group(0) @binding(3) var<storage, read> index: array<i32>;
@group(0) @binding(4) var<storage, read_write> status: Status;
// Links where they are written (in y's place), with atomic heads, and where they are read (in index's place).
@group(0) @binding(1) var<storage, read_write> links: array<i32>;
@group(0) @binding(1) var<storage, read_write> heads: array<atomic<u32>>;
@group(0) @binding(3) var<storage, read> chains: array<i32>;
// Pairs, where they are written and where they are read.
@group(0) @binding(1) var<storage, read_write> pairs: array<vec2<u32>>;
@group(0) @binding(3) var<storage, read> runs: array<vec2<u32>>;
// Four columns at a time.
@group(0) @binding(1) var<storage, read_write> y4: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> g4: array<vec4<f32>>;

override OP: u32 = 0u;

const SUM = 0u;
const PROD = 1u;
const MAX = 2u;

const END = -1;
// Elements, and sums of so many, that one thread adds up before it adds theirs to others: chains stay short.
const TERMS = 256u;
const GROUP = 64u;

fn outside(row: i32) -> bool {
  return row < 0 || u32(row) >= p.rows;
}

fn row_at(i: u32) -> i32 {
  let given = index[p.index_offset + i];
  return given + select(0, i32(p.limit), given < 0) - i32(p.first);
}

// A row that is outside of y: bad if it is outside of the table too.
fn report_bad(i: u32, row: i32) {
  let at = row + i32(p.first);
  if (at < 0 || u32(at) >= p.limit) { report_signed(p.launch_id, i, index[p.index_offset + i], p.limit); }
}

fn fold(a: f32, b: f32) -> f32 {
  switch OP {
    case PROD: { return a * b; }
    case MAX: { return nan_max(a, b); }
    default: { return a + b; }
  }
}

@compute @workgroup_size(LANES)
fn scatter_clear(thread: Thread) {
  let r = thread_index(thread);
  if (r < p.rows) { links[r] = END; }
}

// One thread walks all indices backwards: count steps, for software adapters.
@compute @workgroup_size(1)
fn scatter_link_serial() {
  for (var left = p.count; left > 0u; left--) {
    let i = left - 1u;
    let row = row_at(i);
    if (outside(row)) {
      report_bad(i, row);
      continue;
    }
    links[p.rows + i] = links[row];
    links[row] = i32(i);
  }
}

// One thread per index looks for the next equal one: count·span/(2·step) reads at most, side by side, for GPUs.
@compute @workgroup_size(LANES)
fn scatter_link_search(thread: Thread) {
  let i = thread_index(thread);
  if (i >= p.count) { return; }
  let row = row_at(i);
  if (outside(row)) {
    report_bad(i, row);
    return;
  }
  // As an unsigned number END is greater than every place, so the least place is the first.
  atomicMin(&heads[row], i);
  let end = min(p.count, (i / p.span + 1u) * p.span);
  var next = i + p.step;
  while (next < end) {
    if (row_at(next) == row) { break; }
    next += p.step;
  }
  atomicStore(&heads[p.rows + i], select(0xffffffffu, next, next < end));
}

// What a fold begins with: an element of the chain for MAX, which counts it twice.
fn start(i: i32, c: u32) -> f32 {
  if (OP == MAX && i != END) { return g[p.g_offset + u32(i) * p.cols + c]; }
  return select(0.0f, 1.0f, OP == PROD);
}

@compute @workgroup_size(LANES)
fn scatter_sum(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.rows * p.cols) { return; }
  let c = e % p.cols;
  var i = chains[e / p.cols];
  var sum = start(i, c);
  while (i != END) {
    var group = start(i, c);
    for (var m = 0u; m < GROUP && i != END; m++) {
      var part = start(i, c);
      for (var n = 0u; n < TERMS && i != END; n++) {
        part = fold(part, g[p.g_offset + u32(i) * p.cols + c]);
        i = chains[p.rows + u32(i)];
      }
      group = fold(group, part);
    }
    sum = fold(sum, group);
  }
  y[e] = sum;
}

fn fold4(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> {
  return vec4<f32>(fold(a.x, b.x), fold(a.y, b.y), fold(a.z, b.z), fold(a.w, b.w));
}

fn start4(i: i32, quads: u32, c: u32) -> vec4<f32> {
  if (OP == MAX && i != END) { return g4[p.g_offset / 4u + u32(i) * quads + c]; }
  return vec4<f32>(select(0.0f, 1.0f, OP == PROD));
}

// cols and g_offset are multiples of four.
@compute @workgroup_size(LANES)
fn scatter_sum_vec4(thread: Thread) {
  let e = thread_index(thread);
  let quads = p.cols / 4u;
  if (e >= p.rows * quads) { return; }
  let c = e % quads;
  var i = chains[e / quads];
  var sum = start4(i, quads, c);
  while (i != END) {
    var group = start4(i, quads, c);
    for (var m = 0u; m < GROUP && i != END; m++) {
      var part = start4(i, quads, c);
      for (var n = 0u; n < TERMS && i != END; n++) {
        part = fold4(part, g4[p.g_offset / 4u + u32(i) * quads + c]);
        i = chains[p.rows + u32(i)];
      }
      group = fold4(group, part);
    }
    sum = fold4(sum, group);
  }
  y4[e] = sum;
}

// Those outside come last, beyond every row.
@compute @workgroup_size(LANES)
fn scatter_sort_block(thread: Thread) {
  let begin = group_index(thread) * BLOCK;
  let top = top_of(p.count);
  for (var k = thread.lane; k < top; k += LANES) {
    let i = begin + k;
    block[k] = NO_PAIR;
    if (i < p.count) {
      let row = row_at(i);
      block[k] = vec2<u32>(select(u32(row), 0xffffffffu, outside(row)), i);
      if (outside(row)) { report_bad(i, row); }
    }
  }
  sort_block_of(top, thread.lane);
  for (var k = thread.lane; k < top; k += LANES) {
    if (begin + k < p.count) { pairs[begin + k] = block[k]; }
  }
}

@compute @workgroup_size(LANES)
fn scatter_sort_merge(thread: Thread) {
  let e = thread_index(thread);
  if (e < p.count) { pairs[merged_place(0u, e, p.count, p.span)] = runs[e]; }
}

// The first pair of a row from `row` on.
fn first_of(row: u32) -> u32 {
  var low = 0u;
  var high = p.count;
  while (low < high) {
    let middle = (low + high) / 2u;
    if (runs[middle].x < row) { low = middle + 1u; } else { high = middle; }
  }
  return low;
}

@compute @workgroup_size(LANES)
fn scatter_sum_sorted(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.rows * p.cols) { return; }
  let r = e / p.cols;
  let c = e - r * p.cols;
  let end = first_of(r + 1u);
  var at = first_of(r);
  var i = END;
  if (at < end) { i = i32(runs[at].y); }
  let nothing = start(i, c);
  var sum = nothing;
  while (at < end) {
    var group = nothing;
    for (let last = min(at + TERMS * GROUP, end); at < last; ) {
      var part = nothing;
      for (let stop = min(at + TERMS, last); at < stop; at++) {
        part = fold(part, g[p.g_offset + runs[at].y * p.cols + c]);
      }
      group = fold(group, part);
    }
    sum = fold(sum, group);
  }
  y[e] = sum;
}
