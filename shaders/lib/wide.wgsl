// 64-bit products of 32-bit words, which WGSL lacks.

// High 32 bits of a·b, by 16-bit halves.
fn mul_hi(a: u32, b: u32) -> u32 {
  let a0 = a & 0xffffu;
  let a1 = a >> 16u;
  let b0 = b & 0xffffu;
  let b1 = b >> 16u;
  let cross = a1 * b0 + ((a0 * b0) >> 16u);
  let middle = a0 * b1 + (cross & 0xffffu);
  return a1 * b1 + (cross >> 16u) + (middle >> 16u);
}
