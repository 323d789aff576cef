/** @file What all augmentations have in common: whole batches of images in and out, alone or with their targets. */
import { fail } from '../../core/errors.ts'
import { tensorOf } from '../../core/launch.ts'
import { floats } from '../../core/op.ts'
import { showShape } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType, checkTensor } from '../../ops/base/arguments.ts'
import { type BatchKey, Draws, keyOf } from './draws.ts'

/** Images [N, C, H, W], then whatever belongs to them: targets first, which mixup and cutmix mix too. */
export type ImageBatch = readonly [images: Tensor, ...rest: Tensor[]]

/**
 * A random change of images. What is drawn for a sample depends on (seed, epoch, index) alone, and the result on no
 * device: parameters are drawn on the host, and pixels come of sums and products in a fixed order.
 */
export abstract class Augmentation<Settings = unknown> {
  /** The class, in errors. */
  protected readonly op: string
  /** What it was made with. */
  protected readonly options: Settings

  constructor(op: string, settings: Settings) {
    this.op = op
    this.options = settings
  }

  /** The change of images of known shape and dtype, by what is drawn for each. */
  protected abstract images(x: Tensor, draws: Draws): Tensor

  /** The change of a batch that was checked: what a `Compose` calls. */
  apply(batch: ImageBatch, draws: Draws): ImageBatch {
    const [x, ...rest] = batch
    return [this.images(x, draws), ...rest]
  }

  /**
   * Change a batch of images.
   * @param x    [N, C, H, W], floats; or a list of it and of targets, which is given back as such a list
   * @param key  `{ seed, epoch, indices }`: what is drawn for a sample depends on these alone
   * @throws HandgradError if x has other axes or dtypes, or the key is not as said
   */
  batch(x: Tensor, key: BatchKey): Tensor
  batch<B extends ImageBatch>(x: B, key: BatchKey): { [K in keyof B]: Tensor }
  batch(x: Tensor | ImageBatch, key: BatchKey): unknown {
    const { op } = this
    // isArray knows no readonly lists: what it accepts here is an ImageBatch.
    const list = Array.isArray(x) ? (x as unknown as ImageBatch) : ([x] as [Tensor])
    const [images, target] = list
    checkDType(op, 'x', images, floats)
    if (images.ndim !== 4 || images.numel === 0)
      fail(op, `x is ${showShape(images.shape)}`, 'give [batch, channels, height, width]')
    const [n] = images.shape
    if (target) checkTensor(op, 'targets', target)
    if (target && target.shape[0] !== n) fail(op, `targets are ${showShape(target.shape)} for ${n} images`)
    const changed = this.apply(list, new Draws(keyOf(op, key, n)))
    return Array.isArray(x) ? changed : changed[0]
  }
}

/** A number for each row of x, [N, 1, …], as it broadcasts. */
export const perRow = (x: Tensor, values: readonly number[], dtype = x.dtype): Tensor =>
  tensorOf(values, [values.length, ...x.shape.slice(1).fill(1)], dtype, x.device, 'augment')
