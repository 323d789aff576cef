/** @file Losses of rows of scores that have several classes each. */

import { fail } from '../../core/errors.ts'
import { fillNew } from '../../core/launch.ts'
import { floats } from '../../core/op.ts'
import { sameShape, showShape } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType } from '../base/arguments.ts'
import { checkedIndex } from '../base/flatindex.ts'
import { optionsOf, parametersOf } from '../base/options.ts'
import { reshape, unsqueeze } from '../base/views.ts'
import { cast } from '../elementwise/cast.ts'
import { add, div, eq, logicalAnd, mul, neg, relu, softplus, sub, where } from '../elementwise/elementwise.ts'
import { gather, scatterAdd } from '../indexing/gather.ts'
import { mean, sum } from '../reduce/reduce.ts'
import { cumsum } from '../reduce/scan.ts'
import {
  checkFactor,
  checkPair,
  checkReduction,
  type LossOptions,
  reduced,
  type Weight,
  type WeightedLossOptions,
  weightDefaults,
  widened,
} from './reduction.ts'

/**
 * L = 1/C · Σ_j Σ_i max(0, 1 − (x[t_j] − x[i])) over the target classes t_j of a row and its other classes i. At the
 * kink the gradient is 0, as in PyTorch. Takes memory for N·C² numbers. Dtypes: floats.
 * @param x       scores [C] or [N, C]
 * @param target  int32, x's shape: the classes of each row, then −1; what comes after the first −1 does not count
 * @returns 0-d; with reduction 'none' [] or [N]
 * @throws IndexError for a class that is neither −1 nor in [0, C): at once on the CPU, else at the next read
 * @throws HandgradError if x has other axes, or the target another shape
 */
export function multilabelMarginLoss(x: Tensor, target: Tensor, options?: LossOptions): Tensor {
  const op = 'multilabelMarginLoss'
  const { reduction } = optionsOf(op, options, { reduction: 'mean' })
  checkDType(op, 'x', x, floats)
  checkDType(op, 'target', target, ['int32'])
  checkReduction(op, reduction)
  const classes = x.shape[x.ndim - 1]
  if ((x.ndim !== 1 && x.ndim !== 2) || classes === 0)
    fail(op, `the scores are ${showShape(x.shape)}`, 'give [classes] or [rows, classes]')
  if (!sameShape(x.shape, target.shape))
    fail(op, `scores ${showShape(x.shape)} want targets of that shape, not ${showShape(target.shape)}`)
  const [scores] = widened(x)
  const rows = reshape(scores, [-1, classes])
  const ends = reshape(eq(target, -1), rows.shape)
  const counts = eq(cumsum(ends, 1), 0)
  const labels = reshape(checkedIndex(op, where(ends, 0, reshape(target, rows.shape)), classes, false), rows.shape)
  const none = fillNew(op, rows.shape, 0, scores.dtype, x.device)
  const others = eq(scatterAdd(none, 1, labels, cast(counts, scores.dtype)), 0)
  // [N, j, i]
  const short = relu(add(sub(unsqueeze(rows, 1), unsqueeze(gather(rows, 1, labels), 2)), 1))
  const taken = logicalAnd(unsqueeze(counts, 2), unsqueeze(others, 1))
  const loss = div(sum(where(taken, short, 0), [1, 2]), classes)
  return reduction === 'none' ? reshape(loss, x.shape.slice(0, -1)) : reduced(loss, reduction)
}

/**
 * L = −1/C · Σ_c w_c·(t_c·ln σ(x_c) + (1 − t_c)·ln(1 − σ(x_c))), a yes or no for each class. Dtypes: floats.
 * @param x       scores [..., C]
 * @param target  probabilities, x's shape
 * @param weight  w, broadcasts to x's shape; default, or null: 1
 * @returns 0-d; with reduction 'none' x's shape without its last axis
 * @throws HandgradError if x is 0-d, the target differs from x in shape or dtype, or the weight does not broadcast to x
 */
export function multilabelSoftMarginLoss(x: Tensor, target: Tensor, weight?: Weight, options?: LossOptions): Tensor
/** The same by name: `multilabelSoftMarginLoss(x, target, { weight })`. */
export function multilabelSoftMarginLoss(x: Tensor, target: Tensor, options?: WeightedLossOptions): Tensor
export function multilabelSoftMarginLoss(x: Tensor, target: Tensor, ...given: unknown[]): Tensor {
  const op = 'multilabelSoftMarginLoss'
  const { weight, reduction } = parametersOf(op, given, weightDefaults)
  checkPair(op, x, target, reduction)
  if (x.ndim === 0) fail(op, 'the scores are 0-d', 'give [classes] or [rows, classes]')
  checkFactor(op, x, 'weight', weight)
  const [a, b] = widened(x, target)
  const loss = add(mul(b, softplus(neg(a))), mul(sub(1, b), softplus(a)))
  return reduced(mean(weight ? mul(loss, weight) : loss, -1), reduction)
}
