/**
 * @file Products under the names that PyTorch gives them, around matmul.ts. Contractions by labels are in einsum.ts.
 */

import { fail } from '../../core/errors.ts'
import { floats, numbers } from '../../core/op.ts'
import { checkShape, expandView, showShape } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType, checkSameKind, checkScalar } from '../base/arguments.ts'
import { optionsOf } from '../base/options.ts'
import { reshape, unsqueeze } from '../base/views.ts'
import { add, mul } from '../elementwise/elementwise.ts'
import { sum } from '../reduce/reduce.ts'
import { matmul } from './matmul.ts'

/** Two float tensors of one kind, of one rank or two. */
function checkOperands(
  op: string,
  a: Tensor,
  b: Tensor,
  rank: number,
  want: string,
  allowed = floats,
  other = rank,
): void {
  checkDType(op, 'a', a, allowed)
  checkSameKind(op, a, 'b', b)
  if (a.ndim !== rank || b.ndim !== other) fail(op, `inputs are ${showShape(a.shape)} and ${showShape(b.shape)}`, want)
}

function checkInner(op: string, a: Tensor, b: Tensor): void {
  const [k, rows] = [a.shape[a.ndim - 1], b.shape[b.ndim - 2]]
  const shapes = `${showShape(a.shape)} × ${showShape(b.shape)}`
  if (k !== rows) fail(op, `inner sizes differ, ${shapes} has ${k} and ${rows}`, 'transpose an input?')
}

/**
 * y = a b of two matrices, [m, k] × [k, n] → [m, n]. Dtypes: floats.
 * @throws HandgradError if an input is not a matrix, or inner sizes differ
 */
export function mm(a: Tensor, b: Tensor): Tensor {
  checkOperands('mm', a, b, 2, 'give [m, k] and [k, n]; matmul takes any')
  checkInner('mm', a, b)
  return matmul(a, b)
}

/**
 * y = a v of a matrix and a vector, [m, k] × [k] → [m]. Dtypes: floats.
 * @throws HandgradError if they are not, or inner sizes differ
 */
export function mv(a: Tensor, v: Tensor): Tensor {
  checkOperands('mv', a, v, 2, 'give [m, k] and [k]; matmul takes any', floats, 1)
  if (a.shape[1] !== v.numel)
    fail('mv', `inner sizes differ, ${showShape(a.shape)} × ${showShape(v.shape)} has ${a.shape[1]} and ${v.numel}`)
  return matmul(a, v)
}

/**
 * y[b] = a[b] · b[b]: [batch, m, k] × [batch, k, n] → [batch, m, n]. Dtypes: floats.
 * @throws HandgradError if the shapes are not these: three axes, equal batches, equal inner sizes
 */
export function bmm(a: Tensor, b: Tensor): Tensor {
  checkBatches('bmm', a, b)
  return matmul(a, b)
}

function checkBatches(op: string, a: Tensor, b: Tensor): void {
  checkOperands(op, a, b, 3, 'give [batch, m, k] and [batch, k, n]; matmul takes any')
  if (a.shape[0] !== b.shape[0])
    fail(op, `batches differ, ${showShape(a.shape)} × ${showShape(b.shape)}`, 'matmul broadcasts them')
  checkInner(op, a, b)
}

/** Factors of a product and of what it is added to. */
interface AddedOptions {
  alpha?: number
  beta?: number
}

/** β·x + α·(a b), the operands checked; x broadcasts to the product's shape. */
function added(op: string, x: Tensor, a: Tensor, b: Tensor, options: AddedOptions | undefined): Tensor {
  const { alpha, beta } = optionsOf(op, options, { alpha: 1, beta: 1 })
  checkSameKind(op, a, 'x', x)
  for (const factor of [alpha, beta]) checkScalar(op, factor, a.dtype)
  expandView(op, x.layout, [...a.shape.slice(0, -1), b.shape[b.ndim - 1]])
  const y = matmul(a, b)
  const product = alpha === 1 ? y : mul(y, alpha)
  return beta === 0 ? product : add(beta === 1 ? x : mul(x, beta), product)
}

/**
 * y = β·x + α·(a b), a [m, k], b [k, n]; x broadcasts to [m, n]. With β = 0 x has no part, not even its NaNs. Dtypes:
 * floats.
 * @param options.alpha  default 1
 * @param options.beta   default 1
 * @returns [m, n]
 * @throws HandgradError if a or b is not a matrix, inner sizes differ, x does not broadcast to [m, n], or alpha or beta
 *   is not a number
 */
export function addmm(x: Tensor, a: Tensor, b: Tensor, options?: { alpha?: number; beta?: number }): Tensor {
  checkOperands('addmm', a, b, 2, 'give [m, k] and [k, n]')
  checkInner('addmm', a, b)
  return added('addmm', x, a, b, options)
}

/**
 * y[b] = β·x[b] + α·(a[b] · b[b]), a [batch, m, k], b [batch, k, n]; x broadcasts to [batch, m, n]. With β = 0 x has no
 * part, not even its NaNs. Dtypes: floats.
 * @param options.alpha  default 1
 * @param options.beta   default 1
 * @returns [batch, m, n]
 * @throws HandgradError if the shapes are not these: three axes, equal batches, equal inner sizes, an x that
 *   broadcasts; or alpha or beta is not a number
 */
export function baddbmm(x: Tensor, a: Tensor, b: Tensor, options?: { alpha?: number; beta?: number }): Tensor {
  checkBatches('baddbmm', a, b)
  return added('baddbmm', x, a, b, options)
}

/**
 * y = Σᵢ aᵢ·bᵢ of two vectors, 0-d. Dtypes: floats, int32.
 * @throws HandgradError if an input is not a vector, or sizes differ
 */
export function dot(a: Tensor, b: Tensor): Tensor {
  checkOperands('dot', a, b, 1, 'give two vectors', numbers)
  if (a.numel !== b.numel) fail('dot', `sizes differ, ${a.numel} and ${b.numel}`)
  return sum(mul(a, b))
}

/** y[i, j] = a[i]·b[j] of two vectors. Dtypes: floats, int32. @throws HandgradError if an input is not a vector */
export function outer(a: Tensor, b: Tensor): Tensor {
  checkOperands('outer', a, b, 1, 'give two vectors', numbers)
  return mul(unsqueeze(a, 1), b)
}

/**
 * The Kronecker product: every element of a times the whole of b, y.shape[d] = a.shape[d]·b.shape[d] (missing axes
 * count as 1). Dtypes: floats, int32.
 * @throws HandgradError if there are more than 8 axes, those counted twice where neither size is 1
 */
export function kron(a: Tensor, b: Tensor): Tensor {
  const op = 'kron'
  checkDType(op, 'a', a, numbers)
  checkSameKind(op, a, 'b', b)
  const rank = Math.max(a.ndim, b.ndim)
  const [m, n] = [a, b].map(({ shape }) => [...new Array<number>(rank - shape.length).fill(1), ...shape])
  // (i, j) of an axis of y are two axes of the product, unless one of them has size 1.
  const split = (own: readonly number[], other: readonly number[], first: boolean) =>
    own.flatMap((size, d) => (size === 1 || other[d] === 1 ? [size] : first ? [size, 1] : [1, size]))
  const shape = split(m, n, true)
  checkShape(op, shape)
  return reshape(
    mul(reshape(a, shape), reshape(b, split(n, m, false))),
    m.map((size, d) => size * n[d]),
  )
}
