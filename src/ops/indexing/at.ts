/** @file Indexing as in NumPy: integers, slices and integer tensors mixed, and values put where integer tensors say. */

import { describe, fail, failIndex } from '../../core/errors.ts'
import { showShape } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkTensor } from '../base/arguments.ts'
import { type Slice, sliceView } from '../base/slices.ts'
import { permute, reshape, reshaped, slice } from '../base/views.ts'
import { checkIntegers, type Integers, isIntegers, put, rowsOf } from './integers.ts'
import { gathering } from './rows.ts'

const atRows = gathering('at')

/**
 * What stands for an axis in `x.at(…)`: an integer (the axis is dropped), a slice, null (all), integers as an int32
 * tensor or an Int32Array; '...' for all axes that are not named, 'new' for a new axis of size 1.
 */
export type AtIndex = number | Slice | '...' | 'new' | Integers

/**
 * NumPy's x[…], an argument per axis: `x.at(0)`, `x.at('...', -1)`, `x.at([2, 5], null, [null, null, -1])`,
 * `x.at('new')`, `x.at(rows, cols)` with int32 tensors. Without integer tensors the result is a view:
 * `noGrad(() => x.at(0).fill_(1))` changes x.
 *
 * Integer tensors broadcast together and pick elements, one for each of theirs; repeats are allowed, and their
 * gradients add up. The result has their axes where theirs stood if they are neighbours, else in front. Integers from
 * the host are an Int32Array: an array [a, b] is a slice. Any dtype.
 * @throws IndexError for an index outside its axis: at once for host integers and on the CPU, else at the next read
 * @throws HandgradError for what is not an index (a bool mask neither), more indices than axes, a second '...', a slice
 *   with step 0 or of what are not integers, integer tensors that do not broadcast together, or a result of more than 8
 *   axes
 */
export function at(x: Tensor, ...indices: AtIndex[]): Tensor {
  const op = 'at'
  checkTensor(op, 'x', x)
  const named = indices.filter((index) => index !== 'new' && index !== '...').length
  if (named > x.ndim) fail(op, `${named} indices for ${showShape(x.shape)}`, 'at most one per axis')
  if (indices.filter((index) => index === '...').length > 1) fail(op, "'...' stands twice", 'give it once')
  // Axes of x, and of the view before integers pick from it.
  const slices: Slice[] = []
  const kept: (number | 'new')[] = []
  const lists = new Map<number, Integers>()
  const all = (count: number) => {
    for (; count > 0; count--) kept.push(slices.push(null) - 1)
  }
  for (const index of indices) {
    const axis = slices.length
    if (index === 'new') kept.push('new')
    else if (index === '...') all(x.ndim - named)
    else if (typeof index === 'number') {
      const n = x.shape[axis]
      if (!Number.isInteger(index) || index < -n || index >= n)
        failIndex(op, `index ${index} is outside [${-n}, ${n}) on axis ${axis} of ${showShape(x.shape)}`)
      const from = index < 0 ? index + n : index
      slices.push([from, from + 1])
    } else if (isIntegers(index)) {
      checkIntegers(op, x, index)
      lists.set(kept.length, index)
      all(1)
    } else if (index === null || Array.isArray(index)) kept.push(slices.push(index as Slice) - 1)
    else {
      const todo = "integers, [start, stop, step], null, int32 tensors, '...' and 'new'"
      fail(op, `an index is ${describe(index)}`, todo)
    }
  }
  all(x.ndim - slices.length)
  sliceView(op, x.layout, slices)
  const cut = slice(x, ...slices)
  const view = reshaped(
    op,
    cut,
    kept.map((axis) => (axis === 'new' ? 1 : cut.shape[axis])),
  )
  if (lists.size === 0) return view
  const { table, index, shape, order, rest } = rowsOf(op, view, lists)
  return permute(reshape(atRows([table(), index()], {}), [...shape, ...rest]), order)
}

/** Options of {@link indexPut}; `accumulate` may also stand in its place. */
export interface PutOptions {
  /** Add to what is there; repeats add up. Floats only. Default: false. */
  accumulate?: boolean
}

/**
 * y = x, but y.at(...indices) = values, broadcast to its shape. Where several are written to one place the last one in
 * row-major order wins and has the gradient there; with `accumulate` all are added to x, in that order. Any dtype
 * (accumulate: floats).
 * @param indices  int32 tensors or Int32Arrays for the first axes; null leaves one whole
 * @param values   a number, or a tensor of x's dtype
 * @returns x's shape
 * @throws IndexError as {@link at}
 * @throws HandgradError for no index at all or more than axes, or values that do not broadcast to what is picked,
 *   differ from x in dtype or device, or are a number that the dtype cannot hold, and with `accumulate` if x is not of
 *   floats
 */
export const indexPut = (
  x: Tensor,
  indices: readonly (Integers | null)[],
  values: Tensor | number,
  options?: PutOptions | boolean,
): Tensor => put('indexPut', x, indices, values, options)
