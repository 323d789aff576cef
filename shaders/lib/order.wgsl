// The order in which sort puts values and searchsorted looks for them. Needs lib/bits.

// An unsigned integer that orders as the float32 (or, with int = 1, the int32) of these bits: equal values have equal
// keys, 0 and −0 too; every NaN has the greatest. Compared as integers, so that no arithmetic may assume NaN away or
// flush a denormal.
fn order_key(bits: u32, int: u32) -> u32 {
  if (int == 1u || bits == 0u || bits == 0x80000000u) { return select(0x80000000u, bits ^ 0x80000000u, int == 1u); }
  if ((bits & 0x7fffffffu) > INF_BITS) { return 0xffffffffu; }
  return select(bits ^ 0x80000000u, ~bits, bits >= 0x80000000u);
}
