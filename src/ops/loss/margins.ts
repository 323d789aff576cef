/** @file Losses of scores against signs: which of two is greater, on which side of 0 one is. */

import { fail } from '../../core/errors.ts'
import { floats } from '../../core/op.ts'
import { sameShape, showShape } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType, checkSameKind, checkScalar } from '../base/arguments.ts'
import { optionsOf, parametersOf } from '../base/options.ts'
import { cast } from '../elementwise/cast.ts'
import { add, mul, neg, softplus, sub } from '../elementwise/elementwise.ts'
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
 * L = max(0, −t·(x1 − x2) + margin): with target 1 x1 is to be the greater, with −1 x2. At the bound the gradient
 * passes, as in PyTorch. Dtypes: floats.
 * @param target  1 or −1, the inputs' shape; floats or int32
 * @param options.margin  default 0
 * @throws HandgradError if x1, x2 and the target differ in shape, x1 and x2 in dtype, or margin is not a number
 */
export function marginRankingLoss(x1: Tensor, x2: Tensor, target: Tensor, margin?: number): Tensor
/** The same by name: `marginRankingLoss(x1, x2, target, { margin: 1 })`. */
export function marginRankingLoss(
  x1: Tensor,
  x2: Tensor,
  target: Tensor,
  options?: LossOptions & { margin?: number },
): Tensor
export function marginRankingLoss(x1: Tensor, x2: Tensor, target: Tensor, ...given: unknown[]): Tensor {
  const op = 'marginRankingLoss'
  const { margin, reduction } = parametersOf(op, given, { margin: 0, reduction: 'mean' as Reduction })
  checkDType(op, 'x1', x1, floats)
  checkSameKind(op, x1, 'x2', x2)
  checkReduction(op, reduction)
  checkScalar(op, margin, x1.dtype)
  if (!sameShape(x1.shape, x2.shape))
    fail(op, `inputs are ${showShape(x1.shape)} and ${showShape(x2.shape)}`, 'a loss does not broadcast; reshape one')
  checkSigns(op, target, x1.shape)
  const [a, b] = widened(x1, x2)
  const short = add(mul(cast(target, a.dtype), sub(b, a)), margin)
  return reduced(atLeast0(short), reduction)
}

/**
 * L = ln(1 + e^(−t·x)): the logistic loss of targets 1 and −1. Dtypes: floats.
 * @param target  1 or −1, x's shape; floats or int32
 * @throws HandgradError if the target has another shape than x
 */
export function softMarginLoss(x: Tensor, target: Tensor, options?: LossOptions): Tensor {
  const op = 'softMarginLoss'
  const { reduction } = optionsOf(op, options, { reduction: 'mean' })
  checkDType(op, 'input', x, floats)
  checkReduction(op, reduction)
  checkSigns(op, target, x.shape)
  const [a] = widened(x)
  return reduced(softplus(neg(mul(cast(target, a.dtype), a))), reduction)
}
