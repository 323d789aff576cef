/** @file Images mirrored and cut out: pixels as they are. */
import { fail } from '../../core/errors.ts'
import { tensorOf } from '../../core/launch.ts'
import type { Tensor } from '../../core/tensor.ts'
import { flip, pad, takeAlongDim, where } from '../../ops/index.ts'
import { given, integer, number, word } from '../checks.ts'
import { Augmentation, perRow } from './augmentation.ts'
import type { Draws } from './draws.ts'

/** A truth for each row of x, [N, 1, …]: true with probability p. */
export const chosen = (x: Tensor, draws: Draws, p: number): Tensor =>
  perRow(
    x,
    draws.each((random) => Number(random.uniform() < p)),
    'bool',
  )

/** How likely. */
export const probability = [0.5, number(0, 1)] as const

/** Images mirrored left to right, each with probability p. */
export class RandomHorizontalFlip extends Augmentation<{ p: number }> {
  /** @param options.p  default 0.5 @throws HandgradError if p is not from 0 to 1 */
  constructor(options?: { p?: number }) {
    super(...given('RandomHorizontalFlip', options, { p: probability }))
  }

  protected images(x: Tensor, draws: Draws): Tensor {
    return where(chosen(x, draws, this.options.p), flip(x, 3), x)
  }
}

/** Images mirrored top to bottom, each with probability p. */
export class RandomVerticalFlip extends Augmentation<{ p: number }> {
  /** @param options.p  default 0.5 @throws HandgradError if p is not from 0 to 1 */
  constructor(options?: { p?: number }) {
    super(...given('RandomVerticalFlip', options, { p: probability }))
  }

  protected images(x: Tensor, draws: Draws): Tensor {
    return where(chosen(x, draws, this.options.p), flip(x, 2), x)
  }
}

/** Options of {@link RandomCrop}. */
export interface RandomCropOptions {
  /** Height and width of the result. */
  size: number
  /** Pixels put around the image first. Default: 0. */
  padding?: number
  /** What these are: see `pad`. Default: 'constant', zeros. */
  paddingMode?: 'constant' | 'reflect' | 'replicate' | 'circular'
}

/** A square part of each image, its place drawn uniformly. */
export class RandomCrop extends Augmentation<Required<RandomCropOptions>> {
  /** @throws HandgradError if size is not an integer from 1 up, or padding one from 0 up */
  constructor(options: RandomCropOptions) {
    super(
      ...given('RandomCrop', options, {
        size: [undefined, integer()],
        padding: [0, integer(0)],
        paddingMode: ['constant', word('constant', 'reflect', 'replicate', 'circular')],
      }),
    )
  }

  protected images(x: Tensor, draws: Draws): Tensor {
    const { size, padding: p, paddingMode: mode } = this.options
    const [n, , height, width] = x.shape
    const rooms = [height + 2 * p - size, width + 2 * p - size]
    if (Math.min(...rooms) < 0) fail(this.op, `size is ${size}, the images ${height} × ${width}`, 'give padding')
    const from = draws.each((random) => rooms.map((room) => random.int(room + 1)))
    const wide = p ? pad(x, [p, p, p, p], { mode }) : x
    return [0, 1].reduce((y, axis) => {
      const places = from.flatMap((at) => Array.from({ length: size }, (_, k) => at[axis] + k))
      const shape = axis ? [n, 1, 1, size] : [n, 1, size, 1]
      return takeAlongDim(y, tensorOf(places, shape, 'int32', x.device, this.op), axis + 2)
    }, wide)
  }
}
