// Bodies of the entry points of matmul_subgroup and matmul_subgroup_f16, whose bindings b and b4 differ: f32() widens
// an element of 16 bits, and does nothing to others. Needs of the kernel its bindings and `weight(i)`, element i of b
// as few_rows reads it, lib/bits and lib/product.

const ROWS = 16u;
const TILE_THREADS = 16u;

struct Strip { row: u32, column: u32, rows: u32, at_y: u32, at_b: i32, at_a0: i32, at_a1: i32 }

// Where a thread's outputs begin, how many rows they have, and the places of the two elements of a that its lane loads
// for k = 0. Threads outside of the matrix take part with the last row and column, because broadcasts need all lanes,
// and store nothing (rows = 0).
fn strip(thread: Thread, lane: u32) -> Strip {
  let columns = (p.n + 4u * TILE_THREADS - 1u) / (4u * TILE_THREADS);
  let strips = (p.m + ROWS - 1u) / ROWS;
  let g = group_index(thread);
  let t = min(g / (columns * strips), p.batch - 1u);
  let row = (g / columns) % strips * ROWS;
  let column = ((g % columns) * TILE_THREADS + thread.lane) * 4u;
  let inside = g / (columns * strips) < p.batch && column < p.n;
  let base = batch_offset(p.a_offset, p.a, t);
  let r = row + (lane & 7u);
  return Strip(
    row,
    column,
    select(0u, min(ROWS, p.m - row), inside),
    (t * p.m + row) * p.n + column,
    batch_offset(p.b_offset, p.b, t),
    base + i32(min(r, p.m - 1u)) * p.a.z,
    base + i32(min(r + 8u, p.m - 1u)) * p.a.z);
}

// sum[r] += a[r, k]·b[k, column…column + 3] for the 16 rows of a strip.
fn add_row(sum: ptr<function, array<vec4<f32>, ROWS>>, a0: f32, a1: f32, v: vec4<f32>) {
  (*sum)[0] += subgroupBroadcast(a0, 0u) * v;
  (*sum)[1] += subgroupBroadcast(a0, 1u) * v;
  (*sum)[2] += subgroupBroadcast(a0, 2u) * v;
  (*sum)[3] += subgroupBroadcast(a0, 3u) * v;
  (*sum)[4] += subgroupBroadcast(a0, 4u) * v;
  (*sum)[5] += subgroupBroadcast(a0, 5u) * v;
  (*sum)[6] += subgroupBroadcast(a0, 6u) * v;
  (*sum)[7] += subgroupBroadcast(a0, 7u) * v;
  (*sum)[8] += subgroupBroadcast(a1, 0u) * v;
  (*sum)[9] += subgroupBroadcast(a1, 1u) * v;
  (*sum)[10] += subgroupBroadcast(a1, 2u) * v;
  (*sum)[11] += subgroupBroadcast(a1, 3u) * v;
  (*sum)[12] += subgroupBroadcast(a1, 4u) * v;
  (*sum)[13] += subgroupBroadcast(a1, 5u) * v;
  (*sum)[14] += subgroupBroadcast(a1, 6u) * v;
  (*sum)[15] += subgroupBroadcast(a1, 7u) * v;
}

// Where rows of b are contiguous vec4s.
fn strip_vec4(thread: Thread, lane: u32) {
  let tile = strip(thread, lane);
  var at_b = (u32(tile.at_b) + min(tile.column, p.n - 4u)) / 4u;
  var at_a = vec2<i32>(tile.at_a0, tile.at_a1);
  for (var first = 0u; first == 0u || first < p.k; first += BLOCK) {
    let end = min(first + BLOCK, p.k);
    var sum = array<vec4<f32>, ROWS>();
    for (var k = first; k < end; k++) {
      add_row(&sum, a[at_a.x], a[at_a.y], vec4<f32>(b4[at_b]));
      at_a += p.a.w;
      at_b += u32(p.b.z) / 4u;
    }
    for (var r = 0u; r < tile.rows; r += step_not_unrolled()) {
      store4(tile.at_y + r * p.n, tile.column, first, end, sum[r]);
    }
  }
}

fn strip_any(thread: Thread, lane: u32) {
  let tile = strip(thread, lane);
  let j = min(vec4<u32>(tile.column) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(p.n - 1u));
  var at_b = vec4<i32>(tile.at_b) + vec4<i32>(j) * p.b.w;
  var at_a = vec2<i32>(tile.at_a0, tile.at_a1);
  for (var first = 0u; first == 0u || first < p.k; first += BLOCK) {
    let end = min(first + BLOCK, p.k);
    var sum = array<vec4<f32>, ROWS>();
    for (var k = first; k < end; k++) {
      add_row(&sum, a[at_a.x], a[at_a.y], vec4<f32>(f32(b[at_b.x]), f32(b[at_b.y]), f32(b[at_b.z]), f32(b[at_b.w])));
      at_a += p.a.w;
      at_b += p.b.z;
    }
    for (var r = 0u; r < tile.rows; r += step_not_unrolled()) {
      store(tile.at_y + r * p.n, tile.column, first, end, sum[r]);
    }
  }
}

// Of up to four rows, where k lies side by side in b, as in the x·Wᵀ of decoding: eight lanes take every eighth step of
// k for four columns, and add their sums up.
const LANES_OF_ROW = 8u;

fn few_rows(thread: Thread) {
  let columns = (p.n + 3u) / 4u;
  let g = group_index(thread);
  let t = min(g / columns, p.batch - 1u);
  let column = g % columns * 4u;
  let lane = i32(thread.lane);
  let i = min(vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(p.m - 1u));
  let j = min(vec4<u32>(column) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(p.n - 1u));
  var at_a = batch_offset(p.a_offset, p.a, t) + vec4<i32>(i) * p.a.z + lane * p.a.w;
  var at_b = batch_offset(p.b_offset, p.b, t) + vec4<i32>(j) * p.b.w + lane * p.b.z;
  let step_a = i32(LANES_OF_ROW) * p.a.w;
  let step_b = i32(LANES_OF_ROW) * p.b.z;
  for (var first = 0u; first == 0u || first < p.k; first += BLOCK) {
    let end = min(first + BLOCK, p.k);
    var sum = array<vec4<f32>, FEW>();
    for (var k = first + thread.lane; k < end; k += LANES_OF_ROW) {
      let v = vec4<f32>(weight(at_b.x), weight(at_b.y), weight(at_b.z), weight(at_b.w));
      sum[0] += a[at_a.x] * v;
      sum[1] += a[at_a.y] * v;
      sum[2] += a[at_a.z] * v;
      sum[3] += a[at_a.w] * v;
      at_a += step_a;
      at_b += step_b;
    }
    let s0 = subgroupAdd(sum[0]);
    let s1 = subgroupAdd(sum[1]);
    let s2 = subgroupAdd(sum[2]);
    let s3 = subgroupAdd(sum[3]);
    // A lane stores a row.
    let row = thread.lane;
    if (row < min(p.m, FEW) && g < columns * p.batch) {
      let mine = select(select(s0, s1, row == 1u), select(s2, s3, row == 3u), row >= 2u);
      store((t * p.m + row) * p.n + column, column, first, end, mine);
    }
  }
}
