/**
 * @file Elementwise ops: the table of codes and derivatives. Each op is one line of WGSL in shaders/pointwise*.wgsl,
 * one of TypeScript in cpu/kernels/pointwise.ts, and its rule here. Inputs broadcast; a JS number may stand for any
 * operand. How an op becomes a launch is in pointwise.ts; activations that PyTorch has as functions only are in
 * activations.ts.
 */

import { describe, fail } from '../../core/errors.ts'
import { anyType, floats, numbers } from '../../core/op.ts'
import { broadcastShapes, showShape } from '../../core/shape.ts'
import { Tensor } from '../../core/tensor.ts'
import { useAddition } from '../../core/walk.ts'
import { checkDType, checkNumbers, checkSameKind, checkScalar, checkTensor } from '../base/arguments.ts'
import type { Operand } from '../base/launches.ts'
import { optionsOf, parametersOf } from '../base/options.ts'
import { elementwise, unary } from '../base/pointwise.ts'
import { detach } from '../base/views.ts'
import { tensor } from '../creation/create.ts'
import { zerosLike } from '../creation/like.ts'
import { cast } from './cast.ts'
import { reluOp } from './relu.ts'

type Unary = (x: Tensor) => Tensor

const TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI)

/** The rule of steps, which are constant between their jumps. */
const flat = (g: Tensor): Tensor => zerosLike(g)

/** True for what is made of ops that take integers, where the op's own kernel takes floats. */
const isInt = (x: unknown): boolean => x instanceof Tensor && x.dtype === 'int32'

// ---- unary, any number

/** y = −x. Dtypes: floats, int32. */
export const neg: Unary = unary('neg', { f: 'NEG', i: 'NEG_I' }, null, (g) => neg(g))
/** y = |x|; the derivative at 0 is 0. Dtypes: floats, int32. */
export const abs: Unary = unary('abs', { f: 'ABS', i: 'ABS_I' }, 'x', (g, x) => mul(g, sign(x)))
/** y = −1, 0 or 1 by the sign of x; the derivative is 0. Dtypes: floats, int32. */
export const sign: Unary = unary('sign', { f: 'SIGN', i: 'SIGN_I' }, null, flat)

// ---- unary, float: powers, exponentials, logarithms

const squareOp = unary('square', 'SQUARE', 'x', (g, x) => mul(g, mul(x, 2)))
/** y = x². Dtypes: floats, int32. */
export const square: Unary = (x) => (isInt(x) ? mul(x, x) : squareOp(x))
/** y = √x; NaN below 0. Dtypes: floats. */
export const sqrt: Unary = unary('sqrt', 'SQRT', 'y', (g, y) => div(g, mul(y, 2)))
/** y = 1/√x. Dtypes: floats. */
export const rsqrt: Unary = unary('rsqrt', 'RSQRT', 'y', (g, y) => mul(g, mul(pow(y, 3), -0.5)))
/** y = 1/x. Dtypes: floats. */
export const reciprocal: Unary = unary('reciprocal', 'RECIPROCAL', 'y', (g, y) => neg(mul(g, square(y))))
/** y = eˣ. Dtypes: floats. */
export const exp: Unary = unary('exp', 'EXP', 'y', (g, y) => mul(g, y))
/** y = eˣ − 1, exact near 0. Dtypes: floats. */
export const expm1: Unary = unary('expm1', 'EXPM1', 'y', (g, y) => mul(g, add(y, 1)))
/** y = ln x; NaN below 0, −Inf at 0. Dtypes: floats. */
export const log: Unary = unary('log', 'LOG', 'x', (g, x) => div(g, x))
/** y = log₂ x, exact for powers of 2; NaN below 0, −Inf at 0. Dtypes: floats. */
export const log2: Unary = unary('log2', 'LOG2', 'x', (g, x) => mul(div(g, x), Math.LOG2E))
/** y = log₁₀ x; NaN below 0, −Inf at 0. Dtypes: floats. */
export const log10: Unary = unary('log10', 'LOG10', 'x', (g, x) => mul(div(g, x), Math.LOG10E))
/** y = ln(1 + x), exact near 0. Dtypes: floats. */
export const log1p: Unary = unary('log1p', 'LOG1P', 'x', (g, x) => div(g, add(x, 1)))

// ---- trigonometry; angles in radians

