// Elementary functions that only elementwise ops use; those that other kernels share are in lib/special. Needs
// lib/bits, lib/scale, lib/wide, lib/special. WGSL's own atan may be 4096 ulp off, acos 6e-5, sinh and cosh overflow
// early, and % of floats loses all digits of large quotients. Inverse tangent and sine after Cephes, hyperbolics after
// fdlibm. test/webgpu/shaders.webgpu.test.ts measures each against float64 on the adapter at hand and holds it to the
// figure given here.

const SQRT_HALF = 0.70710678f;
const LN_TWO = 0.69314718f;

// log₂ x = k + (log m)·log₂ e, exact for powers of 2; ≤ 3 ulp.
fn own_log2(x: f32) -> f32 {
  let t = log_parts(x);
  let m = t.f - t.low;
  return log_ends(x, t.k + (m + m * 0.44269504f));
}

// log₁₀ x = k·log₁₀ 2 + (log m)·log₁₀ e; ≤ 3 ulp.
fn own_log10(x: f32) -> f32 {
  let t = log_parts(x);
  return log_ends(x, t.k * 0.30102539f + (t.k * 4.6050390e-6f + (t.f - t.low) * 0.43429448f));
}

// tan x = sin r / cos r, or −cos r / sin r after an odd quarter turn; ≤ 5 ulp. NaN for ±∞.
fn own_tan(x: f32) -> f32 {
  let a = reduce_angle(x);
  let s = sin_small(a.r);
  let c = cos_small(a.r);
  let odd = (a.quarter & 1u) == 1u;
  let y = select(s, -c, odd) / select(c, s, odd);
  return select(select(y, from_bits(NAN_BITS), is_nan(x) || is_inf(x)), x, x == 0.0f);
}

// atan a = π/4 + atan((a − 1)/(a + 1)) = π/2 − atan(1/a): the polynomial sees at most √2 − 1; ≤ 3 ulp.
fn own_atan(x: f32) -> f32 {
  let a = abs(x);
  let far = a > 2.4142136f;
  let middle = a > 0.41421356f;
  let r = select(select(a, (a - 1.0f) / (a + 1.0f), middle), -1.0f / a, far);
  let base = select(select(0.0f, 0.78539816f, middle), HALF_PI, far);
  // What float32 lost of π/4 and π/2.
  let rest = select(select(0.0f, -2.1855694e-8f, middle), -4.3711388e-8f, far);
  let z = r * r;
  let p = -3.33329491539e-1f + z * (1.99777106478e-1f + z * (-1.38776856032e-1f + z * 8.05374449538e-2f));
  let y = base + (r + (rest + r * z * p));
  return select(select(y, -y, x < 0.0f), x, x == 0.0f || is_nan(x));
}

// The angle of the point (x, y): atan of the smaller by the larger side, mirrored into its octant; ≤ 4 ulp.
fn own_atan2(y: f32, x: f32) -> f32 {
  let ay = abs(y);
  let ax = abs(x);
  let most = max(ax, ay);
  // Far out, quotients are loose or flushed.
  let scale = select(select(1.0f, 1.6777216e7f, most < 1e-30f), 5.9604645e-8f, most > 1e30f);
  let low = min(ax, ay) * scale;
  let high = most * scale;
  let q = select(select(low / high, 0.0f, high == 0.0f), 1.0f, is_inf(low));
  let t = own_atan(q);
  let steep = select(t, HALF_PI - (t + 4.3711388e-8f), ay > ax);
  let angle = select(steep, 3.1415927f - (steep + 8.7422777e-8f), bitcast<u32>(x) >> 31u == 1u);
  let signed = select(angle, -angle, bitcast<u32>(y) >> 31u == 1u);
  return select(signed, from_bits(NAN_BITS), is_nan(x) || is_nan(y));
}

// x/(x² + y²) = u/((u² + v²)·m) with u = x/m, v = y/m, m the larger; 0 at the origin and far out; ≤ 6 ulp.
fn own_polar(x: f32, y: f32) -> f32 {
  let m = max(abs(x), abs(y));
  let u = quotient(x, m);
  let v = quotient(y, m);
  let p = select(quotient(u / (u * u + v * v), m), 0.0f, m == 0.0f || is_inf(x) || is_inf(y));
  return select(p, from_bits(NAN_BITS), is_nan(x) || is_nan(y));
}

// arcsin of a ≤ ½, or of √((1 − a)/2) above, from which arcsin a = π/2 − 2·this, arccos a = 2·this.
fn arc_part(a: f32) -> f32 {
  let big = a > 0.5f;
  let z = select(a * a, 0.5f * (1.0f - a), big);
  let r = select(a, sqrt(z), big);
  let tail = 4.5470025998e-2f + z * (2.4181311049e-2f + z * 4.2163199048e-2f);
  return r + r * z * (1.6666752422e-1f + z * (7.4953002686e-2f + z * tail));
}

