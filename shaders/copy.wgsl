// y[dst view] = x[src view]: makes a strided tensor contiguous, or writes into a slice. Any 4-byte dtype.
// Both views have the same shape of up to 8 dims, right-aligned in (lo, hi) with leading ones; offsets and strides in
// elements. Axes that both views go through in one go are one axis here, so that most have three or four.
// copy_rows and copy_flat are for rows that both views have as aligned vec4s, RUN of them a thread;
// copy_transpose.wgsl is for what turns rows into columns; copy_short, a thread an element, for any four axes, and
// copy_strided for eight; copy_half.wgsl for elements of 16 bits. Each element is read and written once.
// kernel: copy
// uses: index copied
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

@compute @workgroup_size(LANES)
fn copy_strided(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.size) { return; }
  let at = place(e);
  y[u32(at.x)] = x[u32(at.y)];
}

// The last four axes: element e of them in (dst, src). Software adapters divide lane by lane, so nothing is divided for
// axes that are not there; the branches are the same for all threads.
fn addresses(e: u32) -> vec2<i32> {
  let n = p.shape_hi;
  let row = e / n.w;
  let w = i32(e - row * n.w);
  let at = vec2<i32>(p.dst_offset, p.src_offset) + w * vec2<i32>(p.dst_hi.w, p.src_hi.w);
  if (n.z * n.w == p.size) { return at + i32(row) * vec2<i32>(p.dst_hi.z, p.src_hi.z); }
  let plane = row / n.z;
  let z = i32(row - plane * n.z);
  let in_plane = at + z * vec2<i32>(p.dst_hi.z, p.src_hi.z);
  if (n.x == 1u) { return in_plane + i32(plane) * vec2<i32>(p.dst_hi.y, p.src_hi.y); }
  let x = plane / n.y;
  let y = i32(plane - x * n.y);
  return in_plane + y * vec2<i32>(p.dst_hi.y, p.src_hi.y) + i32(x) * vec2<i32>(p.dst_hi.x, p.src_hi.x);
}

@compute @workgroup_size(LANES)
fn copy_short(thread: Thread) {
  let e = thread_index(thread);
  if (e >= p.size) { return; }
  let at = addresses(e);
  y[u32(at.x)] = x[u32(at.y)];
}

// vec4s that a thread of copy_rows and copy_flat moves.
override RUN: u32 = 1u;

// Rows of a multiple of 4·RUN elements, side by side in both views; offsets and strides are multiples of four.
@compute @workgroup_size(LANES)
fn copy_rows(thread: Thread) {
  let e = thread_index(thread) * 4u * RUN;
  if (e >= p.size) { return; }
  let at = addresses(e);
  let to = u32(at.x) / 4u;
  let from_x = u32(at.y) / 4u;
  for (var k = 0u; k < RUN; k++) { y4[to + k] = x4[from_x + k]; }
}

// Both offsets are multiples of four. The last vec4 may be partial: y keeps what is after it.
@compute @workgroup_size(LANES)
fn copy_flat(thread: Thread) {
  let first = thread_index(thread) * 4u * RUN;
  for (var e = first; e < min(first + 4u * RUN, p.size); e += 4u) {
    let dst = (u32(p.dst_offset) + e) / 4u;
    let value = x4[(u32(p.src_offset) + e) / 4u];
    if (e + 4u <= p.size) {
      y4[dst] = value;
    } else {
      y4[dst].x = value.x;
      if (e + 1u < p.size) { y4[dst].y = value.y; }
      if (e + 2u < p.size) { y4[dst].z = value.z; }
    }
  }
}