/** y = sin x, x in radians. Dtypes: floats. */
export const sin: Unary = unary('sin', 'SIN', 'x', (g, x) => mul(g, cos(x)))
/** y = cos x, x in radians. Dtypes: floats. */
export const cos: Unary = unary('cos', 'COS', 'x', (g, x) => neg(mul(g, sin(x))))
/** y = tan x, x in radians; y′ = 1 + y². Dtypes: floats. */
export const tan: Unary = unary('tan', 'TAN', 'y', (g, y) => mul(g, add(square(y), 1)))
/** y = arcsin x in [−π/2, π/2]; NaN for |x| > 1, the derivative at ±1 is Inf. Dtypes: floats. */
export const asin: Unary = unary('asin', 'ASIN', 'x', (g, x) => mul(g, rsqrt(oneLessSquare(x))))
/** y = arccos x in [0, π]; NaN for |x| > 1, the derivative at ±1 is −Inf. Dtypes: floats. */
export const acos: Unary = unary('acos', 'ACOS', 'x', (g, x) => neg(mul(g, rsqrt(oneLessSquare(x)))))
/** y = arctan x in (−π/2, π/2). Dtypes: floats. */
export const atan: Unary = unary('atan', 'ATAN', 'x', (g, x) => div(g, add(square(x), 1)))
/** y = sinh x = (eˣ − e⁻ˣ)/2, finite up to |x| = 89.4 in float32. Dtypes: floats. */
export const sinh: Unary = unary('sinh', 'SINH', 'x', (g, x) => mul(g, cosh(x)))
/** y = cosh x = (eˣ + e⁻ˣ)/2, finite up to |x| = 89.4 in float32. Dtypes: floats. */
export const cosh: Unary = unary('cosh', 'COSH', 'x', (g, x) => mul(g, sinh(x)))
/** y = tanh x = (eˣ − e⁻ˣ)/(eˣ + e⁻ˣ). Dtypes: floats. */
export const tanh: Unary = unary('tanh', 'TANH', 'y', (g, y) => mul(g, sub(1, square(y))))
/** y = arsinh x = ln(x + √(x² + 1)). Dtypes: floats. */
export const asinh: Unary = unary('asinh', 'ASINH', 'x', (g, x) => mul(g, rsqrt(add(square(x), 1))))
/** y = arcosh x = ln(x + √(x² − 1)); NaN below 1, the derivative at 1 is Inf. Dtypes: floats. */
export const acosh: Unary = unary('acosh', 'ACOSH', 'x', (g, x) => mul(g, rsqrt(mul(sub(x, 1), add(x, 1)))))
/** y = artanh x = ½ ln((1 + x)/(1 − x)); ±Inf at ±1, NaN beyond. Dtypes: floats. */
export const atanh: Unary = unary('atanh', 'ATANH', 'x', (g, x) => div(g, oneLessSquare(x)))
/** 1 − x² as (1 − x)(1 + x), which does not cancel near 1. */
const oneLessSquare = (x: Tensor): Tensor => mul(sub(1, x), add(x, 1))

// ---- unary, float: the rest

/** y = erf x = 2/√π ∫₀ˣ e^(−t²) dt. Dtypes: floats. */
export const erf: Unary = unary('erf', 'ERF', 'x', (g, x) => mul(g, mul(exp(neg(square(x))), TWO_OVER_ROOT_PI)))
/** y = σ(x) = 1/(1 + e⁻ˣ). Dtypes: floats. */
export const sigmoid: Unary = unary('sigmoid', 'SIGMOID', 'y', (g, y) => mul(g, mul(y, sub(1, y))))
/** y = max(x, 0); the derivative at 0 is 0 (Nair & Hinton 2010). Dtypes: floats, int32. */
export const relu: Unary = (x) => (isInt(x) ? maximum(x, 0) : reluOp(x))

const softplusOp = unary('softplus', 'SOFTPLUS', 'x', (g, x) => mul(g, sigmoid(x)))
/**
 * y = ln(1 + e^(βx))/β (Dugas et al. 2001), finite for every x. Dtypes: floats.
 * @param options.beta       β ≠ 0; default 1
 * @param options.threshold  y = x where βx is above it. Default: none is needed, the formula does not overflow
 * @throws HandgradError if beta is 0, or beta or threshold is not a number
 */
export function softplus(x: Tensor, options?: { beta?: number; threshold?: number }): Tensor
/** The same by position: `softplus(x, 2, 20)`. */
export function softplus(x: Tensor, beta?: number, threshold?: number): Tensor
export function softplus(x: Tensor, ...given: unknown[]): Tensor {
  const op = 'softplus'
  checkDType(op, 'x', x, floats)
  const { beta, threshold } = parametersOf(op, given, { beta: 1, threshold: undefined as number | undefined })
  checkNumbers(op, { beta, threshold: threshold === undefined ? 0 : threshold })
  if (beta === 0) fail(op, 'beta is 0', 'give another number')
  const scaled = beta === 1 ? x : mul(x, beta)
  const y = softplusOp(scaled)
  const unscaled = beta === 1 ? y : div(y, beta)
  return threshold === undefined ? unscaled : where(gt(scaled, threshold), x, unscaled)
}

