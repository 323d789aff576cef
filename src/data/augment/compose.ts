/** @file Augmentations one after the other, or for some images only. */
import { describe, fail } from '../../core/errors.ts'
import { sameShape } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { optionsOf } from '../../ops/base/options.ts'
import { where } from '../../ops/index.ts'
import { checkNumber } from '../checks.ts'
import { Augmentation, type ImageBatch } from './augmentation.ts'
import { chosen } from './crops.ts'
import type { Draws } from './draws.ts'

/** Several as one. */
abstract class Several extends Augmentation {
  readonly steps: readonly Augmentation[]

  constructor(op: string, steps: Augmentation | readonly Augmentation[]) {
    super(op)
    this.steps = [steps].flat()
    const odd = this.steps.find((step) => !(step instanceof Augmentation))
    if (odd !== undefined || this.steps.length === 0)
      fail(op, `a step is ${describe(odd)}`, 'give one augmentation, or an array of some')
  }

  protected images(x: Tensor, draws: Draws): Tensor {
    return this.apply([x], draws)[0]
  }

  override apply(batch: ImageBatch, draws: Draws): ImageBatch {
    return this.steps.reduce((part, step, k) => step.apply(part, draws.part(k)), batch)
  }
}

/** Augmentations one after the other; each draws numbers of its own, by its place among them. */
export class Compose extends Several {
  /** @throws HandgradError if steps are not augmentations */
  constructor(steps: readonly Augmentation[]) {
    super('Compose', steps)
  }
}

/** Augmentations for some of the images, each chosen with probability p. */
export class RandomApply extends Several {
  readonly #p: number

  /**
   * @param options.p  default 0.5
   * @throws HandgradError if steps are not augmentations, or p is not from 0 to 1
   */
  constructor(steps: Augmentation | readonly Augmentation[], options?: { p?: number }) {
    super('RandomApply', steps)
    this.#p = checkNumber(this.op, 'p', optionsOf(this.op, options, { p: 0.5 }).p, 0, 1)
  }

  /** @throws HandgradError if the steps change shape or dtype */
  override apply(batch: ImageBatch, draws: Draws): ImageBatch {
    const changed = super.apply(batch, draws)
    const [first, ...rest] = batch.map((x, k) => {
      const y = changed[k]
      if (!sameShape(x.shape, y.shape) || x.dtype !== y.dtype)
        fail(
          'RandomApply',
          `${x.dtype} [${x.shape.join(', ')}] becomes ${y.dtype} [${y.shape.join(', ')}]`,
          'use steps that keep both',
        )
      return x === y ? x : where(chosen(x, draws, this.#p, x.ndim), y, x)
    })
    return [first, ...rest]
  }
}
