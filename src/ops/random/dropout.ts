/**
 * @file Random numbers in the graph: dropout and alpha dropout. The mask is computed again from (seed, offset), not
 * stored.
 */

import { floats } from '../../core/op.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType } from '../base/arguments.ts'
import { optionsOf } from '../base/options.ts'
import { checkProbability, type DropoutAttrs, drawMask, dropoutOp } from './mask.ts'

/** Options of {@link dropout} and {@link alphaDropout}. */
export interface DropoutOptions {
  /** Probability with which an element is dropped. Default 0.5. */
  p?: number
  /** False: x itself is returned. Default true. */
  training?: boolean
}

function dropped(
  op: string,
  x: Tensor,
  options: DropoutOptions | undefined,
  values: (p: number) => Pick<DropoutAttrs, 'scale' | 'shift' | 'drop'>,
): Tensor {
  checkDType(op, 'x', x, floats)
  const { p, training } = optionsOf(op, options, { p: 0.5, training: true })
  checkProbability(op, 'p', p)
  if (p === 0 || !training || x.numel === 0) return x
  const line = p === 1 ? { scale: 0, shift: 0, drop: 0 } : values(p)
  return dropoutOp([x], { mask: drawMask(x.numel, p), cols: x.numel, ...line })
}

/**
 * y = x / (1 − p) where an element is kept, else 0; each is dropped with probability p, so that the mean stays
 * (Srivastava et al. 2014). One seed drops the same elements on every device. Without training, or with p = 0, x
 * itself; p = 1 gives zeros. Dtypes: floats.
 * @returns x's shape
 * @throws HandgradError if p is not a number in [0, 1]
 */
export const dropout = (x: Tensor, options?: DropoutOptions): Tensor =>
  dropped('dropout', x, options, (p) => ({ scale: 1 / (1 - p), shift: 0, drop: 0 }))

/** −λα of SELU, its limit at −∞. */
const SATURATION = -1.7580993408473766

/**
 * Dropout that keeps mean 0 and variance 1, for nets of SELU (Klambauer et al. 2017): dropped elements become s = −λα =
 * −1.7581, then y = a·x + b with a = ((1 − p)(1 + p·s²))^(−1/2) and b = −a·p·s. Else as {@link dropout}. Dtypes:
 * floats.
 * @returns x's shape
 * @throws HandgradError if p is not a number in [0, 1]
 */
export const alphaDropout = (x: Tensor, options?: DropoutOptions): Tensor =>
  dropped('alphaDropout', x, options, (p) => {
    const a = ((1 - p) * (1 + p * SATURATION ** 2)) ** -0.5
    const b = -a * p * SATURATION
    return { scale: a, shift: b, drop: a * SATURATION + b }
  })
