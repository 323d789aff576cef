/** @file Samples of categories that gradients pass through. */

import { describe, fail } from '../../core/errors.ts'
import { floats } from '../../core/op.ts'
import { normalDim } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType } from '../base/arguments.ts'
import { parametersOf } from '../base/options.ts'
import { detach, reshape } from '../base/views.ts'
import { arange } from '../creation/create.ts'
import { cast } from '../elementwise/cast.ts'
import { add, div, eq, log, neg, sub } from '../elementwise/elementwise.ts'
import { argmax } from '../reduce/reduce.ts'
import { softmax } from '../reduce/softmax.ts'
import { rand } from './random.ts'

/**
 * y = softmax((x + G)/τ) along `dim` with G = −ln(−ln U), U uniform: argmax y is category j with probability
 * softmax(x)ⱼ, and y nears its one-hot vector as τ → 0 (Jang et al. 2017, Maddison et al. 2017). Dtypes: floats.
 * @param options.tau   temperature, above 0. Default 1
 * @param options.hard  give the one-hot vector of argmax y, with the gradient of y (straight through)
 * @param options.dim   default: the last axis
 * @returns x's shape
 * @throws HandgradError if tau is not above 0, or dim is out of range
 */
export function gumbelSoftmax(x: Tensor, tau?: number, hard?: boolean): Tensor
/** The same by name: `gumbelSoftmax(x, { hard: true })`. */
export function gumbelSoftmax(x: Tensor, options?: { tau?: number; hard?: boolean; dim?: number }): Tensor
export function gumbelSoftmax(x: Tensor, ...given: unknown[]): Tensor {
  const op = 'gumbelSoftmax'
  const { tau, hard, dim } = parametersOf(op, given, { tau: 1, hard: false, dim: -1 })
  checkDType(op, 'x', x, floats)
  if (!(typeof tau === 'number' && tau > 0)) fail(op, `tau is ${describe(tau)}`, 'give a number above 0')
  const at = normalDim(op, dim, x.ndim)
  const noise = neg(log(neg(log(rand(x.shape, { device: x.device, dtype: x.dtype })))))
  const y = softmax(div(add(x, noise), tau), dim)
  if (!hard || x.ndim === 0) return y
  const places = reshape(
    arange(0, x.shape[at], 1, { device: x.device }),
    x.shape.map((n, d) => (d === at ? n : 1)),
  )
  const best = cast(eq(places, argmax(detach(y), at, { keepdim: true })), x.dtype)
  // y − y is 0: the value is best, the slope y's.
  return add(best, sub(y, detach(y)))
}
