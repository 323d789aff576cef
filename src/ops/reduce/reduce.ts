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

/** Trailing options of reductions; `keepdim` may also stand in its place, as in `x.sum(0, true)`. */
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
/** Axes, or all that a reduction is told by name: `x.sum({ dim: 0, keepdim: true })`. */
export type Over<O> = Dims | (O & { dim?: Dims })
/** As {@link Over}, of one axis. */
export type Along = number | null | Partial<OneAxis>
/** One axis by name: `x.max({ dim: 0 })`. */
export interface OneAxis extends ReduceOptions {
  dim: number
}

const { MAX, MIN } = shaders.reduce.consts

/**
 * y = Σ x over `dims`. The sum of bools counts them (int32); a sum of nothing is 0. Dtypes: floats, int32, bool.
 * @param dims  one axis, several, or none (or an empty list) for all; or all by name: `x.sum({ dim: 0 })`
 */
export function sum(x: Tensor, dims?: Over<SumOptions>, options?: SumOptions | boolean): Tensor
export function sum(x: Tensor, ...given: unknown[]): Tensor {
  const [from, attrs] = totalsOf('sum', x, given)
  return sumOp([from], attrs)
}

/** The mean over `dims`: Σ x / n; NaN over nothing. Dtypes: floats, with `dtype` any. */
export function mean(x: Tensor, dims?: Over<SumOptions>, options?: SumOptions | boolean): Tensor
export function mean(x: Tensor, ...given: unknown[]): Tensor {
  const [from, attrs] = totalsOf('mean', x, given, floats)
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
export function amax(x: Tensor, dims?: Over<ReduceOptions>, options?: ReduceOptions | boolean): Tensor
export function amax(x: Tensor, ...given: unknown[]): Tensor {
  return amaxOp([x], attrsOf('amax', x, given))
}
/**
 * The smallest element over `dims`; ties share the gradient evenly, NaN wins. Dtypes: floats, int32.
 * @throws HandgradError if x has no elements along the reduced axes
 */
export function amin(x: Tensor, dims?: Over<ReduceOptions>, options?: ReduceOptions | boolean): Tensor
export function amin(x: Tensor, ...given: unknown[]): Tensor {
  return aminOp([x], attrsOf('amin', x, given))
}

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
      launch(name, kernels.extremum, [y, index, from, null], params, { OP, INT: x.dtype === 'int32' ? 1 : 0 })
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
  given: readonly unknown[],
): Tensor | Extremes {
  if (given[0] instanceof Tensor) return ofTwo(x, given[0])
  const [dim, attrs] = checkExtreme(op.opName, x, given)
  return dim === null ? whole([x], attrs) : along(op, x, attrs)
}

/**
 * `max(x)`: the largest element, as {@link amax} over all axes. `max(x, dim)`: the largest along one axis with its
 * first position, and the gradient goes there alone. `max(x, y)`: {@link maximum}. NaN wins. Dtypes: floats, int32.
 * @returns 0-d; with dim values and indices, both of x's shape without that axis (with `keepdim` of size 1 there)
 * @throws HandgradError if x has no elements along the reduced axes, or x and y do not broadcast or differ in dtype or
 *   device
 */
export function max(x: Tensor): Tensor
export function max(x: Tensor, dim: number | OneAxis, options?: ReduceOptions | boolean): Extremes
export function max(x: Tensor, other: Tensor): Tensor
export function max(x: Tensor, ...given: unknown[]): Tensor | Extremes {
  return extremum(maxOp, amaxOp, maximum, x, given)
}

/**
 * As {@link max}, for the smallest element; `min(x, y)` is {@link minimum}. Dtypes: floats, int32.
 * @returns 0-d; with dim values and indices, both of x's shape without that axis (with `keepdim` of size 1 there)
 * @throws HandgradError if x has no elements along the reduced axes, or x and y do not broadcast or differ in dtype or
 *   device
 */
export function min(x: Tensor): Tensor
export function min(x: Tensor, dim: number | OneAxis, options?: ReduceOptions | boolean): Extremes
export function min(x: Tensor, other: Tensor): Tensor
export function min(x: Tensor, ...given: unknown[]): Tensor | Extremes {
  return extremum(minOp, aminOp, minimum, x, given)
}

function position(op: typeof maxOp, name: string, x: Tensor, given: readonly unknown[]): Tensor {
  const [dim, attrs] = checkExtreme(name, x, given)
  const { values, indices } =
    dim === null ? along(op, reshape(x, [-1]), { dims: [0], keepdim: false }) : along(op, x, attrs)
  values.dispose()
  indices.cut = cutOf(name, [x])
  return dim === null ? reshape(indices, reducedShape(x.shape, attrs)) : indices
}

/**
 * Position (int32) of the largest element along `dim`, or in the flattened tensor: the first at ties. Dtypes: floats,
 * int32.
 * @throws HandgradError if x has no elements along the reduced axes
 */
export function argmax(x: Tensor, dim?: Along, options?: ReduceOptions | boolean): Tensor
export function argmax(x: Tensor, ...given: unknown[]): Tensor {
  return position(maxOp, 'argmax', x, given)
}
/**
 * Position (int32) of the smallest element along `dim`, or in the flattened tensor: the first at ties. Dtypes: floats,
 * int32.
 * @throws HandgradError if x has no elements along the reduced axes
 */
export function argmin(x: Tensor, dim?: Along, options?: ReduceOptions | boolean): Tensor
export function argmin(x: Tensor, ...given: unknown[]): Tensor {
  return position(minOp, 'argmin', x, given)
}
