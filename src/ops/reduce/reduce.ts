/** @file Reductions over any axes: sums, means, extremes and their positions. */

import * as shaders from '../../core/contracts.generated.ts'
import type { DType } from '../../core/device.ts'
import { launch } from '../../core/launch.ts'
import { cutOf, defineOp, floats, numbers } from '../../core/op.ts'
import { sizeOf } from '../../core/shape.ts'
import { Tensor } from '../../core/tensor.ts'
import * as kernels from '../base/kernels.generated.ts'
import { foldParams, runReduce } from '../base/launches.ts'
import { keptShape, type ReduceAttrs, reducedShape, sumOp } from '../base/sum.ts'
import { reshape, unsqueeze } from '../base/views.ts'
import { arange } from '../creation/create.ts'
import { div, eq, maximum, minimum, where } from '../elementwise/elementwise.ts'
import { attrsOf, checkExtreme, evenly, extremes, requireElements, totalsOf } from './attributes.ts'

/** Trailing options of reductions. */
export interface ReduceOptions {
  /** Keep reduced axes with size 1. */
  keepdim?: boolean
}
/** Trailing options of sums, means and products. */
export interface SumOptions extends ReduceOptions {
  /** Cast x to this dtype first. Default: x's, int32 for bools. */
  dtype?: DType | null
}
/** Axes to reduce; none, null or an empty list: all. */
export type Dims = number | readonly number[] | null

const { MAX, MIN } = shaders.reduce.consts

/**
 * y = Σ x over `dims`. The sum of bools counts them (int32); a sum of nothing is 0. Dtypes: floats, int32, bool.
 * @param dims  one axis, several, or none (or an empty list) for all
 */
export function sum(x: Tensor, dims?: Dims, options?: SumOptions): Tensor {
  const [from, attrs] = totalsOf('sum', x, dims, options)
  return sumOp([from], attrs)
}

/** The mean over `dims`: Σ x / n; NaN over nothing. Dtypes: floats, with `dtype` any. */
export function mean(x: Tensor, dims?: Dims, options?: SumOptions): Tensor {
  const [from, attrs] = totalsOf('mean', x, dims, options, floats)
  const n = sizeOf(attrs.dims.map((d) => x.shape[d]))
  return div(sumOp([from], attrs), n)
}

/** amax or amin: the extreme over any axes; ties share the gradient evenly. */
function extremeOf(name: 'amax' | 'amin', code: number) {
  return defineOp({
    name,
    inputs: ['x'],
    dtypes: numbers,
    shape: ([x], attrs: ReduceAttrs) => {
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

/**
 * The largest element over `dims`; ties share the gradient evenly, NaN wins. Dtypes: floats, int32.
 * @throws HandgradError if x has no elements along the reduced axes
 */
export const amax = (x: Tensor, dims?: Dims, options?: ReduceOptions): Tensor =>
  amaxOp([x], attrsOf('amax', x, dims, options))
/**
 * The smallest element over `dims`; ties share the gradient evenly, NaN wins. Dtypes: floats, int32.
 * @throws HandgradError if x has no elements along the reduced axes
 */
export const amin = (x: Tensor, dims?: Dims, options?: ReduceOptions): Tensor =>
  aminOp([x], attrsOf('amin', x, dims, options))

/** Extreme along one axis with its first position; the gradient goes to that position. */
function extremumOf(name: 'max' | 'min', OP: number) {
  return defineOp({
    name,
    inputs: ['x'],
    outputs: ['y', 'index'],
    dtypes: numbers,
    shape: ([x], attrs: ReduceAttrs) => {
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

/** Values and their positions along an axis, by name or in this order: `const [values, indices] = x.max(0)`. */
export interface Extremes extends Iterable<Tensor> {
  readonly values: Tensor
  /** int32; the first position where values tie. */
  readonly indices: Tensor
}

/** A 0-d tensor is one element. */
function along(op: typeof maxOp, x: Tensor, attrs: ReduceAttrs): Extremes {
  const lone = x.ndim === 0
  const [values, indices] = op.all([lone ? unsqueeze(x, 0) : x], lone ? { dims: [0], keepdim: false } : attrs)
  return extremes(values, indices)
}

/** The forms of max and min: over all axes, along one, of two tensors. */
function extremum(
  op: typeof maxOp,
  whole: typeof amaxOp,
  ofTwo: typeof maximum,
  x: Tensor,
  dim?: number | Tensor | null,
  options?: ReduceOptions,
): Tensor | Extremes {
  if (dim instanceof Tensor) return ofTwo(x, dim)
  const attrs = checkExtreme(op.opName, x, dim, options)
  return dim == null ? whole([x], attrs) : along(op, x, attrs)
}

/**
 * `max(x)`: the largest element, as {@link amax} over all axes. `max(x, dim)`: the largest along one axis with its
 * first position, and the gradient goes there alone. `max(x, y)`: {@link maximum}. NaN wins. Dtypes: floats, int32.
 * @returns 0-d; with dim values and indices, both of x's shape without that axis (with `keepdim` of size 1 there)
 * @throws HandgradError if x has no elements along the reduced axes, or x and y do not broadcast or differ in dtype or
 *   device
 */
export function max(x: Tensor): Tensor
export function max(x: Tensor, dim: number, options?: ReduceOptions): Extremes
export function max(x: Tensor, other: Tensor): Tensor
export function max(x: Tensor, dim?: number | Tensor | null, options?: ReduceOptions): Tensor | Extremes {
  return extremum(maxOp, amaxOp, maximum, x, dim, options)
}

/**
 * As {@link max}, for the smallest element; `min(x, y)` is {@link minimum}. Dtypes: floats, int32.
 * @returns 0-d; with dim values and indices, both of x's shape without that axis (with `keepdim` of size 1 there)
 * @throws HandgradError if x has no elements along the reduced axes, or x and y do not broadcast or differ in dtype or
 *   device
 */
export function min(x: Tensor): Tensor
export function min(x: Tensor, dim: number, options?: ReduceOptions): Extremes
export function min(x: Tensor, other: Tensor): Tensor
export function min(x: Tensor, dim?: number | Tensor | null, options?: ReduceOptions): Tensor | Extremes {
  return extremum(minOp, aminOp, minimum, x, dim, options)
}

function position(op: typeof maxOp, name: string, x: Tensor, dim?: number | null, options?: ReduceOptions): Tensor {
  const attrs = checkExtreme(name, x, dim, options)
  const { values, indices } =
    dim == null ? along(op, reshape(x, [-1]), { dims: [0], keepdim: false }) : along(op, x, attrs)
  values.dispose()
  indices.cut = cutOf(name, [x])
  return dim == null ? reshape(indices, reducedShape(x.shape, attrs)) : indices
}

/**
 * Position (int32) of the largest element along `dim`, or in the flattened tensor: the first at ties. Dtypes: floats,
 * int32.
 * @throws HandgradError if x has no elements along the reduced axes
 */
export const argmax = (x: Tensor, dim?: number | null, options?: ReduceOptions): Tensor =>
  position(maxOp, 'argmax', x, dim, options)
/**
 * Position (int32) of the smallest element along `dim`, or in the flattened tensor: the first at ties. Dtypes: floats,
 * int32.
 * @throws HandgradError if x has no elements along the reduced axes
 */
export const argmin = (x: Tensor, dim?: number | null, options?: ReduceOptions): Tensor =>
  position(minOp, 'argmin', x, dim, options)