const logitOp = unary('logit', 'LOGIT', 'x', (g, x) => {
  const spread = mul(x, sub(1, x))
  return div(g, where(lt(spread, 0), NaN, spread))
})
/**
 * y = ln(x/(1 − x)), the inverse of σ; ±Inf at 1 and 0, NaN outside of [0, 1]. Dtypes: floats.
 * @param eps  first clamp x to [eps, 1 − eps]. Default, or null: leave x as it is
 * @throws HandgradError if eps is not a number from 0 to 0.5
 */
export function logit(x: Tensor, eps?: number | null): Tensor
/** The same by name: `logit(x, { eps: 1e-6 })`. */
export function logit(x: Tensor, options?: { eps?: number | null }): Tensor
export function logit(x: Tensor, ...given: unknown[]): Tensor {
  checkDType('logit', 'x', x, floats)
  const { eps } = parametersOf('logit', given, { eps: null as number | null })
  if (eps == null) return logitOp(x)
  if (typeof eps !== 'number' || !(eps >= 0 && eps <= 0.5))
    fail('logit', `eps is ${describe(eps)}`, 'give a number from 0 to 0.5')
  return logitOp(clamp(x, { min: eps, max: 1 - eps }))
}

/** y = ⌊x⌋; the derivative is 0. Dtypes: floats, int32. */
export const floor: Unary = unary('floor', { f: 'FLOOR', i: 'COPY' }, null, flat)
/** y = ⌈x⌉; the derivative is 0. Dtypes: floats, int32. */
export const ceil: Unary = unary('ceil', { f: 'CEIL', i: 'COPY' }, null, flat)
/** y = x towards zero; the derivative is 0. Dtypes: floats, int32. */
export const trunc: Unary = unary('trunc', { f: 'TRUNC', i: 'COPY' }, null, flat)
/** y = x − trunc x, with the sign of x; the derivative is 1. Dtypes: floats. */
export const frac: Unary = unary('frac', 'FRAC', null, (g) => g)
const roundOp = unary('round', { f: 'ROUND', i: 'COPY' }, null, flat)
/**
 * y = x to the nearest integer, halves to the even one; the derivative is 0. Dtypes: floats, int32 (without decimals).
 * @param options.decimals  places after the point to keep, or before it where negative: round(x·10ᵈ)/10ᵈ; default 0
 * @throws HandgradError if decimals is not an integer
 */
export function round(x: Tensor, options?: { decimals?: number }): Tensor {
  const op = 'round'
  const { decimals } = optionsOf(op, options, { decimals: 0 })
  if (!Number.isInteger(decimals)) fail(op, `decimals is ${describe(decimals)}`, 'give an integer')
  const scale = 10 ** Math.abs(decimals)
  if (decimals === 0) return roundOp(x)
  checkDType(op, 'x', x, floats)
  return decimals > 0 ? div(roundOp(mul(x, scale)), scale) : mul(roundOp(div(x, scale)), scale)
}

const test = (name: string, code: 'ISNAN' | 'ISINF' | 'ISFINITE') =>
  elementwise({
    name,
    inputs: ['x'],
    dtypes: floats,
    codes: { f: code },
    rules: 'none',
    result: 'bool',
  })
const isnanOp = test('isnan', 'ISNAN')
const isinfOp = test('isinf', 'ISINF')
const isfiniteOp = test('isfinite', 'ISFINITE')
/** y = [x is NaN] as bool. Dtypes: floats, int32. */
export const isnan = (x: Tensor): Tensor => (isInt(x) ? ne(x, x) : isnanOp(x))
/** y = [x = ±∞] as bool. Dtypes: floats, int32. */
export const isinf = (x: Tensor): Tensor => (isInt(x) ? ne(x, x) : isinfOp(x))
/** y = [x is neither NaN nor ±∞] as bool. Dtypes: floats, int32. */
export const isfinite = (x: Tensor): Tensor => (isInt(x) ? eq(x, x) : isfiniteOp(x))

/** Options of {@link nanToNum}. */
export interface NanToNumOptions {
  /** For NaN. Default, or null: 0. */
  nan?: number | null
  /** For Infinity. Default, or null: the largest number of x's dtype. */
  posinf?: number | null
  /** For −Infinity. Default, or null: the least number of x's dtype. */
  neginf?: number | null
}

