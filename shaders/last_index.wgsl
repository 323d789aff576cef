// y[r] = the last i with index[i] = r, −1 where there is none: who wins when several write to one place.
// Two passes: last_index_clear, a thread per row; last_index, a thread per index, with an integer maximum, whose result
// does not depend on the order. index is read once. What is outside [0, rows) is left out: flat_index has reported it.
// kernel: last_index
// uses: index
struct Params { rows: u32, count: u32, index_offset: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<i32>;
@group(0) @binding(2) var<storage, read> index: array<i32>;
@group(0) @binding(1) var<storage, read_write> last: array<atomic<i32>>;

@compute @workgroup_size(LANES)
fn last_index_clear(thread: Thread) {
  let r = thread_index(thread);
  if (r < p.rows) { y[r] = -1; }
}

@compute @workgroup_size(LANES)
fn last_index(thread: Thread) {
  let i = thread_index(thread);
  if (i >= p.count) { return; }
  let row = index[p.index_offset + i];
  if (row >= 0 && u32(row) < p.rows) { atomicMax(&last[row], i32(i)); }
}
