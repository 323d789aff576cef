/**
 * @file CPU twin of shaders/pointwise.wgsl: one line per elementwise op, under the names of the op codes there. Computed in
 * float64 and rounded when stored, so the float32 twin is the correctly rounded result of the float64 one.
 */
import type { Twin } from '../../kernel.ts'
import type { KernelConsts } from '../../shaders.generated.ts'
import * as shaders from '../../shaders.generated.ts'
import { erf, roundEven, sigmoid, softplus } from './special.ts'
import { addresses } from './view.ts'

type Code = Exclude<keyof KernelConsts['pointwise'], 'LANES'>
type Apply = (x: number, y: number, z: number) => number

/** The mathematics of each op code; results are stored in the output's dtype (int32 wraps, bool is 0 or 1). */
const apply: Record<Code, Apply> = {
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

  ADD: (x, y) => x + y,
  SUB: (x, y) => x - y,
  MUL: (x, y) => x * y,
  DIV: (x, y) => x / y,
  POW: (x, y) => (x === 1 ? 1 : x === -1 && !Number.isFinite(y) && !Number.isNaN(y) ? 1 : x ** y),
  MAXIMUM: (x, y) => Math.max(x, y),
  MINIMUM: (x, y) => Math.min(x, y),

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
  WHERE: (x, y, z) => (x ? y : z),

  F32_TO_I32: (x) => clampInt(x),
  I32_TO_F32: (x) => x,
  F32_TO_BOOL: (x) => +(x !== 0),
  I32_TO_BOOL: (x) => +(x !== 0),
  BOOL_TO_F32: (x) => x,
}

/** WGSL's float to int: towards zero, saturating; NaN becomes 0. */
const clampInt = (x: number): number =>
  Number.isNaN(x) ? 0 : Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.trunc(x)))

const byCode: Apply[] = []
for (const name of Object.keys(apply) as Code[]) byCode[shaders.pointwise.consts[name]] = apply[name]

export const pointwise: Twin = ([y, ...inputs], p, { OP, SCALAR = 0 }) => {
  const f = byCode[OP]
  const { size, d1, d2 } = p
  const tensors = inputs.filter((x) => x !== undefined)
  const views = [p.a, p.b, p.c]
  const operands = tensors.map((x, i) => ({
    x,
    at: isFlat(views[i], size, d2) ? null : addresses(size, d1, d2, views[i]),
  }))
  const scalar = [p.scalar]
  const constant = { x: scalar, at: new Int32Array(SCALAR ? size : 0) }
  if (SCALAR) operands.splice(SCALAR - 1, 0, constant)
  const [a, b, c] = operands
  if (b === undefined) {
    if (a.at) for (let i = 0; i < size; i++) y[i] = f(a.x[a.at[i]], 0, 0)
    else for (let i = 0; i < size; i++) y[i] = f(a.x[i], 0, 0)
  } else if (c === undefined) {
    if (SCALAR === 2 && !a.at) for (let i = 0; i < size; i++) y[i] = f(a.x[i], p.scalar, 0)
    else if (!a.at && !b.at) for (let i = 0; i < size; i++) y[i] = f(a.x[i], b.x[i], 0)
    else if (!a.at && b.at) for (let i = 0; i < size; i++) y[i] = f(a.x[i], b.x[b.at[i]], 0)
    else for (let i = 0; i < size; i++) y[i] = f(a.x[a.at ? a.at[i] : i], b.x[b.at ? b.at[i] : i], 0)
  } else {
    for (let i = 0; i < size; i++) y[i] = f(a.x[a.at ? a.at[i] : i], b.x[b.at ? b.at[i] : i], c.x[c.at ? c.at[i] : i])
  }
}

const isFlat = (view: readonly number[], size: number, d2: number): boolean =>
  view[0] === 0 && view[3] === 1 && d2 === size
