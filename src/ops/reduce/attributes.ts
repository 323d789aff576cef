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
import { parametersOf } from '../base/options.ts'
import { type ReduceAttrs, sumOp } from '../base/sum.ts'
import { cast } from '../elementwise/cast.ts'
import { div, eq, logicalOr, mul, ne } from '../elementwise/elementwise.ts'
import type { Dims, Extremes } from './reduce.ts'

const defaults = { dim: null as Dims, keepdim: false }

/** Of var, std and their pairs with the mean. */
export const varianceDefaults = { ...defaults, correction: 1 as number | null }

/** What a user gave, in its places or by name, and the axes it names, checked and counted from the front. */
function given<D extends typeof defaults>(op: string, x: Tensor, list: readonly unknown[], all: D): [D, ReduceAttrs] {
  checkTensor(op, 'x', x)
  const filled = parametersOf(op, list, all)
  const { dim, keepdim } = filled
  const some = Array.isArray(dim) && dim.length === 0 ? null : dim
  return [filled, { dims: normalDims(op, some, x.ndim), keepdim }]
}

/** The axes and options of a reduction. */
export const attrsOf = (op: string, x: Tensor, list: readonly unknown[]): ReduceAttrs => given(op, x, list, defaults)[1]

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
  list: readonly unknown[],
  allowed = numbers,
): [x: Tensor, attrs: ReduceAttrs] {
  const [{ dtype }, attrs] = given(op, x, list, { ...defaults, dtype: null as DType | null })
  return [inDType(op, x, dtype, allowed), attrs]
}

/** What extremes ask of x, under the name the user called; the axis, null for all, and the axes. */
export function checkExtreme(
  op: string,
  x: Tensor,
  list: readonly unknown[],
): [dim: number | null, attrs: ReduceAttrs] {
  checkDType(op, 'x', x, numbers)
  const [filled, attrs] = given(op, x, list, defaults)
  const dim = filled.dim as number | null // a list is refused by the next line
  if (dim !== null) normalDim(op, dim, x.ndim)
  requireElements(op, x, attrs.dims)
  return [dim, attrs]
}

export function requireElements(op: string, x: Tensor, dims: readonly number[]): void {
  if (dims.some((d) => x.shape[d] === 0)) fail(op, `${showShape(x.shape)} has no elements along the reduced dims`)
}

/** g, shared evenly by the elements of x over `dims` that equal y, or are NaN as it is then. */
export function evenly(g: Tensor, x: Tensor, y: Tensor, dims?: Dims): Tensor {
  const ties = cast(logicalOr(eq(x, y), ne(x, x)), x.dtype)
  return mul(ties, div(g, sumOp([ties], attrsOf('sum', ties, [dims, true]))))
}

export const extremes = (values: Tensor, indices: Tensor): Extremes => ({
  values,
  indices,
  [Symbol.iterator]: () => [values, indices].values(),
})
