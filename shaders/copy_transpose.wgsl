// y[dst view] = x[src view] where rows become columns: y's elements lie side by side along the last axis, x's along
// another one of the last four, AXIS. A thread that went along either would touch the other with a stride.
// Each element is read and written once.
// kernel: copy
// uses: index
// inout: y
struct Params {
  size: u32, dst_offset: i32, src_offset: i32, flat: u32,
  shape_lo: vec4<u32>, shape_hi: vec4<u32>,
  dst_lo: vec4<i32>, dst_hi: vec4<i32>,
  src_lo: vec4<i32>, src_hi: vec4<i32>,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;
@group(0) @binding(2) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read_write> y4: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> x4: array<vec4<u32>>;

// The axis along which x lies side by side: 0, 1 or 2 of shape_hi.
override AXIS: u32 = 2u;

// Sides of the squares that a workgroup and that a thread moves.
const TILE_SIDE = 32u;
const BLOCK_SIDE = 4u;
// A column of the tile in as many banks of workgroup memory as it has elements.
const PITCH = 33u;
var<workgroup> tile: array<u32, 1056>;

// A square of side × side elements in the plane of the two axes: the addresses of its first element, and how many rows
// (along AXIS) and columns (along the last axis) are left from there.
struct Square { dst: i32, src: i32, rows: u32, columns: u32 }

// The i-th square. Squares follow each other along the last axis, then AXIS, then the two axes that are left; after the
// last one there are no rows.
fn square(i: u32, side: u32) -> Square {
  let columns = (p.shape_hi.w + side - 1u) / side;
  let rows = (p.shape_hi[AXIS] + side - 1u) / side;
  let above = i / columns;
  let outside = above / rows;
  let column = (i - above * columns) * side;
  let row = (above - outside * rows) * side;
  // Of the axes 0, 1, 2 those that are not AXIS, the inner one last.
  let inner = select(2u, 1u, AXIS == 2u);
  let outer = select(0u, 1u, AXIS == 0u);
  let b = outside / p.shape_hi[inner];
  let a = outside - b * p.shape_hi[inner];
  return Square(
    p.dst_offset + i32(column) + i32(row) * p.dst_hi[AXIS] + i32(a) * p.dst_hi[inner] + i32(b) * p.dst_hi[outer],
    p.src_offset + i32(row) + i32(column) * p.src_hi.w + i32(a) * p.src_hi[inner] + i32(b) * p.src_hi[outer],
    select(0u, p.shape_hi[AXIS] - row, b < p.shape_hi[outer]),
    p.shape_hi.w - column,
  );
}

// A workgroup moves a tile of 32 × 32 through its memory: it reads along x's rows and writes along y's.
@compute @workgroup_size(LANES)
fn copy_tile(thread: Thread) {
  let at = square(group_index(thread), TILE_SIDE);
  let i = thread.lane % TILE_SIDE;
  let first = thread.lane / TILE_SIDE;
  for (var k = first; k < TILE_SIDE; k += LANES / TILE_SIDE) {
    if (k < at.columns && i < at.rows) { tile[k * PITCH + i] = x[u32(at.src + i32(k) * p.src_hi.w + i32(i))]; }
  }
  workgroupBarrier();
  for (var k = first; k < TILE_SIDE; k += LANES / TILE_SIDE) {
    if (i < at.columns && k < at.rows) { y[u32(at.dst + i32(k) * p.dst_hi[AXIS] + i32(i))] = tile[i * PITCH + k]; }
  }
}

// A thread moves a square of 4 × 4 in registers, four vec4s of x and of y. Both axes are multiples of four, and so are
// offsets and strides.
@compute @workgroup_size(LANES)
fn copy_block(thread: Thread) {
  let i = thread_index(thread);
  if (i >= p.size / 16u) { return; }
  let at = square(i, BLOCK_SIDE);
  let from_x = u32(at.src) / 4u;
  let step = u32(p.src_hi.w) / 4u;
  let r0 = x4[from_x];
  let r1 = x4[from_x + step];
  let r2 = x4[from_x + 2u * step];
  let r3 = x4[from_x + 3u * step];
  let to = u32(at.dst) / 4u;
  let stride = u32(p.dst_hi[AXIS]) / 4u;
  y4[to] = vec4<u32>(r0.x, r1.x, r2.x, r3.x);
  y4[to + stride] = vec4<u32>(r0.y, r1.y, r2.y, r3.y);
  y4[to + 2u * stride] = vec4<u32>(r0.z, r1.z, r2.z, r3.z);
  y4[to + 3u * stride] = vec4<u32>(r0.w, r1.w, r2.w, r3.w);
}
