/** @file Layers that move elements and compute nothing. */
import type { Shape } from '../core/shape.ts'
import type { Tensor } from '../core/tensor.ts'
import { checkList } from '../ops/base/arguments.ts'
import { flatten } from '../ops/base/views.ts'
import { unflatten } from '../ops/index.ts'
import { Configured } from './layer.ts'
import { Module } from './module.ts'

/** Axes `start` to `end` as one; by default all but the batch. */
export class Flatten extends Module {
  readonly start: number
  readonly end: number

  constructor(start = 1, end = -1) {
    super()
    this.start = start
    this.end = end
  }

  /** @param x [batch, ...] @returns [batch, the product of the rest], by default */
  forward(x: Tensor): Tensor {
    return flatten(x, this.start, this.end)
  }
}

/** An axis as several, the inverse of {@link Flatten}: `new nn.Unflatten(1, [3, 28, 28])`. */
export class Unflatten extends Configured<object> {
  readonly dim: number
  readonly unflattenedSize: Shape

  /** @param unflattenedSize the sizes, one of which may be −1 @throws HandgradError if it is not a list */
  constructor(dim: number, unflattenedSize: Shape) {
    checkList('Unflatten', 'unflattenedSize', unflattenedSize)
    super({}, {}, dim, unflattenedSize)
    this.dim = dim
    this.unflattenedSize = unflattenedSize
  }

  /** @param x its axis `dim` has the product of the sizes @returns the sizes in its place */
  forward(x: Tensor): Tensor {
    return unflatten(x, this.dim, this.unflattenedSize)
  }
}
