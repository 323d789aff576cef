/** @file Functions of two or three numbers that are made of others. */
import { fail } from '../../core/errors.ts'
import { fillNew } from '../../core/launch.ts'
import { floats, numbers } from '../../core/op.ts'
import { broadcastShapes } from '../../core/shape.ts'
import { Tensor } from '../../core/tensor.ts'
import { checkDType, checkNumbers, checkSameKind, checkScalar, checkTensor } from '../base/arguments.ts'
import { type CustomRule, customGrad } from '../base/custom.ts'
import type { Operand } from '../base/launches.ts'
import { optionsOf, parametersOf } from '../base/options.ts'
import { sumTo } from '../base/sum.ts'
import { cast } from './cast.ts'
import {
  abs,
  add,
  div,
  eq,
  ge,
  isfinite,
  isinf,
  isnan,
  le,
  log,
  logicalAnd,
  logicalOr,
  lt,
  maximum,
  minimum,
  mul,
  sqrt,
  square,
  sub,
  where,
} from './elementwise.ts'

/** Two operands that broadcast, checked; a number is as the other's dtype has it, and is uploaded nowhere. */
function pairOf(op: string, a: Operand, b: Operand, allowed = floats): [Operand, Operand] {
  const like = a instanceof Tensor ? a : b
  if (!(like instanceof Tensor)) return fail(op, `operands are ${a}, ${b}`, 'one must be a tensor')
  checkDType(op, a === like ? 'a' : 'b', like, allowed)
  const [x, y] = [a, b].map((z, i) => {
    if (typeof z !== 'number') {
      checkSameKind(op, like, i === 0 ? 'a' : 'b', z)
      return z
    }
    checkScalar(op, z, like.dtype)
    return like.dtype === 'float32' ? Math.fround(z) : z
  })
  broadcastShapes(op, ...[x, y].map((z) => (z instanceof Tensor ? z.shape : [])))
  return [x, y]
}

/** The larger of two: a where it is taken, or where b is NaN, else b. */
function taken(a: Operand, b: Operand, first: Tensor): Tensor {
  if (b instanceof Tensor) return where(logicalOr(first, isnan(b)), a, b)
  return where(first, a, Number.isNaN(b) ? a : b)
}

/**
 * y = max(a, b), broadcasting; a NaN beside a number is left out, where {@link maximum} keeps it. Ties give the
 * gradient to a. Dtypes: floats, int32.
 */
export function fmax(a: Operand, b: Operand): Tensor {
  const [x, y] = pairOf('fmax', a, b, numbers)
  return taken(x, y, ge(x, y))
}

/**
 * y = min(a, b), broadcasting; a NaN beside a number is left out, where {@link minimum} keeps it. Ties give the
 * gradient to a. Dtypes: floats, int32.
 */
export function fmin(a: Operand, b: Operand): Tensor {
  const [x, y] = pairOf('fmin', a, b, numbers)
  return taken(x, y, le(x, y))
}

/**
 * y = √(a² + b²), broadcasting, by the larger side so that no square overflows; ∞ beside a NaN is ∞. The gradient at
 * the origin is 0, as where y is infinite. Dtypes: floats.
 */
export function hypot(a: Operand, b: Operand): Tensor {
  const [x, y] = pairOf('hypot', a, b)
  if (typeof x === 'number') return lengthWith(x)(y as Tensor) // one of the two is a tensor
  return typeof y === 'number' ? lengthWith(y)(x) : lengthOf(x, y)
}

/** √(a² + b²) of values alone. */
function lengths(a: Tensor, b: Operand): Tensor {
  const sides = typeof b === 'number' ? { most: Math.abs(b), endless: isinf(a) } : sidesOf(a, b)
  if (sides.most === Infinity) return fillNew('hypot', a.shape, Infinity, a.dtype, a.device)
  const most = maximum(abs(a), sides.most)
  const scale = where(logicalOr(eq(most, 0), isinf(most)), 1, most)
  const y = mul(scale, sqrt(add(square(div(a, scale)), square(div(b, scale)))))
  return where(sides.endless, Infinity, y)
}
const sidesOf = (a: Tensor, b: Tensor) => ({ most: abs(b), endless: logicalOr(isinf(a), isinf(b)) })

/** The gradients of {@link lengths}, of what is a tensor. */
const lengthRule: CustomRule<readonly Tensor[]> = (g, inputs, y) => {
  const none = logicalOr(eq(y, 0), isinf(y))
  const over = where(none, 1, y)
  return inputs.map((x) => sumTo(mul(g, div(where(none, 0, x), over)), x.shape))
}

