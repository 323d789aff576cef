// y[r, i] = how many elements of the sorted row s[r, ·] are less than x[r, i] (RIGHT = 1: not greater): the place where
// x[r, i] keeps the row sorted. NaN counts as the greatest, as in sort. SHARED = 1: one row for all.
// One thread per element of x halves the row until one place is left: x and y are touched once, s log₂ cols times.
// kernel: search
// uses: index bits order
struct Params { size: u32, per: u32, cols: u32, x_offset: u32, s_offset: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;
@group(0) @binding(2) var<storage, read> x: array<u32>;
@group(0) @binding(3) var<storage, read> s: array<u32>;

override INT: u32 = 0u;
override RIGHT: u32 = 0u;
override SHARED: u32 = 0u;

@compute @workgroup_size(LANES)
fn search(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.size) { return; }
  let row = p.s_offset + select(e / p.per * p.cols, 0u, SHARED == 1u);
  let key = order_key(x[p.x_offset + e], INT);
  var low = 0u;
  var high = p.cols;
  while (low < high) {
    let middle = (low + high) / 2u;
    let other = order_key(s[row + middle], INT);
    if (other < key || (RIGHT == 1u && other == key)) { low = middle + 1u; } else { high = middle; }
  }
  y[e] = low;
}
