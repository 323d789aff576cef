/** @file Losses of vectors: by their angle, by a distance, by three of them. */

import { describe, fail } from '../../core/errors.ts'
import { floats } from '../../core/op.ts'
import { sameShape, showShape } from '../../core/shape.ts'
import { Tensor } from '../../core/tensor.ts'
import { checkDType, checkNumbers, checkP, checkSameKind, checkScalar } from '../base/arguments.ts'
import { optionsOf, parametersOf } from '../base/options.ts'
import { add, div, eq, minimum, mul, ne, sub, where } from '../elementwise/elementwise.ts'
import { pairwiseDistance } from '../matrix/distance.ts'
import { boundedLength } from '../reduce/lengths.ts'
import { sum } from '../reduce/reduce.ts'
import {
  atLeast0,
  checkReduction,
  checkSigns,
  type LossOptions,
  type Reduction,
  reduced,
  widened,
} from './reduction.ts'

/**
 * L = 1 − cos(x1, x2) where the target is 1, max(0, cos(x1, x2) − margin) where it is −1; cos = x1·x2 / √((‖x1‖² +
 * ε)(‖x2‖² + ε)), ε = 1e-12. Dtypes: floats.
 * @param x1,x2   [N, D] or [D]
 * @param target  1 or −1: [N] or []; floats or int32
 * @param options.margin  default 0
 * @throws HandgradError if x1 and x2 differ in shape or dtype or are 0-d, or the target is not of their shape without D
 */
export function cosineEmbeddingLoss(x1: Tensor, x2: Tensor, target: Tensor, margin?: number): Tensor
/** The same by name: `cosineEmbeddingLoss(x1, x2, target, { margin: 0.5 })`. */
export function cosineEmbeddingLoss(
  x1: Tensor,
  x2: Tensor,
  target: Tensor,
  options?: LossOptions & { margin?: number },
): Tensor
export function cosineEmbeddingLoss(x1: Tensor, x2: Tensor, target: Tensor, ...given: unknown[]): Tensor {
  const op = 'cosineEmbeddingLoss'
  const { margin, reduction } = parametersOf(op, given, { margin: 0, reduction: 'mean' as Reduction })
  checkNumbers(op, { margin })
  checkDType(op, 'x1', x1, floats)
  checkSameKind(op, x1, 'x2', x2)
  checkReduction(op, reduction)
  if (!sameShape(x1.shape, x2.shape) || x1.ndim === 0)
    fail(op, `inputs are ${showShape(x1.shape)} and ${showShape(x2.shape)}`, 'give vectors of one shape: [N, D]')
  checkSigns(op, target, x1.shape.slice(0, -1))
  const unit = (x: Tensor) => div(x, boundedLength(x, 1e-12, [x.ndim - 1]))
  const [a, b] = widened(x1, x2)
  const cos = sum(mul(unit(a), unit(b)), -1)
  const same = where(eq(target, 1), sub(1, cos), 0)
  return reduced(add(same, where(eq(target, -1), atLeast0(sub(cos, margin)), 0)), reduction)
}

/**
 * L = x where the target is 1, max(0, margin − x) where it is −1: x is a distance. Dtypes: floats.
 * @param target  1 or −1, x's shape; floats or int32
 * @param options.margin  default 1
 * @throws HandgradError if the target has another shape than x
 */
export function hingeEmbeddingLoss(x: Tensor, target: Tensor, margin?: number): Tensor
/** The same by name: `hingeEmbeddingLoss(x, target, { margin: 0.5 })`. */
export function hingeEmbeddingLoss(x: Tensor, target: Tensor, options?: LossOptions & { margin?: number }): Tensor
export function hingeEmbeddingLoss(x: Tensor, target: Tensor, ...given: unknown[]): Tensor {
  const op = 'hingeEmbeddingLoss'
  const { margin, reduction } = parametersOf(op, given, { margin: 1, reduction: 'mean' as Reduction })
  checkNumbers(op, { margin })
  checkDType(op, 'input', x, floats)
  checkReduction(op, reduction)
  checkSigns(op, target, x.shape)
  const [a] = widened(x)
  const near = where(ne(target, -1), a, 0)
  return reduced(add(near, where(ne(target, 1), atLeast0(sub(margin, a)), 0)), reduction)
}

