// y[r, ·] = the sorted row x[r, ·], index[r, ·] = where its elements were: ascending, or DESCENDING = 1. Equal elements
// keep their order (stable), NaN counts as the greatest. Rows are contiguous in x from p.offset.
// Elements travel as pairs (key, position), which are all different, in passes:
//   sort_runs   one thread sorts RUN neighbours by insertion; or sort_block, one workgroup BLOCK of them (Batcher 1968)
//   sort_merge  one thread per element: sorted runs of p.width become runs twice as long
//   sort_write  one thread per element fetches the values
// Each pass reads and writes the pairs once; merges read log₂ width more an element.
// kernel: sort
// uses: index bits order pairs
// consts: pairs
struct Params { rows: u32, cols: u32, offset: u32, width: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;
@group(0) @binding(2) var<storage, read_write> index: array<u32>;
@group(0) @binding(3) var<storage, read> x: array<u32>;
@group(0) @binding(4) var<storage, read> runs: array<vec2<u32>>;
// In y's place, where pairs are written.
@group(0) @binding(1) var<storage, read_write> pairs: array<vec2<u32>>;

override INT: u32 = 0u;
override DESCENDING: u32 = 0u;

const RUN = 8u;

// Pairs past the end of a row go after all others.
fn pair(r: u32, c: u32) -> vec2<u32> {
  if (c >= p.cols) { return NO_PAIR; }
  let key = order_key(x[p.offset + r * p.cols + c], INT);
  return vec2<u32>(select(key, ~key, DESCENDING == 1u), c);
}

@compute @workgroup_size(LANES)
fn sort_runs(thread: Thread) {
  let e = thread_index(thread);
  let count = (p.cols + RUN - 1u) / RUN;
  if (e >= p.rows * count) { return; }
  let r = e / count;
  let begin = (e - r * count) * RUN;
  let size = min(RUN, p.cols - begin);
  var sorted = array<vec2<u32>, RUN>();
  for (var i = 0u; i < size; i++) {
    let own = pair(r, begin + i);
    var at = i;
    while (at > 0u) {
      if (sorted[at - 1u].x <= own.x) { break; }
      sorted[at] = sorted[at - 1u];
      at--;
    }
    sorted[at] = own;
  }
  for (var i = 0u; i < size; i++) { pairs[r * p.cols + begin + i] = sorted[i]; }
}

// A bitonic network in workgroup memory: for GPUs.
@compute @workgroup_size(LANES)
fn sort_block(thread: Thread) {
  let lane = thread.lane;
  let e = group_index(thread);
  let count = (p.cols + BLOCK - 1u) / BLOCK;
  let r = e / count;
  let begin = (e - r * count) * BLOCK;
  let top = top_of(p.cols);
  // A grid folded in two may have more workgroups than blocks: those sort the last row again and write nothing.
  for (var i = lane; i < top; i += LANES) { block[i] = pair(min(r, p.rows - 1u), begin + i); }
  sort_block_of(top, lane);
  for (var i = lane; i < top; i += LANES) {
    if (r < p.rows && begin + i < p.cols) { pairs[r * p.cols + begin + i] = block[i]; }
  }
}

@compute @workgroup_size(LANES)
fn sort_merge(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.rows * p.cols) { return; }
  let row = e / p.cols * p.cols;
  let c = e - row;
  pairs[row + merged_place(row, c, p.cols, p.width)] = runs[e];
}

@compute @workgroup_size(LANES)
fn sort_write(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.rows * p.cols) { return; }
  let c = runs[e].y;
  y[e] = x[p.offset + e / p.cols * p.cols + c];
  index[e] = c;
}
