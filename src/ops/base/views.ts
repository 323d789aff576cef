/**
 * @file Movement: ops that rearrange elements. Views (transpose, expand, slice, reshape where possible) launch nothing;
 * what moves data does it by the one copy kernel.
 */

import { fail } from '../../core/errors.ts'
import { copyTo, fillInto } from '../../core/launch.ts'
import { anyType, defineOp, type Op } from '../../core/op.ts'
import {
  checkShape,
  contiguousView,
  expandView,
  normalDim,
  permuteView,
  reshapeView,
  type Shape,
  showShape,
  sizeOf,
  type View,
} from '../../core/shape.ts'
import { Tensor } from '../../core/tensor.ts'
import { checkList, checkTensor } from './arguments.ts'
import { asTheyAre } from './halves.ts'
import { type Slice, sliceView } from './slices.ts'
import { sumTo } from './sum.ts'

const cloneOp = defineOp({
  name: 'clone',
  inputs: ['x'],
  dtypes: anyType,
  shape: ([x]) => ({ shape: x.shape }),
  halves: asTheyAre,
  launch: ([x], [y]) => copyTo('clone', y, y.layout, x, x.layout),
  vjp: { x: ({ g }) => g },
})

/** A copy with memory of its own, row-major. Any dtype. */
export const clone = (x: Tensor): Tensor => cloneOp([x], {})

/** x itself if it is row-major, else a row-major copy. Any dtype. */
export function contiguous(x: Tensor): Tensor {
  checkTensor('contiguous', 'x', x)
  return x.isContiguous ? x : clone(x)
}

// ---- views

const permuteOp: Op<{ dims: readonly number[] }> = defineOp({
  name: 'permute',
  inputs: ['x'],
  dtypes: anyType,
  shape: ([x], { dims }: { dims: readonly number[] }) => ({ shape: dims.map((d) => x.shape[d]) }),
  view: (view, { dims }) => permuteView(view, dims),
  vjp: { x: ({ g, attrs: { dims } }) => permuteOp([g], { dims: dims.map((_, i) => dims.indexOf(i)) }) },
})

/** A list, or its numbers one by one. */
export type Spread = readonly [list: readonly number[]] | readonly number[]

/** The list of either. */
export const listed = (given: Spread): readonly number[] =>
  given.length === 1 && typeof given[0] !== 'number' ? given[0] : (given as readonly number[])

/**
 * Reorder axes: y.shape[i] = x.shape[dims[i]]. A view. Any dtype.
 * @param dims  every axis once, as a list or one by one
 * @throws HandgradError if dims do not name each axis once
 */
export function permute(x: Tensor, dims: readonly number[]): Tensor
export function permute(x: Tensor, ...dims: number[]): Tensor
export function permute(x: Tensor, ...given: Spread): Tensor {
  const op = 'permute'
  checkTensor(op, 'x', x)
  const dims = listed(given)
  checkList(op, 'dims', dims, 'give the axes in their new order, such as [1, 0]')
  const order = dims.map((d) => normalDim(op, d, x.ndim))
  if (order.length !== x.ndim || new Set(order).size !== order.length) {
    fail(op, `dims [${dims.join(', ')}] do not name each axis of ${showShape(x.shape)} once`)
  }
  return permuteOp([x], { dims: order })
}

/**
 * Swap two axes, the last two unless others are named. A view. Any dtype.
 * @throws HandgradError if more than two dims are given
 */
export function transpose(x: Tensor, dim0?: number, dim1?: number): Tensor
export function transpose(x: Tensor, dim0 = -2, dim1 = -1, ...more: unknown[]): Tensor {
  const op = 'transpose'
  checkTensor(op, 'x', x)
  if (more.length > 0) fail(op, `${more.length + 2} dims are given`, 'give two; permute reorders all')
  const dims = x.shape.map((_, i) => i)
  const [a, b] = [normalDim(op, dim0, x.ndim), normalDim(op, dim1, x.ndim)]
  if (x.ndim > 0) [dims[a], dims[b]] = [b, a]
  return permuteOp([x], { dims })
}

const expandOp = defineOp({
  name: 'expand',
  inputs: ['x'],
  dtypes: anyType,
  shape: ([x], { shape }: { shape: Shape }) => ({ shape: expandView('expand', x.layout, shape).shape }),
  view: (view, { shape }) => expandView('expand', view, shape),
  vjp: { x: (ctx) => sumTo(ctx.g, ctx.meta('x').shape) },
})

