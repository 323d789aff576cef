/** @file Parts of images covered. */
import { tensorOf } from '../../core/launch.ts'
import type { Tensor } from '../../core/tensor.ts'
import { where } from '../../ops/index.ts'
import { given, integer, number, range } from '../checks.ts'
import { Augmentation } from './augmentation.ts'
import { probability } from './crops.ts'
import { between, type Draws } from './draws.ts'

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
        mask.fill(1, row + Math.max(left, 0), row + Math.min(right, width))
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
export class Cutout extends Augmentation<Required<CutoutOptions>> {
  /** @throws HandgradError if size or count is not an integer from 1 up, or value not a number */
  constructor(options: CutoutOptions) {
    super(...given('Cutout', options, { size: [undefined, integer()], count: [1, integer()], value: [0, number()] }))
  }

  protected images(x: Tensor, draws: Draws): Tensor {
    const { size, count, value } = this.options
    const boxes = draws.each((random) =>
      Array.from({ length: count }, (): Box => {
        const [top, left] = [x.shape[2], x.shape[3]].map((side) => random.int(side) - (size >> 1))
        return [top, top + size, left, left + size]
      }),
    )
    return where(inBoxes(x, boxes), value, x)
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
export class RandomErasing extends Augmentation<Required<RandomErasingOptions>> {
  /** @throws HandgradError if p or scale is not from 0 to 1, a ratio not above 0, or value not a number */
  constructor(options?: RandomErasingOptions) {
    super(
      ...given('RandomErasing', options, {
        p: probability,
        scale: [[0.02, 0.33], range(0, 1)],
        ratio: [[0.3, 3.3], range(0.001, 1000)],
        value: [0, number()],
      }),
    )
  }

  protected images(x: Tensor, draws: Draws): Tensor {
    const { p, scale, ratio, value } = this.options
    const [, , height, width] = x.shape
    const boxes = draws.each((random): Box[] => {
      for (let tries = random.uniform() < p ? 10 : 0; tries > 0; tries--) {
        const area = height * width * between(random, scale)
        const aspect = Math.exp(between(random, [Math.log(ratio[0]), Math.log(ratio[1])]))
        const [h, w] = [Math.round(Math.sqrt(area * aspect)), Math.round(Math.sqrt(area / aspect))]
        if (h >= height || w >= width) continue
        const [top, left] = [random.int(height - h + 1), random.int(width - w + 1)]
        return [[top, top + h, left, left + w]]
      }
      return []
    })
    return where(inBoxes(x, boxes), value, x)
  }
}
