/** @file Constants shaped like another tensor. */

import { fillNew } from '../../core/launch.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkScalar } from '../base/arguments.ts'
import { deviceAndDType, finished, optionsLike, type TensorOptions } from './making.ts'
/** Zeros of x's shape; dtype and device are x's unless the options say otherwise. */
export const zerosLike = (x: Tensor, options?: TensorOptions): Tensor => like('zerosLike', x, 0, options)

/** Ones of x's shape; dtype and device are x's unless the options say otherwise. */
export const onesLike = (x: Tensor, options?: TensorOptions): Tensor => like('onesLike', x, 1, options)

/**
 * One value in x's shape; dtype and device are x's unless the options say otherwise.
 * @param value  a number; true is 1
 * @throws HandgradError if value is nothing that the dtype can hold
 */
export const fullLike = (x: Tensor, value: number | boolean, options?: TensorOptions): Tensor =>
  like('fullLike', x, value, options)

/** As {@link zerosLike}: a tensor to write into. */
export const emptyLike = (x: Tensor, options?: TensorOptions): Tensor => like('emptyLike', x, 0, options)

function like(op: string, x: Tensor, value: number | boolean, options: TensorOptions | undefined): Tensor {
  const { dtype, device } = deviceAndDType(op, optionsLike(op, x, options))
  const number = typeof value === 'boolean' ? Number(value) : value
  checkScalar(op, number, dtype)
  return finished(fillNew(op, x.shape, number, dtype, device), options)
}