/**
 * Stretch axes of size 1, and add leading axes, without copying. A view. Any dtype.
 * @param shape  the sizes, as a list or one by one; −1 keeps the size of an axis
 * @throws HandgradError if an axis of another size than 1 would change, shape has fewer axes than x or more than 8, or
 *   a size is not an integer from 0 up
 */
export function expand(x: Tensor, shape: Shape): Tensor
export function expand(x: Tensor, ...shape: number[]): Tensor
export function expand(x: Tensor, ...shape: Spread): Tensor {
  return expanded('expand', x, listed(shape))
}

/**
 * {@link expand} under NumPy's name. A view. Any dtype.
 * @throws HandgradError if an axis of another size than 1 would change, shape has fewer axes than x or more than 8, or
 *   a size is not an integer from 0 up
 */
export const broadcastTo = (x: Tensor, shape: Shape): Tensor => expanded('broadcastTo', x, shape)

function expanded(op: string, x: Tensor, shape: Shape): Tensor {
  checkTensor(op, 'x', x)
  checkList(op, 'shape', shape)
  const pad = shape.length - x.ndim
  const full = shape.map((n, i) => (n === -1 && i >= pad ? x.shape[i - pad] : n))
  checkShape(op, full)
  expandView(op, x.layout, full)
  return expandOp([x], { shape: full })
}

const reshapeViewOp = defineOp({
  name: 'reshape',
  inputs: ['x'],
  dtypes: anyType,
  shape: (_, { shape }: { shape: Shape }) => ({ shape }),
  view: (view, { shape }) => reshapeView(view, shape) as View,
  vjp: { x: (ctx) => reshape(ctx.g, ctx.meta('x').shape) },
})

/**
 * The same elements, in row-major order, in another shape. A view where the strides allow, else a copy. Any dtype.
 * @param shape  the sizes, as a list or one by one; one of them may be −1: it is worked out
 * @throws HandgradError if the element counts differ, −1 is there twice, or there are more than 8 axes
 */
export function reshape(x: Tensor, shape: Shape): Tensor
export function reshape(x: Tensor, ...shape: number[]): Tensor
export function reshape(x: Tensor, ...shape: Spread): Tensor {
  return reshaped('reshape', x, listed(shape))
}

/** Reshape, under the name of the op that does it. */
export function reshaped(op: string, x: Tensor, shape: Shape, copy = true): Tensor {
  checkTensor(op, 'x', x)
  checkList(op, 'shape', shape)
  const known = shape.reduce((n, s) => (s === -1 ? n : n * s), 1)
  const full = shape.map((s) => (s === -1 && known > 0 ? x.numel / known : s))
  const unknowns = shape.filter((s) => s === -1).length
  if (unknowns > 1 || full.some((s) => !Number.isInteger(s) || s < 0) || sizeOf(full) !== x.numel) {
    fail(op, `${showShape(x.shape)} of ${x.numel} elements does not reshape to ${showShape(shape)}`)
  }
  checkShape(op, full)
  const fits = reshapeView(x.layout, full) !== null
  if (!fits && !copy)
    fail(op, `${showShape(x.shape)} lies in memory so that only a copy can be ${showShape(full)}`, 'use reshape')
  return reshapeViewOp([fits ? x : clone(x)], { shape: full })
}

/**
 * {@link reshape} that never copies. Any dtype.
 * @throws HandgradError where the strides do not allow a view, and as {@link reshape}
 */
export function view(x: Tensor, shape: Shape): Tensor
export function view(x: Tensor, ...shape: number[]): Tensor
export function view(x: Tensor, ...shape: Spread): Tensor {
  return reshaped('view', x, listed(shape), false)
}

/**
 * Axes from `start` to `end` (both included) as one, as {@link reshape} does it. Any dtype.
 * @throws HandgradError if start is after end
 */
export function flatten(x: Tensor, start = 0, end = -1): Tensor {
  const op = 'flatten'
  checkTensor(op, 'x', x)
  const [a, b] = [normalDim(op, start, x.ndim), normalDim(op, end, x.ndim)]
  if (a > b) fail(op, `start ${start} is after end ${end}`)
  return reshape(x, [...x.shape.slice(0, a), sizeOf(x.shape.slice(a, b + 1)), ...x.shape.slice(b + 1)])
}

