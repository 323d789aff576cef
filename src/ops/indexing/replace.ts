/** @file What stands at some places is replaced: slices by an index, elements by a mask. */

import { fail } from '../../core/errors.ts'
import { anyType } from '../../core/op.ts'
import { broadcastShapes, normalDim, sameShape, showShape } from '../../core/shape.ts'
import { Tensor } from '../../core/tensor.ts'
import { checkDType, checkSameKind, checkScalar, checkTensor } from '../base/arguments.ts'
import { checkedIndex } from '../base/flatindex.ts'
import { cat } from '../base/joining.ts'
import { expand, reshape, slice, transpose } from '../base/views.ts'
import { zeros } from '../creation/create.ts'
import { sub, where } from '../elementwise/elementwise.ts'
import { cumsum } from '../reduce/scan.ts'
import { checkBounds } from './bounds.ts'
import { overwritten } from './flat.ts'
import type { Index } from './indexing.ts'
import { countOf, indexTensor } from './named.ts'
import { gathering } from './rows.ts'

const maskedRows = gathering('maskedScatter')

/** Rows of x, the axis in front, with others where the index says. */
function replaced(op: string, x: Tensor, at: number, index: Index, rows: Tensor | number): Tensor {
  // A 0-d tensor is one element.
  const line = x.ndim === 0 ? reshape(x, [1]) : x
  const n = line.shape[at]
  const list = checkedIndex(op, indexTensor(op, index, x, n), n)
  return reshape(transpose(overwritten(transpose(line, 0, at), list, rows), 0, at), x.shape)
}

/**
 * y = x, but the slice at index[i] along `dim` is source[i]. Of several for one place the last one wins on every device
 * and has the gradient there, where PyTorch gives it to each. Any dtype.
 * @param index   int32 of one axis, or host integers; negative ones count from the end, which PyTorch refuses
 * @param source  x's shape with the axis replaced by the length of `index`
 * @returns x's shape
 * @throws IndexError as {@link indexSelect}
 * @throws HandgradError if the index has several axes or is not a list of integers, or source differs from x
 *   in dtype or has another shape
 */
export function indexCopy(x: Tensor, dim: number, index: Index, source: Tensor): Tensor {
  const op = 'indexCopy'
  checkTensor(op, 'x', x)
  const at = normalDim(op, dim, x.ndim)
  checkSameKind(op, x, 'source', source)
  const count = countOf(op, index)
  const wanted = x.ndim === 0 ? [count] : x.shape.map((n, d) => (d === at ? count : n))
  if (!sameShape(wanted, source.shape) && !(x.ndim === 0 && source.ndim === 0 && count === 1))
    fail(op, `source is ${showShape(source.shape)}, not ${showShape(wanted)}`, 'one slice of x for each index')
  return replaced(op, x, at, index, transpose(reshape(source, wanted), 0, at))
}

/**
 * y = x, but the slices at `index` along `dim` are `value`. Any dtype.
 * @param index  int32 of one axis, or host integers; negative ones count from the end
 * @param value  a number, or a 0-d tensor of x's dtype, whose gradient is the sum over what it fills
 * @returns x's shape
 * @throws IndexError as {@link indexSelect}
 * @throws HandgradError if the index has several axes or is not a list of integers, or the value is a number
 *   that the dtype cannot hold, or not 0-d
 */
export function indexFill(x: Tensor, dim: number, index: Index, value: Tensor | number): Tensor {
  const op = 'indexFill'
  checkTensor(op, 'x', x)
  const at = normalDim(op, dim, x.ndim)
  if (value instanceof Tensor) {
    checkSameKind(op, x, 'value', value)
    if (value.ndim > 0) fail(op, `value is ${showShape(value.shape)}`, 'give a number or a 0-d tensor')
  } else checkScalar(op, value, x.dtype)
  const count = countOf(op, index)
  const slices = x.ndim === 0 ? [count] : transpose(x, 0, at).shape.map((n, d) => (d === 0 ? count : n))
  return replaced(op, x, at, index, value instanceof Tensor ? expand(value, slices) : value)
}

/**
 * y = x, but where the mask is true the elements of source, one after the other, in row-major order; those left over
 * are not used. Any dtype.
 * @param mask    bool; x and the mask broadcast
 * @param source  x's dtype, any shape, at least as many elements as the mask is true
 * @returns the shape that x and the mask broadcast to
 * @throws HandgradError if x and the mask do not broadcast, or source differs from x in dtype, or has too few elements:
 *   on the CPU at once, on a GPU at the next read
 */
export function maskedScatter(x: Tensor, mask: Tensor, source: Tensor): Tensor {
  const op = 'maskedScatter'
  checkDType(op, 'x', x, anyType)
  checkDType(op, 'mask', mask, ['bool'])
  checkSameKind(op, x, 'source', source)
  if (x.device !== mask.device)
    fail(op, `inputs are on ${x.device.name} and ${mask.device.name}`, 'move one with to(device)')
  const shape = broadcastShapes(op, x.shape, mask.shape)
  const [wide, taken] = [expand(x, shape), reshape(expand(mask, shape), [-1])]
  const flat = reshape(source, [-1])
  // Of nothing there is an element 0 too, where the mask is false.
  const some = flat.numel > 0 ? flat : cat([flat, zeros([1], { dtype: x.dtype, device: x.device })])
  const offset = flat.numel > 0 ? 1 : 0
  const counts = cumsum(taken, 0)
  checkBounds(op, 'TAKEN', slice(counts, [-1]), { low: 0, high: flat.numel })
  const places = where(taken, sub(counts, offset), 0)
  return where(reshape(taken, shape), reshape(maskedRows([some, places], {}), shape), wide)
}
