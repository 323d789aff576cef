/**
 * @file Random numbers in the graph: dropout and alpha dropout. The mask is computed again from (seed, offset), not
 * stored.
 */

import { fail } from '../../core/errors.ts'
import { fillNew } from '../../core/launch.ts'
import { floats } from '../../core/op.ts'
import { showShape } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType } from '../base/arguments.ts'
import { stored } from '../base/halves.ts'
import { parametersOf } from '../base/options.ts'
import { gt, mul, where } from '../elementwise/elementwise.ts'
import { checkProbability, type DropoutAttrs, drawMask, dropoutOp } from './mask.ts'

/** Options of {@link dropout} and its relatives. */
export interface DropoutOptions {
  /** Probability with which an element is dropped. Default 0.5. */
  p?: number
  /** False: x itself is returned. Default true. */
  training?: boolean
}

function dropped(
  op: string,
  x: Tensor,
  given: readonly unknown[],
  values: (p: number) => Pick<DropoutAttrs, 'scale' | 'shift' | 'drop'>,
): Tensor {
  checkDType(op, 'x', x, stored)
  const { p, training } = parametersOf(op, given, { p: 0.5, training: true })
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
export function dropout(x: Tensor, p?: number, training?: boolean): Tensor
/** The same by name: `dropout(x, { p: 0.1 })`. */
export function dropout(x: Tensor, options?: DropoutOptions): Tensor
export function dropout(x: Tensor, ...given: unknown[]): Tensor {
  return dropped('dropout', x, given, (p) => ({ scale: 1 / (1 - p), shift: 0, drop: 0 }))
}

/** −λα of SELU, its limit at −∞. */
const SATURATION = -1.7580993408473766

/**
 * Dropout that keeps mean 0 and variance 1, for nets of SELU (Klambauer et al. 2017): dropped elements become s = −λα =
 * −1.7581, then y = a·x + b with a = ((1 − p)(1 + p·s²))^(−1/2) and b = −a·p·s. Else as {@link dropout}. Dtypes:
 * floats.
 * @returns x's shape
 * @throws HandgradError if p is not a number in [0, 1]
 */
export function alphaDropout(x: Tensor, p?: number, training?: boolean): Tensor
/** The same by name: `alphaDropout(x, { p: 0.1 })`. */
export function alphaDropout(x: Tensor, options?: DropoutOptions): Tensor
export function alphaDropout(x: Tensor, ...given: unknown[]): Tensor {
  return dropped('alphaDropout', x, given, (p) => {
    const a = ((1 - p) * (1 + p * SATURATION ** 2)) ** -0.5
    const b = -a * p * SATURATION
    return { scale: a, shift: b, drop: a * SATURATION + b }
  })
}

/** Each channel dropped as a whole; `spatial` axes follow the channels. */
function droppedChannels(op: string, x: Tensor, spatial: number, form: string, given: readonly unknown[]): Tensor {
  checkDType(op, 'x', x, floats)
  const { p, training } = parametersOf(op, given, { p: 0.5, training: true })
  checkProbability(op, 'p', p)
  if (x.ndim !== spatial + 2 && !(spatial === 1 && x.ndim === 2)) fail(op, `x is ${showShape(x.shape)}`, `give ${form}`)
  if (p === 0 || !training || x.numel === 0) return x
  const channels = x.shape.map((n, d) => (d < x.ndim - spatial ? n : 1))
  const mask = dropout(fillNew(op, channels, 1, x.dtype, x.device), { p })
  return where(gt(mask, 0), mul(x, p === 1 ? 1 : 1 / (1 - p)), 0)
}

/**
 * {@link dropout} of whole channels of signals: neighbours along one say too much of each other for dropping them one
 * by one (Tompson et al. 2015). Dtypes: floats.
 * @param x  [N, C, L] or [C, L]
 * @returns x's shape
 * @throws HandgradError if x has other axes, or p is not a number in [0, 1]
 */
export function dropout1d(x: Tensor, p?: number, training?: boolean): Tensor
/** The same by name: `dropout1d(x, { p: 0.1 })`. */
export function dropout1d(x: Tensor, options?: DropoutOptions): Tensor
export function dropout1d(x: Tensor, ...given: unknown[]): Tensor {
  return droppedChannels('dropout1d', x, 1, '[batch, channels, length] or [channels, length]', given)
}

/**
 * {@link dropout} of whole channels of images, as {@link dropout1d}. Three axes, which PyTorch takes for signals and
 * means to take for one image, are refused. Dtypes: floats.
 * @param x  [N, C, H, W]
 * @returns x's shape
 * @throws HandgradError if x has other axes, or p is not a number in [0, 1]
 */
export function dropout2d(x: Tensor, p?: number, training?: boolean): Tensor
/** The same by name: `dropout2d(x, { p: 0.1 })`. */
export function dropout2d(x: Tensor, options?: DropoutOptions): Tensor
export function dropout2d(x: Tensor, ...given: unknown[]): Tensor {
  return droppedChannels('dropout2d', x, 2, '[batch, channels, height, width]; dropout1d takes signals', given)
}