/**
 * x with other numbers in place of NaN and ±∞, where its gradient is 0. Dtypes: floats, int32 (a copy).
 * @param options.nan            default, or null: 0
 * @param options.posinf,neginf  default, or null: the largest, lowest number of the dtype
 * @throws HandgradError if an option is not a number, or is unknown
 */
export function nanToNum(x: Tensor, nan?: number | null, posinf?: number | null, neginf?: number | null): Tensor
/** The same by name: `x.nanToNum({ posinf: 0 })`. */
export function nanToNum(x: Tensor, options?: NanToNumOptions): Tensor
export function nanToNum(x: Tensor, ...options: unknown[]): Tensor {
  const op = 'nanToNum'
  checkDType(op, 'x', x, numbers)
  const given = parametersOf(op, options, { nan: 0, posinf: null, neginf: null } as Required<NanToNumOptions>)
  const most = x.dtype === 'float32' ? 2 ** 128 - 2 ** 104 : Number.MAX_VALUE
  const [nan, posinf, neginf] = [given.nan ?? 0, given.posinf ?? most, given.neginf ?? -most]
  checkNumbers(op, { nan, posinf, neginf })
  if (isInt(x)) return trunc(x)
  const infinite = isinf(x)
  const up = where(logicalAnd(infinite, gt(x, 0)), posinf, where(isnan(x), nan, x))
  return where(logicalAnd(infinite, lt(x, 0)), neginf, up)
}

const notOp = elementwise({
  name: 'logicalNot',
  inputs: ['x'],
  dtypes: ['bool'],
  codes: { b: 'NOT' },
  rules: 'none',
})
/** x as bool, by ≠ 0. */
const truth = (x: Tensor): Tensor => (x instanceof Tensor && x.dtype !== 'bool' ? cast(x, 'bool') : x)
/** y = ¬x as bool, what is not 0 counting as true. Any dtype. */
export const logicalNot = (x: Tensor): Tensor => notOp(truth(x))

// ---- binary: arithmetic

const addOp = elementwise({
  name: 'add',
  inputs: ['a', 'b'],
  dtypes: numbers,
  codes: { f: 'ADD', i: 'ADD_I' },
  rules: { a: (g) => g, b: (g) => g },
})
/**
 * y = a + b, broadcasting. Dtypes: floats, int32.
 * @param options.alpha  a factor on b: y = a + alpha·b. Default 1
 * @throws HandgradError if alpha is not a number that the dtype can hold
 */
export const add = (a: Operand, b: Operand, options?: { alpha?: number }): Tensor =>
  scaledSum('add', addOp, 1, a, b, options)
useAddition(addOp)

const subOp = elementwise({
  name: 'sub',
  inputs: ['a', 'b'],
  dtypes: numbers,
  codes: { f: 'SUB', i: 'SUB_I' },
  rules: { a: (g) => g, b: (g) => neg(g) },
})
/**
 * y = a − b, broadcasting. Dtypes: floats, int32.
 * @param options.alpha  a factor on b: y = a − alpha·b. Default 1
 * @throws HandgradError if alpha is not a number that the dtype can hold
 */
export const sub = (a: Operand, b: Operand, options?: { alpha?: number }): Tensor =>
  scaledSum('sub', subOp, -1, a, b, options)

/** a + sign·alpha·b, by the plain op where alpha is 1. */
function scaledSum(
  op: 'add' | 'sub',
  plain: typeof addOp,
  sign: 1 | -1,
  a: Operand,
  b: Operand,
  options: { alpha?: number } | undefined,
): Tensor {
  const { alpha } = optionsOf(op, options, { alpha: 1 })
  if (alpha === 1) return plain(a, b)
  checkNumbers(op, { alpha })
  if (isInt(a) || isInt(b)) checkScalar(op, alpha, 'int32')
  return scaled[op](a, b, sign * alpha)
}

const mulOp = elementwise({
  name: 'mul',
  inputs: ['a', 'b'],
  dtypes: numbers,
  codes: { f: 'MUL', i: 'MUL_I' },
  saves: { a: ['b'], b: ['a'] },
  rules: { a: (g, { b }) => mul(g, b), b: (g, { a }) => mul(g, a) },
})
/** y = a·b, broadcasting. Dtypes: floats, int32. */
export const mul = (a: Operand, b: Operand): Tensor => mulOp(a, b)

