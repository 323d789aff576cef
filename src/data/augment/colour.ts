/** @file Pixels made brighter, starker, noisier. */
import { tensorOf } from '../../core/launch.ts'
import type { Tensor } from '../../core/tensor.ts'
import { add, clamp, mul, pad, reshape, slice } from '../../ops/index.ts'
import { given, number, optional, range } from '../checks.ts'
import { Augmentation, perRow } from './augmentation.ts'
import { between, type Draws } from './draws.ts'

/** Options of {@link RandomBrightness} and {@link RandomContrast}. */
export interface RandomFactorOptions {
  /** [from, to] of the factor; a number b is [1 − b, 1 + b], from 0 up. Default: 0.2. */
  factor?: number | readonly [number, number]
  /** Keep results between two values, as torchvision does between 0 and 1. Default: null, they may be any. */
  clip?: readonly [number, number] | null
}

const clip = [null, optional(range())] as const
const factor = [0.2, range(0, 1000, (b) => [Math.max(0, 1 - b), 1 + b])] as const

/** x between two bounds, where there are some. */
const kept = (x: Tensor, bounds: readonly [number, number] | null): Tensor => (bounds ? clamp(x, ...bounds) : x)

/** y = f·x, with a factor drawn uniformly for each image. With gradients. */
export class RandomBrightness extends Augmentation<{
  factor: readonly [number, number]
  clip: readonly [number, number] | null
}> {
  /** @throws HandgradError if the factor is below 0, or a range none */
  constructor(options?: RandomFactorOptions) {
    super(...given('RandomBrightness', options, { factor, clip }))
  }

  protected images(x: Tensor, draws: Draws): Tensor {
    const factors = draws.each((random) => between(random, this.options.factor))
    return kept(mul(x, perRow(x, factors)), this.options.clip)
  }
}

/**
 * y = f·x + (1 − f)·m, with a factor drawn uniformly for each image and m the mean of its grey values: of three
 * channels 0.2989 R + 0.587 G + 0.114 B, else their mean. With gradients.
 */
export class RandomContrast extends Augmentation<{
  factor: readonly [number, number]
  clip: readonly [number, number] | null
}> {
  /** @throws HandgradError if the factor is below 0, or a range none */
  constructor(options?: RandomFactorOptions) {
    super(...given('RandomContrast', options, { factor, clip }))
  }

  protected images(x: Tensor, draws: Draws): Tensor {
    const [n, channels, height, width] = x.shape
    const factors = draws.each((random) => between(random, this.options.factor))
    const shares = channels === 3 ? [0.2989, 0.587, 0.114] : new Array(channels).fill(1 / channels)
    const weights = shares.map((share) => share / (height * width))
    const grey = mul(x, tensorOf(weights, [channels, 1, 1], x.dtype, x.device, this.op))
    const mean = reshape(rowSum(reshape(grey, [n, -1])), [n, 1, 1, 1])
    const rest = mul(
      mean,
      perRow(
        x,
        factors.map((f) => 1 - f),
      ),
    )
    return kept(add(mul(x, perRow(x, factors)), rest), this.options.clip)
  }
}

/** Sums of rows, halves added to halves: what `sum` adds first depends on the device. */
function rowSum(x: Tensor): Tensor {
  let half = 2 ** Math.ceil(Math.log2(x.shape[1]))
  let y = pad(x, [0, half - x.shape[1]])
  while ((half /= 2) >= 1) y = add(slice(y, null, [0, half]), slice(y, null, [half, 2 * half]))
  return y
}

/** Options of {@link GaussianNoise}. */
export interface GaussianNoiseOptions {
  /** Standard deviation. Default: 0.1. */
  std?: number
  /** Keep results between two values. Default: null, they may be any. */
  clip?: readonly [number, number] | null
}

/** y = x + σ·z, with z standard normal, drawn on the host for each element. With gradients. */
export class GaussianNoise extends Augmentation<Required<GaussianNoiseOptions>> {
  /** @throws HandgradError if std is below 0, or clip none */
  constructor(options?: GaussianNoiseOptions) {
    super(...given('GaussianNoise', options, { std: [0.1, number(0)], clip }))
  }

  protected images(x: Tensor, draws: Draws): Tensor {
    const noise = new Float64Array(x.numel)
    const size = x.numel / x.shape[0]
    draws.each((random, image) => {
      for (let i = 0; i < size; i++) noise[image * size + i] = this.options.std * random.normal()
    })
    return kept(add(x, tensorOf(noise, x.shape, x.dtype, x.device, this.op)), this.options.clip)
  }
}
