// y[i, c] = x[index[i], c]: rows of a table, in any order and number.
// One thread moves one element. y is written once, each row of x read as often as it is asked for, index once an element.
// An index outside [0, rows) is reported to status with its position, and its row of y is 0.
// kernel: gather
// uses: index status
struct Params { count: u32, cols: u32, rows: u32, x_offset: u32, index_offset: u32, launch_id: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;
@group(0) @binding(2) var<storage, read> x: array<u32>;
@group(0) @binding(3) var<storage, read> index: array<i32>;
@group(0) @binding(4) var<storage, read_write> status: Status;

@compute @workgroup_size(LANES)
fn gather(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.count * p.cols) { return; }
  let i = e / p.cols;
  let c = e % p.cols;
  let row = index[p.index_offset + i];
  if (row < 0 || u32(row) >= p.rows) {
    y[e] = 0u;
    if (c == 0u) { report(p.launch_id, i, row, p.rows); }
    return;
  }
  y[e] = x[p.x_offset + u32(row) * p.cols + c];
}
