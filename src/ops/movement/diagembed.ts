/** @file Vectors as diagonals of matrices: the inverse of diagonal. */

import { fail } from '../../core/errors.ts'
import { checkShape, contiguousView, normalDim } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { axisOf, checkInteger } from '../base/axes.ts'
import { parametersOf } from '../base/options.ts'
import { scatterView } from '../base/views.ts'
import { diagonalView } from './diagonalview.ts'

/** Options of {@link diagEmbed}. */
export interface DiagEmbedOptions {
  /** Above the main diagonal if positive, below if negative. Default: 0. */
  offset?: number
  /** Where the two axes of the matrices are in the result. Default: the last two. */
  dim1?: number
  dim2?: number
}

/**
 * The last axis as a diagonal of zeros, what {@link diagonal} with the same options gives back: y[…, i, i + offset] =
 * x[…, i]. Any dtype.
 * @returns x's shape with [n + |offset|, n + |offset|] for its last axis n, at dim1 and dim2
 * @throws HandgradError if x is 0-d or has 8 axes, both dims are the same, or offset is not an integer
 */
export function diagEmbed(x: Tensor, offset?: number, dim1?: number, dim2?: number): Tensor
/** The same by name: `diagEmbed(x, { offset: 1 })`. */
export function diagEmbed(x: Tensor, options?: DiagEmbedOptions): Tensor
export function diagEmbed(x: Tensor, ...given: unknown[]): Tensor {
  const op = 'diagEmbed'
  const { offset, ...dims } = parametersOf(op, given, { offset: 0, dim1: -2, dim2: -1 })
  const last = axisOf(op, x, -1)
  checkInteger(op, 'offset', offset)
  const dim1 = normalDim(op, dims.dim1, x.ndim + 1)
  const dim2 = normalDim(op, dims.dim2, x.ndim + 1)
  if (dim1 === dim2) fail(op, `dim1 and dim2 are both ${dim1}`, 'name two axes')
  const size = x.shape[last] + Math.abs(offset)
  const rest = x.shape.slice(0, -1)
  const shape = Array.from({ length: x.ndim + 1 }, (_, d) =>
    d === dim1 || d === dim2 ? size : (rest.shift() as number),
  )
  checkShape(op, shape)
  return scatterView(x, shape, diagonalView(contiguousView(shape), { offset, dim1, dim2 }))
}
