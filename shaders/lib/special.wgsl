// Special functions whose WGSL built-ins are too loose (spec: log 2⁻²¹ absolute near 1, tanh 1e-5, sin and cos 2⁻¹¹,
// pow undefined for x < 0) or do not exist. Needs lib/bits and lib/wide. Argument reduction by Cody & Waite (1980) and,
// for large angles, Payne & Hanek (1983); logarithm after fdlibm, sine and cosine after Cephes, erf after Juffa.
// test/webgpu/shaders.webgpu.test.ts measures each against float64 on the adapter at hand and holds it to the figure
// given here.

const LOG2_E = 1.44269504f;
const LN2_HI = 0.693359375f;
const LN2_LO = -2.12194440e-4f;
const SQRT_TWO = 1.41421356f;
const HALF_PI = 1.57079633f;
// π/2 in three parts, the first two short enough that their products with n < 2¹³ are exact.
const HALF_PI_1 = 1.5703125f;
const HALF_PI_2 = 4.837512969970703125e-4f;
const HALF_PI_3 = 7.54978995489188216e-8f;

// 2ⁿ as a float32, n in [−126, 127].
fn two_to(n: i32) -> f32 {
  return bitcast<f32>(u32(n + 127) << 23u);
}

// A float32 from bits that no constant expression may hold (±∞, NaN).
fn from_bits(bits: u32) -> f32 {
  return bitcast<f32>(bits);
}

// x = n·ln 2 + r with |r| ≤ ln 2 / 2; returns (r, n).
fn reduce_exp(x: f32) -> vec2<f32> {
  let n = round(x * LOG2_E);
  return vec2<f32>((x - n * LN2_HI) - n * LN2_LO, n);
}

// eʳ − 1 for |r| ≤ 0.35, Taylor to r⁷.
fn expm1_small(r: f32) -> f32 {
  let tail = 0.041666668f + r * (8.3333333e-3f + r * (1.3888889e-3f + r * 1.9841270e-4f));
  return r + r * r * (0.5f + r * (0.16666667f + r * tail));
}

// 2ᵖeˣ = 2ⁿ⁺ᵖ·eʳ for p of 0 and −1.
fn exp_times(x: f32, power: i32) -> f32 {
  let t = reduce_exp(clamp(x, -110.0f, 90.0f));
  let n = i32(t.y) + power;
  let half = n / 2;
  let y = (1.0f + expm1_small(t.x)) * two_to(half) * two_to(n - half);
  return select(y, x, is_nan(x));
}

// eˣ: 0 below −104, ∞ above 88.73; ≤ 2 ulp.
fn own_exp(x: f32) -> f32 {
  return exp_times(x, 0);
}

// eˣ − 1 = 2ⁿ(eʳ − 1) + (2ⁿ − 1); ≤ 4 ulp.
fn own_expm1(x: f32) -> f32 {
  let t = reduce_exp(clamp(x, -20.0f, 20.0f));
  let scale = two_to(i32(t.y));
  let y = select(own_exp(x) - 1.0f, expm1_small(t.x) * scale + (scale - 1.0f), abs(x) < 20.0f);
  return select(y, x, x == 0.0f || is_nan(x));
}

// log(1 + f) for f in [√½ − 1, √2 − 1], from s = f / (2 + f) and log((1 + s)/(1 − s)) = 2s + ⅔s³ + …
fn log1p_small(f: f32) -> f32 {
  let s = f / (2.0f + f);
  let z = s * s;
  let tail = z * (0.66666663f + z * (0.40000972f + z * (0.28498787f + z * 0.24279079f)));
  let square = 0.5f * f * f;
  return f - (square - s * (square + tail));
}

// log x = k·ln 2 + log m with m = 1 + f in [√½, √2) and log m = f − low, for x > 0. Bits only: a denormal is not
// flushed.
struct LogParts { k: f32, f: f32, low: f32 }

fn log_parts(x: f32) -> LogParts {
  let given = bitcast<u32>(x) & 0x7fffffffu;
  let tiny = given < 0x00800000u;
  // A denormal is its mantissa times 2⁻¹⁴⁹.
  let bits = select(given, bitcast<u32>(f32(given & 0x007fffffu)), tiny);
  let above = (bits & 0x007fffffu) >= 0x003504f3u;
  let k = f32(i32(bits >> 23u) - select(127, 276, tiny) + select(0, 1, above));
  let m = bitcast<f32>((bits & 0x007fffffu) | select(0x3f800000u, 0x3f000000u, above));
  let f = m - 1.0f;
  let s = f / (2.0f + f);
  let z = s * s;
  let tail = z * (0.66666663f + z * (0.40000972f + z * (0.28498787f + z * 0.24279079f)));
  let square = 0.5f * f * f;
  return LogParts(k, f, square - s * (square + tail));
}

