/** @file Images mixed with others of their batch, and their targets with them. */
import { fail } from '../../core/errors.ts'
import { floats } from '../../core/op.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType } from '../../ops/base/arguments.ts'
import { add, cast, indexSelect, mul, oneHot, where } from '../../ops/index.ts'
import { given, integer, number, optional } from '../checks.ts'
import { Augmentation, type ImageBatch, perRow } from './augmentation.ts'
import type { Draws, Random } from './draws.ts'
import { type Box, inBoxes } from './erase.ts'

/** Options of {@link MixUp} and {@link CutMix}. */
export interface MixOptions {
  /** λ is drawn from Beta(α, α): 1 is uniform, less is nearer to 0 and 1. Default: 1. */
  alpha?: number
  /** How many classes targets are of, where these are int32 classes [N]: they become probabilities [N, classes]. */
  classes?: number | null
}

/** Beta(α, α) of two uniform numbers (Devroye, Random variate generation in one line of code, 1996). */
function beta(random: Random, alpha: number): number {
  const spread = (random.uniform() ** (-1 / alpha) - 1) * Math.cos(2 * Math.PI * random.uniform()) ** 2
  const half = 0.5 / Math.sqrt(1 + 1 / spread)
  return random.uniform() < 0.5 ? 0.5 + half : 0.5 - half
}

/** λ·x + (1 − λ)·other, row by row. */
const blend = (x: Tensor, other: Tensor, share: readonly number[]): Tensor =>
  add(
    mul(x, perRow(x, share)),
    mul(
      other,
      perRow(
        x,
        share.map((s) => 1 - s),
      ),
    ),
  )

const table = { alpha: [1, number(0.001, 1000)], classes: [null, optional(integer())] } as const

/** A batch and another order of it, in which no image is where it was. */
abstract class Mix extends Augmentation<Required<MixOptions>> {
  /** Images mixed, and the share of each that is its own. */
  protected abstract mixed(x: Tensor, other: Tensor, draws: Draws): [mixed: Tensor, share: readonly number[]]

  protected images(): Tensor {
    return fail(this.op, 'there are no targets', 'give [images, targets]')
  }

  override apply(batch: ImageBatch, draws: Draws): ImageBatch {
    const [x, y, ...rest] = batch
    if (!y) return [this.images()]
    const { classes } = this.options
    const named = y.dtype === 'int32'
    if (!named) checkDType(this.op, 'targets', y, floats)
    if (named && !classes) fail(this.op, 'targets are classes', 'give { classes }, how many there are')
    // Everyone has a number: the next higher one's image is mixed in, whatever the order of the batch is.
    const numbers = draws.each((random) => random.uniform())
    const order = numbers.map((_, i) => i).sort((i, j) => numbers[i] - numbers[j])
    const partner = new Int32Array(order.length)
    for (const [k, i] of order.entries()) partner[i] = order[(k + 1) % order.length]
    const [mixed, share] = this.mixed(x, indexSelect(x, 0, partner), draws.part(0))
    const targets = named && classes ? cast(oneHot(y, classes), x.dtype) : y
    return [mixed, blend(targets, indexSelect(targets, 0, partner), share), ...rest]
  }
}

/**
 * Each image mixed with another one of its batch, x = λ·x + (1 − λ)·x′, and their targets by the same λ, which is drawn
 * for each from Beta(α, α) (Zhang, Cisse, Dauphin, Lopez-Paz, mixup: Beyond Empirical Risk Minimization, 2018). With
 * gradients. Which image x′ is depends on those that are in the batch, not on their order.
 */
export class MixUp extends Mix {
  /** @throws HandgradError if alpha is not above 0, or classes not an integer from 1 up */
  constructor(options?: MixOptions) {
    super(...given('MixUp', options, table))
  }

  protected mixed(x: Tensor, other: Tensor, draws: Draws): [mixed: Tensor, share: readonly number[]] {
    const share = draws.each((random) => beta(random, this.options.alpha))
    return [blend(x, other, share), share]
  }
}

/**
 * A rectangle of each image taken from another one of its batch, and their targets mixed by its area. The rectangle has
 * the image's proportions and the area 1 − λ, λ from Beta(α, α), and is cut off at the edges (Yun, Han, Oh, Chun, Choe,
 * Yoo, CutMix, 2019). Which image it is depends on those that are in the batch, not on their order.
 */
export class CutMix extends Mix {
  /** @throws HandgradError if alpha is not above 0, or classes not an integer from 1 up */
  constructor(options?: MixOptions) {
    super(...given('CutMix', options, table))
  }

  protected mixed(x: Tensor, other: Tensor, draws: Draws): [mixed: Tensor, share: readonly number[]] {
    const [, , height, width] = x.shape
    const boxes = draws.each((random): Box => {
      const half = Math.sqrt(1 - beta(random, this.options.alpha)) / 2
      const [row, column] = [random.int(height), random.int(width)]
      const [h, w] = [Math.floor(half * height), Math.floor(half * width)]
      return [Math.max(0, row - h), Math.min(height, row + h), Math.max(0, column - w), Math.min(width, column + w)]
    })
    const share = boxes.map(([top, bottom, left, right]) => 1 - ((bottom - top) * (right - left)) / (height * width))
    return [
      where(
        inBoxes(
          x,
          boxes.map((box) => [box]),
        ),
        other,
        x,
      ),
      share,
    ]
  }
}
