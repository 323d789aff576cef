/** @file Augmentations one after the other, or for some images only. */
import { describe, fail } from '../../core/errors.ts'
import { sameShape } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { where } from '../../ops/index.ts'
import { given } from '../checks.ts'
import { Augmentation, type ImageBatch } from './augmentation.ts'
import { chosen, probability } from './crops.ts'
import type { Draws } from './draws.ts'

/** Several as one. */
abstract class Several<Options> extends Augmentation<Options> {
  readonly steps: readonly Augmentation[]

  constructor(op: string, options: Options, steps: Augmentation | readonly Augmentation[]) {
    super(op, options)
    this.steps = [steps].flat()
    if (!this.steps.length || !this.steps.every((step) => step instanceof Augmentation))
      fail(op, `the steps are ${describe(steps)}`, 'give an array of augmentations')
  }

  protected images(x: Tensor, draws: Draws): Tensor {
    return this.apply([x], draws)[0]
  }

  override apply(batch: ImageBatch, draws: Draws): ImageBatch {
    return this.steps.reduce((part, step, k) => step.apply(part, draws.part(k)), batch)
  }
}

/** Augmentations one after the other; each draws numbers of its own, by its place among them. */
export class Compose extends Several<unknown> {
  /** @throws HandgradError if steps are not augmentations */
  constructor(steps: readonly Augmentation[]) {
    super('Compose', {}, steps)
  }
}

/** Augmentations for some of the images, each chosen with probability p. */
export class RandomApply extends Several<{ p: number }> {
  /**
   * @param options.p  default 0.5
   * @throws HandgradError if steps are not augmentations, or p is not from 0 to 1
   */
  constructor(steps: Augmentation | readonly Augmentation[], options?: { p?: number }) {
    super(...given('RandomApply', options, { p: probability }), steps)
  }

  /** @throws HandgradError if the steps change shape or dtype */
  override apply(batch: ImageBatch, draws: Draws): ImageBatch {
    const changed = super.apply(batch, draws)
    const [first, ...rest] = batch.map((x, k) => {
      const y = changed[k]
      if (!sameShape(x.shape, y.shape) || x.dtype !== y.dtype)
        fail(
          this.op,
          `${x.dtype} [${x.shape.join(', ')}] becomes ${y.dtype} [${y.shape.join(', ')}]`,
          'use steps that keep both',
        )
      return x === y ? x : where(chosen(x, draws, this.options.p), y, x)
    })
    return [first, ...rest]
  }
}
