/** @file Normalisation by what neighbouring channels answer. */

import { fail } from '../../core/errors.ts'
import { floats } from '../../core/op.ts'
import { rowMajor, showShape } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType, checkScalar } from '../base/arguments.ts'
import { checkInteger, sliced } from '../base/axes.ts'
import { parametersOf } from '../base/options.ts'
import { scatterView } from '../base/views.ts'
import { add, div, mul, pow, square } from '../elementwise/elementwise.ts'

/** Options of {@link localResponseNorm}. */
export interface ResponseOptions {
  /** Default: 1e-4. */
  alpha?: number
  /** Default: 0.75. */
  beta?: number
  /** Default: 1. */
  k?: number
}

/**
 * y = x / (k + α·m)^β, m the mean of x² over `size` neighbouring channels, ⌊size/2⌋ of them before, with zeros beyond
 * the ends (Krizhevsky et al. 2012). Dtypes: floats.
 * @param x     [N, C, …]
 * @param size  an integer from 1 up
 * @throws HandgradError if x has fewer than two axes, size is not an integer from 1 up, or an option is not a number
 */
export function localResponseNorm(x: Tensor, size: number, alpha?: number, beta?: number, k?: number): Tensor
/** The same by name: `localResponseNorm(x, 5, { k: 2 })`. */
export function localResponseNorm(x: Tensor, size: number, options?: ResponseOptions): Tensor
export function localResponseNorm(x: Tensor, size: number, ...given: unknown[]): Tensor {
  const op = 'localResponseNorm'
  const { alpha, beta, k } = parametersOf(op, given, { alpha: 1e-4, beta: 0.75, k: 1 })
  checkDType(op, 'x', x, floats)
  checkInteger(op, 'size', size, 1)
  for (const value of [alpha, beta, k]) checkScalar(op, value, x.dtype)
  if (x.ndim < 2) fail(op, `x is ${showShape(x.shape)}`, 'give [batch, channels, …]')
  const channels = x.shape[1]
  const shape = x.shape.map((n, d) => (d === 1 ? n + size - 1 : n))
  const strides = rowMajor(shape)
  const before = Math.floor(size / 2)
  const padded = scatterView(square(x), shape, { shape: x.shape, strides, offset: before * strides[1] })
  let sum = sliced(padded, [1], [0, channels])
  for (let i = 1; i < size; i++) sum = add(sum, sliced(padded, [1], [i, i + channels]))
  return div(x, pow(add(mul(sum, alpha / size), k), beta))
}
