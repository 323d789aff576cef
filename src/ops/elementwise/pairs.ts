/** @file Functions of two or three numbers that are made of others. */
import { fail } from '../../core/errors.ts'
import { floats, numbers } from '../../core/op.ts'
import { broadcastShapes } from '../../core/shape.ts'
import { Tensor } from '../../core/tensor.ts'
import { checkDType, checkNumbers, checkSameKind, checkScalar, checkTensor } from '../base/arguments.ts'
import { customGrad } from '../base/custom.ts'
import type { Operand } from '../base/launches.ts'
import { optionsOf } from '../base/options.ts'
import { sumTo } from '../base/sum.ts'
import { tensor } from '../creation/create.ts'
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

/** Two operands as tensors that broadcast; a number gets the dtype and device of the other one. */
function pairOf(op: string, a: Operand, b: Operand, allowed = floats): [Tensor, Tensor] {
  const like = a instanceof Tensor ? a : b
  if (!(like instanceof Tensor)) return fail(op, `operands are ${a}, ${b}`, 'one must be a tensor')
  checkDType(op, a === like ? 'a' : 'b', like, allowed)
  const [x, y] = [a, b].map((z) => {
    if (typeof z !== 'number') return z
    checkScalar(op, z, like.dtype)
    return tensor(z, { dtype: like.dtype, device: like.device })
  })
  checkSameKind(op, like, 'a', x)
  checkSameKind(op, like, 'b', y)
  broadcastShapes(op, x.shape, y.shape)
  return [x, y]
}

/** The larger of two: a where it is taken, else b. */
const taken = (a: Tensor, b: Tensor, first: Tensor): Tensor => where(logicalOr(first, isnan(b)), a, b)

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
  return lengthOf(x, y)
}

const lengthOf = /* @__PURE__ */ customGrad(
  (a: Tensor, b: Tensor): Tensor => {
    const most = maximum(abs(a), abs(b))
    const scale = where(logicalOr(eq(most, 0), isinf(most)), 1, most)
    const y = mul(scale, sqrt(add(square(div(a, scale)), square(div(b, scale)))))
    return where(logicalOr(isinf(a), isinf(b)), Infinity, y)
  },
  (g, [a, b], y) => {
    const none = logicalOr(eq(y, 0), isinf(y))
    const over = where(none, 1, y)
    return [a, b].map((x) => sumTo(mul(g, div(where(none, 0, x), over)), x.shape))
  },
  'hypot',
)

/**
 * y = x·ln(b), broadcasting, and 0 where x is 0, whatever b is but NaN: Σ p·ln p. There the gradient is 0 too, unless
 * ln b is finite. Dtypes: floats.
 */
export function xlogy(x: Operand, b: Operand): Tensor {
  const [p, y] = pairOf('xlogy', x, b)
  // Where ln b is −∞, NaN or ∞ beside 0; NaN itself is neither.
  const endless = logicalAnd(eq(p, 0), logicalOr(le(y, 0), eq(y, Infinity)))
  return where(endless, 0, mul(p, log(where(endless, 1, y))))
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
export function isclose(a: Tensor, b: Tensor, options?: { rtol?: number; atol?: number; equalNan?: boolean }): Tensor {
  const op = 'isclose'
  checkTensor(op, 'a', a)
  checkTensor(op, 'b', b)
  const { rtol, atol, equalNan } = optionsOf(op, options, { rtol: 1e-5, atol: 1e-8, equalNan: false })
  checkNumbers(op, { rtol, atol })
  const [x, y] = pairOf(op, a, b, numbers)
  const far = x.dtype === 'int32' ? distance(x, y) : abs(sub(x, y))
  const allowed = add(mul(abs(cast(y, far.dtype)), rtol), atol)
  const near = logicalOr(eq(x, y), logicalAnd(isfinite(far), le(far, allowed)))
  return equalNan ? logicalOr(near, logicalAnd(isnan(x), isnan(y))) : near
}

/** |x − y| of integers as float32, exact where it is small. */
function distance(x: Tensor, y: Tensor): Tensor {
  const [high, low] = [maximum(x, y), minimum(x, y)]
  const d = sub(high, low)
  return where(lt(d, 0), sub(cast(high, 'float32'), cast(low, 'float32')), cast(d, 'float32'))
}
