/** @file Reductions over any axes: sums, means, extremes and their positions. */
import { fail } from '../errors.ts'
import { defineOp, floats, launch, numbers } from '../op.ts'
import * as shaders from '../shaders.generated.ts'
import { normalDim, normalDims, showShape, sizeOf } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { checkDType, checkTensor } from './arguments.ts'
import { cast } from './cast.ts'
import { arange } from './create.ts'
import { div, eq, mul, where } from './elementwise.ts'
import * as kernels from './kernels.ts'
import { foldParams, runReduce } from './launches.ts'
import { reshape, unsqueeze } from './movement.ts'
import { keptShape, type ReduceAttrs, reducedShape, sumOp } from './sum.ts'

/** Trailing options of reductions. */
export interface ReduceOptions {
  /** Keep reduced axes with size 1. */
  keepdim?: boolean
}
/** Axes to reduce; none or null: all. */
export type Dims = number | readonly number[] | null

/** The axes that a user named, checked and counted from the front. */
export function attrsOf(op: string, x: Tensor, dims?: Dims, options?: ReduceOptions): ReduceAttrs {
  checkTensor(op, 'x', x)
  return { dims: normalDims(op, dims, x.ndim), keepdim: options?.keepdim ?? false }
}

const { MAX, MIN } = shaders.reduce.consts

/**
 * y = Σ x over `dims`. The sum of bools counts them (int32); a sum of nothing is 0. Dtypes: floats, int32, bool.
 * @param dims  one axis, several, or none for all
 */
export function sum(x: Tensor, dims?: Dims, options?: ReduceOptions): Tensor {
  const attrs = attrsOf('sum', x, dims, options)
  return sumOp([x.dtype === 'bool' ? cast(x, 'int32') : x], attrs)
}

/** The mean over `dims`: Σ x / n; NaN over nothing. Dtypes: floats. */
export function mean(x: Tensor, dims?: Dims, options?: ReduceOptions): Tensor {
  checkDType('mean', 'x', x, floats)
  const attrs = attrsOf('mean', x, dims, options)
  const n = sizeOf(attrs.dims.map((d) => x.shape[d]))
  return div(sumOp([x], attrs), n)
}

/** What extremes ask of x, under the name the user called. */
function checkExtreme(op: string, x: Tensor, dim?: number): void {
  checkDType(op, 'x', x, numbers)
  const dims = dim === undefined ? normalDims(op, null, x.ndim) : [normalDim(op, dim, x.ndim)]
  if (x.ndim > 0) requireElements(op, x, dims)
}

export function requireElements(op: string, x: Tensor, dims: readonly number[]): void {
  if (dims.some((d) => x.shape[d] === 0)) fail(op, `${showShape(x.shape)} has no elements along the reduced dims`)
}

/** g, shared evenly by the elements of x over `dims` that equal y. */
export function evenly(g: Tensor, x: Tensor, y: Tensor, dims?: Dims): Tensor {
  const ties = cast(eq(x, y), x.dtype)
  return mul(ties, div(g, sum(ties, dims, { keepdim: true })))
}

/** amax or amin: the extreme over any axes; ties share the gradient evenly. */
function extremeOf(name: 'amax' | 'amin', code: number) {
  return defineOp<'x', ReduceAttrs>({
    name,
    inputs: ['x'],
    dtypes: numbers,
    shape: ([x], attrs) => {
      requireElements(name, x, attrs.dims)
      return { shape: reducedShape(x.shape, attrs) }
    },
    launch: ([x], [y], { dims }) => runReduce(name, code, x, y, dims),
    saves: { x: ['x', 'y'] },
    vjp: {
      x: ({ g, x, y, attrs: { dims } }) => {
        const kept = keptShape(x.shape, dims)
        return evenly(reshape(g, kept), x, reshape(y, kept), dims)
      },
    },
  })
}
const amaxOp = extremeOf('amax', MAX)
const aminOp = extremeOf('amin', MIN)

/** The largest element over `dims`; ties share the gradient evenly, NaN wins. Dtypes: floats, int32. */
export const amax = (x: Tensor, dims?: Dims, options?: ReduceOptions): Tensor =>
  amaxOp([x], attrsOf('amax', x, dims, options))
