/** @file What layers share: their type, the options of those with parameters, and checks of sizes. */
import type { Device, DType } from '../core/device.ts'
import { describe, fail } from '../core/errors.ts'
import { Tensor } from '../core/tensor.ts'
import type { Module } from './module.ts'

/** A module of one tensor in, one out: what Sequential takes. */
export interface Layer extends Module {
  /** What the layer computes. */
  forward(x: Tensor): Tensor
}

/** Where and as what a layer makes its parameters. */
export interface LayerOptions {
  /** Default: the default device. */
  device?: Device
  /** Default: float32. */
  dtype?: DType
}

/** The defaults of {@link LayerOptions}, for `optionsOf`. */
export const nowhere = { device: undefined, dtype: undefined }

/** What a layer makes of x, which must be a tensor. @param which  the layer, in errors */
export function outputOf(op: string, which: string, layer: Layer, x: Tensor): Tensor {
  const y: unknown = layer.forward(x)
  if (!(y instanceof Tensor))
    fail(op, `${which}, ${layer.constructor.name}, gave ${describe(y)}`, 'return a tensor from its forward(x), at once')
  return y
}

/** A size that a layer is made with. @throws HandgradError in the name of `op` if it is not an integer from `low` up */
export function size(op: string, name: string, n: number, low = 1): number {
  if (!Number.isSafeInteger(n) || n < low) fail(op, `${name} is ${describe(n)}`, `give an integer from ${low} up`)
  return n
}
