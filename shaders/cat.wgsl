// y[begin + r·row + c] = x_k[at_k + r·step_k + c]: up to seven matrices of `rows` rows beside each other, written into
// the columns [0, width) of a larger one. Columns below end_0 are x_0's, those from there below end_1 x_1's, and so on;
// at_k counts from column 0 of y, and may be negative. An input that is not there has no columns. Any 4-byte dtype.
// cat_rows is for aligned vec4s, RUN of them a thread, cat_element for all else. Software adapters run all branches of
// a switch, so that there, once inputs are large, cat_one and cat_one_rows take one after the other as `a`, in as many
// dispatches. Each element is read and written once.
// kernel: cat
// uses: index
// inout: y
struct Params {
  rows: u32, width: u32, row: u32, begin: u32,
  ends_lo: vec4<u32>, ends_hi: vec4<u32>,
  at_lo: vec4<i32>, at_hi: vec4<i32>,
  step_lo: vec4<i32>, step_hi: vec4<i32>,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;
@group(0) @binding(2) var<storage, read> a: array<u32>;
@group(0) @binding(3) var<storage, read> b: array<u32>;
@group(0) @binding(4) var<storage, read> c: array<u32>;
@group(0) @binding(5) var<storage, read> d: array<u32>;
@group(0) @binding(6) var<storage, read> e: array<u32>;
@group(0) @binding(7) var<storage, read> f: array<u32>;
@group(0) @binding(8) var<storage, read> g: array<u32>;
// Four elements at a time.
@group(0) @binding(1) var<storage, read_write> y4: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> a4: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read> b4: array<vec4<u32>>;
@group(0) @binding(4) var<storage, read> c4: array<vec4<u32>>;
@group(0) @binding(5) var<storage, read> d4: array<vec4<u32>>;
@group(0) @binding(6) var<storage, read> e4: array<vec4<u32>>;
@group(0) @binding(7) var<storage, read> f4: array<vec4<u32>>;
@group(0) @binding(8) var<storage, read> g4: array<vec4<u32>>;

const INPUTS = 7u;

// Which input an element is of, its address there, and in y.
struct Place { input: u32, from_x: u32, to: u32 }

// Row and column of an element. Software adapters divide lane by lane: one row needs no division.
fn row_and_column(element: u32) -> vec2<u32> {
  if (p.rows == 1u) { return vec2<u32>(0u, element); }
  let r = element / p.width;
  return vec2<u32>(r, element - r * p.width);
}

fn place(element: u32) -> Place {
  let at_element = row_and_column(element);
  let r = at_element.x;
  let column = at_element.y;
  let past_lo = select(vec4<u32>(), vec4<u32>(1u), p.ends_lo <= vec4<u32>(column));
  let past_hi = select(vec4<u32>(), vec4<u32>(1u), p.ends_hi <= vec4<u32>(column));
  let past = past_lo + past_hi;
  let k = past.x + past.y + past.z + past.w;
  let at = select(p.at_lo[k & 3u], p.at_hi[k & 3u], k > 3u);
  let step = select(p.step_lo[k & 3u], p.step_hi[k & 3u], k > 3u);
  return Place(k, u32(at + i32(r) * step + i32(column)), p.begin + r * p.row + column);
}

@compute @workgroup_size(LANES)
fn cat_element(thread: Thread) {
  let element = thread_index(thread);
  if (element >= p.rows * p.width) { return; }
  let own = place(element);
  var value: u32;
  switch own.input {
    case 0u: { value = a[own.from_x]; }
    case 1u: { value = b[own.from_x]; }
    case 2u: { value = c[own.from_x]; }
    case 3u: { value = d[own.from_x]; }
    case 4u: { value = e[own.from_x]; }
    case 5u: { value = f[own.from_x]; }
    default: { value = g[own.from_x]; }
  }
  y[own.to] = value;
}

// vec4s that a thread moves.
override RUN: u32 = 1u;

@compute @workgroup_size(LANES)
fn cat_rows(thread: Thread) {
  let element = thread_index(thread) * 4u * RUN;
  if (element >= p.rows * p.width) { return; }
  let own = place(element);
  let at = own.from_x / 4u;
  let to = own.to / 4u;
  switch own.input {
    case 0u: { for (var k = 0u; k < RUN; k++) { y4[to + k] = a4[at + k]; } }
    case 1u: { for (var k = 0u; k < RUN; k++) { y4[to + k] = b4[at + k]; } }
    case 2u: { for (var k = 0u; k < RUN; k++) { y4[to + k] = c4[at + k]; } }
    case 3u: { for (var k = 0u; k < RUN; k++) { y4[to + k] = d4[at + k]; } }
    case 4u: { for (var k = 0u; k < RUN; k++) { y4[to + k] = e4[at + k]; } }
    case 5u: { for (var k = 0u; k < RUN; k++) { y4[to + k] = f4[at + k]; } }
    default: { for (var k = 0u; k < RUN; k++) { y4[to + k] = g4[at + k]; } }
  }
}

fn place_of_one(element: u32) -> Place {
  let at = row_and_column(element);
  return Place(0u, u32(p.at_lo.x + i32(at.x) * p.step_lo.x + i32(at.y)), p.begin + at.x * p.row + at.y);
}

@compute @workgroup_size(LANES)
fn cat_one(thread: Thread) {
  let element = thread_index(thread);
  if (element >= p.rows * p.width) { return; }
  let own = place_of_one(element);
  y[own.to] = a[own.from_x];
}

@compute @workgroup_size(LANES)
fn cat_one_rows(thread: Thread) {
  let element = thread_index(thread) * 4u * RUN;
  if (element >= p.rows * p.width) { return; }
  let own = place_of_one(element);
  for (var k = 0u; k < RUN; k++) { y4[own.to / 4u + k] = a4[own.from_x / 4u + k]; }
}
