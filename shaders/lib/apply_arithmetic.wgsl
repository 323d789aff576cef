// y = op(x, y, z) for one element: arithmetic, comparisons, logic and casts, one line of mathematics each, whose twins
// are in src/cpu/kernels/pointwise.ts. What is made of exponentials is in apply_exp, of angles in apply_angle. A fused
// kernel may include all three; pointwise.wgsl and its siblings have one each, because drivers compile all that a file
// has for each of its operations. Operands and results are bits. Needs lib/bits, lib/scale, lib/apply.

// One operand, then two, then two integers or bools, then three.
const COPY = 0u;
const NEG = 1u;
const ABS = 2u;
const SIGN = 3u;
const SQRT = 4u;
const RSQRT = 5u;
const SQUARE = 6u;
const RECIPROCAL = 7u;
const RELU = 8u;
const FLOOR = 9u;
const CEIL = 10u;
const ROUND = 11u;
const TRUNC = 12u;
const F32_TO_I32 = 13u;
const F32_TO_BOOL = 14u;
const I32_TO_F32 = 15u;
const I32_TO_BOOL = 16u;
const BOOL_TO_F32 = 17u;
const NEG_I = 18u;
const ABS_I = 19u;
const SIGN_I = 20u;
const NOT = 21u;
const FRAC = 22u;
const ISNAN = 23u;
const ISINF = 24u;
const ISFINITE = 25u;
const RELU6 = 26u;
const HARDSIGMOID = 27u;
const HARDSWISH = 28u;
const SOFTSIGN = 29u;
const MAGNITUDE = 30u;

const ADD = 64u;
const SUB = 65u;
const MUL = 66u;
const DIV = 67u;
const MAXIMUM = 68u;
const MINIMUM = 69u;
const EQ = 70u;
const NE = 71u;
const LT = 72u;
const LE = 73u;
const GT = 74u;
const GE = 75u;
const LEAKY = 76u;
const RELU_GRAD = 77u;

const ADD_I = 96u;
const SUB_I = 97u;
const MUL_I = 98u;
const MAXIMUM_I = 99u;
const MINIMUM_I = 100u;
const EQ_I = 101u;
const NE_I = 102u;
const LT_I = 103u;
const LE_I = 104u;
const GT_I = 105u;
const GE_I = 106u;
const AND = 107u;
const OR = 108u;
const XOR = 109u;
const REMAINDER_I = 110u;
const FMOD_I = 111u;
const FLOOR_DIV_I = 112u;
const TRUNC_DIV_I = 113u;
const SHIFT_LEFT = 114u;
const SHIFT_RIGHT = 115u;

const WHERE = 128u;
const LERP = 129u;
const ADDCMUL = 130u;
const ADDCMUL_I = 131u;

fn sign_of(x: f32) -> f32 { return select(sign(x), x, is_nan(x)); }
fn relu_of(x: f32) -> f32 { return select(max(x, 0.0f), x, is_nan(x)); }
fn relu6_of(x: f32) -> f32 { return select(clamp(x, 0.0f, 6.0f), x, is_nan(x)); }
fn softsign_of(x: f32) -> f32 { return select(quotient(x, 1.0f + abs(x)), sign(x), is_inf(x)); }
// 2^⌊log₂|x|⌋ from the exponent's bits, at most 2¹²⁶, the last to divide by; 1 where x is 0, denormal, ±∞ or NaN.
fn magnitude_of(exponent: u32) -> u32 {
  return select(min(exponent, 0x7e800000u), 0x3f800000u, exponent == 0u || exponent == INF_BITS);
}
// Towards zero, the ends of the range where it does not fit; NaN gives 0.
fn to_i32(x: f32) -> i32 {
  let inside = select(i32(clamp(x, -2147483648.0f, 2147483520.0f)), 2147483647, x >= 2147483648.0f);
  return select(inside, 0, is_nan(x));
}

// x + z(y − x), from the nearer end, by half the difference, which does not overflow.
fn lerp_of(x: f32, y: f32, z: f32) -> f32 {
  let h = times_power(y, -1) - times_power(x, -1);
  return select(y - times_power((1.0f - z) * h, 1), x + times_power(z * h, 1), z < 0.5f);
}

// x + y·z; a product of numbers that overflows does not turn ∞ into NaN.
fn addcmul_of(x: f32, y: f32, z: f32) -> f32 {
  let numbers = !is_nan(y) && !is_inf(y) && !is_nan(z) && !is_inf(z);
  return select(x + y * z, x, is_inf(x) && numbers);
}

// x mod y with the sign of x, and of y; 0 where y is 0.
fn fmod_int(x: i32, y: i32) -> i32 { return select(x % select(y, 1, y == 0), 0, y == 0); }
fn remainder_int(x: i32, y: i32) -> i32 {
  let m = fmod_int(x, y);
  return select(m, m + y, m != 0 && (m < 0) != (y < 0));
}
// x / y rounded towards zero, and down; 0 where y is 0.
fn trunc_div_int(x: i32, y: i32) -> i32 { return select(x / select(y, 1, y == 0), 0, y == 0); }
fn floor_div_int(x: i32, y: i32) -> i32 {
  let m = fmod_int(x, y);
  return trunc_div_int(x, y) - select(0, 1, m != 0 && (m < 0) != (y < 0));
}

