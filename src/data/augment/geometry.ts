/** @file Images moved: by a map of the plane drawn for each, or by a field of small displacements. */
import { fail } from '../../core/errors.ts'
import { tensorOf } from '../../core/launch.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkWord } from '../../ops/base/arguments.ts'
import { optionsOf } from '../../ops/base/options.ts'
import { affineGrid, type GridSampleOptions, gridSample } from '../../ops/index.ts'
import { checkNumber, checkPair } from '../checks.ts'
import { Augmentation } from './augmentation.ts'
import type { Draws, Random } from './draws.ts'

/** How pixels are taken from between others, and from outside of the image. */
type Sampling = Pick<GridSampleOptions, 'mode' | 'paddingMode'>

function checkSampling(op: string, { mode, paddingMode }: Sampling): void {
  checkWord(op, 'mode', mode, ['bilinear', 'nearest'])
  checkWord(op, 'paddingMode', paddingMode, ['zeros', 'border', 'reflection'])
}

/** A number a as [−a, a], or two as they are. */
const around = (op: string, name: string, value: unknown, most: number): [number, number] =>
  typeof value === 'number' ? [-checkNumber(op, name, value, 0, most), value] : checkPair(op, name, value, -most, most)

/** Uniform between two numbers. */
export const between = (random: Random, [low, high]: readonly [number, number]): number =>
  low + (high - low) * random.uniform()

/** Options of {@link RandomAffine}. */
export interface RandomAffineOptions extends Sampling {
  /** Of the turn, clockwise: up to a number either way, or [from, to]. Default: 0. */
  degrees?: number | readonly [number, number]
  /** Of the shift: fractions of width and height, either way; one number for both. Default: 0. */
  translate?: number | readonly [x: number, y: number]
  /** [from, to] of the factor. Default: [1, 1]. */
  scale?: readonly [number, number]
  /** Degrees, below 90, of the slant along x: up to a number either way, or [from, to]; four for x, then y. Default: 0. */
  shear?: number | readonly [number, number] | readonly [number, number, number, number]
  /** Default: 'bilinear'. */
  mode?: 'bilinear' | 'nearest'
  /** What is outside of the image. Default: 'zeros'. */
  paddingMode?: 'zeros' | 'border' | 'reflection'
}

/**
 * Images turned, shifted, scaled and slanted about their centres: T·R·S as torchvision has them, where the shift is not
 * rounded to pixels. Each image's map is drawn uniformly from the ranges. With gradients.
 */
export class RandomAffine extends Augmentation {
  readonly #degrees: readonly [number, number]
  readonly #shift: readonly number[]
  readonly #scale: readonly [number, number]
  readonly #shear: readonly (readonly [number, number])[]
  readonly #sampling: Sampling

  /** @throws HandgradError if a range is none, or mode or paddingMode none of their words */
  constructor(options?: RandomAffineOptions) {
    const op = 'RandomAffine'
    super(op)
    const { degrees, translate, scale, shear, ...sampling } = optionsOf(op, options, {
      degrees: 0,
      translate: 0,
      scale: [1, 1],
      shear: 0,
      mode: 'bilinear',
      paddingMode: 'zeros',
    })
    checkSampling(op, sampling)
    const shift = typeof translate === 'number' ? [translate, translate] : translate
    if (!Array.isArray(shift) || shift.length !== 2) fail(op, 'translate is not one number or two', 'give [x, y]')
    this.#degrees = around(op, 'degrees', degrees, 360)
    this.#shift = shift.map((most, i) => checkNumber(op, `translate[${i}]`, most, 0, 1))
    this.#scale = checkPair(op, 'scale', scale, 2 ** -20)
    const four = Array.isArray(shear) && shear.length === 4
    const slants = four ? [shear.slice(0, 2), shear.slice(2)] : [shear, 0]
    this.#shear = slants.map((range) => around(op, 'shear', range, 89))
    this.#sampling = sampling
  }