// arcsin x; NaN for |x| > 1; ≤ 4 ulp.
fn own_asin(x: f32) -> f32 {
  let a = abs(x);
  let p = arc_part(a);
  let y = select(p, HALF_PI - (2.0f * p + 4.3711388e-8f), a > 0.5f);
  let signed = select(select(y, -y, x < 0.0f), x, x == 0.0f);
  return select(signed, from_bits(NAN_BITS), a > 1.0f || is_nan(x));
}

// arccos x; NaN for |x| > 1; ≤ 4 ulp.
fn own_acos(x: f32) -> f32 {
  let a = abs(x);
  let p = arc_part(a);
  let outer = select(2.0f * p, 3.1415927f - (2.0f * p + 8.7422777e-8f), x < 0.0f);
  let inner = HALF_PI - (select(p, -p, x < 0.0f) + 4.3711388e-8f);
  return select(select(inner, outer, a > 0.5f), from_bits(NAN_BITS), a > 1.0f || is_nan(x));
}

// sinh a = (t + t/(t + 1))/2 with t = eᵃ − 1 below 1, else h − 1/(4h) with h = eᵃ/2, finite up to 89.4; ≤ 4 ulp.
fn own_sinh(x: f32) -> f32 {
  let a = abs(x);
  let t = own_expm1(min(a, 1.0f));
  let h = exp_times(a, -1);
  let y = select(h - 0.25f / h, 0.5f * (t + t / (t + 1.0f)), a < 1.0f);
  return select(select(y, -y, x < 0.0f), x, x == 0.0f || is_nan(x) || is_inf(x));
}

// cosh a = h + 1/(4h) with h = eᵃ/2, finite up to 89.4; ≤ 3 ulp.
fn own_cosh(x: f32) -> f32 {
  let h = exp_times(abs(x), -1);
  return select(select(h + 0.25f / h, from_bits(INF_BITS), is_inf(x)), x, is_nan(x));
}

// arsinh a = log(1 + t) with t = a + a²/(1 + √(1 + a²)); log 2a for large a; ≤ 4 ulp.
fn own_asinh(x: f32) -> f32 {
  let a = abs(x);
  let far = a > 16384.0f;
  let t = a + a * a / (1.0f + sqrt(1.0f + a * a));
  let y = own_log1p(select(t, a - 1.0f, far)) + select(0.0f, LN_TWO, far);
  return select(select(y, -y, x < 0.0f), x, x == 0.0f || is_nan(x) || is_inf(x));
}

// arcosh x = log(1 + t + √(2t + t²)) with t = x − 1; log 2x for large x, NaN below 1; ≤ 4 ulp.
fn own_acosh(x: f32) -> f32 {
  let far = x > 16384.0f;
  let t = x - 1.0f;
  let y = own_log1p(select(t + sqrt(t * (2.0f + t)), t, far)) + select(0.0f, LN_TWO, far);
  return select(select(y, from_bits(NAN_BITS), x < 1.0f), x, is_nan(x) || bitcast<u32>(x) == INF_BITS);
}

// artanh a = ½ log(1 + 2a/(1 − a)); ±∞ at ±1, NaN beyond; ≤ 4 ulp.
fn own_atanh(x: f32) -> f32 {
  let a = abs(x);
  let y = select(0.5f * own_log1p(2.0f * a / (1.0f - a)), from_bits(INF_BITS), a == 1.0f);
  let signed = select(select(y, -y, x < 0.0f), x, x == 0.0f);
  return select(signed, from_bits(NAN_BITS), a > 1.0f || is_nan(x));
}

// log(x/(1 − x)), near ½ as 2·artanh(s) with s = 2x − 1, which is exact there; ∓∞ at 0 and 1, NaN outside; ≤ 4 ulp.
fn own_logit(x: f32) -> f32 {
  let middle = x > 0.25f && x < 0.75f;
  let s = 2.0f * x - 1.0f;
  let z = s * s;
  // (artanh(s)/s − 1)/s², fitted
  let p = 0.3333333f + z * (0.20000497f + z * (0.14263242f + z * (0.11478226f + z * (0.06455f + z * 0.1581376f))));
  let y = 2.0f * s + 2.0f * s * z * p;
  let near = select(x, 1.0f - x, x > 0.5f);
  let outer = own_log(near) - own_log1p(-near);
  let wide = select(outer, -outer, x > 0.5f);
  return select(select(wide, y, middle), from_bits(NAN_BITS), x < 0.0f || x > 1.0f || is_nan(x));
}

// log(eˣ + eʸ) = max + log(1 + e^−|x − y|); equal infinities have no difference. ≤ 4 ulp, or 1e-7 where the two cancel.
fn own_logaddexp(x: f32, y: f32) -> f32 {
  let d = select(abs(x - y), 0.0f, bitcast<u32>(x) == bitcast<u32>(y));
  let most = nan_max(x, y);
  return select(most + own_log1p(own_exp(-d)), most, is_nan(most) || is_inf(most));
}

