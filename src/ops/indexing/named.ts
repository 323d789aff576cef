/** @file Slices along an axis, named by an int32 tensor or by integers from the host. */

import { describe, fail, indexError } from '../../core/errors.ts'
import { showShape } from '../../core/shape.ts'
import { Tensor } from '../../core/tensor.ts'
import { checkDType } from '../base/arguments.ts'
import { tensor } from '../creation/create.ts'
import type { Index } from './indexing.ts'
import { intIndex } from './rows.ts'

/** How many slices are named; refuses what names none. */
export function countOf(op: string, index: Index): number {
  if (index instanceof Tensor) {
    checkDType(op, 'index', index, intIndex)
    if (index.ndim > 1) fail(op, `the index is ${showShape(index.shape)}`, 'give one axis; embedding() takes any shape')
    return index.numel
  }
  if (!Array.isArray(index) && !(index instanceof Int32Array))
    fail(op, `the index is ${describe(index)}`, 'give an int32 tensor or integers')
  return index.length
}

/** The index as a tensor; integers from the host are checked against [−limit, limit) at once, tensors by the kernel. */
export function indexTensor(op: string, index: Index, x: Tensor, limit: number): Tensor {
  if (index instanceof Tensor) return index
  index.forEach((at, i) => {
    if (!Number.isInteger(at) || at < -limit || at >= limit) throw indexError(op, i, at, limit, -limit)
  })
  return tensor(Int32Array.from(index), { device: x.device })
}
