// y = op(x, y, z) for one element: trigonometric and hyperbolic functions, their inverses, and remainders. Twins are in
// src/cpu/kernels/pointwise.ts. Needs lib/elementary, lib/apply.

// One operand, then two.
const SIN = 512u;
const COS = 513u;
const TAN = 514u;
const ASIN = 515u;
const ACOS = 516u;
const ATAN = 517u;
const SINH = 518u;
const COSH = 519u;
const ASINH = 520u;
const ACOSH = 521u;
const ATANH = 522u;

const ATAN2 = 576u;
const POLAR = 577u;
const REMAINDER = 578u;
const FMOD = 579u;
const FLOOR_DIV = 580u;
const TRUNC_DIV = 581u;

fn apply_angle(op: u32, x: u32, y: u32, z: u32) -> u32 {
  switch op {
    case SIN: { return bits(own_sin(f(x), 0u)); }
    case COS: { return bits(own_sin(f(x), 1u)); }
    case TAN: { return bits(own_tan(f(x))); }
    case ASIN: { return bits(own_asin(f(x))); }
    case ACOS: { return bits(own_acos(f(x))); }
    case ATAN: { return bits(own_atan(f(x))); }
    case SINH: { return bits(own_sinh(f(x))); }
    case COSH: { return bits(own_cosh(f(x))); }
    case ASINH: { return bits(own_asinh(f(x))); }
    case ACOSH: { return bits(own_acosh(f(x))); }
    case ATANH: { return bits(own_atanh(f(x))); }

    case ATAN2: { return bits(own_atan2(f(x), f(y))); }
    case POLAR: { return bits(own_polar(f(x), f(y))); }
    case REMAINDER: { return bits(own_remainder(f(x), f(y))); }
    case FMOD: { return bits(own_fmod(f(x), f(y))); }
    case FLOOR_DIV: { return bits(own_floor_div(f(x), f(y))); }
    case TRUNC_DIV: { return bits(own_trunc_div(f(x), f(y))); }
    default: { return NAN_BITS; }
  }
}
