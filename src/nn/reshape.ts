/** @file Layers that move elements and compute nothing. */
import type { Tensor } from '../core/tensor.ts'
import { flatten } from '../ops/base/views.ts'
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