/** The smallest element over `dims`; ties share the gradient evenly, NaN wins. Dtypes: floats, int32. */
export const amin = (x: Tensor, dims?: Dims, options?: ReduceOptions): Tensor =>
  aminOp([x], attrsOf('amin', x, dims, options))

/** Extreme along one axis with its first position; the gradient goes to that position. */
function extremumOf(name: 'max' | 'min', OP: number) {
  return defineOp<'x', ReduceAttrs, 'y' | 'index'>({
    name,
    inputs: ['x'],
    outputs: ['y', 'index'],
    dtypes: numbers,
    shape: ([x], attrs) => {
      requireElements(name, x, attrs.dims)
      const shape = reducedShape(x.shape, attrs)
      return [{ shape }, { shape, dtype: 'int32' }]
    },
    launch: ([x], [y, index], { dims }) => {
      const { from, params } = foldParams(name, x, dims)
      launch(name, kernels.extremum, [y, index, from], params, { OP, INT: x.dtype === 'int32' ? 1 : 0 })
      if (from !== x) from.dispose()
    },
    saves: { x: ['index'] },
    vjp: {
      // One-hot along the axis: position = index.
      x: (ctx) => {
        const { shape } = ctx.meta('x')
        const [dim] = ctx.attrs.dims
        const kept = keptShape(shape, ctx.attrs.dims)
        const positions = reshape(
          arange(0, shape[dim], 1, { device: ctx.g.device }),
          shape.map((n, i) => (i === dim ? n : 1)),
        )
        return where(eq(positions, reshape(ctx.index, kept)), reshape(ctx.g, kept), 0)
      },
    },
  })
}
const maxOp = extremumOf('max', shaders.extremum.consts.MAX)
const minOp = extremumOf('min', shaders.extremum.consts.MIN)

/** Values and their positions along an axis. */
export interface Extremes {
  readonly values: Tensor
  /** int32; the first position where values tie. */
  readonly indices: Tensor
}

function along(op: typeof maxOp, x: Tensor, dim: number, options?: ReduceOptions): Extremes {
  const at = normalDim(op.opName, dim, x.ndim)
  if (x.ndim === 0) {
    const [values, indices] = op.all([unsqueeze(x, 0)], { dims: [0], keepdim: false })
    return { values, indices }
  }
  const [values, indices] = op.all([x], { dims: [at], keepdim: options?.keepdim ?? false })
  return { values, indices }
}

/**
 * `max(x)`: the largest element, as {@link amax} over all axes. `max(x, dim)`: the largest along one axis with its first
 * position, and the gradient goes there alone. NaN wins. Dtypes: floats, int32.
 */
export function max(x: Tensor): Tensor
export function max(x: Tensor, dim: number, options?: ReduceOptions): Extremes
export function max(x: Tensor, dim?: number, options?: ReduceOptions): Tensor | Extremes {
  checkExtreme('max', x, dim)
  return dim === undefined ? amax(x) : along(maxOp, x, dim, options)
}

/** As {@link max}, for the smallest element. Dtypes: floats, int32. */
export function min(x: Tensor): Tensor
export function min(x: Tensor, dim: number, options?: ReduceOptions): Extremes
export function min(x: Tensor, dim?: number, options?: ReduceOptions): Tensor | Extremes {
  checkExtreme('min', x, dim)
  return dim === undefined ? amin(x) : along(minOp, x, dim, options)
}

function position(op: typeof maxOp, name: string, x: Tensor, dim?: number, options?: ReduceOptions): Tensor {
  checkExtreme(name, x, dim)
  const { values, indices } = dim === undefined ? along(op, reshape(x, [-1]), 0) : along(op, x, dim, options)
  values.dispose()
  return indices
}

/** Position (int32) of the largest element along `dim`, or in the flattened tensor: the first at ties. Dtypes: floats, int32. */
export const argmax = (x: Tensor, dim?: number, options?: ReduceOptions): Tensor =>
  position(maxOp, 'argmax', x, dim, options)
/** Position (int32) of the smallest element along `dim`, or in the flattened tensor: the first at ties. Dtypes: floats, int32. */
export const argmin = (x: Tensor, dim?: number, options?: ReduceOptions): Tensor =>
  position(minOp, 'argmin', x, dim, options)
