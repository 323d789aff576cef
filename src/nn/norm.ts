/** @file Normalisation: by the batch, with running statistics; by layer, group and sample; by neighbouring channels. */
import { describe, fail } from '../core/errors.ts'
import { noGrad } from '../core/graph.ts'
import { scope } from '../core/scope.ts'
import { type Shape, showShape } from '../core/shape.ts'
import type { Tensor } from '../core/tensor.ts'
import { checkNumbers } from '../ops/base/arguments.ts'
import { optionsOf } from '../ops/base/options.ts'
import {
  batchNorm,
  cast,
  groupNorm,
  instanceNorm,
  layerNorm,
  lerp,
  localResponseNorm,
  ones,
  type ResponseOptions,
  reciprocal,
  reshape,
  rmsNorm,
  zeros,
} from '../ops/index.ts'
import { add_, copy_ } from '../ops/methods.ts'
import { Configured, channelFault, inSnakeCase, type LayerOptions, nowhere, settings, size } from './layer.ts'
import { buffer, Module, parameter } from './module.ts'

type Where = Pick<LayerOptions, 'device' | 'dtype'>
const learnt = (x: Tensor | null): Tensor | null => x && parameter(x)

function checkEps(op: string, eps: number): number {
  if (!(typeof eps === 'number' && eps >= 0)) fail(op, `eps is ${describe(eps)}`, 'give a number from 0 up')
  return eps
}

/** Options of {@link BatchNorm1d} and {@link BatchNorm2d}. */
export interface BatchNormLayerOptions extends LayerOptions {
  /** Added to the variance. Default: 1e-5. */
  eps?: number
  /** Weight of new statistics in the running ones; null: the mean over all steps. Default: 0.1. */
  momentum?: number | null
  /** A learnt weight and bias for each channel. Default: true. */
  affine?: boolean
  /** Default: true. False: always normalise by the batch. */
  trackRunningStats?: boolean
}

/** Options of {@link InstanceNorm1d} and {@link InstanceNorm2d}. */
export interface InstanceNormLayerOptions extends BatchNormLayerOptions {
  /** A learnt weight and bias for each channel. Default: false. */
  affine?: boolean
  /** Normalise by running statistics after `eval()`. Default: false. */
  trackRunningStats?: boolean
}

/** Weight, bias and running statistics, saved under PyTorch's names: running_mean, running_var, num_batches_tracked. */
abstract class Running extends Module {
  readonly numFeatures: number
  readonly eps: number
  readonly momentum: number | null
  /** [C], begins as 1. */
  weight: Tensor | null
  /** [C], begins as 0. */
  bias: Tensor | null
  /** [C], begins as 0. */
  runningMean: Tensor | null
  /** [C], begins as 1. */
  runningVar: Tensor | null
  /** Steps of training, int32. */
  numBatchesTracked: Tensor | null
  private readonly text: string

  constructor(
    numFeatures: number,
    options: Required<Omit<BatchNormLayerOptions, keyof LayerOptions>> & LayerOptions,
    defaults: object,
  ) {
    super()
    const op = new.target.name
    const { device, dtype, ...rest } = options
    const { eps, momentum, affine, trackRunningStats: tracks } = rest
    const where: Where = { device, dtype }
    const shape = [size(op, 'numFeatures', numFeatures)]
    if (momentum !== null && !(momentum >= 0 && momentum <= 1))
      fail(op, `momentum is ${describe(momentum)}`, 'give a number from 0 to 1, or null')
    this.numFeatures = numFeatures
    this.eps = checkEps(op, eps)
    this.momentum = momentum
    this.weight = learnt(affine ? ones(shape, where) : null)
    this.bias = learnt(affine ? zeros(shape, where) : null)
    this.runningMean = tracks ? buffer(zeros(shape, where)) : null
    this.runningVar = tracks ? buffer(ones(shape, where)) : null
    this.numBatchesTracked = tracks ? buffer(zeros([], { device, dtype: 'int32' })) : null
    this.text = settings([numFeatures], rest, defaults)
  }