// A logarithm y of x, with its ends: −∞ at ±0, NaN below, ∞ at ∞.
fn log_ends(x: f32, y: f32) -> f32 {
  let bits = bitcast<u32>(x);
  if (is_nan(x) || bits == INF_BITS) { return x; }
  if ((bits & 0x7fffffffu) == 0u) { return from_bits(NEG_INF_BITS); }
  return select(y, from_bits(NAN_BITS), bits > 0x7fffffffu);
}

// log x; ≤ 2 ulp.
fn own_log(x: f32) -> f32 {
  let t = log_parts(x);
  return log_ends(x, t.k * LN2_HI - ((t.low - t.k * LN2_LO) - t.f));
}

// log(1 + x), by what 1 + x lost where it is not small; ≤ 3 ulp.
fn own_log1p(x: f32) -> f32 {
  if (x > -0.29f && x < 0.41f) { return select(log1p_small(x), x, x == 0.0f); }
  let u = 1.0f + x;
  let lost = select(0.0f, (x - (u - 1.0f)) / u, u > 0.0f && u < 1e9f);
  return own_log(u) + lost;
}

// 1 / (1 + e⁻ˣ), by the side on which exp does not overflow; ≤ 4 ulp.
fn own_sigmoid(x: f32) -> f32 {
  let e = own_exp(-abs(x));
  return select(e, 1.0f, x >= 0.0f) / (1.0f + e);
}

// log(1 + eˣ) = max(x, 0) + log1p(e^−|x|); ≤ 4 ulp.
fn own_softplus(x: f32) -> f32 {
  let y = max(x, 0.0f) + own_log1p(own_exp(-abs(x)));
  return select(y, x, is_nan(x));
}

// tanh x = −t / (t + 2) · sign x with t = e^(−2|x|) − 1; ≤ 5 ulp, ±1 from |x| = 10.
fn own_tanh(x: f32) -> f32 {
  let t = own_expm1(-2.0f * min(abs(x), 10.0f));
  let y = -t / (t + 2.0f);
  return select(select(y, -y, x < 0.0f), x, x == 0.0f || is_nan(x));
}

// sin r and cos r for |r| ≤ π/4.
fn sin_small(r: f32) -> f32 {
  let z = r * r;
  return r + r * z * (-1.6666655e-1f + z * (8.3321609e-3f - z * 1.9515296e-4f));
}

fn cos_small(r: f32) -> f32 {
  let z = r * r;
  return 1.0f - 0.5f * z + z * z * (4.1666646e-2f + z * (-1.3887316e-3f + z * 2.4433157e-5f));
}

// An angle less n quarter turns: r in [−π/4, π/4] and n mod 4.
struct Angle { r: f32, quarter: u32 }

// Bits of 2/π before and after the point.
const TWO_OVER_PI = array<u32, 9>(
  0u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu,
  0xdebbc561u);

// For |x| ≥ 8,192: x = ±m·2ᵉ, and of m·2ᵉ·2/π only the bits that are not multiples of four quarter turns are computed:
// m times a window of 96 bits of 2/π, modulo 2⁹⁶.
fn reduce_large(x: f32) -> Angle {
  let bits = bitcast<u32>(x);
  let m = (bits & 0x007fffffu) | 0x00800000u;
  var table = TWO_OVER_PI;
  let at = ((bits >> 23u) & 0xffu) - 120u;
  let k = min(at / 32u, 5u);
  let shift = at % 32u;
  var window = array<u32, 3>();
  for (var i = 0u; i < 3u; i++) {
    let low = select(table[k + i + 1u] >> ((32u - shift) & 31u), 0u, shift == 0u);
    window[i] = (table[k + i] << shift) | low;
  }
  let p1 = m * window[1] + mul_hi(m, window[2]);
  let carry = select(0u, 1u, p1 < m * window[1]);
  let p0 = m * window[0] + mul_hi(m, window[1]) + carry;
  let fraction = bitcast<i32>((p0 << 2u) | (p1 >> 30u));
  let quarter = (p0 >> 30u) + select(0u, 1u, fraction < 0);
  let turns = f32(fraction) * 2.3283064e-10f + f32(p1 << 2u) * 5.4210109e-20f;
  let r = turns * HALF_PI;
  let negative = x < 0.0f;
  return Angle(select(r, -r, negative), select(quarter, 4u - (quarter & 3u), negative) & 3u);
}

