/**
 * @file Losses of numbers. Those of probabilities are in probability.ts, of class scores in classification.ts, of
 * vectors in vectors.ts; what losses share is in reduction.ts.
 */

import { fail } from '../../core/errors.ts'
import { sameShape, showShape } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkSameKind } from '../base/arguments.ts'
import { optionsOf, parametersOf } from '../base/options.ts'
import { detach, unsqueeze } from '../base/views.ts'
import { abs, add, div, exp, gt, log, lt, mul, relu, square, sub, where } from '../elementwise/elementwise.ts'
import { checkPair, type LossOptions, type Reduction, reduced, widened } from './reduction.ts'

function checkPositive(op: string, name: string, value: unknown, zero = false): void {
  if (!(typeof value === 'number' && (value > 0 || (zero && value === 0))))
    fail(op, `${name} is ${value}`, zero ? 'give a number from 0 up' : 'give a number above 0')
}

/**
 * L = (x − t)². Dtypes: floats.
 * @param options.reduction  'mean' (default), 'sum' or 'none'
 * @throws HandgradError if the target differs from x in shape or dtype
 */
export function mseLoss(x: Tensor, target: Tensor, options?: LossOptions): Tensor {
  const { reduction } = optionsOf('mseLoss', options, { reduction: 'mean' })
  checkPair('mseLoss', x, target, reduction)
  const [a, b] = widened(x, target)
  return reduced(square(sub(a, b)), reduction)
}

/**
 * L = |x − t|; its derivative at 0 is 0. Dtypes: floats.
 * @throws HandgradError if the target differs from x in shape or dtype
 */
export function l1Loss(x: Tensor, target: Tensor, options?: LossOptions): Tensor {
  const { reduction } = optionsOf('l1Loss', options, { reduction: 'mean' })
  checkPair('l1Loss', x, target, reduction)
  const [a, b] = widened(x, target)
  return reduced(abs(sub(a, b)), reduction)
}

/** q·d² where |d| < cut, else slope·(|d| − cut/2): a parabola continued by lines. */
function parabola(d: Tensor, cut: number, q: number, slope: number): Tensor {
  const far = abs(d)
  const near = lt(far, cut)
  // The inner where keeps d² out of the graph where it may overflow.
  return add(mul(square(where(near, d, 0)), q), where(near, 0, mul(sub(far, cut / 2), slope)))
}

/**
 * L = d²/2β where |d| < β, else |d| − β/2, d = x − t (Girshick 2015). Dtypes: floats.
 * @param options.beta  default 1; 0 gives {@link l1Loss}
 * @throws HandgradError if the target differs from x in shape or dtype, or beta is not a number from 0 up
 */
export function smoothL1Loss(x: Tensor, target: Tensor, options?: LossOptions & { beta?: number }): Tensor {
  const op = 'smoothL1Loss'
  const { beta, reduction } = optionsOf(op, options, { beta: 1, reduction: 'mean' })
  checkPair(op, x, target, reduction)
  checkPositive(op, 'beta', beta, true)
  const [a, b] = widened(x, target)
  const d = sub(a, b)
  return reduced(beta === 0 ? abs(d) : parabola(d, beta, 0.5 / beta, 1), reduction)
}

/**
 * L = d²/2 where |d| < δ, else δ·(|d| − δ/2), d = x − t (Huber 1964). Dtypes: floats.
 * @param options.delta  default 1
 * @throws HandgradError if the target differs from x in shape or dtype, or delta is not a number above 0
 */
export function huberLoss(x: Tensor, target: Tensor, reduction?: Reduction, delta?: number): Tensor
/** The same by name: `huberLoss(x, target, { delta: 2 })`. */
export function huberLoss(x: Tensor, target: Tensor, options?: LossOptions & { delta?: number }): Tensor
export function huberLoss(x: Tensor, target: Tensor, ...given: unknown[]): Tensor {
  const op = 'huberLoss'
  const { delta, reduction } = parametersOf(op, given, { reduction: 'mean' as Reduction, delta: 1 })
  checkPair(op, x, target, reduction)
  checkPositive(op, 'delta', delta)
  const [a, b] = widened(x, target)
  return reduced(parabola(sub(a, b), delta, 0.5, delta), reduction)
}