  /** Refuse x of other axes or channels. */
  protected check(x: Tensor, forms: Readonly<Record<number, string>>): void {
    const fault = channelFault(x, this.numFeatures, forms)
    if (fault) this.refuse(...fault)
  }

  protected override fields(): Iterable<[string, unknown]> {
    return inSnakeCase(this)
  }

  protected override sizes(): string {
    return this.text
  }
}

const batchDefaults = { ...nowhere, eps: 1e-5, momentum: 0.1, affine: true, trackRunningStats: true }

abstract class BatchNorm extends Running {
  constructor(numFeatures: number, options: BatchNormLayerOptions | undefined) {
    super(numFeatures, optionsOf(new.target.name, options, batchDefaults), batchDefaults)
  }

  /** By the batch, whose statistics the running ones follow, or by these. */
  protected normalised(x: Tensor): Tensor {
    const { weight, bias, runningMean, runningVar, numBatchesTracked, eps } = this
    const affine = { weight, bias, eps }
    const training = this.training || !runningMean
    if (training && x.numel === this.numFeatures)
      this.refuse(`x is ${showShape(x.shape)}, one value per channel`, 'give a larger batch, or call eval() first')
    if (!this.training || !runningMean || !runningVar || !numBatchesTracked)
      return batchNorm(x, runningMean, runningVar, { ...affine, training })
    noGrad(() => scope(() => void add_(numBatchesTracked, 1)))
    if (this.momentum !== null)
      return batchNorm(x, runningMean, runningVar, { ...affine, training, momentum: this.momentum })
    // The share of this step is on the device: 1/n.
    return scope(() => {
      const own = { device: x.device, dtype: x.dtype }
      const [mean, variance] = [zeros([this.numFeatures], own), zeros([this.numFeatures], own)]
      const y = batchNorm(x, mean, variance, { ...affine, training, momentum: 1 })
      noGrad(() => {
        const share = reciprocal(cast(numBatchesTracked, x.dtype))
        copy_(runningMean, lerp(runningMean, mean, share))
        copy_(runningVar, lerp(runningVar, variance, share))
      })
      return y
    })
  }
}

/**
 * y = (x − μ)/√(σ² + ε)·w + b for each channel: in training by the batch, whose statistics the running ones follow (σ²
 * with n − 1 below); after `eval()` by the running ones. @see Ioffe and Szegedy 2015
 */
export class BatchNorm1d extends BatchNorm {
  /** @param numFeatures C @throws HandgradError if it is not an integer from 1 up, or an option out of range */
  constructor(numFeatures: number, options?: BatchNormLayerOptions) {
    super(numFeatures, options)
  }

  /** @param x [N, C] or [N, C, L] @returns the same shape @throws HandgradError in training on one value per channel */
  forward(x: Tensor): Tensor {
    this.check(x, { 2: '[batch, channels]', 3: '[batch, channels, length]' })
    return this.normalised(x)
  }
}

/** {@link BatchNorm1d} of images. */
export class BatchNorm2d extends BatchNorm {
  /** @param numFeatures C @throws HandgradError if it is not an integer from 1 up, or an option out of range */
  constructor(numFeatures: number, options?: BatchNormLayerOptions) {
    super(numFeatures, options)
  }

  /** @param x [N, C, H, W] @returns the same shape @throws HandgradError in training on one value per channel */
  forward(x: Tensor): Tensor {
    this.check(x, { 4: '[batch, channels, height, width]' })
    return this.normalised(x)
  }
}

const instanceDefaults = { ...batchDefaults, affine: false, trackRunningStats: false }

abstract class InstanceNorm extends Running {
  constructor(numFeatures: number, options: InstanceNormLayerOptions | undefined) {
    super(numFeatures, optionsOf(new.target.name, options, instanceDefaults), instanceDefaults)
  }

