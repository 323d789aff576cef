/** @file Dropout: in training, and not after `eval()`. */
import { describe, fail } from '../core/errors.ts'
import type { Tensor } from '../core/tensor.ts'
import { alphaDropout, dropout, dropout1d, dropout2d } from '../ops/index.ts'
import { isPlain } from './call.ts'
import { Configured, named } from './layer.ts'

/** p by position or by name. */
abstract class Dropping extends Configured<{ p: number }> {
  /** @param p probability with which an element is dropped; default 0.5 @throws HandgradError if p is not in [0, 1] */
  constructor(p?: number)
  constructor(options?: { p?: number })
  constructor(...given: unknown[]) {
    const op = new.target.name
    super(...named(op, given, { p: 0.5 }))
    const { p } = this.options
    if (!(p >= 0 && p <= 1)) fail(op, `p is ${describe(p)}`, 'give a number from 0 to 1')
  }

  /** Its p, for printing: also where it is the default. */
  protected override sizes(): string {
    return `p ${this.options.p}`
  }
}

/** y = x/(1 − p) where an element is kept, else 0. @see Srivastava et al. 2014 */
export class Dropout extends Dropping {
  /** @param x any shape @returns the same shape; after `eval()` x itself */
  forward(x: Tensor): Tensor {
    return dropout(x, { p: this.options.p, training: this.training })
  }
}

/** Whether a dropout gives what it is given, and nobody would see the call. */
export const passesOn = (layer: Dropout): boolean =>
  isPlain(layer, ownForward) && !(layer.training && layer['options'].p > 0)
const ownForward: unknown = Dropout.prototype.forward

/** Dropout that keeps mean 0 and variance 1, for nets of SELU. @see Klambauer et al. 2017 */
export class AlphaDropout extends Dropping {
  /** @param x any shape @returns the same shape; after `eval()` x itself */
  forward(x: Tensor): Tensor {
    return alphaDropout(x, { p: this.options.p, training: this.training })
  }
}

/** Dropout of whole channels of signals. @see Tompson et al. 2015 */
export class Dropout1d extends Dropping {
  /** @param x [N, C, L] or [C, L] @returns the same shape; after `eval()` x itself */
  forward(x: Tensor): Tensor {
    return dropout1d(x, { p: this.options.p, training: this.training })
  }
}

/** Dropout of whole channels of images. @see Tompson et al. 2015 */
export class Dropout2d extends Dropping {
  /** @param x [N, C, H, W] @returns the same shape; after `eval()` x itself */
  forward(x: Tensor): Tensor {
    return dropout2d(x, { p: this.options.p, training: this.training })
  }
}
