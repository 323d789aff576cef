// y = op(x, y, z) for one element: exponentials, logarithms, powers, and activations made of them, f(x) and g·f′(x).
// Twins are in src/cpu/kernels/pointwise.ts. Needs lib/elementary, lib/apply.

// One operand, then two.
const EXP = 256u;
const EXPM1 = 257u;
const LOG = 258u;
const LOG2 = 259u;
const LOG10 = 260u;
const LOG1P = 261u;
const SIGMOID = 262u;
const LOG_SIGMOID = 263u;
const LOGIT = 264u;
const SOFTPLUS = 265u;
const TANH = 266u;
const ERF = 267u;
const SILU = 268u;
const MISH = 269u;
const GELU = 270u;
const GELU_TANH = 271u;

const POW = 320u;
const LOGADDEXP = 321u;
const ELU = 322u;
const CELU = 323u;
const SILU_GRAD = 324u;
const MISH_GRAD = 325u;
const GELU_GRAD = 326u;
const GELU_TANH_GRAD = 327u;

fn apply_exp(op: u32, x: u32, y: u32, z: u32) -> u32 {
  switch op {
    case EXP: { return bits(own_exp(f(x))); }
    case EXPM1: { return bits(own_expm1(f(x))); }
    case LOG: { return bits(own_log(f(x))); }
    case LOG2: { return bits(own_log2(f(x))); }
    case LOG10: { return bits(own_log10(f(x))); }
    case LOG1P: { return bits(own_log1p(f(x))); }
    case SIGMOID: { return bits(own_sigmoid(f(x))); }
    case LOG_SIGMOID: { return bits(-own_softplus(-f(x))); }
    case LOGIT: { return bits(own_logit(f(x))); }
    case SOFTPLUS: { return bits(own_softplus(f(x))); }
    case TANH: { return bits(own_tanh(f(x))); }
    case ERF: { return bits(own_erf(f(x))); }
    case SILU: { return bits(f(x) * own_sigmoid(f(x))); }
    case MISH: { return bits(own_mish(f(x))); }
    case GELU: { return bits(0.5f * f(x) * (1.0f + own_erf(f(x) * SQRT_HALF))); }
    case GELU_TANH: { return bits(f(x) * own_sigmoid(gelu_angle(f(x)))); }

    case POW: { return bits(own_pow(f(x), f(y))); }
    case LOGADDEXP: { return bits(own_logaddexp(f(x), f(y))); }
    case ELU: { return bits(select(f(y) * own_expm1(f(x)), f(x), f(x) > 0.0f)); }
    case CELU: { return bits(select(f(y) * own_expm1(f(x) / f(y)), f(x), f(x) > 0.0f)); }
    case SILU_GRAD: { return bits(f(x) * silu_slope(f(y))); }
    case MISH_GRAD: { return bits(f(x) * mish_slope(f(y))); }
    case GELU_GRAD: { return bits(f(x) * gelu_slope(f(y))); }
    case GELU_TANH_GRAD: { return bits(f(x) * gelu_tanh_slope(f(y))); }
    default: { return NAN_BITS; }
  }
}