/** Add an axis of size 1 at `dim`. A view. Any dtype. @throws HandgradError if x has 8 axes already */
export function unsqueeze(x: Tensor, dim: number): Tensor {
  const op = 'unsqueeze'
  checkTensor(op, 'x', x)
  const at = normalDim(op, dim, x.ndim + 1)
  return reshaped(op, x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)])
}

/**
 * Drop the axes of size 1, or only those named (that are of size 1). A view. Any dtype.
 * @throws HandgradError if several dims are given one by one
 */
export function squeeze(x: Tensor, dims?: number | readonly number[]): Tensor
export function squeeze(x: Tensor, dims?: number | readonly number[], ...more: unknown[]): Tensor {
  const op = 'squeeze'
  checkTensor(op, 'x', x)
  if (more.length > 0) fail(op, `${more.length + 1} dims are given`, 'give them as a list')
  const named = dims === undefined ? null : [dims].flat().map((d) => normalDim(op, d, x.ndim))
  return reshape(
    x,
    x.shape.filter((n, i) => n !== 1 || (named && !named.includes(i))),
  )
}

const sliceOp: Op<{ slices: readonly Slice[] }> = defineOp({
  name: 'slice',
  inputs: ['x'],
  dtypes: anyType,
  shape: ([x], { slices }: { slices: readonly Slice[] }) => ({ shape: sliceView('slice', x.layout, slices).shape }),
  view: (view, { slices }) => sliceView('slice', view, slices),
  vjp: {
    x: (ctx) => {
      const { shape } = ctx.meta('x')
      return scatterView(ctx.g, shape, sliceView('slice', contiguousView(shape), ctx.attrs.slices))
    },
  },
})

/** A view of a row-major tensor of `shape`, each element at most once; `value` is everywhere else. */
interface ScatterAttrs {
  readonly shape: Shape
  readonly size: Shape
  readonly strides: readonly number[]
  readonly offset: number
  readonly value: number
}

const scatterViewOp: Op<ScatterAttrs> = defineOp({
  name: 'scatterView',
  inputs: ['x'],
  dtypes: anyType,
  shape: (_, { shape }: ScatterAttrs) => ({ shape }),
  halves: asTheyAre,
  launch: ([x], [y], { strides, offset, value }) => {
    if (x.numel < y.numel) fillInto('scatterView', y, value)
    copyTo('scatterView', y, { shape: x.shape, strides, offset }, x, x.layout)
  },
  vjp: { x: (ctx) => gatherViewOp([contiguous(ctx.g)], ctx.attrs) },
})

const gatherViewOp: Op<ScatterAttrs> = defineOp({
  name: 'gatherView',
  inputs: ['x'],
  dtypes: anyType,
  shape: (_, { size }: ScatterAttrs) => ({ shape: size }),
  view: (view, { size, strides, offset }) => ({ shape: size, strides, offset: view.offset + offset }),
  vjp: { x: (ctx) => scatterViewOp([ctx.g], { ...ctx.attrs, value: 0 }) },
})

/**
 * A tensor of `shape` with x where `view` says and `value` everywhere else: what undoes a view, and what pads.
 * Internal.
 * @param view  of a row-major tensor of `shape`, each element at most once
 */
export const scatterView = (x: Tensor, shape: Shape, { strides, offset }: View, value = 0): Tensor =>
  scatterViewOp([x], { shape, size: x.shape, strides, offset, value })

/**
 * Python's x[start:stop:step] on each axis: `slice(x, [0, 10], [null, null, 2])`; null takes all of an axis. Positions
 * may be negative (from the end), out-of-range ones are clamped, steps may be negative. A view. Any dtype.
 * @throws HandgradError for more slices than axes, a step of 0, or what is neither null nor a list of integers
 */
export const slice = (x: Tensor, ...slices: Slice[]): Tensor => sliceOp([x], { slices })

/**
 * The same memory, outside of the graph: no gradient flows through it.
 * @throws HandgradError if x is not a tensor, or is disposed
 */
export function detach(x: Tensor): Tensor {
  checkTensor('detach', 'x', x)
  const y = new Tensor(x.storage.retain(), x.layout)
  y.cut = x.edge ? 'detach' : x.cut
  return y
}
