/** @file Reductions made of others: products, variances, norms, log-sums, counts and truth. */

import * as shaders from '../../core/contracts.generated.ts'
import { describe, fail } from '../../core/errors.ts'
import { defineOp, floats, numbers } from '../../core/op.ts'
import { scope } from '../../core/scope.ts'
import { sizeOf } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType } from '../base/arguments.ts'
import { runReduce } from '../base/launches.ts'
import { parametersOf } from '../base/options.ts'
import { keptShape, type ReduceAttrs, reducedShape } from '../base/sum.ts'
import { detach, permute, reshape } from '../base/views.ts'
import { cast } from '../elementwise/cast.ts'
import {
  abs,
  add,
  div,
  eq,
  exp,
  gt,
  log,
  logicalNot,
  mul,
  pow,
  square,
  sub,
  where,
} from '../elementwise/elementwise.ts'
import { unlessZero } from '../elementwise/zeros.ts'
import { attrsOf, requireElements, totalsOf, varianceDefaults } from './attributes.ts'
import { centredBy, homogeneous, lengths, rootOf } from './lengths.ts'
import { productOfOthers } from './recurrence.ts'
import { amax, amin, type Dims, mean, type Over, type ReduceOptions, type SumOptions, sum } from './reduce.ts'

const prodOp = defineOp({
  name: 'prod',
  inputs: ['x'],
  dtypes: numbers,
  shape: ([x], attrs: ReduceAttrs) => ({ shape: reducedShape(x.shape, attrs) }),
  launch: ([x], [y], { dims }) => runReduce('prod', shaders.reduce.consts.PROD, x, y, dims),
  saves: { x: ['x'] },
  // ∂y/∂xᵢ is the product of the others, found along one axis into which the reduced ones are folded.
  vjp: {
    x: ({ g, x, attrs: { dims } }) => {
      const order = [...x.shape.map((_, i) => i).filter((i) => !dims.includes(i)), ...dims]
      const moved = permute(x, order)
      const rows = sizeOf(moved.shape.slice(0, x.ndim - dims.length))
      const columns = sizeOf(dims.map((d) => x.shape[d]))
      const others = reshape(productOfOthers(reshape(moved, [rows, columns]), 1), moved.shape)
      const inverse = order.map((_, i) => order.indexOf(i))
      return mul(permute(others, inverse), reshape(g, keptShape(x.shape, dims)))
    },
  },
})

/**
 * y = Π x over `dims`, 1 over nothing; the gradient is right with zeros too. Dtypes: floats, int32, bool (as int32).
 */
export function prod(x: Tensor, dims?: Over<SumOptions>, options?: SumOptions | boolean): Tensor
export function prod(x: Tensor, ...given: unknown[]): Tensor {
  const [from, attrs] = totalsOf('prod', x, given)
  return prodOp([from], attrs)
}

/** Trailing options of var and std. */
export interface VarianceOptions extends ReduceOptions {
  /** Subtracted from the number of elements: 1 (default) for a sample, 0 for a whole population. */
  correction?: number | null
}

/** x less its mean over `dims`, and the number that the sum of its squares is divided by. */
function deviations(op: string, x: Tensor, options: readonly unknown[]) {
  checkDType(op, 'x', x, floats)
  const { dim, keepdim, ...given } = parametersOf(op, options, varianceDefaults)
  const correction = given.correction ?? 1
  if (typeof correction !== 'number' || !Number.isFinite(correction))
    fail(op, `correction is ${describe(correction)}`, 'give a number, such as 0 or 1')
  const attrs = attrsOf(op, x, [dim, keepdim])
  const n = sizeOf(attrs.dims.map((d) => x.shape[d]))
  const centred = centredBy(x, (z) => mean(z, attrs.dims, { keepdim: true }))
  return { centred, attrs, freedom: Math.max(0, n - correction) }
}

/**
 * The variance over `dims`, in two passes: Σ (x − mean)² / (n − correction). NaN where n ≤ correction and nothing
 * varies (a sample of one). Dtypes: floats.
 * @throws HandgradError if correction is not a finite number
 */
function variance(x: Tensor, dims?: Over<VarianceOptions>, options?: VarianceOptions): Tensor
function variance(x: Tensor, ...given: unknown[]): Tensor {
  return scope(() => {
    const { centred, attrs, freedom } = deviations('var', x, given)
    return div(sum(square(centred), attrs.dims, { keepdim: attrs.keepdim }), freedom)
  })
}

export { variance as var }

/**
 * The standard deviation over `dims`: the root of {@link variance}, also where that leaves the range; where it is 0, so
 * are its derivatives. Dtypes: floats.
 * @throws HandgradError if correction is not a finite number
 */
