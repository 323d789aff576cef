/** @file Slices repeated next to themselves, all as often, or each as often as it is said of it. */

import { describe, fail } from '../../core/errors.ts'
import { scope } from '../../core/scope.ts'
import { showShape } from '../../core/shape.ts'
import { Tensor } from '../../core/tensor.ts'
import { checkDType, checkTensor } from '../base/arguments.ts'
import { axisOf, checkInteger, listOf } from '../base/axes.ts'
import { optionsOf } from '../base/options.ts'
import { clone, expand, reshape, slice } from '../base/views.ts'
import { arange } from '../creation/create.ts'
import { minimum } from '../elementwise/elementwise.ts'
import { checkBounds } from '../indexing/bounds.ts'
import { indexSelect } from '../indexing/indexing.ts'
import { cumsum } from '../reduce/scan.ts'
import { searchsorted } from '../reduce/sort.ts'
import { repeatInterleave as allAlike } from './copies.ts'

/** Options of {@link repeatInterleave}. */
export interface RepeatInterleaveOptions {
  /** The sum of the repeats: with a tensor of them nothing waits for the device then. */
  outputSize?: number
}

/**
 * Each slice along an axis several times in a row: [a, b] to [a, a, b, b]; or each as often as `repeats` says of it. A
 * copy. The shape depends on the values of a tensor of repeats: without `outputSize` the result is a promise, which
 * waits for them on the host. The method takes a number only. Any dtype.
 * Meanwhile x must not be changed in place: it is read after the wait.
 * @param repeats  a number; one for each slice, as a list, an Int32Array or an int32 tensor; a list of one holds for
 *   all
 * @param dim      none, or null: x is flattened first
 * @returns x's shape with the sum of repeats at dim
 * @throws HandgradError, by the promise where there is one, if repeats are not integers from 0 up, or not as many as
 *   slices, outputSize is not their sum (of a tensor on a GPU both at the next read), or dim is named of a 0-d x
 */
export function repeatInterleave(x: Tensor, repeats: Tensor, dim?: number | null): Promise<Tensor>
export function repeatInterleave(
  x: Tensor,
  repeats: Tensor,
  dim: number | null | undefined,
  options: RepeatInterleaveOptions & { outputSize: number },
): Tensor
export function repeatInterleave(
  x: Tensor,
  repeats: number | readonly number[] | Int32Array,
  dim?: number | null,
  options?: RepeatInterleaveOptions,
): Tensor
export function repeatInterleave(
  x: Tensor,
  repeats: number | readonly number[] | Int32Array | Tensor,
  dim?: number | null,
  options?: RepeatInterleaveOptions,
): Tensor | Promise<Tensor> {
  return repeats instanceof Tensor && options?.outputSize === undefined
    ? waiting(x, repeats, dim, options)
    : interleaved(x, repeats, dim, options)
}

const op = 'repeatInterleave'

async function waiting(x: Tensor, repeats: Tensor, dim?: number | null, options?: RepeatInterleaveOptions) {
  optionsOf(op, options, { outputSize: undefined })
  checkTensor(op, 'x', x)
  checkDType(op, 'repeats', repeats, ['int32'])
  checkCount(repeats.ndim, repeats.numel, dim == null ? x.numel : x.shape[axisOf(op, x, dim)])
  const counts = (await repeats.data()) as Int32Array
  return scope(() => interleaved(x, counts, dim))
}

function checkCount(ndim: number, count: number, slices: number): void {
  if (ndim > 1 || (count !== slices && count !== 1))
    fail(op, `${count} repeats for ${slices} slices`, 'give one for each, as a vector, or one for all')
}

function interleaved(
  x: Tensor,
  repeats: number | readonly number[] | Int32Array | Tensor,
  dim?: number | null,
  options?: RepeatInterleaveOptions,
): Tensor {
  const { outputSize } = optionsOf(op, options, { outputSize: undefined })
  checkTensor(op, 'x', x)
  const from = dim == null ? reshape(x, [-1]) : x
  const at = axisOf(op, from, dim ?? 0)
  const n = from.shape[at]
  if (outputSize !== undefined) checkInteger(op, 'outputSize', outputSize, 0)
  const checkSum = (sum: number) => {
    if (outputSize !== undefined && outputSize !== sum) fail(op, `outputSize is ${outputSize}, the repeats make ${sum}`)
  }
  if (typeof repeats === 'number') {
    checkInteger(op, 'repeats', repeats, 0)
    checkSum(n * repeats)
    return allAlike(from, repeats, at)
  }
  if (repeats instanceof Tensor) return sized(from, at, repeats, outputSize as number) // else it was waited for
  if (!Array.isArray(repeats) && !(repeats instanceof Int32Array))
    fail(op, `repeats is ${describe(repeats)}`, 'give an integer, or one for each slice')
  const counts = listOf(op, 'a repeat', Array.from(repeats), 0)
  checkCount(1, counts.length, n)
  const each = counts.length === n ? counts : new Array<number>(n).fill(counts[0])
  const index = each.flatMap((count, i) => new Array<number>(count).fill(i))
  checkSum(index.length)
  return indexSelect(from, at, index)
}

/** Repeats on the device, whose sum is known. */
function sized(x: Tensor, at: number, repeats: Tensor, size: number): Tensor {
  const { device } = x
  const n = x.shape[at]
  checkDType(op, 'repeats', repeats, ['int32'])
  checkCount(repeats.ndim, repeats.numel, n)
  if (repeats.device !== device)
    fail(op, `inputs are on ${device.name} and ${repeats.device.name}`, 'move one with to(device)')
  if (n === 0) {
    if (size > 0) fail(op, `outputSize is ${size}, x is ${showShape(x.shape)}`, 'nothing can be repeated')
    return clone(x)
  }
  const counts = expand(reshape(repeats, [-1]), [n])
  const ends = cumsum(counts, 0)
  checkBounds(op, 'REPEAT', repeats, { low: 0 })
  checkBounds(op, 'REPEATS', slice(ends, [-1]), { low: size, high: size })
  const places = searchsorted(ends, arange(0, size, 1, { device }), { right: true })
  // Until the report is read, what wrong repeats leave over is the last slice.
  return indexSelect(x, at, minimum(places, n - 1))
}
