// Addresses of elements of a strided view.
// A view v = (offset, s0, s1, s2), in elements, over dims [d0, d1, d2] of `size` elements: element e is at
// offset + i0·s0 + i1·s1 + i2·s2 with i2 = e mod d2, i1 = ⌊e / d2⌋ mod d1, i0 = ⌊e / (d1·d2)⌋. A contiguous operand has
// d1 = 1, d2 = size, s2 = 1. Software adapters divide lane by lane, so the divisions that change nothing are left out;
// the branches are the same for all threads.

fn view_address(e: u32, size: u32, d1: u32, d2: u32, v: vec4<i32>) -> u32 {
  if (d2 == size) { return u32(v.x + i32(e) * v.w); }
  let row = e / d2;
  let at = v.x + i32(e - row * d2) * v.w;
  if (d1 * d2 == size) { return u32(at + i32(row) * v.z); }
  let i0 = row / d1;
  return u32(at + i32(i0) * v.y + i32(row - i0 * d1) * v.z);
}
