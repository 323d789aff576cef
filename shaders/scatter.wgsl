// y[r, c] = Σ over the i with index[i] = r of g[i, c], added in the order of i: the backward of gather, without float
// atomics, so that reruns are bit-identical. In three passes over links, a scratch buffer that holds for each row r its
// first i at links[r], and for each i the next one with the same index at links[rows + i]; −1 ends a chain:
//   scatter_clear  one thread per row ends every chain
//   scatter_link_* finds the chains
//   scatter_sum_*  one thread per element of y (or four) walks its row's chain, n long: g is read once, y written once;
//                  BLOCK elements are added up before their sum is added to the others: at most BLOCK + n/BLOCK
//                  additions in a row
// Where equal indices lie only at multiples of `step` within runs of `span` (those along an axis, as flat_index makes
// them), only there are they looked for; 1 and count else.
// An index outside [0, rows) is reported to status with its position and is in no chain.
// kernel: scatter
// uses: index status
struct Params {
  rows: u32, cols: u32, count: u32, g_offset: u32, index_offset: u32, step: u32, span: u32, launch_id: u32,
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
// Four columns at a time.
@group(0) @binding(1) var<storage, read_write> y4: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> g4: array<vec4<f32>>;

const END = -1;
// Elements that one thread adds up before it adds their sum to the others: chains of additions stay short.
const BLOCK = 256u;

fn outside(row: i32) -> bool {
  return row < 0 || u32(row) >= p.rows;
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
    let row = index[p.index_offset + i];
    if (outside(row)) {
      report(p.launch_id, i, row, p.rows);
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
  let row = index[p.index_offset + i];
  if (outside(row)) {
    report(p.launch_id, i, row, p.rows);
    return;
  }
  // As an unsigned number END is greater than every place, so the least place is the first.
  atomicMin(&heads[row], i);
  let end = min(p.count, (i / p.span + 1u) * p.span);
  var next = i + p.step;
  while (next < end) {
    if (index[p.index_offset + next] == row) { break; }
    next += p.step;
  }
  atomicStore(&heads[p.rows + i], select(0xffffffffu, next, next < end));
}

@compute @workgroup_size(LANES)
fn scatter_sum(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.rows * p.cols) { return; }
  let c = e % p.cols;
  var sum = 0.0f;
  var i = chains[e / p.cols];
  while (i != END) {
    var part = 0.0f;
    for (var n = 0u; n < BLOCK && i != END; n++) {
      part += g[p.g_offset + u32(i) * p.cols + c];
      i = chains[p.rows + u32(i)];
    }
    sum += part;
  }
  y[e] = sum;
}

// cols and g_offset are multiples of four.
@compute @workgroup_size(LANES)
fn scatter_sum_vec4(thread: Thread) {
  let e = thread_index(thread);
  let quads = p.cols / 4u;
  if (e >= p.rows * quads) { return; }
  let c = e % quads;
  var sum = vec4<f32>();
  var i = chains[e / quads];
  while (i != END) {
    var part = vec4<f32>();
    for (var n = 0u; n < BLOCK && i != END; n++) {
      part += g4[p.g_offset / 4u + u32(i) * quads + c];
      i = chains[p.rows + u32(i)];
    }
    sum += part;
  }
  y4[e] = sum;
}