fn apply_arithmetic(op: u32, x: u32, y: u32, z: u32) -> u32 {
  switch op {
    case COPY: { return x; }
    case NEG: { return x ^ 0x80000000u; }
    case ABS: { return x & 0x7fffffffu; }
    case SIGN: { return bits(sign_of(f(x))); }
    case SQRT: { return bits(sqrt(f(x))); }
    case RSQRT: { return bits(inverseSqrt(f(x))); }
    case SQUARE: { return bits(f(x) * f(x)); }
    case RECIPROCAL: { return bits(1.0f / f(x)); }
    case RELU: { return bits(relu_of(f(x))); }
    case FLOOR: { return bits(floor(f(x))); }
    case CEIL: { return bits(ceil(f(x))); }
    case ROUND: { return bits(round(f(x))); }
    case TRUNC: { return bits(trunc(f(x))); }
    case FRAC: { return bits(f(x) - trunc(f(x))); }
    case ISNAN: { return bits_b(is_nan(f(x))); }
    case ISINF: { return bits_b(is_inf(f(x))); }
    case ISFINITE: { return bits_b(!is_nan(f(x)) && !is_inf(f(x))); }
    case RELU6: { return bits(relu6_of(f(x))); }
    case HARDSIGMOID: { return bits(relu6_of(f(x) + 3.0f) / 6.0f); }
    case HARDSWISH: { return bits(f(x) * (relu6_of(f(x) + 3.0f) / 6.0f)); }
    case SOFTSIGN: { return bits(softsign_of(f(x))); }
    case MAGNITUDE: { return magnitude_of(x & 0x7f800000u); }

    case ADD: { return bits(f(x) + f(y)); }
    case SUB: { return bits(f(x) - f(y)); }
    case MUL: { return bits(f(x) * f(y)); }
    case DIV: { return bits(quotient(f(x), f(y))); }
    case MAXIMUM: { return bits(nan_max(f(x), f(y))); }
    case MINIMUM: { return bits(nan_min(f(x), f(y))); }
    case EQ: { return bits_b(f(x) == f(y) && ordered(x, y)); }
    case NE: { return bits_b(f(x) != f(y) || !ordered(x, y)); }
    case LT: { return bits_b(f(x) < f(y) && ordered(x, y)); }
    case LE: { return bits_b(f(x) <= f(y) && ordered(x, y)); }
    case GT: { return bits_b(f(x) > f(y) && ordered(x, y)); }
    case GE: { return bits_b(f(x) >= f(y) && ordered(x, y)); }
    case RELU_GRAD: { return bits(select(f(x), 0.0f, f(y) <= 0.0f)); }
    case LEAKY: { return bits(select(f(x) * f(y), f(x), f(x) > 0.0f)); }

    case WHERE: { return select(z, y, x != 0u); }
    case ADDCMUL: { return bits(addcmul_of(f(x), f(y), f(z))); }
    case LERP: { return bits(lerp_of(f(x), f(y), f(z))); }

    case F32_TO_I32: { return bits_i(to_i32(f(x))); }
    case F32_TO_BOOL: { return bits_b((x & 0x7fffffffu) != 0u); }
    case I32_TO_F32: { return bits(f32(i(x))); }
    case I32_TO_BOOL: { return bits_b(x != 0u); }
    case BOOL_TO_F32: { return bits(f32(x)); }

    case NEG_I: { return bits_i(-i(x)); }
    case ABS_I: { return bits_i(abs(i(x))); }
    case SIGN_I: { return bits_i(sign(i(x))); }
    case ADD_I: { return x + y; }
    case SUB_I: { return x - y; }
    case MUL_I: { return x * y; }
    case MAXIMUM_I: { return bits_i(max(i(x), i(y))); }
    case MINIMUM_I: { return bits_i(min(i(x), i(y))); }
    case EQ_I: { return bits_b(x == y); }
    case NE_I: { return bits_b(x != y); }
    case LT_I: { return bits_b(i(x) < i(y)); }
    case LE_I: { return bits_b(i(x) <= i(y)); }
    case GT_I: { return bits_b(i(x) > i(y)); }
    case GE_I: { return bits_b(i(x) >= i(y)); }
    case NOT: { return 1u - x; }
    case AND: { return x & y; }
    case OR: { return x | y; }
    case XOR: { return x ^ y; }
    case REMAINDER_I: { return bits_i(remainder_int(i(x), i(y))); }
    case FMOD_I: { return bits_i(fmod_int(i(x), i(y))); }
    case FLOOR_DIV_I: { return bits_i(floor_div_int(i(x), i(y))); }
    case SHIFT_LEFT: { return select(x << (y & 31u), 0u, y > 31u); }
    case SHIFT_RIGHT: { return bits_i(i(x) >> min(y, 31u)); }
    case ADDCMUL_I: { return x + y * z; }
    case TRUNC_DIV_I: { return bits_i(trunc_div_int(i(x), i(y))); }
    default: { return NAN_BITS; }
  }
}