const divOp = elementwise({
  name: 'div',
  inputs: ['a', 'b'],
  dtypes: floats,
  codes: { f: 'DIV' },
  saves: { a: ['b'], b: ['b', 'y'] },
  // d(a/b)/db = −a/b² = −y/b
  rules: { a: (g, { b }) => div(g, b), b: (g, { b, y }) => neg(mul(g, div(y, b))) },
})
const steps = { a: flat, b: flat }
const wholeDivs = {
  floor: elementwise({
    name: 'floorDivide',
    as: 'div',
    inputs: ['a', 'b'],
    dtypes: numbers,
    codes: { f: 'FLOOR_DIV', i: 'FLOOR_DIV_I' },
    rules: steps,
  }),
  trunc: elementwise({
    name: 'truncDivide',
    as: 'div',
    inputs: ['a', 'b'],
    dtypes: numbers,
    codes: { f: 'TRUNC_DIV', i: 'TRUNC_DIV_I' },
    rules: steps,
  }),
}
/**
 * y = a/b, broadcasting. Dtypes: floats.
 * @param options.roundingMode 'floor': ⌊a/b⌋, 'trunc': a/b towards zero; then also int32 (where a/0 is 0), and the
 *   derivative is 0. Default, or null: not rounded
 * @throws HandgradError if roundingMode is neither 'floor' nor 'trunc'
 */
export function div(a: Operand, b: Operand, options?: { roundingMode?: 'floor' | 'trunc' | null }): Tensor {
  const { roundingMode: mode } = optionsOf('div', options, { roundingMode: null })
  if (mode == null) return divOp(a, b)
  if (!Object.hasOwn(wholeDivs, mode)) fail('div', `roundingMode is ${describe(mode)}`, "'floor' or 'trunc'")
  return wholeDivs[mode](a, b)
}

// a = q·b + y with an integer q: dy/da = 1, dy/db = −q. The quotient comes from y, because a/b may round up to an
// integer. It is a constant: 0 times the derivative of a/b, which may overflow, has no place in the graph.
const quotient = (a: Operand, b: Operand, y: Tensor): Tensor => detach(roundOp(div(sub(a, y), b)))
const modulo = (name: string, f: 'REMAINDER' | 'FMOD') =>
  elementwise({
    name,
    inputs: ['a', 'b'],
    dtypes: numbers,
    codes: { f, i: `${f}_I` },
    saves: { b: ['a', 'b', 'y'] },
    rules: { a: (g) => g, b: (g, { a, b, y }) => neg(mul(g, quotient(a, b, y))) },
  })
const remainderOp = modulo('remainder', 'REMAINDER')
const fmodOp = modulo('fmod', 'FMOD')
/**
 * y = a − b·⌊a/b⌋, exact, with the sign of b, as Python's %; broadcasting. x/0 leaves NaN, as does its derivative by b
 * (int32: 0). Dtypes: floats, int32.
 */
export const remainder = (a: Operand, b: Operand): Tensor => remainderOp(a, b)
/**
 * y = a − b·trunc(a/b), exact, with the sign of a, as C's fmod; broadcasting. x/0 leaves NaN, as does its derivative by
 * b (int32: 0). Dtypes: floats, int32.
 */
export const fmod = (a: Operand, b: Operand): Tensor => fmodOp(a, b)

const powOp = elementwise({
  name: 'pow',
  inputs: ['a', 'b'],
  dtypes: floats,
  codes: { f: 'POW' },
  saves: { a: ['a', 'b'], b: ['a', 'b'] },
  rules: {
    // b·a^(b−1). Where b is 0 and 1/a is not finite, a⁰ is the constant 1: 1 stands in for a. There, and where a is 0,
    // nothing depends on b, as the rule of b has it, so that mixed derivatives are the same in both orders.
    a: (g, { a, b }) => {
      if (b === 0) return zerosLike(g)
      if (b === 1) return g
      if (typeof b === 'number') return mul(g, mul(pow(a, b - 1), b))
      const constant = logicalAnd(eq(b, 0), logicalNot(isfinite(div(1, a))))
      const power = where(logicalOr(constant, eq(a, 0)), detach(b), b)
      return mul(g, mul(power, pow(where(constant, 1, a), sub(power, 1))))
    },
    // aᵇ·ln a, but 0 where a is 0: 1 stands in for a, out of the graph.
    b: (g, { a, b }) => {
      if (a === 0) return zerosLike(g)
      if (typeof a === 'number') return mul(g, mul(pow(a, b), Math.log(a)))
      const base = where(eq(a, 0), 1, a)
      return mul(g, mul(pow(base, b), log(base)))
    },
  },
})
/**
 * y = aᵇ, broadcasting; right for negative a with integer b. At a = 0 every derivative that involves b is 0. Dtypes:
 * floats.
 */
export const pow = (a: Operand, b: Operand): Tensor => powOp(a, b)