const lengthOf = /* @__PURE__ */ customGrad<readonly [Tensor, Tensor]>(lengths, lengthRule, 'hypot')
const lengthWith = (b: number): ((a: Tensor) => Tensor) =>
  customGrad<readonly [Tensor]>((a) => lengths(a, b), lengthRule, 'hypot')

/**
 * y = x·ln(b), broadcasting, and 0 where x is 0, whatever b is but NaN: Σ p·ln p. There the gradient is 0 too, unless
 * ln b is finite. Dtypes: floats.
 */
export function xlogy(x: Operand, b: Operand): Tensor {
  const [p, y] = pairOf('xlogy', x, b)
  if (typeof y === 'number') {
    const of = p as Tensor // one of the two is a tensor
    if (!(y <= 0 || y === Infinity)) return mul(of, Math.log(y))
    const none = eq(of, 0)
    return where(none, 0, mul(where(none, 1, of), Math.log(y)))
  }
  if (typeof p === 'number' && p !== 0) return mul(p, log(y))
  // Where ln b is −∞, NaN or ∞ beside 0; NaN itself is neither.
  const endless = logicalOr(le(y, 0), eq(y, Infinity))
  const none = p instanceof Tensor ? logicalAnd(eq(p, 0), endless) : endless
  return where(none, 0, mul(p, log(where(none, 1, y))))
}

/**
 * y = x + value·a/b, broadcasting all three. Dtypes: floats.
 * @param options.value  default 1
 * @throws HandgradError if x is not a tensor, or value is not a number
 */
export function addcdiv(x: Tensor, a: Operand, b: Operand, options?: { value?: number }): Tensor {
  const op = 'addcdiv'
  checkDType(op, 'x', x, floats)
  const { value } = optionsOf(op, options, { value: 1 })
  checkNumbers(op, { value })
  for (const [name, z] of [
    ['a', a],
    ['b', b],
  ] as const)
    if (typeof z !== 'number') checkSameKind(op, x, name, z)
  broadcastShapes(op, ...[x, a, b].map((z) => (z instanceof Tensor ? z.shape : [])))
  const quotient = typeof a === 'number' && typeof b === 'number' ? a / b : div(a, b)
  return add(x, value === 1 ? quotient : typeof quotient === 'number' ? quotient * value : mul(quotient, value))
}

/**
 * y = [|a − b| ≤ atol + rtol·|b|] as bool, broadcasting: {@link allclose} of each pair. Infinities are close to
 * themselves alone. Dtypes: floats, int32.
 * @param options.rtol      default 1e-5
 * @param options.atol      default 1e-8
 * @param options.equalNan  true: NaN is close to NaN. Default false
 * @throws HandgradError if a and b do not broadcast or differ in dtype or device, or rtol or atol is not a number
 */
export function isclose(a: Tensor, b: Tensor, rtol?: number, atol?: number, equalNan?: boolean): Tensor
/** The same by name: `isclose(a, b, { atol: 1e-3 })`. */
export function isclose(a: Tensor, b: Tensor, options?: { rtol?: number; atol?: number; equalNan?: boolean }): Tensor
export function isclose(a: Tensor, b: Tensor, ...given: unknown[]): Tensor {
  const op = 'isclose'
  checkTensor(op, 'a', a)
  checkTensor(op, 'b', b)
  const { rtol, atol, equalNan } = parametersOf(op, given, { rtol: 1e-5, atol: 1e-8, equalNan: false })
  checkNumbers(op, { rtol, atol })
  checkDType(op, 'a', a, numbers)
  checkSameKind(op, a, 'b', b)
  broadcastShapes(op, a.shape, b.shape)
  const far = a.dtype === 'int32' ? distance(a, b) : abs(sub(a, b))
  const allowed = add(mul(abs(cast(b, far.dtype)), rtol), atol)
  const near = logicalOr(eq(a, b), logicalAnd(isfinite(far), le(far, allowed)))
  return equalNan ? logicalOr(near, logicalAnd(isnan(a), isnan(b))) : near
}

/** |x − y| of integers as float32, exact where it is small. */
function distance(x: Tensor, y: Tensor): Tensor {
  const [high, low] = [maximum(x, y), minimum(x, y)]
  const d = sub(high, low)
  return where(lt(d, 0), sub(cast(high, 'float32'), cast(low, 'float32')), cast(d, 'float32'))
}
