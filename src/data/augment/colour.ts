/** @file Pixels made brighter, starker, noisier. */
import { tensorOf } from '../../core/launch.ts'
import { sizeOf } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { optionsOf } from '../../ops/base/options.ts'
import { add, clamp, mul, reshape, slice } from '../../ops/index.ts'
import { checkNumber, checkPair } from '../checks.ts'
import { Augmentation, perImage } from './augmentation.ts'
import type { Draws } from './draws.ts'
import { between } from './geometry.ts'

/** Where results are kept between, if anywhere. */
type Bounds = readonly [low: number, high: number] | null

const checkBounds = (op: string, clip: Bounds): Bounds => clip && checkPair(op, 'clip', clip)
const kept = (x: Tensor, bounds: Bounds): Tensor => (bounds ? clamp(x, ...bounds) : x)

/** Options of {@link RandomBrightness} and {@link RandomContrast}. */
export interface RandomFactorOptions {
  /** [from, to] of the factor; a number b is [1 − b, 1 + b], from 0 up. Default: 0.2. */
  factor?: number | readonly [number, number]
  /** Keep results between two values, as torchvision does between 0 and 1. Default: null, they may be any. */
  clip?: Bounds
}

/** Images by a factor drawn for each. */
abstract class RandomFactor extends Augmentation {
  readonly #range: readonly [number, number]
  readonly #clip: Bounds

  constructor(op: string, options: RandomFactorOptions | undefined) {
    super(op)
    const { factor, clip } = optionsOf(op, options, { factor: 0.2, clip: null })
    const range =
      typeof factor === 'number' ? [Math.max(0, 1 - checkNumber(op, 'factor', factor, 0)), 1 + factor] : factor
    this.#range = checkPair(op, 'factor', range, 0)
    this.#clip = checkBounds(op, clip)
  }

  protected abstract by(x: Tensor, factors: readonly number[]): Tensor

  protected images(x: Tensor, draws: Draws): Tensor {
    const factors = draws.each((random) => between(random, this.#range))
    return kept(this.by(x, factors), this.#clip)
  }
}

/** y = f·x, with a factor drawn uniformly for each image. With gradients. */
export class RandomBrightness extends RandomFactor {
  /** @throws HandgradError if the factor is below 0, or a range none */
  constructor(options?: RandomFactorOptions) {
    super('RandomBrightness', options)
  }

  protected by(x: Tensor, factors: readonly number[]): Tensor {
    return mul(x, perImage(x, factors))
  }
}

/**
 * y = f·x + (1 − f)·m, with a factor drawn uniformly for each image and m the mean of its grey values: of three channels
 * 0.2989 R + 0.587 G + 0.114 B, else their mean. With gradients.
 */
export class RandomContrast extends RandomFactor {
  /** @throws HandgradError if the factor is below 0, or a range none */
  constructor(options?: RandomFactorOptions) {
    super('RandomContrast', options)
  }

  protected by(x: Tensor, factors: readonly number[]): Tensor {
    const [n, channels, ...pixels] = x.shape
    const share = channels === 3 ? [0.2989, 0.587, 0.114] : new Array(channels).fill(1 / channels)
    const count = sizeOf(pixels)
    const grey = mul(
      x,
      tensorOf(
        share.map((w) => w / count),
        [1, channels, 1, 1],
        x.dtype,
        x.device,
        this.op,
      ),
    )
    const rest = mul(
      reshape(rowSum(reshape(grey, [n, channels * count])), [n, 1, 1, 1]),
      perImage(
        x,
        factors.map((f) => 1 - f),
      ),
    )
    return add(mul(x, perImage(x, factors)), rest)
  }
}

/** Sums of rows, halves added to halves: devices have orders of their own in `sum`. */
function rowSum(x: Tensor): Tensor {
  let sum = x
  let odd: Tensor | undefined
  while (sum.shape[1] > 1) {
    const n = sum.shape[1]
    const half = n >> 1
    const part = (from: number, to: number) => slice(sum, null, [from, to])
    if (n % 2) odd = odd ? add(odd, part(n - 1, n)) : part(n - 1, n)
    sum = add(part(0, half), part(half, 2 * half))
  }
  return odd ? add(sum, odd) : sum
}

/** Options of {@link GaussianNoise}. */
export interface GaussianNoiseOptions {
  /** Standard deviation. Default: 0.1. */
  std?: number
  /** Keep results between two values. Default: null, they may be any. */
  clip?: Bounds
}

/** y = x + σ·z, with z standard normal, drawn on the host for each element. With gradients. */
export class GaussianNoise extends Augmentation {
  readonly #std: number
  readonly #clip: Bounds

  /** @throws HandgradError if std is below 0, or clip none */
  constructor(options?: GaussianNoiseOptions) {
    const op = 'GaussianNoise'
    super(op)
    const { std, clip } = optionsOf(op, options, { std: 0.1, clip: null })
    this.#std = checkNumber(op, 'std', std, 0)
    this.#clip = checkBounds(op, clip)
  }

  protected images(x: Tensor, draws: Draws): Tensor {
    const size = sizeOf(x.shape.slice(1))
    const noise = new Float64Array(x.numel)
    draws.each((random, image) => {
      for (let i = 0; i < size; i++) noise[image * size + i] = this.#std * random.normal()
    })
    return kept(add(x, tensorOf(noise, x.shape, x.dtype, x.device, this.op)), this.#clip)
  }
}
