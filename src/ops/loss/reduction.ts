/** @file What losses share: how they are gathered over their elements, and the checks of input, target and weight. */

import { isHalf } from '../../core/device.ts'
import { fail } from '../../core/errors.ts'
import { casting, floats, numbers } from '../../core/op.ts'
import { expandView, sameShape, showShape } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType, checkSameKind } from '../base/arguments.ts'
import { cast } from '../elementwise/cast.ts'
import { clamp, eq, logicalAnd, lt, mul, where } from '../elementwise/elementwise.ts'
import { mean, sum } from '../reduce/reduce.ts'

/** How a loss is gathered over its elements. */
export type Reduction = 'mean' | 'sum' | 'none'

/** Trailing options of losses. */
export interface LossOptions {
  /** Default: 'mean'. */
  reduction?: Reduction
}

/** Options of losses that weigh their elements. */
export interface WeightedLossOptions extends LossOptions {
  /** A factor for each element's loss; broadcasts to the input's shape. Default, or null: 1. */
  weight?: Tensor | null
}

/** A factor for each element's loss. */
export type Weight = WeightedLossOptions['weight']

/** Of {@link WeightedLossOptions}. */
export const weightDefaults: Required<WeightedLossOptions> = { weight: null, reduction: 'mean' }

export function checkReduction(op: string, reduction: unknown): void {
  if (reduction === undefined || reduction === 'mean' || reduction === 'sum' || reduction === 'none') return
  fail(op, `reduction is '${String(reduction)}'`, "'mean', 'sum' or 'none'")
}

/** The mean over all elements, their sum, or each. */
export function reduced(loss: Tensor, reduction: Reduction = 'mean'): Tensor {
  if (reduction === 'none') return loss
  return reduction === 'sum' ? sum(loss) : mean(loss)
}

/** What a loss is computed from: under `autocast` in float32, as losses are. */
export function widened(...xs: Tensor[]): Tensor[] {
  if (!casting.now) return xs
  const wide = xs.find(({ dtype }) => !isHalf(dtype))?.dtype ?? 'float32'
  return xs.map((x) => (isHalf(x.dtype) ? cast(x, wide) : x))
}

export function checkPair(op: string, x: Tensor, target: Tensor, reduction: unknown): void {
  checkDType(op, 'input', x, floats)
  checkSameKind(op, x, 'target', target)
  checkReduction(op, reduction)
  if (!sameShape(x.shape, target.shape)) {
    fail(
      op,
      `input ${showShape(x.shape)} and target ${showShape(target.shape)} differ`,
      'a loss does not broadcast; reshape one',
    )
  }
}

/** A tensor of factors that broadcasts to x's shape. */
export function checkFactor(op: string, x: Tensor, name: string, factor: unknown): void {
  if (factor == null) return
  checkSameKind(op, x, name, factor)
  expandView(op, factor.layout, x.shape)
}

/** q·x, where 0·(−Inf) is 0: what is impossible and does not occur costs nothing. */
export function expected(q: Tensor, x: Tensor): Tensor {
  const masked = logicalAnd(eq(q, 0), lt(x, -3.4028234663852886e38))
  return mul(q, where(masked, 0, x))
}

/** max(x, 0), as a bound: at 0 the gradient passes, where relu has none. */
export const atLeast0 = (x: Tensor): Tensor => clamp(x, { min: 0 })

/** Targets of 1 and −1, of the shape that the loss of each pair has. */
export function checkSigns(op: string, target: Tensor, shape: readonly number[]): void {
  checkDType(op, 'target', target, numbers)
  if (!sameShape(target.shape, shape))
    fail(op, `target is ${showShape(target.shape)}, not ${showShape(shape)}`, 'give 1 or -1 for each')
}
