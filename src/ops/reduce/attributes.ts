/**
 * @file What reductions share: their checked axes and options, pairs of values and indices, and a gradient shared by
 * ties.
 */

import type { DType } from '../../core/device.ts'
import { describe, fail } from '../../core/errors.ts'
import { numbers } from '../../core/op.ts'
import { normalDim, normalDims, showShape } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType, checkTensor } from '../base/arguments.ts'
import { optionsOf } from '../base/options.ts'
import { type ReduceAttrs, sumOp } from '../base/sum.ts'
import { cast } from '../elementwise/cast.ts'
import { div, eq, logicalOr, mul, ne } from '../elementwise/elementwise.ts'
import type { Dims, Extremes, ReduceOptions, SumOptions } from './reduce.ts'

const defaults = { keepdim: false }

/** The options and axes that a user gave, checked, the axes counted from the front. */
export function attrsOf(op: string, x: Tensor, dims?: Dims, options?: ReduceOptions): ReduceAttrs {
  checkTensor(op, 'x', x)
  const { keepdim } = optionsOf(op, options, defaults)
  const some = Array.isArray(dims) && dims.length === 0 ? null : dims
  return { dims: normalDims(op, some, x.ndim), keepdim }
}

/** x, cast first where a dtype is asked for; bools are counted where integers are allowed. */
export function inDType(op: string, x: Tensor, dtype: DType | null | undefined, allowed: readonly DType[]): Tensor {
  if (dtype != null && !allowed.includes(dtype)) fail(op, `dtype is ${describe(dtype)}`, `one of ${allowed.join(', ')}`)
  const to = dtype ?? (x.dtype === 'bool' && allowed.includes('int32') ? 'int32' : x.dtype)
  if (to !== x.dtype) return cast(x, to)
  checkDType(op, 'x', x, allowed)
  return x
}

/** x in the dtype that sums are taken in, and their checked axes. */
export function totalsOf(
  op: string,
  x: Tensor,
  dims: Dims | undefined,
  options: SumOptions | undefined,
  allowed = numbers,
): [x: Tensor, attrs: ReduceAttrs] {
  const { keepdim, dtype } = optionsOf(op, options, { keepdim: false, dtype: null })
  const attrs = attrsOf(op, x, dims, { keepdim })
  return [inDType(op, x, dtype, allowed), attrs]
}

/** What extremes ask of x, under the name the user called; the axes. */
export function checkExtreme(
  op: string,
  x: Tensor,
  dim: number | null | undefined,
  options?: ReduceOptions,
): ReduceAttrs {
  checkDType(op, 'x', x, numbers)
  if (dim != null) normalDim(op, dim, x.ndim)
  const attrs = attrsOf(op, x, dim, options)
  requireElements(op, x, attrs.dims)
  return attrs
}

export function requireElements(op: string, x: Tensor, dims: readonly number[]): void {
  if (dims.some((d) => x.shape[d] === 0)) fail(op, `${showShape(x.shape)} has no elements along the reduced dims`)
}

/** g, shared evenly by the elements of x over `dims` that equal y, or are NaN as it is then. */
export function evenly(g: Tensor, x: Tensor, y: Tensor, dims?: Dims): Tensor {
  const ties = cast(logicalOr(eq(x, y), ne(x, x)), x.dtype)
  return mul(ties, div(g, sumOp([ties], attrsOf('sum', ties, dims, { keepdim: true }))))
}

export const extremes = (values: Tensor, indices: Tensor): Extremes => ({
  values,
  indices,
  [Symbol.iterator]: () => [values, indices].values(),
})
