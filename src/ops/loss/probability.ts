/** @file Losses of probabilities, from logits or logarithms where that is stabler. */

import type { Tensor } from '../../core/tensor.ts'
import { customGrad } from '../base/custom.ts'
import { optionsOf, parametersOf } from '../base/options.ts'
import { add, div, exp, gt, log, log1p, maximum, mul, neg, softplus, sub, where } from '../elementwise/elementwise.ts'
import {
  checkFactor,
  checkPair,
  expected,
  type LossOptions,
  type Reduction,
  reduced,
  type Weight,
  type WeightedLossOptions,
  weightDefaults,
  widened,
} from './reduction.ts'

const weighted = (loss: Tensor, weight?: Tensor | number | null): Tensor => (weight == null ? loss : mul(loss, weight))

const logAtLeast100 = (x: Tensor): Tensor => maximum(x, -100)

/** p(1 − p), bounded as in PyTorch: 1 over it is the derivative of ln p − ln(1 − p). */
const spread = (p: Tensor): Tensor => maximum(mul(p, sub(1, p)), 1e-12)

/** ln p − ln(1 − p) of the bounded logarithms, which have no slope of use at 0 and 1: theirs is 1/{@link spread}. */
const boundedLogit = /* @__PURE__ */ customGrad(
  (p: Tensor): Tensor => sub(logAtLeast100(log(p)), logAtLeast100(log1p(neg(p)))),
  (g, [p]) => [div(g, spread(p))],
  'bceLoss',
)

/** Both gradients are in these terms, so that mixed derivatives are the same in both orders. */
const bceTerms = /* @__PURE__ */ customGrad(
  (p: Tensor, t: Tensor): Tensor =>
    neg(add(mul(t, logAtLeast100(log(p))), mul(sub(1, t), logAtLeast100(log1p(neg(p)))))),
  (g, [p, t]) => [mul(g, div(sub(p, t), spread(p))), neg(mul(g, boundedLogit(p)))],
  'bceLoss',
)

/**
 * Binary cross-entropy of probabilities: L = −[t ln p + (1 − t) ln(1 − p)], the logarithms at least −100.
 * {@link bceWithLogits} is stabler, where there are logits. Dtypes: floats.
 * @param p       in [0, 1]; not checked, the values are on the device: outside it the loss is NaN
 * @param target  in [0, 1], p's shape
 * @throws HandgradError if the target differs from p in shape or dtype, weight in dtype or does not broadcast to p's
 *   shape
 */
export function bceLoss(p: Tensor, target: Tensor, weight?: Weight, options?: LossOptions): Tensor
/** The same by name: `bceLoss(p, target, { weight })`. */
export function bceLoss(p: Tensor, target: Tensor, options?: WeightedLossOptions): Tensor
export function bceLoss(p: Tensor, target: Tensor, ...given: unknown[]): Tensor {
  const op = 'bceLoss'
  const { weight, reduction } = parametersOf(op, given, weightDefaults)
  checkPair(op, p, target, reduction)
  checkFactor(op, p, 'weight', weight)
  const [a, b] = widened(p, target)
  return reduced(weighted(bceTerms(a, b), weight), reduction)
}

/** Options of {@link bceWithLogits}. */
export interface LogitLossOptions extends WeightedLossOptions {
  /** Factor on the first term, to balance rare positives; broadcasts. Default, or null: 1. */
  posWeight?: Tensor | number | null
}

const logitDefaults: Required<LogitLossOptions> = { ...weightDefaults, posWeight: null }

/**
 * Binary cross-entropy from logits: L = t·softplus(−x) + (1 − t)·softplus(x) = −[t ln σ(x) + (1 − t) ln(1 − σ(x))],
 * finite for any x; its gradient is σ(x) − t. Dtypes: floats.
 * @param target              probabilities in [0, 1], x's shape and dtype
 * @param options.posWeight   factor on the first term, to balance rare positives; broadcasts. Default, or null: 1
 * @throws HandgradError if the target differs from x in shape or dtype, weight or posWeight in dtype or does not
 *   broadcast to x's shape
 */
export function bceWithLogits(
  x: Tensor,
  target: Tensor,
  weight?: Weight,
  options?: Omit<LogitLossOptions, 'weight'>,
): Tensor
/** The same by name: `bceWithLogits(x, target, { posWeight: 3 })`. */
export function bceWithLogits(x: Tensor, target: Tensor, options?: LogitLossOptions): Tensor
export function bceWithLogits(x: Tensor, target: Tensor, ...given: unknown[]): Tensor {
  const op = 'bceWithLogits'
  const { weight, posWeight, reduction } = parametersOf(op, given, logitDefaults)
  checkPair(op, x, target, reduction)
  if (typeof posWeight !== 'number') checkFactor(op, x, 'posWeight', posWeight)
  checkFactor(op, x, 'weight', weight)
  const [a, b] = widened(x, target)
  const positive = weighted(mul(b, softplus(neg(a))), posWeight)
  return reduced(weighted(add(positive, mul(sub(1, b), softplus(a))), weight), reduction)
}

/**
 * Kullback–Leibler divergence (Kullback & Leibler 1951) of exp(x) from t: L = t·(ln t − x); t = 0 costs 0. Dtypes:
 * floats.
 * @param x       log-probabilities
 * @param target  probabilities, or with `logTarget` their logarithms; x's shape
 * @param options.reduction  also 'batchmean': the sum over the first axis' size, the divergence proper
 * @throws HandgradError if the target differs from x in shape or dtype
 */
export function klDiv(
  x: Tensor,
  target: Tensor,
  options?: { reduction?: Reduction | 'batchmean'; logTarget?: boolean },
): Tensor {
  const { reduction, logTarget } = optionsOf('klDiv', options, { reduction: 'mean', logTarget: false })
  const batch = reduction === 'batchmean'
  const gather = batch ? 'sum' : reduction
  checkPair('klDiv', x, target, gather)
  const [a, b] = widened(x, target)
  const q = logTarget ? exp(b) : b
  // The inner where keeps ln 0 out of the graph.
  const own = logTarget ? expected(q, b) : mul(q, log(where(gt(q, 0), q, 1)))
  const loss = reduced(sub(own, expected(q, a)), gather)
  return batch && x.ndim > 0 ? div(loss, x.shape[0]) : loss
}
