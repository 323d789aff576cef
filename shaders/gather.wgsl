// y[i, c] = x[index[i] − first, c]: rows of a table, in any order and number.
// One thread moves one element, or in gather_vec4 four columns. y is written once, each row of x read as often as it is
// asked for, index once per element.
// Negative indices count from the end. One outside [−limit, limit) is reported to status with its position, and its row
// of y is 0. x has the rows [first, first + rows) of the table; rows of y that take others are left as they are.
// Of elements of 16 bits a thread moves the two of a word, in gather_halves; where rows are whole words, as words.
// kernel: gather
// uses: index status half
struct Params {
  count: u32, cols: u32, first: u32, rows: u32, limit: u32, x_offset: u32, index_offset: u32, launch_id: u32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;
@group(0) @binding(2) var<storage, read> x: array<u32>;
@group(0) @binding(3) var<storage, read> index: array<i32>;
@group(0) @binding(4) var<storage, read_write> status: Status;
// Four columns at a time.
@group(0) @binding(1) var<storage, read_write> y4: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> x4: array<vec4<u32>>;

const BAD = 0xffffffffu;

// The row of x that output row i takes, beyond `rows` if x has it not; BAD where its index is bad, which the thread of
// column 0 reports.
fn row_of(i: u32, c: u32) -> u32 {
  let given = index[p.index_offset + i];
  let row = given + select(0, i32(p.limit), given < 0);
  if (row >= 0 && u32(row) < p.limit) { return select(u32(row) - p.first, p.rows, u32(row) < p.first); }
  if (c == 0u) { report_signed(p.launch_id, i, given, p.limit); }
  return BAD;
}

@compute @workgroup_size(LANES)
fn gather(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.count * p.cols) { return; }
  let c = e % p.cols;
  let row = row_of(e / p.cols, c);
  if (row >= p.rows && row != BAD) { return; }
  var value = 0u;
  if (row < p.rows) { value = x[p.x_offset + row * p.cols + c]; }
  y[e] = value;
}

// cols and x_offset are multiples of four.
@compute @workgroup_size(LANES)
fn gather_vec4(thread: Thread) {
  let e = thread_index(thread);
  let quads = p.cols / 4u;
  if (e >= p.count * quads) { return; }
  let c = e % quads;
  let row = row_of(e / quads, c);
  if (row >= p.rows && row != BAD) { return; }
  var value = vec4<u32>();
  if (row < p.rows) { value = x4[p.x_offset / 4u + row * quads + c]; }
  y4[e] = value;
}

// The bits of element e of y where it has 16; BAD where x has not the row.
fn half_at(e: u32) -> u32 {
  let c = e % p.cols;
  let row = row_of(e / p.cols, c);
  if (row == BAD) { return 0u; }
  if (row >= p.rows) { return BAD; }
  let i = p.x_offset + row * p.cols + c;
  return half_of(x[i / 2u], i);
}

@compute @workgroup_size(LANES)
fn gather_halves(thread: Thread) {
  let e = 2u * thread_index(thread);
  let size = p.count * p.cols;
  if (e >= size) { return; }
  let first = half_at(e);
  var second = 0u;
  if (e + 1u < size) { second = half_at(e + 1u); }
  if (first != BAD && second != BAD) {
    y[e / 2u] = first | (second << 16u);
  } else if (first != BAD) {
    y[e / 2u] = first | (y[e / 2u] & 0xffff0000u);
  } else if (second != BAD) {
    y[e / 2u] = (y[e / 2u] & 0xffffu) | (second << 16u);
  }
}