fn reduce_angle(x: f32) -> Angle {
  if (abs(x) >= 8192.0f) { return reduce_large(x); }
  let n = round(x * 0.63661977f);
  return Angle(((x - n * HALF_PI_1) - n * HALF_PI_2) - n * HALF_PI_3, u32(i32(n)) & 3u);
}

// sin x after `quarter` quarter turns more: sin(x + quarter·π/2). 1e-7 absolute for every float32; NaN for ±∞.
fn own_sin(x: f32, quarter: u32) -> f32 {
  let a = reduce_angle(x);
  let turn = (a.quarter + quarter) & 3u;
  let y = select(sin_small(a.r), cos_small(a.r), (turn & 1u) == 1u);
  let signed = select(y, -y, turn >= 2u);
  return select(signed, from_bits(NAN_BITS), is_nan(x) || is_inf(x));
}

// sin 2πu and cos 2πu for u in [0, 1], exactly reduced.
fn sin_turn(u: f32, quarter: u32) -> f32 {
  let n = round(4.0f * u);
  let r = (u - 0.25f * n) * 6.2831853f;
  let turn = (u32(n) + quarter) & 3u;
  let y = select(sin_small(r), cos_small(r), (turn & 1u) == 1u);
  return select(y, -y, turn >= 2u);
}

// erf x = 2/√π ∫₀ˣ e^(−t²) dt: two minimax polynomials, the outer one in an exponent; ≤ 3 ulp.
fn own_erf(x: f32) -> f32 {
  let t = abs(x);
  let s = x * x;
  if (t > 0.927734375f) {
    let low = -1.72853470e-5f * t + 3.83197126e-4f;
    let high = -3.88396438e-3f * t + 2.42546219e-2f;
    var r = low * s + high;
    r = r * t - 1.06777877e-1f;
    r = r * t - 6.34846687e-1f;
    r = r * t - 1.28717512e-1f;
    r = r * t - t;
    // From 4 on, erf is 1 in float32; the polynomial was not made for more.
    let y = select(1.0f - own_exp(r), 1.0f, t > 4.0f);
    return select(y, -y, x < 0.0f);
  }
  var r = -5.96761703e-4f * s + 4.99119423e-3f;
  r = r * s - 2.67681349e-2f;
  r = r * s + 1.12819925e-1f;
  r = r * s - 3.76125336e-1f;
  r = r * s + 1.28379166e-1f;
  let y = r * x + x;
  return select(y, x, is_nan(x));
}

// xʸ with PyTorch's (C's) cases: 1 for y = 0 or x = 1, sign rule for x < 0 and integer y, NaN for x < 0 otherwise.
// Small exponents by multiplication; else e^(y·log|x|), (6 + 4·|y·log₂ x|) ulp.
fn own_pow(x: f32, y: f32) -> f32 {
  if (y == 0.0f || x == 1.0f) { return 1.0f; }
  if (is_nan(x) || is_nan(y)) { return from_bits(NAN_BITS); }
  if (y == 1.0f) { return x; }
  if (y == 2.0f) { return x * x; }
  if (y == 3.0f) { return x * x * x; }
  if (y == 4.0f) { return (x * x) * (x * x); }
  if (y == -1.0f) { return 1.0f / x; }
  if (y == -2.0f) { return 1.0f / (x * x); }
  if (y == 0.5f && x >= 0.0f) { return sqrt(x); }
  let a = abs(x);
  // Every float32 from 2²⁴ on is an even integer.
  let whole = floor(y) == y;
  let odd = whole && abs(y) < 16777216.0f && abs(y * 0.5f - floor(y * 0.5f)) == 0.5f;
  var power = own_exp(y * own_log(a));
  if (a == 1.0f) { power = 1.0f; }
  if (a == 0.0f) { power = select(from_bits(INF_BITS), 0.0f, y > 0.0f); }
  if (bitcast<u32>(x) >> 31u == 0u) { return power; }
  if (!whole && a != 0.0f && !is_inf(x)) { return from_bits(NAN_BITS); }
  return select(power, -power, odd);
}