// p = x/(x² + y²); with q = y/(x² + y²), ∂p/∂x = q² − p² and ∂p/∂y = −2pq. 0 at the origin.
const polar: (a: Operand, b: Operand) => Tensor = elementwise({
  name: 'atan2Grad',
  inputs: ['a', 'b'],
  dtypes: floats,
  codes: { f: 'POLAR' },
  saves: { a: ['a', 'b'], b: ['a', 'b'] },
  rules: {
    a: (g, { a, b }) => mul(g, sub(square(polar(b, a)), square(polar(a, b)))),
    b: (g, { a, b }) => mul(g, mul(mul(polar(a, b), polar(b, a)), -2)),
  },
})
const atan2Op = elementwise({
  name: 'atan2',
  inputs: ['a', 'b'],
  dtypes: floats,
  codes: { f: 'ATAN2' },
  saves: { a: ['a', 'b'], b: ['a', 'b'] },
  rules: { a: (g, { a, b }) => mul(g, polar(b, a)), b: (g, { a, b }) => neg(mul(g, polar(a, b))) },
})
/**
 * y = the angle of the point (b, a) in [−π, π], broadcasting: a is the ordinate. The gradient at the origin is 0.
 * Dtypes: floats.
 */
export const atan2 = (a: Operand, b: Operand): Tensor => atan2Op(a, b)

// ∂y/∂a = e^a/(e^a + e^b) = σ(a − b); equal infinities share. Their difference is NaN, and y is not.
const logShare = (a: Operand, b: Operand, y: Tensor): Tensor => {
  const d = sub(a, b)
  return sigmoid(where(logicalAnd(isnan(d), logicalNot(isnan(y))), 0, d))
}
const logaddexpOp = elementwise({
  name: 'logaddexp',
  inputs: ['a', 'b'],
  dtypes: floats,
  codes: { f: 'LOGADDEXP' },
  saves: { a: ['a', 'b', 'y'], b: ['a', 'b', 'y'] },
  rules: { a: (g, { a, b, y }) => mul(g, logShare(a, b, y)), b: (g, { a, b, y }) => mul(g, logShare(b, a, y)) },
})
/** y = ln(eᵃ + eᵇ) = max(a, b) + ln(1 + e^−|a−b|), broadcasting. Dtypes: floats. */
export const logaddexp = (a: Operand, b: Operand): Tensor => logaddexpOp(a, b)

// ---- binary: the larger and the smaller

/** g where this side won, half of it at a tie. */
const share = (g: Tensor, lost: Tensor, tie: Tensor): Tensor => where(tie, mul(g, 0.5), where(lost, 0, g))

const maximumOp = elementwise({
  name: 'maximum',
  inputs: ['a', 'b'],
  dtypes: numbers,
  codes: { f: 'MAXIMUM', i: 'MAXIMUM_I' },
  saves: { a: ['a', 'b'], b: ['a', 'b'] },
  rules: { a: (g, { a, b }) => share(g, lt(a, b), eq(a, b)), b: (g, { a, b }) => share(g, gt(a, b), eq(a, b)) },
})
const minimumOp = elementwise({
  name: 'minimum',
  inputs: ['a', 'b'],
  dtypes: numbers,
  codes: { f: 'MINIMUM', i: 'MINIMUM_I' },
  saves: { a: ['a', 'b'], b: ['a', 'b'] },
  rules: { a: (g, { a, b }) => share(g, gt(a, b), eq(a, b)), b: (g, { a, b }) => share(g, lt(a, b), eq(a, b)) },
})
/** y = max(a, b), broadcasting; NaN wins, ties share the gradient. Dtypes: floats, int32. */
export const maximum = (a: Operand, b: Operand): Tensor => maximumOp(a, b)
/** y = min(a, b), broadcasting; NaN wins, ties share the gradient. Dtypes: floats, int32. */
export const minimum = (a: Operand, b: Operand): Tensor => minimumOp(a, b)

// The kink: at the bound the gradient passes to x.
const clampMin = elementwise({
  name: 'clampMin',
  as: 'clamp',
  inputs: ['x', 'min'],
  dtypes: numbers,
  codes: { f: 'MAXIMUM', i: 'MAXIMUM_I' },
  saves: { x: ['x', 'min'], min: ['x', 'min'] },
  rules: { x: (g, { x, min }) => where(ge(x, min), g, 0), min: (g, { x, min }) => where(lt(x, min), g, 0) },
})
const clampMax = elementwise({
  name: 'clampMax',
  as: 'clamp',
  inputs: ['x', 'max'],
  dtypes: numbers,
  codes: { f: 'MINIMUM', i: 'MINIMUM_I' },
  saves: { x: ['x', 'max'], max: ['x', 'max'] },
  rules: { x: (g, { x, max }) => where(le(x, max), g, 0), max: (g, { x, max }) => where(gt(x, max), g, 0) },
})
/**
 * y = min(max(x, min), max): `x.clamp({ min: 0 })`. The gradient passes inside and at the bounds; outside it goes to
 * the bound, if that is a tensor. NaN stays; where min > max, y is max. Dtypes: floats, int32.
 * @param bounds  `{ min, max }`: numbers, or tensors that broadcast; one may be left out, or null
 * @returns the shape that all broadcast to
 * @throws HandgradError if neither min nor max is given, one does not broadcast with x, differs from it in dtype or
 *   device, or is a number that the dtype cannot hold
 */