  protected images(x: Tensor, draws: Draws): Tensor {
    const [n, , height, width] = x.shape
    const theta = draws.each((random) => {
      const radians = (range: readonly [number, number]) => (between(random, range) * Math.PI) / 180
      const angle = radians(this.#degrees)
      // In pixels, from the centre of a side of 2.
      const [tx, ty] = this.#shift.map((most) => 2 * between(random, [-most, most]))
      const scale = between(random, this.#scale)
      const [p, q] = this.#shear.map((range) => Math.tan(radians(range)))
      const [sin, cos] = [Math.sin(angle), Math.cos(angle)]
      // The turn after both slants, (a, b; c, d) of determinant 1; where a pixel comes from is its inverse.
      const [a, c] = [cos + sin * q, sin - cos * q]
      const [b, d] = [-a * p - sin, -c * p + cos]
      const across = (-b * height) / width
      const down = (-c * width) / height
      const rows = [d, across, -d * tx - across * ty, down, a, -down * tx - a * ty]
      return rows.map((value) => value / scale)
    })
    const map = tensorOf(theta.flat(), [n, 2, 3], x.dtype, x.device, this.op)
    return gridSample(x, affineGrid(map, x.shape), this.#sampling)
  }
}

/** Options of {@link ElasticTransform}. */
export interface ElasticTransformOptions extends Sampling {
  /** Factor of the displacements, in pixels. Default: 34. */
  alpha?: number
  /** Standard deviation, in pixels, of the Gaussian that makes them smooth. Default: 4. */
  sigma?: number
  /** Default: 'bilinear'. */
  mode?: 'bilinear' | 'nearest'
  /** What is outside of the image. Default: 'zeros'. */
  paddingMode?: 'zeros' | 'border' | 'reflection'
}

/**
 * Elastic distortions (Simard, Steinkraus, Platt, Best Practices for Convolutional Neural Networks, 2003): the pixel at
 * (j, i) comes from (j + α·(G∗u)ᵢⱼ, i + α·(G∗v)ᵢⱼ), with u, v uniform on [−1, 1) and G a Gaussian, cut at 4σ. With
 * gradients. The fields are made on the host.
 */
export class ElasticTransform extends Augmentation {
  readonly #alpha: number
  readonly #weights: Float64Array
  readonly #sampling: Sampling

  /** @throws HandgradError if alpha is below 0, sigma not above 0, or mode or paddingMode none of their words */
  constructor(options?: ElasticTransformOptions) {
    const op = 'ElasticTransform'
    super(op)
    const { alpha, sigma, ...sampling } = optionsOf(op, options, {
      alpha: 34,
      sigma: 4,
      mode: 'bilinear',
      paddingMode: 'zeros',
    })
    checkSampling(op, sampling)
    this.#alpha = checkNumber(op, 'alpha', alpha, 0)
    const radius = Math.floor(4 * checkNumber(op, 'sigma', sigma, 0.01, 1000) + 0.5)
    const bell = Float64Array.from({ length: 2 * radius + 1 }, (_, k) => Math.exp(-0.5 * ((k - radius) / sigma) ** 2))
    const sum = bell.reduce((a, b) => a + b)
    this.#weights = bell.map((w) => w / sum)
    this.#sampling = sampling
  }

  protected images(x: Tensor, draws: Draws): Tensor {
    const [n, , height, width] = x.shape
    const grid = new Float64Array(n * height * width * 2)
    draws.each((random, image) => {
      for (const [axis, count] of [width, height].entries()) {
        const field = Float64Array.from({ length: height * width }, () => 2 * random.uniform() - 1)
        const smooth = this.#blurred(this.#blurred(field, height, width), width, height)
        for (let i = 0; i < field.length; i++) {
          const at = axis ? Math.floor(i / width) : i % width
          const place = at + this.#alpha * smooth[i]
          grid[(image * field.length + i) * 2 + axis] = (2 * place + 1) / count - 1
        }
      }
    })
    const places = tensorOf(grid, [n, height, width, 2], x.dtype, x.device, this.op)
    return gridSample(x, places, this.#sampling)
  }

  /** A field [rows, columns] made smooth along its rows, 0 beyond them, and transposed. */
  #blurred(field: Float64Array, rows: number, columns: number): Float64Array {
    const w = this.#weights
    const radius = (w.length - 1) / 2
    const y = new Float64Array(field.length)
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++) {
        let sum = 0
        const to = Math.min(columns - 1, c + radius)
        for (let k = Math.max(0, c - radius); k <= to; k++) sum += w[k - c + radius] * field[r * columns + k]
        y[c * rows + r] = sum
      }
    return y
  }
}
