/** @file Numbers to compute with: random, the same everywhere and for ever, on any device. */
import type { Device } from '../core/device.ts'
import type { Tensor } from '../core/tensor.ts'
import { tensor } from '../ops/index.ts'

/** A generator of numbers in [0, 1): the constants of Numerical Recipes' `ranqd1`. */
export function generator(seed: number): () => number {
  let state = (Math.imul(seed, 2654435761) + 1) >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** Numbers in (−scale, scale), of no pattern. */
export function random(length: number, seed: number, scale = 1): Float32Array<ArrayBuffer> {
  const next = generator(seed)
  return Float32Array.from({ length }, () => scale * (2 * next() - 1))
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

/** A tensor of them. */
export const uniform = (shape: readonly number[], seed: number, device: Device, scale = 1): Tensor =>
  tensor(random(sizeOf(shape), seed, scale), { shape: [...shape], device })

/** Whole numbers from 0 to below `end`. */
export function indices(end: number, shape: readonly number[], seed: number, device: Device): Tensor {
  const next = generator(seed)
  const data = Int32Array.from({ length: sizeOf(shape) }, () => Math.floor(next() * end))
  return tensor(data, { shape: [...shape], device })
}

/** A tensor of them that gradients are wanted of. */
export function leaf(shape: readonly number[], seed: number, device: Device, scale = 1): Tensor {
  const x = uniform(shape, seed, device, scale)
  x.requiresGrad = true
  return x
}