export function clamp(x: Tensor, bounds: { min?: Operand | null; max?: Operand | null }): Tensor
/** The same with the bounds one after the other, as PyTorch has it: `x.clamp(0, 1)`, `x.clamp(null, 1)`. */
export function clamp(x: Tensor, min: Operand | null, max?: Operand | null): Tensor
export function clamp(x: Tensor, first: unknown, second?: Operand | null): Tensor {
  const op = 'clamp'
  checkTensor(op, 'x', x)
  const listed = first === null || typeof first === 'number' || first instanceof Tensor || second !== undefined
  const bounds = (listed ? { min: first, max: second } : first) as { min?: Operand | null; max?: Operand | null }
  if (bounds === undefined) fail(op, 'the options are undefined', 'it takes { min, max }')
  const { min, max } = optionsOf(op, bounds, { min: null, max: null })
  if (min == null && max == null) fail(op, 'neither min nor max is given', 'give one: { min: 0 }')
  // Two launches: the second one's bound is checked before the first.
  if (typeof max === 'number' && isInt(x)) checkScalar(op, max, 'int32')
  if (max != null && typeof max !== 'number') {
    checkSameKind(op, x, 'max', max)
    broadcastShapes(op, x.shape, min instanceof Tensor ? min.shape : [], max.shape)
  }
  const low = min == null ? x : clampMin(x, min)
  return max == null ? low : clampMax(low, max)
}

// ---- comparisons and logic: bool results have no gradient

const asBool = { result: 'bool' } as const
const equality = (name: string, code: 'EQ' | 'NE') =>
  elementwise({
    name,
    inputs: ['a', 'b'],
    dtypes: anyType,
    codes: { f: code, i: `${code}_I`, b: `${code}_I` },
    rules: 'none',
    ...asBool,
  })
const order = (name: string, code: 'LT' | 'LE' | 'GT' | 'GE') =>
  elementwise({
    name,
    inputs: ['a', 'b'],
    dtypes: numbers,
    codes: { f: code, i: `${code}_I` },
    rules: 'none',
    ...asBool,
  })
const logic = (name: string, b: 'AND' | 'OR' | 'XOR') =>
  elementwise({
    name,
    inputs: ['a', 'b'],
    dtypes: ['bool'],
    codes: { b },
    rules: 'none',
  })
const eqOp = equality('eq', 'EQ')
const neOp = equality('ne', 'NE')
const ltOp = order('lt', 'LT')
const leOp = order('le', 'LE')
const gtOp = order('gt', 'GT')
const geOp = order('ge', 'GE')
const andOp = logic('logicalAnd', 'AND')
const orOp = logic('logicalOr', 'OR')
const xorOp = logic('logicalXor', 'XOR')

/** y = [a = b] as bool, broadcasting. Any dtype. */
export const eq = (a: Operand, b: Operand): Tensor => eqOp(a, b)
/** y = [a ≠ b] as bool, broadcasting. Any dtype. */
export const ne = (a: Operand, b: Operand): Tensor => neOp(a, b)
/** y = [a < b] as bool, broadcasting. Dtypes: floats, int32. */
export const lt = (a: Operand, b: Operand): Tensor => ltOp(a, b)
/** y = [a ≤ b] as bool, broadcasting. Dtypes: floats, int32. */
export const le = (a: Operand, b: Operand): Tensor => leOp(a, b)
/** y = [a > b] as bool, broadcasting. Dtypes: floats, int32. */
export const gt = (a: Operand, b: Operand): Tensor => gtOp(a, b)
/** y = [a ≥ b] as bool, broadcasting. Dtypes: floats, int32. */
export const ge = (a: Operand, b: Operand): Tensor => geOp(a, b)
/** y = a ∧ b as bool, broadcasting, what is not 0 counting as true. Any dtype. */
export const logicalAnd = (a: Tensor, b: Tensor): Tensor => andOp(truth(a), truth(b))
/** y = a ∨ b as bool, broadcasting, what is not 0 counting as true. Any dtype. */
export const logicalOr = (a: Tensor, b: Tensor): Tensor => orOp(truth(a), truth(b))
/** y = a ⊻ b as bool, broadcasting, what is not 0 counting as true. Any dtype. */
export const logicalXor = (a: Tensor, b: Tensor): Tensor => xorOp(truth(a), truth(b))