export function std(x: Tensor, dims?: Over<VarianceOptions>, options?: VarianceOptions): Tensor
export function std(x: Tensor, ...given: unknown[]): Tensor {
  return scope(() => {
    const { centred, attrs, freedom } = deviations('std', x, given)
    const root = (z: Tensor) => rootOf(div(sum(square(z), attrs.dims, { keepdim: true }), freedom))
    return reshape(homogeneous(centred, attrs.dims, 2, root), reducedShape(x.shape, attrs))
  })
}

/** A norm's options by name. */
export interface NormOptions extends ReduceOptions {
  /** The exponent; Infinity, −Infinity and 0 too. Default: 2. */
  p?: number | null
  /** One axis, several, or none for all. */
  dim?: Dims
}

const normDefaults = { p: 2 as number | null, dim: null as Dims, keepdim: false }

/**
 * ‖x‖ₚ = (Σ |x|ᵖ)^(1/p) over `dims`, also where |x|ᵖ leaves the range; max |x| for p = ∞, min |x| for −∞, the number of
 * elements other than 0 for 0. All derivatives at 0 are 0. Dtypes: floats.
 * @param p  the exponent, or all of it by name: `norm(x, { p: 1, dim: 0 })`
 * @throws HandgradError if p is not a number, or is ±∞ where x has no elements along the reduced axes
 */
export function norm(
  x: Tensor,
  p?: number | NormOptions | null,
  dims?: Over<ReduceOptions>,
  options?: ReduceOptions | boolean,
): Tensor
export function norm(x: Tensor, ...options: unknown[]): Tensor {
  const op = 'norm'
  const given = parametersOf(op, options, normDefaults)
  const p = given.p ?? 2
  checkDType(op, 'x', x, floats)
  if (typeof p !== 'number' || Number.isNaN(p))
    fail(op, `p is ${describe(p)}`, 'give a number, such as 1, 2 or Infinity')
  const attrs = attrsOf(op, x, [given.dim, given.keepdim])
  const { dims: over, keepdim } = attrs
  if (Math.abs(p) === Infinity) requireElements(op, x, over)
  if (p === Infinity) return amax(abs(x), over, keepdim)
  if (p === -Infinity) return amin(abs(x), over, keepdim)
  if (p === 0)
    return sum(
      unlessZero(abs(x), (z) => pow(z, 0)),
      over,
      keepdim,
    )
  return reshape(lengths(x, p, over), reducedShape(x.shape, attrs))
}

/**
 * y = ln Σ eˣ over `dims`, as m + ln Σ e^(x − m) with m = max x: nothing overflows. −Inf only (or nothing) gives −Inf,
 * with gradient 0. Dtypes: floats.
 */
export function logsumexp(x: Tensor, dims?: Over<ReduceOptions>, options?: ReduceOptions | boolean): Tensor
export function logsumexp(x: Tensor, ...given: unknown[]): Tensor {
  checkDType('logsumexp', 'x', x, floats)
  const { dims: over, keepdim } = attrsOf('logsumexp', x, given)
  if (x.numel === 0) return sub(sum(x, over, keepdim), Infinity)
  // An infinite maximum is left alone: ∞ − ∞ is not a number.
  const top = amax(detach(x), over, { keepdim: true })
  const m = where(eq(abs(top), Infinity), 0, top)
  const s = sum(exp(sub(x, m)), over, { keepdim: true })
  const y = add(unlessZero(s, log, -Infinity), m)
  return keepdim ? y : reshape(y, reducedShape(x.shape, { dims: over, keepdim: false }))
}

/** How many elements of x over `dims` are true: all but 0. `of` says which are counted, of bools. */
function counted(x: Tensor, attrs: ReduceAttrs, of = (t: Tensor) => t): Tensor {
  return sum(of(x.dtype === 'bool' ? x : cast(x, 'bool')), attrs.dims, attrs.keepdim)
}

/** y = [every x is true] over `dims`, as bool; true over nothing. Numbers other than 0 are true, NaN too. Any dtype. */
export function all(x: Tensor, dims?: Over<ReduceOptions>, options?: ReduceOptions | boolean): Tensor
export function all(x: Tensor, ...given: unknown[]): Tensor {
  return eq(counted(x, attrsOf('all', x, given), logicalNot), 0)
}

/** y = [some x is true] over `dims`, as bool; false over nothing. Numbers other than 0 are true, NaN too. Any dtype. */
export function any(x: Tensor, dims?: Over<ReduceOptions>, options?: ReduceOptions | boolean): Tensor
export function any(x: Tensor, ...given: unknown[]): Tensor {
  return gt(counted(x, attrsOf('any', x, given)), 0)
}

/** The number of elements other than 0 over `dims`, int32. Any dtype. */
export function countNonzero(x: Tensor, dims?: Over<ReduceOptions>, options?: ReduceOptions | boolean): Tensor
export function countNonzero(x: Tensor, ...given: unknown[]): Tensor {
  return counted(x, attrsOf('countNonzero', x, given))
}
