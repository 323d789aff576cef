/** @file Parts of images covered. */
import { tensorOf } from '../../core/launch.ts'
import type { Tensor } from '../../core/tensor.ts'
import { optionsOf } from '../../ops/base/options.ts'
import { where } from '../../ops/index.ts'
import { checkInteger, checkNumber, checkPair } from '../checks.ts'
import { Augmentation } from './augmentation.ts'
import type { Draws } from './draws.ts'
import { between } from './geometry.ts'

/** Rows and columns from … up to …, which may be outside of the image. */
export type Box = readonly [top: number, bottom: number, left: number, right: number]

/** True in the boxes of each image: [N, 1, H, W]. */
export function inBoxes(x: Tensor, boxes: readonly (readonly Box[])[]): Tensor {
  const [n, , height, width] = x.shape
  const mask = new Uint32Array(n * height * width)
  boxes.forEach((list, image) => {
    for (const [top, bottom, left, right] of list)
      for (let r = Math.max(top, 0); r < Math.min(bottom, height); r++) {
        const row = (image * height + r) * width
        mask.fill(1, row + Math.max(left, 0), row + Math.max(0, Math.min(right, width)))
      }
  })
  return tensorOf(mask, [n, 1, height, width], 'bool', x.device, 'augment')
}

/** Options of {@link Cutout}. */
export interface CutoutOptions {
  /** Pixels of a side. */
  size: number
  /** Squares in each image. Default: 1. */
  count?: number
  /** What is put there. Default: 0. */
  value?: number
}

/**
 * Squares covered in each image, their centres drawn uniformly from its pixels: beyond the edges they are cut off
 * (DeVries, Taylor, Improved Regularization of Convolutional Neural Networks with Cutout, 2017).
 */
export class Cutout extends Augmentation {
  readonly #size: number
  readonly #count: number
  readonly #value: number

  /** @throws HandgradError if size or count is not an integer from 1 up, or value not a number */
  constructor(options: CutoutOptions) {
    const op = 'Cutout'
    super(op)
    const { size, count, value } = optionsOf(op, options, { size: undefined, count: 1, value: 0 })
    this.#size = checkInteger(op, 'size', size, 1, 2 ** 31)
    this.#count = checkInteger(op, 'count', count, 1, 1000)
    this.#value = checkNumber(op, 'value', value)
  }

  protected images(x: Tensor, draws: Draws): Tensor {
    const [, , height, width] = x.shape
    const size = this.#size
    const boxes = draws.each((random) =>
      Array.from({ length: this.#count }, (): Box => {
        const top = random.int(height) - Math.floor(size / 2)
        const left = random.int(width) - Math.floor(size / 2)
        return [top, top + size, left, left + size]
      }),
    )
    return where(inBoxes(x, boxes), this.#value, x)
  }
}

/** Options of {@link RandomErasing}. */
export interface RandomErasingOptions {
  /** How likely an image is changed. Default: 0.5. */
  p?: number
  /** Of the area, as part of the image. Default: [0.02, 0.33]. */
  scale?: readonly [number, number]
  /** Height over width. Default: [0.3, 3.3]. */
  ratio?: readonly [number, number]
  /** What is put there. Default: 0. */
  value?: number
}

/**
 * A rectangle covered in an image with probability p (Zhong, Zheng, Kang, Li, Yang, Random Erasing Data Augmentation,
 * 2017): its area drawn uniformly, its ratio uniformly in the logarithm, again up to ten times where it does not fit.
 */
export class RandomErasing extends Augmentation {
  readonly #p: number
  readonly #scale: readonly [number, number]
  readonly #ratio: readonly [number, number]
  readonly #value: number

  /** @throws HandgradError if p or scale is not from 0 to 1, a ratio not above 0, or value not a number */
  constructor(options?: RandomErasingOptions) {
    const op = 'RandomErasing'
    super(op)
    const { p, scale, ratio, value } = optionsOf(op, options, {
      p: 0.5,
      scale: [0.02, 0.33],
      ratio: [0.3, 3.3],
      value: 0,
    })
    this.#p = checkNumber(op, 'p', p, 0, 1)
    this.#scale = checkPair(op, 'scale', scale, 0, 1)
    const [low, high] = checkPair(op, 'ratio', ratio, 2 ** -20)
    this.#ratio = [Math.log(low), Math.log(high)]
    this.#value = checkNumber(op, 'value', value)
  }

  protected images(x: Tensor, draws: Draws): Tensor {
    const [, , height, width] = x.shape
    const boxes = draws.each((random): Box[] => {
      if (random.uniform() >= this.#p) return []
      for (let tries = 0; tries < 10; tries++) {
        const area = height * width * between(random, this.#scale)
        const ratio = Math.exp(between(random, this.#ratio))
        const [h, w] = [Math.round(Math.sqrt(area * ratio)), Math.round(Math.sqrt(area / ratio))]
        if (h >= height || w >= width) continue
        const [top, left] = [random.int(height - h + 1), random.int(width - w + 1)]
        return [[top, top + h, left, left + w]]
      }
      return []
    })
    return where(inBoxes(x, boxes), this.#value, x)
  }
}
