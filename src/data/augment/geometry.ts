/** @file Images moved: by a map of the plane drawn for each, or by a field of small displacements. */
import { tensorOf } from '../../core/launch.ts'
import type { Tensor } from '../../core/tensor.ts'
import { affineGrid, gridSample } from '../../ops/index.ts'
import { given, number, range, word } from '../checks.ts'
import { Augmentation } from './augmentation.ts'
import { between, type Draws } from './draws.ts'

/** How pixels are taken from places between others. */
export interface SamplingOptions {
  /** Default: 'bilinear'. */
  mode?: 'bilinear' | 'nearest'
  /** What is outside of the image. Default: 'zeros'. */
  paddingMode?: 'zeros' | 'border' | 'reflection'
}

const sampling = {
  mode: ['bilinear', word('bilinear', 'nearest')],
  paddingMode: ['zeros', word('zeros', 'border', 'reflection')],
} as const

/** A number a as [−a, a], or two as they are. */
const around = (most: number) => range(-most, most, (a) => [-a, a])

/** Options of {@link RandomAffine}. */
export interface RandomAffineOptions extends SamplingOptions {
  /** Of the turn, clockwise: up to a number either way, or [from, to]. Default: 0. */
  degrees?: number | readonly [number, number]
  /** Of the shifts: up to a fraction of width and height either way, or [from, to]. Default: 0. */
  translate?: number | readonly [number, number]
  /** [from, to] of the factor. Default: [1, 1]. */
  scale?: readonly [number, number]
  /** Of the slant along x, in degrees below 90: up to a number either way, or [from, to]. Default: 0. */
  shear?: number | readonly [number, number]
}

type Pair = readonly [number, number]

/**
 * Images turned, shifted, scaled and slanted about their centres, each by a map drawn uniformly from the ranges:
 * torchvision's matrix, with shifts that are not rounded to pixels. With gradients.
 */
export class RandomAffine extends Augmentation<
  Required<SamplingOptions> & Record<'degrees' | 'translate' | 'scale' | 'shear', Pair>
> {
  /** @throws HandgradError if a range is none, or mode or paddingMode none of their words */
  constructor(options?: RandomAffineOptions) {
    super(
      ...given('RandomAffine', options, {
        degrees: [0, around(360)],
        translate: [0, around(1)],
        scale: [[1, 1], range(0.001, 1000)],
        shear: [0, around(89)],
        ...sampling,
      }),
    )
  }

  protected images(x: Tensor, draws: Draws): Tensor {
    const { degrees, translate, scale, shear, mode, paddingMode } = this.options
    const [n, , height, width] = x.shape
    const theta = draws.each((random) => {
      const radians = (pair: Pair) => (between(random, pair) * Math.PI) / 180
      const angle = radians(degrees)
      // −1 and 1 are the edges: a side is 2.
      const [tx, ty] = [2 * between(random, translate), 2 * between(random, translate)]
      const factor = between(random, scale)
      const slant = Math.tan(radians(shear))
      const [a, c] = [Math.cos(angle), Math.sin(angle)]
      // The turn after the slant is (a, b; c, d), of determinant 1; its inverse says where pixels come from.
      const [b, d] = [-a * slant - c, a - c * slant]
      const [across, down] = [(-b * height) / width, (-c * width) / height]
      const map = [d, across, -d * tx - across * ty, down, a, -down * tx - a * ty]
      return map.map((value) => value / factor)
    })
    const map = tensorOf(theta.flat(), [n, 2, 3], x.dtype, x.device, this.op)
    return gridSample(x, affineGrid(map, x.shape), { mode, paddingMode })
  }
}

/** Options of {@link ElasticTransform}. */
export interface ElasticTransformOptions extends SamplingOptions {
  /** Factor of the displacements, in pixels. Default: 34. */
  alpha?: number
  /** Standard deviation, in pixels, of the Gaussian that makes them smooth. Default: 4. */
  sigma?: number
}

/**
 * Elastic distortions (Simard, Steinkraus, Platt, Best Practices for Convolutional Neural Networks, 2003): the pixel at
 * (j, i) comes from (j + α·(G∗u)ᵢⱼ, i + α·(G∗v)ᵢⱼ), with u, v uniform on [−1, 1) and G a Gaussian, cut at 4σ. With
 * gradients. The fields are made on the host.
 */
export class ElasticTransform extends Augmentation<Required<ElasticTransformOptions>> {
  readonly #weights: Float64Array

  /** @throws HandgradError if alpha is below 0, sigma not above 0, or mode or paddingMode none of their words */
  constructor(options?: ElasticTransformOptions) {
    super(
      ...given('ElasticTransform', options, { alpha: [34, number(0)], sigma: [4, number(0.01, 1000)], ...sampling }),
    )
    const { sigma } = this.options
    const radius = Math.floor(4 * sigma + 0.5)
    const bell = Float64Array.from({ length: 2 * radius + 1 }, (_, k) => Math.exp(-0.5 * ((k - radius) / sigma) ** 2))
    const sum = bell.reduce((a, b) => a + b)
    this.#weights = bell.map((w) => w / sum)
  }

  protected images(x: Tensor, draws: Draws): Tensor {
    const { alpha, mode, paddingMode } = this.options
    const [n, , height, width] = x.shape
    const size = height * width
    const grid = new Float64Array(n * size * 2)
    draws.each((random, image) => {
      for (const [axis, count] of [width, height].entries()) {
        const field = Float64Array.from({ length: size }, () => 2 * random.uniform() - 1)
        const smooth = this.#blurred(this.#blurred(field, height, width), width, height)
        for (let i = 0; i < size; i++) {
          const place = (axis ? Math.floor(i / width) : i % width) + alpha * smooth[i]
          grid[(image * size + i) * 2 + axis] = (2 * place + 1) / count - 1
        }
      }
    })
    return gridSample(x, tensorOf(grid, [n, height, width, 2], x.dtype, x.device, this.op), { mode, paddingMode })
  }

  /** A field [rows, columns] made smooth along its rows, 0 beyond them, and transposed. */
  #blurred(field: Float64Array, rows: number, columns: number): Float64Array {
    const w = this.#weights
    const radius = w.length >> 1
    const y = new Float64Array(field.length)
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++) {
        const to = Math.min(columns - 1, c + radius)
        let sum = 0
        for (let k = Math.max(0, c - radius); k <= to; k++) sum += w[k - c + radius] * field[r * columns + k]
        y[c * rows + r] = sum
      }
    return y
  }
}
