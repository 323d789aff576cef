/** @file Indices along an axis, an entry for each element: what gather, scatter and scatterReduce share. */

import { fail } from '../../core/errors.ts'
import { contiguousView, normalDim, type Shape, sameShape, showShape, sizeOf } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType, checkSameKind, checkTensor } from '../base/arguments.ts'
import { flatIndexOp } from '../base/flatindex.ts'
import { type Slice, sliceView } from '../base/slices.ts'
import { scatterView, slice } from '../base/views.ts'
import { intIndex, type Lines } from './rows.ts'

/** How an index along an axis reads x: the part of x within reach, flat positions in it, and their lines. */
export interface FlatIndices {
  /** x's shape, with the index's sizes off the axis: what the index can reach. */
  readonly fit: Shape
  /** The places in it, flat. */
  readonly index: Tensor
  readonly lines: Lines
}

export function flatIndices(op: string, x: Tensor, dim: number, index: Tensor): FlatIndices {
  checkTensor(op, 'x', x)
  checkDType(op, 'index', index, intIndex)
  if (index.device !== x.device)
    fail(op, `inputs are on ${x.device.name} and ${index.device.name}`, 'move one with to(device)')
  const axis = normalDim(op, dim, x.ndim)
  const fits = index.ndim === x.ndim && index.shape.every((n, d) => d === axis || n <= x.shape[d])
  if (!fits) {
    const what = `the index is ${showShape(index.shape)}, x ${showShape(x.shape)}, dim ${dim}`
    fail(op, what, 'they need as many dims, and off the axis the index is at most as large')
  }
  const limit = x.shape[axis] ?? 1
  const count = index.shape[axis] ?? 1
  const inner = sizeOf(index.shape.slice(axis + 1))
  return {
    fit: x.shape.map((n, d) => (d === axis ? n : index.shape[d])),
    index: flatIndexOp([index], { op, limit, count, inner, wrap: true }),
    lines: { step: inner, span: count * inner },
  }
}

/** The first elements along each axis. */
const corner = (shape: Shape): Slice[] => shape.map((n): Slice => [0, n])
export const shrink = (x: Tensor, shape: Shape): Tensor => (sameShape(x.shape, shape) ? x : slice(x, ...corner(shape)))

/** x in the first elements of a larger shape, `value` in the others. */
export function grow(x: Tensor, shape: Shape, value = 0): Tensor {
  return sameShape(x.shape, shape)
    ? x
    : scatterView(x, shape, sliceView('scatter', contiguousView(shape), corner(x.shape)), value)
}

export function checkSource(op: string, x: Tensor, index: Tensor, src: Tensor): void {
  checkSameKind(op, x, 'src', src)
  checkDType(op, 'index', index, intIndex)
  if (src.ndim !== index.ndim || index.shape.some((n, d) => n > src.shape[d])) {
    const what = `src is ${showShape(src.shape)}, the index ${showShape(index.shape)}`
    fail(op, what, 'they need as many dims, and src at least the sizes of the index')
  }
}