// x mod y with the sign of x, exact: long division of the mantissas, eight bits at a time. All in integers: no
// rounding, no flushing. NaN for y = 0 and x = ±∞.
fn own_fmod(x: f32, y: f32) -> f32 {
  let a = bitcast<u32>(x) & 0x7fffffffu;
  let b = bitcast<u32>(y) & 0x7fffffffu;
  if (a >= INF_BITS || b > INF_BITS || b == 0u) { return from_bits(NAN_BITS); }
  if (a < b) { return x; }
  let ea = max(a >> 23u, 1u);
  let eb = max(b >> 23u, 1u);
  // Numbers are m·2^(e − 150); denormals have no leading one.
  let mb = (b & 0x007fffffu) | select(0u, 0x00800000u, b > 0x007fffffu);
  var m = ((a & 0x007fffffu) | select(0u, 0x00800000u, a > 0x007fffffu)) % mb;
  var steps = ea - eb;
  while (steps > 0u && m > 0u) {
    let shift = min(steps, 8u);
    m = (m << shift) % mb;
    steps -= shift;
  }
  // m·2^(e_b − 150) as bits: a denormal is its multiple of 2⁻¹⁴⁹.
  let unscaled = bitcast<u32>(f32(m));
  let denormal = (unscaled >> 23u) + eb <= 150u;
  let bits = select(unscaled + (eb << 23u) - (150u << 23u), m << min(eb - 1u, 23u), denormal || m == 0u);
  return bitcast<f32>(bits | (bitcast<u32>(x) & 0x80000000u));
}

// A remainder that is not 0 and on the other side of 0 than y.
fn opposite(m: f32, y: f32) -> bool {
  let bits = bitcast<u32>(m);
  return (bits & 0x7fffffffu) != 0u && ((bits ^ bitcast<u32>(y)) >> 31u) == 1u;
}

// x mod y with the sign of y.
fn own_remainder(x: f32, y: f32) -> f32 {
  let m = own_fmod(x, y);
  return select(m, m + y, opposite(m, y));
}

// x / y rounded down, and towards zero, from the exact remainder: the quotient may round up to an integer. 1 ulp.
fn own_floor_div(x: f32, y: f32) -> f32 {
  let m = own_fmod(x, y);
  let q = round(quotient(x - m, y));
  return select(select(q, q - 1.0f, opposite(m, y)), quotient(x, y), y == 0.0f);
}

fn own_trunc_div(x: f32, y: f32) -> f32 {
  return select(round(quotient(x - own_fmod(x, y), y)), quotient(x, y), y == 0.0f || is_inf(x));
}

// Activations. Slopes f′(x) are taken within ±bound, where they have long arrived at 0 and 1: no 0·∞.
fn within(x: f32, bound: f32) -> f32 {
  return select(clamp(x, -bound, bound), x, is_nan(x));
}

// tanh(log(1 + eˣ)) = n/(n + 2) with n = eˣ(eˣ + 2); ≤ 5 ulp.
fn own_mish(x: f32) -> f32 {
  let e = own_exp(min(x, 20.0f));
  let n = e * (e + 2.0f);
  return select(x * (n / (n + 2.0f)), x, is_nan(x));
}

// n/(n + 2) + x·4eˣ(1 + eˣ)/(n + 2)²
fn mish_slope(given: f32) -> f32 {
  let x = within(given, 110.0f);
  let e = own_exp(min(x, 20.0f));
  let n = e * (e + 2.0f);
  let y = (n + min(x, 20.0f) * (4.0f * e * (1.0f + e) / (n + 2.0f))) / (n + 2.0f);
  return select(y, x, is_nan(x));
}

// σ(1 + x(1 − σ))
fn silu_slope(given: f32) -> f32 {
  let x = within(given, 110.0f);
  let s = own_sigmoid(x);
  return s * (1.0f + x * own_sigmoid(-x));
}

// Φ(x) + xφ(x)
fn gelu_slope(given: f32) -> f32 {
  let x = within(given, 20.0f);
  return 0.5f * (1.0f + own_erf(x * SQRT_HALF)) + x * own_exp(-0.5f * x * x) * 0.39894228f;
}

// 2√(2/π)(x + 0.044715x³)
fn gelu_angle(given: f32) -> f32 {
  let x = within(given, 20.0f);
  return 1.5957691f * x * (1.0f + 0.044715f * x * x);
}

// σ(v) + xσ(v)σ(−v)v′ with v of gelu_angle.
fn gelu_tanh_slope(given: f32) -> f32 {
  let x = within(given, 20.0f);
  let v = gelu_angle(x);
  let s = own_sigmoid(v);
  return s + x * s * own_sigmoid(-v) * 1.5957691f * (1.0f + 0.134145f * x * x);
}