/**
 * L = ½·(ln v + (x − t)²/v) (+ ½ ln 2π with `full`), of a normal distribution with mean x and variance v, taken as at
 * least ε; the gradient passes that bound (Nix and Weigend 1994). A negative variance, which PyTorch refuses, counts as
 * ε: the values are on the device. Dtypes: floats.
 * @param target    x's shape
 * @param variance  x's shape, or without its last axis, or with size 1 there
 * @param options.eps  default 1e-6
 * @throws HandgradError if the target differs from x in shape or dtype, variance in dtype or has another shape than
 *   said above, or eps is not a number above 0
 */
export function gaussianNllLoss(
  x: Tensor,
  target: Tensor,
  variance: Tensor,
  full?: boolean,
  eps?: number,
  reduction?: Reduction,
): Tensor
/** The same by name: `gaussianNllLoss(x, target, variance, { full: true })`. */
export function gaussianNllLoss(
  x: Tensor,
  target: Tensor,
  variance: Tensor,
  options?: LossOptions & { full?: boolean; eps?: number },
): Tensor
export function gaussianNllLoss(x: Tensor, target: Tensor, variance: Tensor, ...given: unknown[]): Tensor {
  const op = 'gaussianNllLoss'
  const { full, eps, reduction } = parametersOf(op, given, { full: false, eps: 1e-6, reduction: 'mean' as Reduction })
  checkPair(op, x, target, reduction)
  checkSameKind(op, x, 'variance', variance)
  checkPositive(op, 'eps', eps)
  const lead = x.shape.slice(0, -1)
  const one = x.ndim > 0 && sameShape(variance.shape, lead)
  if (!one && !sameShape(variance.shape, x.shape) && !sameShape(variance.shape, [...lead, 1]))
    fail(
      op,
      `variance is ${showShape(variance.shape)}, the input ${showShape(x.shape)}`,
      'one for each, or for each row',
    )
  const [a, b, each] = widened(x, target, variance)
  const v = one ? unsqueeze(each, -1) : each
  const bounded = add(v, detach(relu(sub(eps, v))))
  const loss = mul(add(log(bounded), div(square(sub(a, b)), bounded)), 0.5)
  return reduced(full ? add(loss, 0.5 * Math.log(2 * Math.PI)) : loss, reduction)
}

/**
 * L = eˣ − t·x, of a Poisson distribution with rate eˣ; with `logInput: false` x − t·ln(x + ε), with rate x. `full`
 * adds Stirling's t ln t − t + ½ ln 2πt for ln t!, where t > 1. Dtypes: floats.
 * @param target  counts, x's shape
 * @param options.eps  default 1e-8
 * @throws HandgradError if the target differs from x in shape or dtype, or eps is not a number above 0
 */
export function poissonNllLoss(x: Tensor, target: Tensor, logInput?: boolean, full?: boolean): Tensor
/** The same by name: `poissonNllLoss(x, target, { full: true })`. */
export function poissonNllLoss(
  x: Tensor,
  target: Tensor,
  options?: LossOptions & { logInput?: boolean; full?: boolean; eps?: number },
): Tensor
export function poissonNllLoss(x: Tensor, target: Tensor, ...given: unknown[]): Tensor {
  const op = 'poissonNllLoss'
  const { logInput, full, eps, reduction } = parametersOf(op, given, {
    logInput: true,
    full: false,
    eps: 1e-8,
    reduction: 'mean' as Reduction,
  })
  checkPair(op, x, target, reduction)
  checkPositive(op, 'eps', eps)
  const [a, b] = widened(x, target)
  const loss = logInput ? sub(exp(a), mul(b, a)) : sub(a, mul(b, log(add(a, eps))))
  if (!full) return reduced(loss, reduction)
  const many = gt(b, 1)
  const t = where(many, b, 1)
  const stirling = add(sub(mul(t, log(t)), t), mul(log(mul(t, 2 * Math.PI)), 0.5))
  return reduced(add(loss, where(many, stirling, 0)), reduction)
}