  /** By the sample, or by running statistics. @param alone x is one sample, without an axis of the batch */
  protected normalised(x: Tensor, alone: boolean): Tensor {
    const { weight, bias, runningMean, runningVar, eps } = this
    const useInputStats = this.training || !runningMean
    // PyTorch's too: without momentum running statistics stay as they are.
    const momentum = this.momentum ?? 0
    const samples = alone ? reshape(x, [1, ...x.shape]) : x
    const y = instanceNorm(samples, { weight, bias, runningMean, runningVar, useInputStats, momentum, eps })
    return alone ? reshape(y, x.shape) : y
  }
}

/**
 * y = (x − μ)/√(σ² + ε)·w + b for each channel of each sample, over the axes after the channels. With
 * trackRunningStats, by the running statistics after `eval()`. @see Ulyanov et al. 2016
 */
export class InstanceNorm1d extends InstanceNorm {
  /** @param numFeatures C @throws HandgradError if it is not an integer from 1 up, or an option out of range */
  constructor(numFeatures: number, options?: InstanceNormLayerOptions) {
    super(numFeatures, options)
  }

  /** @param x [N, C, L] or [C, L] @returns the same shape @throws HandgradError on one value per channel */
  forward(x: Tensor): Tensor {
    this.check(x, { 2: '[channels, length]', 3: '[batch, channels, length]' })
    return this.normalised(x, x.ndim === 2)
  }
}

/** {@link InstanceNorm1d} of images. */
export class InstanceNorm2d extends InstanceNorm {
  /** @param numFeatures C @throws HandgradError if it is not an integer from 1 up, or an option out of range */
  constructor(numFeatures: number, options?: InstanceNormLayerOptions) {
    super(numFeatures, options)
  }

  /** @param x [N, C, H, W] or [C, H, W] @returns the same shape @throws HandgradError on one value per channel */
  forward(x: Tensor): Tensor {
    this.check(x, { 3: '[channels, height, width]', 4: '[batch, channels, height, width]' })
    return this.normalised(x, x.ndim === 3)
  }
}

/** The sizes of the last axes. */
function trailing(op: string, given: number | Shape): Shape {
  const shape = typeof given === 'number' ? [given] : given
  if (!Array.isArray(shape) || shape.length === 0)
    fail(op, `normalizedShape is ${describe(given)}`, 'give the size of the last axis, or a list of the last sizes')
  for (const n of shape) size(op, 'normalizedShape', n)
  return [...shape]
}

/** y = (x − μ)/√(σ² + ε)·w + b, μ and σ² over the last axes. @see Ba et al. 2016 */
export class LayerNorm extends Module {
  readonly normalizedShape: Shape
  readonly eps: number
  /** Begins as 1. */
  weight: Tensor | null
  /** Begins as 0. */
  bias: Tensor | null

  /**
   * @param normalizedShape            sizes of the last axes
   * @param options.eps                default 1e-5
   * @param options.elementwiseAffine  a weight and a bias; default true
   * @param options.bias               false: a weight alone; default true
   * @throws HandgradError if a size is not an integer from 1 up, or eps is not a number from 0 up
   */
  constructor(
    normalizedShape: number | Shape,
    options?: LayerOptions & { eps?: number; elementwiseAffine?: boolean; bias?: boolean },
  ) {
    super()
    const op = 'LayerNorm'
    const given = optionsOf(op, options, { ...nowhere, eps: 1e-5, elementwiseAffine: true, bias: true })
    const { eps, elementwiseAffine, bias, ...where } = given
    this.normalizedShape = trailing(op, normalizedShape)
    this.eps = checkEps(op, eps)
    this.weight = learnt(elementwiseAffine ? ones(this.normalizedShape, where) : null)
    this.bias = learnt(elementwiseAffine && bias ? zeros(this.normalizedShape, where) : null)
  }

  /** @param x [..., ...normalizedShape] @returns the same shape */
  forward(x: Tensor): Tensor {
    return layerNorm(x, this.normalizedShape, this.weight, this.bias, { eps: this.eps })
  }

  protected override sizes(): string {
    return this.normalizedShape.join(', ')
  }
}