/** The loss of triplets by any distance. */
function tripletLoss(
  op: string,
  [anchor, positive, negative]: readonly [Tensor, Tensor, Tensor],
  between: Distance,
  { margin, swap, reduction }: { margin: number; swap: boolean; reduction: LossOptions['reduction'] },
): Tensor {
  checkDType(op, 'anchor', anchor, floats)
  checkSameKind(op, anchor, 'positive', positive)
  checkSameKind(op, anchor, 'negative', negative)
  checkReduction(op, reduction)
  checkScalar(op, margin, anchor.dtype)
  const shapes = [anchor, positive, negative].map((x) => showShape(x.shape))
  if (new Set(shapes).size > 1 || anchor.ndim === 0)
    fail(op, `inputs are ${shapes.join(', ')}`, 'give vectors of one shape: [N, D]')
  const [a, p, n] = widened(anchor, positive, negative)
  // A distance of the caller's may give 16 bits.
  const d = (x: Tensor, y: Tensor): Tensor => widened(between(x, y))[0]
  const far = d(a, n)
  const away = swap ? minimum(far, d(p, n)) : far
  return reduced(atLeast0(add(sub(d(a, p), away), margin)), reduction)
}

/**
 * L = max(0, d(a, p) − d(a, n) + margin), d = {@link pairwiseDistance} (Balntas et al. 2016). Dtypes: floats.
 * @param anchor,positive,negative  [..., D], one shape
 * @param options.swap  take d(p, n) where it is smaller than d(a, n)
 * @param options.margin  default 1
 * @param options.p     default 2
 * @param options.eps   default 1e-6
 * @throws HandgradError if the inputs differ in shape or dtype or are 0-d, or p is not a number from 0 up
 */
export function tripletMarginLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  margin?: number,
  p?: number,
  eps?: number,
  swap?: boolean,
): Tensor
/** The same by name: `tripletMarginLoss(anchor, positive, negative, { swap: true })`. */
export function tripletMarginLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options?: LossOptions & { margin?: number; p?: number; eps?: number; swap?: boolean },
): Tensor
export function tripletMarginLoss(anchor: Tensor, positive: Tensor, negative: Tensor, ...given: unknown[]): Tensor {
  const op = 'tripletMarginLoss'
  const { margin, p, eps, swap, reduction } = parametersOf(op, given, {
    margin: 1,
    p: 2,
    eps: 1e-6,
    swap: false,
    reduction: 'mean' as Reduction,
  })
  checkNumbers(op, { margin, eps })
  checkP(op, p)
  const between = (a: Tensor, b: Tensor) => pairwiseDistance(a, b, { p, eps })
  return tripletLoss(op, [anchor, positive, negative], between, { margin, swap, reduction })
}

/** A distance of vectors: [N, D] and [N, D] to [N], say. */
export type Distance = (a: Tensor, b: Tensor) => Tensor

/**
 * L = max(0, d(a, p) − d(a, n) + margin), as {@link tripletMarginLoss} with any distance. Dtypes: floats.
 * @param anchor,positive,negative  of one shape
 * @param options.distanceFunction  d; default, or null: {@link pairwiseDistance}
 * @param options.swap  take d(p, n) where it is smaller than d(a, n)
 * @param options.margin  default 1
 * @throws HandgradError if the inputs differ in shape or dtype or are 0-d, margin is not a number, or distanceFunction
 *   is not a function or gives something else than a tensor
 */
export function tripletMarginWithDistanceLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options?: LossOptions & { distanceFunction?: Distance | null; margin?: number; swap?: boolean },
): Tensor {
  const op = 'tripletMarginWithDistanceLoss'
  const { distanceFunction, margin, swap, reduction } = optionsOf(op, options, {
    distanceFunction: null,
    margin: 1,
    swap: false,
    reduction: 'mean',
  })
  if (distanceFunction !== null && typeof distanceFunction !== 'function')
    fail(op, `distanceFunction is ${describe(distanceFunction)}`, 'give (a, b) => …')
  const between = (a: Tensor, b: Tensor): Tensor => {
    const distance: unknown = (distanceFunction ?? pairwiseDistance)(a, b)
    if (!(distance instanceof Tensor))
      fail(op, `distanceFunction gave ${describe(distance)}`, 'return a tensor, at once')
    return distance
  }
  return tripletLoss(op, [anchor, positive, negative], between, { margin, swap, reduction })
}
