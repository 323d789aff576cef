// y[i, c] = x[index[i], c]: rows of a table, in any order and number.
// One thread moves one element, or in gather_vec4 four columns. y is written once, each row of x read as often as it is
// asked for, index once per element.
// Negative indices count from the end. One outside [−rows, rows) is reported to status with its position, and its row
// of y is 0.
// kernel: gather
// uses: index status
struct Params { count: u32, cols: u32, rows: u32, x_offset: u32, index_offset: u32, launch_id: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;
@group(0) @binding(2) var<storage, read> x: array<u32>;
@group(0) @binding(3) var<storage, read> index: array<i32>;
@group(0) @binding(4) var<storage, read_write> status: Status;
// Four columns at a time.
@group(0) @binding(1) var<storage, read_write> y4: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> x4: array<vec4<u32>>;

// The row that output row i takes, or `rows` where its index is bad; the thread of column 0 says so.
fn row_of(i: u32, c: u32) -> u32 {
  let given = index[p.index_offset + i];
  let row = given + select(0, i32(p.rows), given < 0);
  if (row >= 0 && u32(row) < p.rows) { return u32(row); }
  if (c == 0u) { report_signed(p.launch_id, i, given, p.rows); }
  return p.rows;
}

@compute @workgroup_size(LANES)
fn gather(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.count * p.cols) { return; }
  let c = e % p.cols;
  let row = row_of(e / p.cols, c);
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
  var value = vec4<u32>();
  if (row < p.rows) { value = x4[p.x_offset / 4u + row * quads + c]; }
  y4[e] = value;
}
