/**
 * @file CPU twin of shaders/pointwise*.wgsl: one line per elementwise op, under the op codes of
 * shaders/lib/apply_*.wgsl. Computed in float64 and rounded when stored, so the float32 twin is the correctly rounded
 * result of the float64 one.
 */

import type { KernelConsts } from '../../core/contracts.generated.ts'
import * as shaders from '../../core/contracts.generated.ts'
import type { Twin } from '../../core/kernel.ts'
import { BLOCK, block, loops, type Operand } from './blocks.ts'
import {
  erf,
  geluAngle,
  geluSlope,
  geluTanhSlope,
  magnitude,
  mishSlope,
  polar,
  relu6,
  remainder,
  roundEven,
  sigmoid,
  siluSlope,
  softplus,
  within,
} from './special.ts'

/** The names of op codes: consts of the kernel, but for the ends of their ranges. */
export type PointwiseCode = Exclude<
  keyof KernelConsts['pointwise'],
  'CODES_PER_LIB' | 'TWO_OPERANDS' | 'TWO_INTEGERS' | 'THREE_OPERANDS'
>
export type Apply = (x: number, y: number, z: number) => number

/** The mathematics of each op code; results are stored in the output's dtype (int32 wraps, bool is 0 or 1). */
export const apply: Record<PointwiseCode, Apply> = {
  COPY: (x) => x,
  NEG: (x) => -x,
  ABS: Math.abs,
  SIGN: (x) => (Number.isNaN(x) ? x : Math.sign(x)),
  EXP: Math.exp,
  EXPM1: Math.expm1,
  LOG: Math.log,
  LOG1P: Math.log1p,
  SQRT: Math.sqrt,
  RSQRT: (x) => 1 / Math.sqrt(x),
  SQUARE: (x) => x * x,
  RECIPROCAL: (x) => 1 / x,
  SIN: Math.sin,
  COS: Math.cos,
  TANH: Math.tanh,
  SIGMOID: sigmoid,
  SOFTPLUS: softplus,
  RELU: (x) => (x <= 0 ? 0 : x),
  ERF: erf,
  FLOOR: Math.floor,
  CEIL: Math.ceil,
  ROUND: roundEven,
  TRUNC: Math.trunc,
  LOG2: Math.log2,
  LOG10: Math.log10,
  TAN: Math.tan,
  ASIN: Math.asin,
  ACOS: Math.acos,
  ATAN: Math.atan,
  SINH: Math.sinh,
  COSH: Math.cosh,
  ASINH: Math.asinh,
  ACOSH: Math.acosh,
  ATANH: Math.atanh,
  LOGIT: (x) => (x > 0.25 && x < 0.75 ? Math.log1p((2 * x - 1) / (1 - x)) : Math.log(x) - Math.log1p(-x)),
  FRAC: (x) => x - Math.trunc(x),
  ISNAN: (x) => +Number.isNaN(x),
  ISINF: (x) => +(Math.abs(x) === Infinity),
  ISFINITE: (x) => +Number.isFinite(x),
  LOG_SIGMOID: (x) => -softplus(-x),
  RELU6: relu6,
  HARDSIGMOID: (x) => relu6(x + 3) / 6,
  HARDSWISH: (x) => x * (relu6(x + 3) / 6),
  SOFTSIGN: (x) => (Number.isFinite(x) ? x / (1 + Math.abs(x)) : Math.sign(x)),
  MAGNITUDE: magnitude,
  SILU: (x) => x * sigmoid(x),
  MISH: (x) => x * Math.tanh(softplus(x)),
  GELU: (x) => 0.5 * x * (1 + erf(x * Math.SQRT1_2)),
  GELU_TANH: (x) => x * sigmoid(geluAngle(x)),

  ADD: (x, y) => x + y,
  SUB: (x, y) => x - y,
  MUL: (x, y) => x * y,
  DIV: (x, y) => x / y,
  POW: (x, y) => (x === 1 ? 1 : x === -1 && !Number.isFinite(y) && !Number.isNaN(y) ? 1 : x ** y),
  MAXIMUM: (x, y) => Math.max(x, y),
  MINIMUM: (x, y) => Math.min(x, y),
  REMAINDER: remainder,
  FMOD: (x, y) => x % y,
  FLOOR_DIV: (x, y) => (y === 0 ? x / y : Math.round((x - (x % y)) / y) - +(remainder(x, y) !== x % y)),
  TRUNC_DIV: (x, y) => Math.trunc(x / y),
  ATAN2: Math.atan2,
  POLAR: polar,
  LOGADDEXP: (x, y) => Math.max(x, y) + (x === y ? Math.LN2 : Math.log1p(Math.exp(-Math.abs(x - y)))),
  RELU_GRAD: (g, y) => (y <= 0 ? 0 : g),
  LEAKY: (x, y) => (x > 0 ? x : x * y),
  ELU: (x, y) => (x > 0 ? x : y * Math.expm1(x)),
  CELU: (x, y) => (x > 0 ? x : y * Math.expm1(x / y)),
  SILU_GRAD: (g, x) => g * siluSlope(within(x, 750)),
  MISH_GRAD: (g, x) => g * mishSlope(within(x, 750)),
  GELU_GRAD: (g, x) => g * geluSlope(within(x, 40)),
  GELU_TANH_GRAD: (g, x) => g * geluTanhSlope(within(x, 40)),

  NEG_I: (x) => -x | 0,
  ABS_I: (x) => Math.abs(x) | 0,
  SIGN_I: Math.sign,
  ADD_I: (x, y) => (x + y) | 0,
  SUB_I: (x, y) => (x - y) | 0,
  MUL_I: Math.imul,
  MAXIMUM_I: (x, y) => Math.max(x, y),
  MINIMUM_I: (x, y) => Math.min(x, y),

  EQ: (x, y) => +(x === y),
  NE: (x, y) => +(x !== y),
  LT: (x, y) => +(x < y),
  LE: (x, y) => +(x <= y),
  GT: (x, y) => +(x > y),
  GE: (x, y) => +(x >= y),
  EQ_I: (x, y) => +(x === y),
  NE_I: (x, y) => +(x !== y),
  LT_I: (x, y) => +(x < y),
  LE_I: (x, y) => +(x <= y),
  GT_I: (x, y) => +(x > y),
  GE_I: (x, y) => +(x >= y),

  NOT: (x) => 1 - x,
  AND: (x, y) => x & y,
  OR: (x, y) => x | y,
  XOR: (x, y) => x ^ y,
  REMAINDER_I: (x, y) => (y === 0 ? 0 : remainder(x, y)),
  FMOD_I: (x, y) => (y === 0 ? 0 : x % y),
  FLOOR_DIV_I: (x, y) => (y === 0 ? 0 : Math.floor(x / y) | 0),
  TRUNC_DIV_I: (x, y) => (y === 0 ? 0 : (x / y) | 0),
  SHIFT_LEFT: (x, y) => (y === (y & 31) ? x << y : 0),
  SHIFT_RIGHT: (x, y) => x >> (y === (y & 31) ? y : 31),
  WHERE: (x, y, z) => (x ? y : z),
  ADDCMUL: (x, y, z) => x + y * z,
  ADDCMUL_I: (x, y, z) => (x + Math.imul(y, z)) | 0,
  LERP: (x, y, z) => (z < 0.5 ? x + z * (y - x) : y - (y - x) * (1 - z)),

  F32_TO_I32: (x) => clampInt(x),
  I32_TO_F32: (x) => x,
  F32_TO_BOOL: (x) => +(x !== 0),
  I32_TO_BOOL: (x) => +(x !== 0),
  BOOL_TO_F32: (x) => x,
}

/** WGSL's float to int: towards zero, saturating; NaN becomes 0. */
const clampInt = (x: number): number =>
  Number.isNaN(x) ? 0 : Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.trunc(x)))

const names: PointwiseCode[] = []
for (const name of Object.keys(apply) as PointwiseCode[]) names[shaders.pointwise.consts[name]] = name

export const pointwise: Twin = ([y, ...inputs], p, { OP, SCALAR = 0 }) => {
  const walks = [p.a, p.b, p.c]
  // Each operand is read through its walk; a number is a tensor of one element.
  const operands: Operand[] = inputs.filter((x) => x !== undefined).map((x, i) => ({ x, walk: walks[i] }))
  if (SCALAR) operands.splice(SCALAR - 1, 0, { x: [p.scalar], walk: [0, 0, 0, 0] })
  const name = names[OP]
  for (let first = 0; first < p.size; first += BLOCK) {
    const values = block(p, first, operands, loops[name], apply[name])
    const end = Math.min(first + BLOCK, p.size)
    for (let i = first; i < end; i++) y[i] = values[i - first]
  }
}
