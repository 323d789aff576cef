// Tests and values that WGSL's arithmetic may not express: implementations may assume that NaN and infinities are
// absent, and a constant expression that makes one is an error, so both are looked at and made as bits.

const NAN_BITS = 0x7fc00000u;
const INF_BITS = 0x7f800000u;
const NEG_INF_BITS = 0xff800000u;
// The lowest finite float32: stands for −∞ where a maximum begins, so that no −∞ − −∞ can arise.
const LOWEST = -3.4028234663852886e38f;

fn is_nan(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) > INF_BITS;
}

fn is_inf(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) == INF_BITS;
}

fn is_neg_inf(x: f32) -> bool {
  return bitcast<u32>(x) == NEG_INF_BITS;
}

// Larger, smaller of two numbers; NaN where either is NaN, as PyTorch's maximum and minimum.
fn nan_max(x: f32, y: f32) -> f32 {
  return select(select(max(x, y), y, is_nan(y)), x, is_nan(x));
}

fn nan_min(x: f32, y: f32) -> f32 {
  return select(select(min(x, y), y, is_nan(y)), x, is_nan(x));
}

// x·2ⁿ by the bits of the exponent; below the normal numbers 0. For factors that must stay where they are: compilers may
// turn (x·c)·(x·c) into x·x·c·c, which is out of range (NVIDIA's does).
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

// x / y. WGSL promises nothing where |y| > 2¹²⁶: GPUs that multiply by the reciprocal, which is denormal there, give 0
// (NVIDIA's, from 2¹²⁶ on). Such a y is made four times as small by its bits.
fn quotient(x: f32, y: f32) -> f32 {
  let size = bitcast<u32>(y) & 0x7fffffffu;
  let far = size >= 0x7e800000u && size < INF_BITS;
  let q = x / bitcast<f32>(bitcast<u32>(y) - select(0u, 0x01000000u, far));
  return select(q, 0.25f * q, far);
}

// e^x by the built-in, which SwiftShader takes to +∞ at NaN.
fn nan_exp(x: f32) -> f32 {
  return select(exp(x), x, is_nan(x));
}
