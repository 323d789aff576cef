/** @file Comparing whole tensors, on the host. */

import { fail } from '../../core/errors.ts'
import { numbersOf } from '../../core/half.ts'
import { sameShape, showShape } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkTensor } from '../base/arguments.ts'
import { parametersOf } from '../base/options.ts'

/** Options of {@link allclose}. */
export interface CloseOptions {
  /** Of |y|. Default 1e-5. */
  rtol?: number
  /** Default 1e-8. */
  atol?: number
  /** NaN equals NaN. Default false. */
  equalNan?: boolean
}

/**
 * True if shapes, dtypes and all elements are equal; NaN equals nothing.
 * @throws HandgradError, by the promise, if x or y is not a tensor, or is disposed
 */
export async function equal(x: Tensor, y: Tensor): Promise<boolean> {
  checkTensor('equal', 'x', x)
  checkTensor('equal', 'y', y)
  if (!sameShape(x.shape, y.shape) || x.dtype !== y.dtype) return false
  const [a, b] = await Promise.all([x, y].map(numbersOf))
  return a.every((v, i) => v === b[i])
}

/**
 * True if |x − y| ≤ atol + rtol·|y| everywhere.
 * @param rtol  default 1e-5
 * @param atol  default 1e-8
 * @param equalNan  true: NaN equals NaN. Default false
 * @throws HandgradError, by the promise, if shapes differ, or x or y is not a tensor or is disposed
 */
export function allclose(x: Tensor, y: Tensor, rtol?: number, atol?: number, equalNan?: boolean): Promise<boolean>
/** The same by name: `x.allclose(y, { atol: 1e-6 })`. */
export function allclose(x: Tensor, y: Tensor, options?: CloseOptions): Promise<boolean>
export async function allclose(x: Tensor, y: Tensor, ...given: unknown[]): Promise<boolean> {
  const op = 'allclose'
  checkTensor(op, 'x', x)
  checkTensor(op, 'y', y)
  const { rtol, atol, equalNan } = parametersOf(op, given, { rtol: 1e-5, atol: 1e-8, equalNan: false })
  if (!sameShape(x.shape, y.shape)) fail(op, `${showShape(x.shape)} and ${showShape(y.shape)} differ`)
  const [a, b] = await Promise.all([x, y].map(numbersOf))
  return a.every(
    (v, i) =>
      v === b[i] ||
      Math.abs(v - b[i]) <= atol + rtol * Math.abs(b[i]) ||
      (equalNan && Number.isNaN(v) && Number.isNaN(b[i])),
  )
}
