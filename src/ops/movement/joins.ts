/** @file Joining under the names that NumPy has for each axis; broadcasting several; pieces at places. */

import { describe, fail } from '../../core/errors.ts'
import { broadcastShapes, showShape } from '../../core/shape.ts'
import { Tensor } from '../../core/tensor.ts'
import { checkList, checkTensor } from '../base/arguments.ts'
import { axisOf, checkInteger, listOf, sliced } from '../base/axes.ts'
import { cat } from '../base/joining.ts'
import { parametersOf } from '../base/options.ts'
import { expand, reshape } from '../base/views.ts'
import { split } from './split.ts'

/** The list, checked. */
function tensorsOf(op: string, xs: readonly Tensor[]): readonly Tensor[] {
  checkList(op, 'xs', xs, `give a list: ${op}([x, y])`)
  if (xs.length === 0) fail(op, 'an empty list was given', 'give at least one tensor')
  xs.forEach((x, i) => checkTensor(op, `input ${i}`, x))
  return xs
}

/** Join along an axis once each has `shape` of it; refused under the name of the function. */
function joined(op: string, xs: readonly Tensor[], dim: number, shape: (x: Tensor) => readonly number[]): Tensor {
  const parts = tensorsOf(op, xs).map((x) => {
    const wanted = shape(x)
    return wanted === x.shape ? x : reshape(x, wanted)
  })
  const [first] = parts
  for (const { shape, ndim, dtype, device } of parts) {
    if (ndim !== first.ndim || shape.some((n, d) => d !== dim && n !== first.shape[d]))
      fail(op, `${showShape(first.shape)} and ${showShape(shape)} do not join`, `all axes but ${dim} must be equal`)
    if (dtype !== first.dtype) fail(op, `inputs are ${first.dtype} and ${dtype}`, `cast with x.to('${first.dtype}')`)
    if (device !== first.device)
      fail(op, `inputs are on ${first.device.name} and ${device.name}`, 'move one with to(device)')
  }
  return cat(parts, dim)
}

const atLeast1 = ({ ndim, shape }: Tensor) => (ndim > 0 ? shape : [1])
const atLeast2 = ({ ndim, shape, numel }: Tensor) => (ndim > 1 ? shape : [1, numel])

/**
 * Side by side: vectors one after the other, others along axis 1. Numbers (0-d) count as vectors of one. Any dtype, the
 * same for all.
 * @throws HandgradError if the list is empty, or inputs differ in dtype, device or other axes
 */
export function hstack(xs: readonly Tensor[]): Tensor {
  const op = 'hstack'
  const [first] = tensorsOf(op, xs)
  return joined(op, xs, first.ndim > 1 ? 1 : 0, atLeast1)
}

/**
 * One above the other, along axis 0; vectors are rows. Any dtype, the same for all.
 * @throws HandgradError if the list is empty, or inputs differ in dtype, device or other axes
 */
export const vstack = (xs: readonly Tensor[]): Tensor => joined('vstack', xs, 0, atLeast2)

/**
 * One behind the other, along axis 2: a vector [n] is [1, n, 1], a matrix [m, n] is [m, n, 1]. Any dtype, the same for
 * all.
 * @throws HandgradError if the list is empty, or inputs have 8 axes, or differ in dtype, device or other axes
 */
export const dstack = (xs: readonly Tensor[]): Tensor =>
  joined('dstack', xs, 2, (x) => (x.ndim > 2 ? x.shape : [...atLeast2(x), 1]))

/**
 * Vectors as the columns of a matrix; what has two axes or more is joined along axis 1. Any dtype, the same for all.
 * @throws HandgradError if the list is empty, or inputs differ in dtype, device or other axes
 */
export const columnStack = (xs: readonly Tensor[]): Tensor =>
  joined('columnStack', xs, 1, ({ ndim, shape, numel }) => (ndim > 1 ? shape : [numel, 1]))

/**
 * All in the shape that they broadcast to. Views. Any dtype, also different ones.
 * @param xs  as a list or one by one
 * @throws HandgradError if the list is empty, or shapes do not broadcast
 */
export function broadcastTensors(xs: readonly Tensor[]): Tensor[]
export function broadcastTensors(...xs: Tensor[]): Tensor[]
export function broadcastTensors(...given: readonly [readonly Tensor[]] | readonly Tensor[]): Tensor[] {
  const op = 'broadcastTensors'
  const xs = tensorsOf(op, given[0] instanceof Tensor ? (given as readonly Tensor[]) : (given[0] as readonly Tensor[]))
  const shape = broadcastShapes(op, ...xs.map((x) => x.shape))
  return xs.map((x) => expand(x, shape))
}

/**
 * Pieces along an axis, as views: as many as a number says, whose sizes differ by one at most, the larger ones first;
 * or cut before each place of a list, as Python's slices have it: places may be negative, those beyond the ends are the
 * ends, and a place before the one that it follows gives an empty piece. Any dtype.
 * @throws HandgradError if x is 0-d, a number is not an integer from 1 up, or places are not integers
 */
export function tensorSplit(x: Tensor, places: number | readonly number[], dim?: number): Tensor[]
/** The same by name: `tensorSplit(x, 3, { dim: 1 })`. */
export function tensorSplit(x: Tensor, places: number | readonly number[], options?: { dim?: number }): Tensor[]
export function tensorSplit(x: Tensor, places: number | readonly number[], ...given: unknown[]): Tensor[] {
  const op = 'tensorSplit'
  const { dim } = parametersOf(op, given, { dim: 0 })
  const at = axisOf(op, x, dim)
  const n = x.shape[at]
  if (typeof places === 'number') {
    checkInteger(op, 'the number of pieces', places, 1)
    return split(
      x,
      Array.from({ length: places }, (_, i) => Math.floor(n / places) + (i < n % places ? 1 : 0)),
      at,
    )
  }
  if (!Array.isArray(places)) fail(op, `places are ${describe(places)}`, 'give a number of pieces, or a list')
  const cuts = listOf(op, 'a place', places).map((p) => Math.min(Math.max(p < 0 ? p + n : p, 0), n))
  const ends = [...cuts, n]
  const sizes = ends.map((end, i) => end - (cuts[i - 1] ?? 0))
  // Pieces that follow each other are outputs of one node.
  if (sizes.every((size) => size >= 0)) return split(x, sizes, at)
  return ends.map((end, i) => sliced(x, [at], [cuts[i - 1] ?? 0, end]))
}
