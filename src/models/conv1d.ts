/** @file GPT-2's map: a Linear whose weight lies the other way round. */
import { fail } from '../core/errors.ts'
import { sameShape, showShape } from '../core/shape.ts'
import type { Tensor } from '../core/tensor.ts'
import { isPlain } from '../nn/call.ts'
import { normal_ } from '../nn/init.ts'
import { type LayerOptions, nowhere, size } from '../nn/layer.ts'
import { Module, parameter } from '../nn/module.ts'
import { optionsOf } from '../ops/base/options.ts'
import { linear, transpose, zeros } from '../ops/index.ts'

/**
 * y = x W + b, W [in, out], b [out]: what the files of GPT-2 call Conv1D, and PEFT `fan_in_fan_out`. First values are
 * N(0, std²), and 0.
 */
export class Conv1D extends Module {
  readonly inFeatures: number
  readonly outFeatures: number
  /** [in, out] */
  weight: Tensor
  bias: Tensor

  /**
   * @param inFeatures         size of the last axis of x
   * @param outFeatures        size of the last axis of y
   * @param options.std        of the first values; default 0.02
   * @param options.weight     the weight, in place of first values
   * @param options.bias       the bias, likewise
   * @throws HandgradError if a size is not an integer from 1 up, or weight or bias has another shape
   */
  constructor(
    inFeatures: number,
    outFeatures: number,
    options?: LayerOptions & { std?: number; weight?: Tensor; bias?: Tensor },
  ) {
    super()
    const op = 'Conv1D'
    const defaults = { ...nowhere, std: 0.02, weight: undefined, bias: undefined }
    const { std, weight, bias, ...where } = optionsOf(op, options, defaults)
    this.inFeatures = size(op, 'inFeatures', inFeatures)
    this.outFeatures = size(op, 'outFeatures', outFeatures)
    if (weight && !sameShape(weight.shape, [inFeatures, outFeatures]))
      fail(op, `weight is ${showShape(weight.shape)}`, `give ${showShape([inFeatures, outFeatures])}`)
    if (bias && !sameShape(bias.shape, [outFeatures]))
      fail(op, `bias is ${showShape(bias.shape)}`, `give ${showShape([outFeatures])}`)
    this.weight = parameter(weight ?? normal_(zeros([inFeatures, outFeatures], where), 0, std))
    this.bias = parameter(bias ?? zeros([outFeatures], where))
  }

  /**
   * @param x         [..., in]
   * @param residual  [..., out], added in the same launch
   * @returns [..., out]
   * @throws HandgradError if the last axis of x is not `in`, or the residual has another shape
   */
  forward(x: Tensor, residual?: Tensor): Tensor {
    const last = x?.shape?.at(-1)
    if (last !== undefined && last !== this.inFeatures)
      this.refuse(`x is ${showShape(x.shape)}, its last axis ${last}, not ${this.inFeatures}`)
    return linear(x, transpose(this.weight), this.bias, residual && { residual })
  }

  protected override sizes(): string {
    return `${this.inFeatures}, ${this.outFeatures}`
  }
}

/** As `isPlainLinear` of nn/linear.ts. */
export const isPlainConv1D = (layer: Module): boolean => isPlain(layer, ownForward)
const ownForward: unknown = Conv1D.prototype.forward
