/** @file Diagonals as views, and triangles. */

import { fail } from '../../core/errors.ts'
import { anyType, defineOp, numbers } from '../../core/op.ts'
import { contiguousView, normalDim } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType, checkTensor } from '../base/arguments.ts'
import { checkInteger } from '../base/axes.ts'
import { parametersOf } from '../base/options.ts'
import { scatterView, unsqueeze } from '../base/views.ts'
import { arange } from '../creation/create.ts'
import { ge, where } from '../elementwise/elementwise.ts'
import { sum } from '../reduce/reduce.ts'
import { type Diagonal, diagonalView } from './diagonalview.ts'

/** Which diagonal {@link diagonal} takes. */
export interface DiagonalOptions {
  /** Above the main diagonal if positive, below if negative. Default: 0. */
  offset?: number
  /** The two axes whose diagonal it is. Default: the first two. */
  dim1?: number
  dim2?: number
}

const diagonalOp = defineOp({
  name: 'diagonal',
  inputs: ['x'],
  dtypes: anyType,
  shape: ([x], attrs: Diagonal) => diagonalView(x.layout, attrs),
  view: diagonalView,
  vjp: {
    x: (ctx) => {
      const { shape } = ctx.meta('x')
      return scatterView(ctx.g, shape, diagonalView(contiguousView(shape), ctx.attrs))
    },
  },
})

/**
 * The diagonal of two axes as the last axis of the result: y[…, i] = x[…, i, …, i + offset, …]. A view. Any dtype.
 * @throws HandgradError if both dims are the same, or offset is not an integer
 */
export function diagonal(x: Tensor, offset?: number, dim1?: number, dim2?: number): Tensor
/** The same by name: `x.diagonal({ offset: 1 })`. */
export function diagonal(x: Tensor, options?: DiagonalOptions): Tensor
export function diagonal(x: Tensor, ...options: unknown[]): Tensor {
  const op = 'diagonal'
  const { offset, ...given } = parametersOf(op, options, { offset: 0, dim1: 0, dim2: 1 })
  checkTensor(op, 'x', x)
  const dim1 = normalDim(op, given.dim1, x.ndim)
  const dim2 = normalDim(op, given.dim2, x.ndim)
  checkInteger(op, 'offset', offset)
  if (dim1 === dim2) fail(op, `dim1 and dim2 are both ${dim1}`, 'name two axes')
  return diagonalOp([x], { offset, dim1, dim2 })
}

/**
 * A vector as the k-th diagonal of a matrix of zeros; of a matrix its k-th diagonal, a view. Any dtype.
 * @returns of n elements [n + |k|, n + |k|]; of a matrix a vector
 * @throws HandgradError if x is neither vector nor matrix, or k is not an integer
 */
export function diag(x: Tensor, k = 0): Tensor {
  const op = 'diag'
  checkTensor(op, 'x', x)
  checkInteger(op, 'k', k)
  if (x.ndim === 2) return diagonal(x, { offset: k })
  if (x.ndim !== 1) fail(op, `${x.title} is neither vector nor matrix`, 'diagonal takes any shape')
  const n = x.numel + Math.abs(k)
  return scatterView(x, [n, n], diagonalView(contiguousView([n, n]), { offset: k, dim1: 0, dim2: 1 }))
}

/**
 * y = Σᵢ x[i, i], the sum of a matrix's diagonal. Dtypes: floats, int32.
 * @returns 0-d
 * @throws HandgradError if x is not a matrix
 */
export function trace(x: Tensor): Tensor {
  checkDType('trace', 'x', x, numbers)
  if (x.ndim !== 2) fail('trace', `${x.title} is not a matrix`, 'sum diagonal(x) over its last axis')
  return sum(diagonal(x))
}

/** x where column − row ≤ k (lower) or ≥ k (upper), else 0. */
function triangle(op: string, x: Tensor, k: number, lower: boolean): Tensor {
  checkTensor(op, 'x', x)
  checkInteger(op, 'k', k)
  if (x.ndim < 2) fail(op, `${x.title} is not a matrix`, 'give at least two axes')
  const [rows, cols] = x.shape.slice(-2)
  const at = (n: number, start: number) => arange(start, start + n, 1, { device: x.device })
  // Diagonals beyond the matrix are all alike.
  const row = unsqueeze(at(rows, Math.max(-rows, Math.min(k, cols))), 1)
  return lower ? where(ge(row, at(cols, 0)), x, 0) : where(ge(at(cols, 0), row), x, 0)
}

/**
 * The lower triangle of the last two axes: x on and below the k-th diagonal, where column − row ≤ k, else 0. Any dtype.
 * @throws HandgradError if x has fewer than two axes, or k is not an integer
 */
export const tril = (x: Tensor, k = 0): Tensor => triangle('tril', x, k, true)
/**
 * The upper triangle of the last two axes: x on and above the k-th diagonal, where column − row ≥ k, else 0. Any dtype.
 * @throws HandgradError if x has fewer than two axes, or k is not an integer
 */
export const triu = (x: Tensor, k = 0): Tensor => triangle('triu', x, k, false)
