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

// e^x by the built-in, which SwiftShader takes to +∞ at NaN.
fn nan_exp(x: f32) -> f32 {
  return select(exp(x), x, is_nan(x));
}
