/** @file Layers of matrix products: Linear, Bilinear. */
import { fail } from '../core/errors.ts'
import { sameShape, showShape } from '../core/shape.ts'
import type { Tensor } from '../core/tensor.ts'
import { checkDType } from '../ops/base/arguments.ts'
import { stored } from '../ops/base/halves.ts'
import { optionsOf } from '../ops/base/options.ts'
import { bilinear, linear, zeros } from '../ops/index.ts'
import { isPlain } from './call.ts'
import { uniform_ } from './init.ts'
import { type LayerOptions, nowhere, size } from './layer.ts'
import { Module, parameter } from './module.ts'

/**
 * y = x Wᵀ + b, W [out, in], b [out]. First values are U(−1/√in, 1/√in), PyTorch's (Kaiming with a = √5).
 * @param inFeatures      size of the last axis of x
 * @param outFeatures     size of the last axis of y
 * @param options.weight  the weight, in place of first values
 * @throws HandgradError if a size is not an integer from 1 up, or weight has another shape
 */
export class Linear extends Module {
  readonly inFeatures: number
  readonly outFeatures: number
  weight: Tensor
  bias: Tensor | null

  constructor(inFeatures: number, outFeatures: number, options?: LayerOptions & { bias?: boolean; weight?: Tensor }) {
    super()
    const { bias, weight, ...where } = optionsOf('Linear', options, { ...nowhere, bias: true, weight: undefined })
    this.inFeatures = size('Linear', 'inFeatures', inFeatures)
    this.outFeatures = size('Linear', 'outFeatures', outFeatures)
    const [bound, shape] = [1 / Math.sqrt(inFeatures), [outFeatures, inFeatures]]
    if (weight !== undefined) checkDType('Linear', 'weight', weight, stored)
    if (weight && !sameShape(weight.shape, shape))
      fail('Linear', `weight is ${showShape(weight.shape)}`, `give ${showShape(shape)}`)
    this.weight = parameter(weight ?? uniform_(zeros(shape, where), -bound, bound))
    this.bias = bias ? parameter(uniform_(zeros([outFeatures], where), -bound, bound)) : null
  }

  /**
   * @param x         [..., in]
   * @param residual  [..., out], added in the same launch
   * @returns [..., out]
   * @throws HandgradError if the last axis of x is not `in`, or the residual has another shape
   */
  forward(x: Tensor, residual?: Tensor): Tensor {
    const last = x?.shape?.at(-1)
    if (last !== undefined && last !== this.inFeatures) {
      const flat = x.numel / x.shape[0] === this.inFeatures
      this.refuse(
        `x is ${showShape(x.shape)}, its last axis ${last}, not ${this.inFeatures}`,
        flat ? 'flatten(1) first?' : `give [..., ${this.inFeatures}]`,
      )
    }
    return linear(x, this.weight, this.bias, residual && { residual })
  }

  protected override sizes(): string {
    return `${this.inFeatures}, ${this.outFeatures}${this.bias ? '' : ', no bias'}`
  }
}

/**
 * Whether a layer can store what becomes of its values in their place (relu's, ops/base/ahead.ts, or a sum), and nobody
 * would see it.
 */
export const isPlainLinear = (layer: Module): boolean => isPlain(layer, ownForward)
const ownForward: unknown = Linear.prototype.forward

/**
 * yₖ = x₁ᵀ Wₖ x₂ + bₖ, W [out, in1, in2], b [out]. First values are U(−1/√in1, 1/√in1), as PyTorch's.
 * @throws HandgradError if a size is not an integer from 1 up
 */
export class Bilinear extends Module {
  readonly in1Features: number
  readonly in2Features: number
  readonly outFeatures: number
  weight: Tensor
  bias: Tensor | null

  constructor(
    in1Features: number,
    in2Features: number,
    outFeatures: number,
    options?: LayerOptions & { bias?: boolean },
  ) {
    super()
    const { bias, ...where } = optionsOf('Bilinear', options, { ...nowhere, bias: true })
    this.in1Features = size('Bilinear', 'in1Features', in1Features)
    this.in2Features = size('Bilinear', 'in2Features', in2Features)
    this.outFeatures = size('Bilinear', 'outFeatures', outFeatures)
    const bound = 1 / Math.sqrt(in1Features)
    this.weight = parameter(uniform_(zeros([outFeatures, in1Features, in2Features], where), -bound, bound))
    this.bias = bias ? parameter(uniform_(zeros([outFeatures], where), -bound, bound)) : null
  }

  /** @param x1 [..., in1] @param x2 [..., in2] @returns [..., out] */
  forward(x1: Tensor, x2: Tensor): Tensor {
    return bilinear(x1, x2, this.weight, this.bias)
  }

  protected override sizes(): string {
    return `${this.in1Features}, ${this.in2Features}, ${this.outFeatures}${this.bias ? '' : ', no bias'}`
  }
}
