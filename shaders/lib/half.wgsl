// Floating point of 16 bits in words of 32, two a word: the lower half first. Formats are float16 (IEEE 754: 5 bits of
// exponent, 10 of mantissa) and bfloat16 (8 and 7, the upper half of a float32); 0 stands for float32. The same on the
// CPU is src/core/half.ts. Rounding is in integers: pack2x16float of SwiftShader is wrong in 1,067 of 65,536 cases.

const FLOAT16 = 1u;
const BFLOAT16 = 2u;

// Half i of a word; i may be the number of any element whose word it is.
fn half_of(word: u32, i: u32) -> u32 { return (word >> (16u * (i & 1u))) & 0xffffu; }

// The bits of the float32 that a half stands for, exactly.
fn widen_half(half: u32, format: u32) -> u32 {
  if (format == BFLOAT16) { return half << 16u; }
  return bitcast<u32>(unpack2x16float(half).x);
}

// The half nearest to a float32 of these bits, ties to even; beyond the format's largest ±∞. NaN is 0x7e00, 0x7fc0.
fn round_half(bits: u32, format: u32) -> u32 {
  let size = bits & 0x7fffffffu;
  let is_nan = size > 0x7f800000u;
  if (format == BFLOAT16) { return select((bits + 0x7fffu + ((bits >> 16u) & 1u)) >> 16u, 0x7fc0u, is_nan); }
  if (is_nan) { return 0x7e00u; }
  // From 2⁻¹⁴ on exponents have another bias, 15 in place of 127; an n that is rounded up to 2¹¹ counts one more.
  let near = size - min(size, 112u << 23u);
  let normal = min((near + 0xfffu + ((near >> 13u) & 1u)) >> 13u, 0x7c00u);
  // Below it counts steps of 2⁻²⁴; what is less than half of one is gone after 25 places.
  let places = min(126u - min(size >> 23u, 112u), 25u);
  let mantissa = (size & 0x7fffffu) | 0x800000u;
  let tiny = (mantissa + (1u << (places - 1u)) - 1u + ((mantissa >> places) & 1u)) >> places;
  return ((bits >> 16u) & 0x8000u) | select(normal, tiny, size < 0x38800000u);
}
