// y = f(x) for the functions that few networks use and that take some work: the error function's complement and
// inverse, the logarithm of the gamma function and its derivatives, powers of 2. One thread computes one element: x is
// read once, y written once. f is the override OP, so the switch is folded away when the pipeline is made.
// Errors were measured against 40 digits over all of float32's range; test/ops/functions.webgpu.test.ts holds them.
// erfc after Chiarella & Reichel (1968), erfinv after Giles (2010), digamma on [1, 2] after Boost's minimax quotient.
// kernel: functions
// uses: index bits wide special
struct Params { size: u32, offset: u32, n: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;

override OP: u32 = 0u;

const EXP2 = 0u;
const ERFC = 1u;
const ERFINV = 2u;
const LGAMMA = 3u;
const DIGAMMA = 4u;
// The n-th derivative of digamma, n ≥ 1.
const POLYGAMMA = 5u;

const PI = 3.14159265f;

// 2ˣ = 2ⁿ·e^((x − n)·ln 2); ≤ 2 ulp.
fn exp2_of(x: f32) -> f32 {
  let c = clamp(x, -160.0f, 130.0f);
  let n = round(c);
  let half = i32(n) / 2;
  let y = (1.0f + expm1_small((c - n) * 0.69314718f)) * two_to(half) * two_to(i32(n) - half);
  return select(y, x, is_nan(x));
}

// e^(−n²h²) for n from 1 to 6, h = 0.65.
const ERFC_WEIGHTS = array<f32, 6>(
  0.65540625f, 0.18451952f, 0.022314915f, 1.1592292e-3f, 2.5868100e-5f, 2.4795960e-7f);

// 1 − erf x. From ½ on the trapezoid rule with step h for erfc x = 2x/π·e^(−x²) ∫ e^(−t²)/(t² + x²) dt over t ≥ 0, less
// what its pole at ix adds below π/h. e^(−x²) by a square without rounding and what is left. ≤ 8 ulp.
fn erfc_of(x: f32) -> f32 {
  let a = min(abs(x), 11.0f);
  if (a < 0.5f || is_nan(x)) { return 1.0f - own_erf(x); }
  let s = a * a;
  var weights = ERFC_WEIGHTS;
  var sum = 0.5f / s;
  for (var n = 1u; n <= 6u; n++) { sum += weights[n - 1u] / (s + f32(n * n) * 0.4225f); }
  let short = bitcast<f32>(bitcast<u32>(a) & 0xfffff000u);
  let e = own_exp(-(short * short)) * own_exp(-((a - short) * (a + short)));
  let pole = select(0.0f, 2.0f / own_expm1(a * 9.6664390f), a < 4.8332195f);
  let y = 0.41380285f * a * e * sum - pole;
  return select(y, 2.0f - y, x < 0.0f);
}

// The x with erf x = y, as y times a polynomial in −ln(1 − y²); ≤ 6 ulp.
fn erfinv_of(y: f32) -> f32 {
  let a = abs(y);
  if (is_nan(y) || a > 1.0f) { return from_bits(NAN_BITS); }
  if (a == 1.0f) { return from_bits(select(INF_BITS, NEG_INF_BITS, y < 0.0f)); }
  let w = -own_log((1.0f - a) * (1.0f + a));
  if (w < 5.0f) {
    let v = w - 2.5f;
    var r = 2.81022636e-8f * v + 3.43273939e-7f;
    r = r * v - 3.5233877e-6f;
    r = r * v - 4.39150654e-6f;
    r = r * v + 2.1858087e-4f;
    r = r * v - 1.25372503e-3f;
    r = r * v - 4.17768164e-3f;
    r = r * v + 2.46640727e-1f;
    r = r * v + 1.50140941f;
    return r * y;
  }
  let v = sqrt(w) - 3.0f;
  var r = -2.00214257e-4f * v + 1.00950558e-4f;
  r = r * v + 1.34934322e-3f;
  r = r * v - 3.67342844e-3f;
  r = r * v + 5.73950773e-3f;
  r = r * v - 7.6224613e-3f;
  r = r * v + 9.43887047e-3f;
  r = r * v + 1.00167406f;
  r = r * v + 2.83297682f;
  return r * y;
}

// x less the nearest integer, which is exact.
fn from_integer(x: f32) -> f32 {
  return x - round(x);
}

// (ζ(k) − 1)/k for k from 2 to 14.
const ZETAS = array<f32, 13>(
  0.32246703f, 0.067352301f, 0.020580808f, 7.3855510e-3f, 2.8905103e-3f, 1.1927539e-3f, 5.0966952e-4f,
  2.2315476e-4f, 9.9457513e-5f, 4.4926237e-5f, 2.0507213e-5f, 9.4394883e-6f, 4.3748668e-6f);

// ln Γ(2 + z) = (1 − γ)z + Σ (−z)ᵏ(ζ(k) − 1)/k for |z| ≤ ½.
fn lgamma_small(z: f32) -> f32 {
  var zetas = ZETAS;
  var sum = 0.0f;
  for (var k = 12; k >= 0; k--) { sum = zetas[k] - z * sum; }
  return z * (0.42278434f + z * sum);
}

// ln |Γ(x)|: the series around 2, to which Γ(x + 1) = xΓ(x) leads; Stirling's from 8 on; below 0 by π/sin πx.
// ≤ 10 ulp for x > 0; below, where terms cancel, 10 ulp of the larger one.
fn lgamma_of(given: f32) -> f32 {
  let r = from_integer(given);
  let below = given < 0.0f;
  if (is_inf(given) || (given <= 0.0f && r == 0.0f)) { return from_bits(INF_BITS); }
  let x = select(given, 1.0f - given, below);
  var y = 0.0f;
  if (x >= 8.0f) {
    let q = 1.0f / x;
    let tail = q * (0.083333333f - q * q * (2.7777778e-3f - q * q * 7.9365079e-4f));
    y = (x - 0.5f) * (own_log(x) - 1.0f) + (0.41893853f + tail);
  } else {
    var z = x;
    var product = 1.0f;
    while (z >= 2.5f) {
      z -= 1.0f;
      product *= z;
    }
    if (x < 1.5f) {
      z = select(x - 1.0f, x, x < 0.5f);
      product = select(1.0f, x, x < 0.5f);
      y = lgamma_small(z) - own_log1p(z) - own_log(product);
    } else {
      y = lgamma_small(z - 2.0f) + own_log(product);
    }
  }
  if (!below) { return select(y, given, is_nan(given)); }
  return own_log(PI / sin_turn(0.5f * abs(r), 0u)) - y;
}

// ψ(x) = Γ′(x)/Γ(x): a quotient of polynomials on [1, 2] times the distance from the root, to which ψ(x + 1) = ψ(x) +
// 1/x leads; the asymptotic series from 8 on; below 0 less π/tan πx. ≤ 10 ulp for x > 0; below, where terms cancel, 10
// ulp of the larger one.
fn digamma_of(given: f32) -> f32 {
  let bits = bitcast<u32>(given);
  let r = from_integer(given);
  if ((bits & 0x7fffffffu) == 0u) { return from_bits(NEG_INF_BITS ^ (bits & 0x80000000u)); }
  if (given < 0.0f && (r == 0.0f || is_inf(given))) { return from_bits(NAN_BITS); }
  if (is_nan(given) || is_inf(given)) { return given; }
  let x = select(given, 1.0f - given, given < 0.0f);
  var y = 0.0f;
  if (x >= 8.0f) {
    let q = 1.0f / x;
    y = own_log(x) - q * (0.5f + q * (0.083333333f - q * q * (8.3333333e-3f - q * q * 3.9682540e-3f)));
  } else {
    // x = 1 + z after steps of 1, whose 1/x are summed.
    var z = x;
    var sum = 0.0f;
    if (x < 1.0f) { sum = -1.0f / x; } else { z = x - 1.0f; }
    while (z > 1.0f) {
      sum += 1.0f / z;
      z -= 1.0f;
    }
    let above = 0.25479851f + z * (-0.44981332f + z * (-0.43916937f - z * 0.061041766f));
    let under = 1.0f + z * (1.5890203f + z * (0.65341249f + z * 0.063851691f));
    // What the root's float32 lacks, times the slope there: two constants in a row would be folded into one.
    y = (z - 0.46163213f) * (0.99558163f + above / under) - 1.2036053e-8f + sum;
  }
  if (given >= 0.0f) { return y; }
  let turn = 0.5f * abs(r);
  let cotangent = PI * sin_turn(turn, 1u) / sin_turn(turn, 0u);
  return y - select(cotangent, -cotangent, r < 0.0f);
}

// n!·ζ(n + 1, x) = Σ n!/(x + k)ⁿ⁺¹ over k ≥ 0, x > 0: terms up to 6 + n, then Euler and Maclaurin's sum.
fn hurwitz(n: f32, x: f32) -> f32 {
  var sum = 0.0f;
  var w = x;
  for (var k = 1.0f; w < 6.0f + n; k += 1.0f) {
    var term = 1.0f / w;
    for (var j = 1.0f; j <= n; j += 1.0f) { term *= j / w; }
    sum += term;
    w = x + k;
  }
  // (n − 1)!/wⁿ, the integral from w on.
  var rest = 1.0f / w;
  for (var j = 1.0f; j < n; j += 1.0f) { rest *= j / w; }
  let q = 1.0f / w;
  let third = (n + 2.0f) * (n + 3.0f) * q * q;
  let fifth = (n + 4.0f) * (n + 5.0f) * q * q;
  let tail = (n + 1.0f) * q * (0.083333333f - third * (1.3888889e-3f - fifth * 3.3068783e-5f));
  return sum + rest * (1.0f + n * q * (0.5f + tail));
}

// The n-th derivative of ψ, (−1)ⁿ⁺¹·n!·ζ(n + 1, x). Below 0, where f = x − ⌊x⌋: the sum over all integers less those
// beyond, ζ(s, f) + (−1)ˢ(ζ(s, 1 − f) − ζ(s, 1 − x)). ≤ 10 + 2n ulp for x > 0, and below for odd n.
fn polygamma_of(x: f32) -> f32 {
  let r = from_integer(x);
  let even = (p.n & 1u) == 0u;
  if (is_nan(x) || (x < 0.0f && is_inf(x))) { return from_bits(NAN_BITS); }
  if (x <= 0.0f && r == 0.0f) { return from_bits(select(INF_BITS, NEG_INF_BITS, even)); }
  var at = vec3<f32>(x, 0.0f, 0.0f);
  if (x < 0.0f) { at = vec3<f32>(select(r, 1.0f + r, r < 0.0f), select(1.0f - r, -r, r < 0.0f), 1.0f - x); }
  var sum = 0.0f;
  for (var k = 0; k < select(1, 3, x < 0.0f); k++) {
    let part = hurwitz(f32(p.n), at[k]);
    sum += select(part, -part, k > 0 && even != (k == 2));
  }
  return select(sum, -sum, even);
}

fn value(x: f32) -> f32 {
  switch OP {
    case EXP2: { return exp2_of(x); }
    case ERFC: { return erfc_of(x); }
    case ERFINV: { return erfinv_of(x); }
    case LGAMMA: { return lgamma_of(x); }
    case DIGAMMA: { return digamma_of(x); }
    case POLYGAMMA: { return polygamma_of(x); }
    default: { return from_bits(NAN_BITS); }
  }
}

@compute @workgroup_size(LANES)
fn functions(thread: Thread) {
  let i = thread_index(thread);
  if (i >= p.size) { return; }
  y[i] = value(x[p.offset + i]);
}
