// Arithmetic that stays right at the ends of the range of float32, on GPUs too. Needs lib/bits.

// x·2ⁿ by the bits of the exponent; below the normal numbers 0. For factors that must stay where they are: compilers
// may turn (x·c)·(x·c) into x·x·c·c, which is out of range (NVIDIA's does).
fn times_power(x: f32, n: i32) -> f32 {
  let bits = bitcast<u32>(x);
  let sign = bits & 0x80000000u;
  let exponent = i32((bits >> 23u) & 255u);
  if (exponent == 0) { return x * exp2(f32(n)); }
  if (exponent == 255) { return x; }
  if (exponent + n <= 0) { return bitcast<f32>(sign); }
  if (exponent + n >= 255) { return bitcast<f32>(sign | INF_BITS); }
  return bitcast<f32>(bits + (bitcast<u32>(n) << 23u));
}

// x / y. WGSL promises nothing where |y| > 2¹²⁶: GPUs that multiply by the reciprocal, which is denormal there, give
// 0 (NVIDIA's, from 2¹²⁶ on). Such a y is made four times as small by its bits.
fn quotient(x: f32, y: f32) -> f32 {
  let size = bitcast<u32>(y) & 0x7fffffffu;
  let far = size >= 0x7e800000u && size < INF_BITS;
  let q = x / bitcast<f32>(bitcast<u32>(y) - select(0u, 0x01000000u, far));
  return select(q, 0.25f * q, far);
}
