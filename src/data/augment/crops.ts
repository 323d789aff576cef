/** @file Images mirrored and cut out, pixel by pixel: no arithmetic. */

import { fail } from '../../core/errors.ts'
import { tensorOf } from '../../core/launch.ts'
import type { Tensor } from '../../core/tensor.ts'
import { optionsOf } from '../../ops/base/options.ts'
import { flip, type PadOptions, pad, takeAlongDim, where } from '../../ops/index.ts'
import { checkInteger, checkNumber } from '../checks.ts'
import { Augmentation } from './augmentation.ts'
import type { Draws } from './draws.ts'

/** A truth for each image, as images broadcast: true with probability p. */
export const chosen = (x: Tensor, draws: Draws, p: number, axes = 4): Tensor => {
  const each = draws.each((random) => Number(random.uniform() < p))
  return tensorOf(each, [each.length, ...new Array(axes - 1).fill(1)], 'bool', x.device, 'augment')
}

/** Images mirrored along an axis. */
abstract class RandomFlip extends Augmentation {
  readonly #p: number
  readonly #dim: number

  constructor(op: string, dim: number, options: { p?: number } | undefined) {
    super(op)
    this.#p = checkNumber(op, 'p', optionsOf(op, options, { p: 0.5 }).p, 0, 1)
    this.#dim = dim
  }

  protected images(x: Tensor, draws: Draws): Tensor {
    return where(chosen(x, draws, this.#p), flip(x, this.#dim), x)
  }
}

/** Images mirrored left to right, each with probability p. */
export class RandomHorizontalFlip extends RandomFlip {
  /** @param options.p  default 0.5 @throws HandgradError if p is not from 0 to 1 */
  constructor(options?: { p?: number }) {
    super('RandomHorizontalFlip', 3, options)
  }
}

/** Images mirrored top to bottom, each with probability p. */
export class RandomVerticalFlip extends RandomFlip {
  /** @param options.p  default 0.5 @throws HandgradError if p is not from 0 to 1 */
  constructor(options?: { p?: number }) {
    super('RandomVerticalFlip', 2, options)
  }
}

/** Options of {@link RandomCrop}. */
export interface RandomCropOptions {
  /** Of the result: [height, width], or one number for both. */
  size: number | readonly [height: number, width: number]
  /** Pixels put around the image first. Default: 0. */
  padding?: number
  /** What these are: see `pad`. Default: 'constant', zeros. */
  paddingMode?: PadOptions['mode']
}

/** A part of each image, of one size, its place drawn uniformly. */
export class RandomCrop extends Augmentation {
  readonly #size: readonly number[]
  readonly #padding: number
  readonly #mode: PadOptions['mode']

  /** @throws HandgradError if a size is not an integer from 1 up, padding one from 0 up */
  constructor(options: RandomCropOptions) {
    const op = 'RandomCrop'
    super(op)
    const { size, padding, paddingMode } = optionsOf(op, options, {
      size: undefined,
      padding: 0,
      paddingMode: 'constant',
    })
    this.#size = [size].flat().map((n) => checkInteger(op, 'size', n, 1, 2 ** 31))
    if (this.#size.length > 2) fail(op, `size is [${this.#size.join(', ')}]`, 'give [height, width]')
    this.#padding = checkInteger(op, 'padding', padding, 0, 2 ** 31)
    this.#mode = paddingMode
  }

  protected images(x: Tensor, draws: Draws): Tensor {
    const side = this.#padding
    const wide = side ? pad(x, [side, side, side, side], { mode: this.#mode }) : x
    const [height, width = height] = this.#size
    const [n, , rows, columns] = wide.shape
    if (rows < height || columns < width)
      fail('RandomCrop.batch', `${rows} × ${columns} pixels have no part of ${height} × ${width}`, 'give padding')
    const from = draws.each((random) => [random.int(rows - height + 1), random.int(columns - width + 1)])
    const places = (axis: number, count: number, shape: number[]) =>
      tensorOf(
        from.flatMap((at) => Array.from({ length: count }, (_, k) => at[axis] + k)),
        shape,
        'int32',
        x.device,
        this.op,
      )
    const part = takeAlongDim(wide, places(0, height, [n, 1, height, 1]), 2)
    return takeAlongDim(part, places(1, width, [n, 1, 1, width]), 3)
  }
}
