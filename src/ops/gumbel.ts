/** @file Samples of categories that gradients pass through. */
import { fail } from '../errors.ts'
import { floats } from '../op.ts'
import { normalDim } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { checkDType, checkOptions } from './arguments.ts'
import { detach } from './autograd.ts'
import { cast } from './cast.ts'
import { arange, rand } from './create.ts'
import { add, div, eq, log, neg, sub } from './elementwise.ts'
import { reshape } from './movement.ts'
import { argmax } from './reduce.ts'
import { softmax } from './softmax.ts'

/**
 * y = softmax((x + G)/τ) along `dim` with G = −ln(−ln U), U uniform: argmax y is category j with probability
 * softmax(x)ⱼ, and y nears its one-hot vector as τ → 0 (Jang et al. 2017, Maddison et al. 2017). Dtypes: floats.
 * @param options.tau   temperature, above 0. Default 1
 * @param options.hard  give the one-hot vector of argmax y, with the gradient of y (straight through)
 * @param options.dim   default: the last axis
 * @returns x's shape
 * @throws HandgradError if tau is not above 0, dim is out of range, or an option is unknown
 */
export function gumbelSoftmax(x: Tensor, options: { tau?: number; hard?: boolean; dim?: number } = {}): Tensor {
  checkOptions('gumbelSoftmax', options, ['tau', 'hard', 'dim'])
  const { tau = 1, hard = false, dim = -1 } = options
  checkDType('gumbelSoftmax', 'x', x, floats)
  if (!(tau > 0)) fail('gumbelSoftmax', `tau is ${tau}`, 'give a number above 0')
  const at = normalDim('gumbelSoftmax', dim, x.ndim)
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