// ---- ternary

const whereOp = elementwise({
  name: 'where',
  inputs: ['cond', 'a', 'b'],
  dtypes: { cond: ['bool'], a: anyType, b: anyType },
  codes: { f: 'WHERE', i: 'WHERE', b: 'WHERE' },
  saves: { a: ['cond'], b: ['cond'] },
  // The side not taken gets 0 from the select, whatever the cotangent: no 0·∞.
  rules: { a: (g, { cond }) => where(cond, g, 0), b: (g, { cond }) => where(cond, 0, g) },
})
/**
 * y = a where cond, else b, broadcasting all three. Each side gets the gradient only where it was taken; a NaN made on
 * the other side stays out only if it is not in the graph: write where(m, log(where(m, x, 1)), 0), not where(m, log(x),
 * 0). Any dtype.
 * @param cond  bool
 * @param a,b   any dtype, the same
 */
export function where(cond: Tensor, a: Operand, b: Operand): Tensor {
  checkDType('where', 'cond', cond, ['bool'])
  // Two numbers say no dtype: float32, as tensor() has it.
  const first = typeof a === 'number' && typeof b === 'number' ? tensor(a, { device: cond.device }) : a
  return whereOp(cond, first, b)
}

/**
 * x with `value` where mask is true; its gradient is 0 there. Any dtype.
 * @param mask   bool; it and x broadcast
 * @param value  a number, or a 0-d tensor (which then gets the gradient of the places it filled)
 * @returns the shape that x and mask broadcast to
 * @throws HandgradError if the mask is not bool or does not broadcast with x, or value is a tensor of one or more axes
 */
export function maskedFill(x: Tensor, mask: Tensor, value: Operand): Tensor {
  const op = 'maskedFill'
  checkTensor(op, 'x', x)
  checkDType(op, 'mask', mask, ['bool'])
  broadcastShapes(op, x.shape, mask.shape)
  if (value instanceof Tensor) checkSameKind(op, x, 'value', value)
  else checkScalar(op, value, x.dtype)
  if (value instanceof Tensor && value.ndim > 0)
    fail(op, `value is ${showShape(value.shape)}`, 'give a number or a 0-d tensor; where() broadcasts')
  return where(mask, value, x)
}

const lerpOp = elementwise({
  name: 'lerp',
  inputs: ['a', 'b', 'weight'],
  dtypes: floats,
  codes: { f: 'LERP' },
  saves: { a: ['weight'], b: ['weight'], weight: ['a', 'b'] },
  rules: {
    a: (g, { weight }) => mul(g, typeof weight === 'number' ? 1 - weight : sub(1, weight)),
    b: (g, { weight }) => mul(g, weight),
    weight: (g, { a, b }) => mul(g, typeof a === 'number' && typeof b === 'number' ? b - a : sub(b, a)),
  },
})
/** y = a + weight·(b − a), exact at weight 0 and 1; broadcasting all three. Dtypes: floats. */
export const lerp = (a: Operand, b: Operand, weight: Operand): Tensor => lerpOp(a, b, weight)

/** y = x + a·b in one kernel. */
const fusedSum = (name: string, as = name) =>
  elementwise({
    name,
    as,
    inputs: ['x', 'a', 'b'],
    dtypes: numbers,
    codes: { f: 'ADDCMUL', i: 'ADDCMUL_I' },
    saves: { a: ['b'], b: ['a'] },
    rules: { x: (g) => g, a: (g, { b }) => mul(g, b), b: (g, { a }) => mul(g, a) },
  })
const scaled = { add: fusedSum('addScaled', 'add'), sub: fusedSum('subScaled', 'sub') }
const addcmulOp = fusedSum('addcmul')
/**
 * y = x + value·a·b, broadcasting all three. Dtypes: floats, int32.
 * @param options.value  default 1
 * @throws HandgradError if x is not a tensor, or value is not a number that x's dtype can hold
 */
export function addcmul(x: Tensor, a: Operand, b: Operand, options?: { value?: number }): Tensor {
  const op = 'addcmul'
  checkTensor(op, 'x', x)
  const { value } = optionsOf(op, options, { value: 1 })
  checkScalar(op, value, x.dtype)
  return addcmulOp(x, value === 1 ? a : typeof a === 'number' ? a * value : mul(a, value), b)
}