/** y = x/√(mean x² + ε)·w over the last axes. @see Zhang and Sennrich 2019 */
export class RMSNorm extends Module {
  readonly normalizedShape: Shape
  readonly eps: number | null
  /** Begins as 1. */
  weight: Tensor | null

  /**
   * @param normalizedShape            sizes of the last axes
   * @param options.eps                default, or null: the gap between 1 and the next float
   * @param options.elementwiseAffine  a weight; default true
   * @throws HandgradError if a size is not an integer from 1 up, or eps is not a number from 0 up
   */
  constructor(
    normalizedShape: number | Shape,
    options?: LayerOptions & { eps?: number | null; elementwiseAffine?: boolean },
  ) {
    super()
    const { eps, elementwiseAffine, ...where } = optionsOf('RMSNorm', options, {
      ...nowhere,
      eps: null,
      elementwiseAffine: true,
    })
    this.normalizedShape = trailing('RMSNorm', normalizedShape)
    this.eps = eps === null ? null : checkEps('RMSNorm', eps)
    this.weight = learnt(elementwiseAffine ? ones(this.normalizedShape, where) : null)
  }

  /** @param x [..., ...normalizedShape] @returns the same shape */
  forward(x: Tensor): Tensor {
    return rmsNorm(x, this.normalizedShape, this.weight, { eps: this.eps })
  }

  protected override sizes(): string {
    return this.normalizedShape.join(', ')
  }
}

/** y = (x − μ)/√(σ² + ε)·w + b over groups of channels and all later axes. @see Wu and He 2018 */
export class GroupNorm extends Module {
  readonly numGroups: number
  readonly numChannels: number
  readonly eps: number
  /** [C], begins as 1. */
  weight: Tensor | null
  /** [C], begins as 0. */
  bias: Tensor | null

  /**
   * @param numGroups       a divisor of numChannels
   * @param options.eps     default 1e-5
   * @param options.affine  a weight and a bias for each channel; default true
   * @throws HandgradError if numGroups does not divide numChannels, or eps is not a number from 0 up
   */
  constructor(numGroups: number, numChannels: number, options?: LayerOptions & { eps?: number; affine?: boolean }) {
    super()
    const op = 'GroupNorm'
    const { eps, affine, ...where } = optionsOf(op, options, { ...nowhere, eps: 1e-5, affine: true })
    this.numGroups = size(op, 'numGroups', numGroups)
    this.numChannels = size(op, 'numChannels', numChannels)
    if (numChannels % numGroups !== 0) fail(op, `${numGroups} groups do not divide ${numChannels} channels`)
    this.eps = checkEps(op, eps)
    this.weight = learnt(affine ? ones([numChannels], where) : null)
    this.bias = learnt(affine ? zeros([numChannels], where) : null)
  }

  /** @param x [N, C, …] @returns the same shape */
  forward(x: Tensor): Tensor {
    const { numGroups, numChannels, weight, bias, eps } = this
    const fault = channelFault(x, numChannels, { [Math.max(2, x?.ndim)]: '[batch, channels, …]' })
    if (fault) this.refuse(...fault)
    return groupNorm(x, numGroups, weight, bias, { eps })
  }

  protected override sizes(): string {
    return `${this.numGroups}, ${this.numChannels}`
  }
}

const response = { alpha: 1e-4, beta: 0.75, k: 1 }

/** y = x/(k + α·m)^β, m the mean of x² over `size` neighbouring channels. @see Krizhevsky et al. 2012 */
export class LocalResponseNorm extends Configured<Required<ResponseOptions>> {
  readonly size: number

  /** @throws HandgradError if size is not an integer from 1 up, or an option is not a number */
  constructor(neighbours: number, options?: ResponseOptions) {
    super(optionsOf('LocalResponseNorm', options, response), response, neighbours)
    this.size = size('LocalResponseNorm', 'size', neighbours)
    checkNumbers('LocalResponseNorm', { ...this.options })
  }

  /** @param x [N, C, …] @returns the same shape */
  forward(x: Tensor): Tensor {
    return localResponseNorm(x, this.size, this.options)
  }
}
