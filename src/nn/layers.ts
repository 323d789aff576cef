/** @file Layers: linear maps, activations, and Sequential that chains them. What they share is in module.ts. */
import type { Device, DType } from '../core/device.ts'
import { describe, fail } from '../core/errors.ts'
import { Tensor } from '../core/tensor.ts'
import { optionsOf } from '../ops/base/options.ts'
import { flatten } from '../ops/base/views.ts'
import { linear, relu, sigmoid, tanh, zeros } from '../ops/index.ts'
import { uniform_ } from './init.ts'
import { Module, parameter } from './module.ts'

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

/** What a layer makes of x, which must be a tensor. @param which  the layer, in errors */
export function outputOf(op: string, which: string, layer: Layer, x: Tensor): Tensor {
  const y: unknown = layer.forward(x)
  if (!(y instanceof Tensor))
    fail(op, `${which}, ${layer.constructor.name}, gave ${describe(y)}`, 'return a tensor from its forward(x), at once')
  return y
}

function size(op: string, name: string, n: number): number {
  if (!Number.isSafeInteger(n) || n < 1) fail(op, `${name} is ${describe(n)}`, 'give an integer from 1 up')
  return n
}

/**
 * y = x Wᵀ + b, W [out, in], b [out]. First values are U(−1/√in, 1/√in), PyTorch's (Kaiming with a = √5).
 * @param inFeatures   size of the last axis of x
 * @param outFeatures  size of the last axis of y
 * @throws HandgradError if a size is not an integer from 1 up
 */
export class Linear extends Module {
  readonly inFeatures: number
  readonly outFeatures: number
  weight: Tensor
  bias: Tensor | null

  constructor(inFeatures: number, outFeatures: number, options?: LayerOptions & { bias?: boolean }) {
    super()
    const { bias, ...where } = optionsOf('Linear', options, { device: undefined, dtype: undefined, bias: true })
    this.inFeatures = size('Linear', 'inFeatures', inFeatures)
    this.outFeatures = size('Linear', 'outFeatures', outFeatures)
    const bound = 1 / Math.sqrt(inFeatures)
    this.weight = parameter(uniform_(zeros([outFeatures, inFeatures], where), -bound, bound))
    this.bias = bias ? parameter(uniform_(zeros([outFeatures], where), -bound, bound)) : null
  }

  /** @param x [..., in] @returns [..., out] */
  forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias)
  }

  protected override sizes(): string {
    return `${this.inFeatures}, ${this.outFeatures}${this.bias ? '' : ', no bias'}`
  }
}

/** y = max(x, 0). */
export class ReLU extends Module {
  /** @param x any shape @returns the same shape */
  forward(x: Tensor): Tensor {
    return relu(x)
  }
}

/** y = tanh x. */
export class Tanh extends Module {
  /** @param x any shape @returns the same shape */
  forward(x: Tensor): Tensor {
    return tanh(x)
  }
}

/** y = 1/(1 + e⁻ˣ). */
export class Sigmoid extends Module {
  /** @param x any shape @returns the same shape */
  forward(x: Tensor): Tensor {
    return sigmoid(x)
  }
}

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

/** Layers one after the other. Their names are their positions: `0.weight`, `2.bias`. */
export class Sequential extends Module {
  readonly layers: readonly Layer[]

  constructor(...layers: Layer[]) {
    super()
    layers.forEach((layer, i) => {
      if (!(layer instanceof Module) || typeof layer.forward !== 'function') {
        fail('Sequential', `layer ${i} is ${describe(layer)}`, 'give modules with forward(x), such as new nn.ReLU()')
      }
    })
    this.layers = layers
  }

  /**
   * @param x what the first layer takes
   * @returns what the last one gives
   * @throws HandgradError if a layer gives something else than a tensor
   */
  forward(x: Tensor): Tensor {
    return this.layers.reduce((y, layer, i) => outputOf('Sequential', `layer ${i}`, layer, y), x)
  }

  protected override fields(): Iterable<[string, unknown]> {
    return this.layers.map((layer, i) => [String(i), layer])
  }
}
