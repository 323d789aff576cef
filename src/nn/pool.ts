/** @file Pooling of signals and images: the largest or the mean of each window. */
import type { Tensor } from '../core/tensor.ts'
import { parametersOf } from '../ops/base/options.ts'
import {
  type AvgPoolOptions,
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  avgPool1d,
  avgPool2d,
  type MaxPoolOptions,
  maxPool1d,
  maxPool2d,
  type OutputSize,
  type PerAxis,
} from '../ops/index.ts'
import { axes, Configured } from './layer.ts'

/** Options of {@link MaxPool1d} and {@link MaxPool2d}; places of the maxima come from `nn.functional.maxPool2d`. */
export type MaxPoolLayerOptions = Omit<MaxPoolOptions, 'returnIndices'>

/** What follows the kernel, in PyTorch's order, the rest by name: `new nn.MaxPool2d(3, 2, { padding: 1 })`. */
export type MaxPoolParameters =
  | [options?: MaxPoolLayerOptions]
  | [
      stride: PerAxis | null,
      padding?: PerAxis | MaxPoolLayerOptions,
      dilation?: PerAxis | MaxPoolLayerOptions,
      options?: MaxPoolLayerOptions,
    ]

/** As {@link MaxPoolParameters}, of means. */
export type AvgPoolParameters =
  | [options?: AvgPoolOptions]
  | [
      stride: PerAxis | null,
      padding?: PerAxis | AvgPoolOptions,
      ceilMode?: boolean | AvgPoolOptions,
      options?: AvgPoolOptions,
    ]

/** Windows with a kernel. */
abstract class Pool<
  O extends { stride?: PerAxis | null; padding?: PerAxis; dilation?: PerAxis },
> extends Configured<O> {
  readonly kernelSize: PerAxis

  constructor(dims: 1 | 2, kernelSize: PerAxis, options: O, defaults: object) {
    super(options, defaults, kernelSize)
    const op = new.target.name
    const { stride, padding = 0, dilation = 1 } = options
    this.kernelSize = kernelSize
    axes(op, 'kernelSize', kernelSize, dims, 1)
    axes(op, 'stride', stride ?? kernelSize, dims, 1)
    axes(op, 'padding', padding, dims, 0)
    axes(op, 'dilation', dilation, dims, 1)
  }
}

abstract class MaxPool extends Pool<MaxPoolLayerOptions> {
  constructor(dims: 1 | 2, kernelSize: PerAxis, parameters: MaxPoolParameters) {
    const defaults: Required<MaxPoolLayerOptions> = { stride: null, padding: 0, dilation: 1, ceilMode: false }
    super(dims, kernelSize, parametersOf(new.target.name, parameters, defaults), defaults)
  }
}

abstract class AvgPool extends Pool<AvgPoolOptions> {
  constructor(dims: 1 | 2, kernelSize: PerAxis, parameters: AvgPoolParameters) {
    const defaults: Required<AvgPoolOptions> = {
      stride: null,
      padding: 0,
      ceilMode: false,
      countIncludePad: true,
      divisorOverride: null,
    }
    super(dims, kernelSize, parametersOf(new.target.name, parameters, defaults), defaults)
  }
}

/** y[n, c, o] = max over t of x[n, c, o·stride + t·dilation − padding]. */
export class MaxPool1d extends MaxPool {
  /**
   * @param kernelSize  taps of a window, and the stride unless given
   * @throws HandgradError if a size is not an integer from 1 (padding: 0) up
   */
  constructor(kernelSize: PerAxis, ...parameters: MaxPoolParameters) {
    super(1, kernelSize, parameters)
  }

  /** @param x [N, C, L] or [C, L] @returns [N, C, ⌊(L + 2·padding − dilation·(kernel − 1) − 1)/stride⌋ + 1] */
  forward(x: Tensor): Tensor {
    return maxPool1d(x, this.kernelSize, { ...this.options, returnIndices: false })
  }
}

/** {@link MaxPool1d} over height and width. */
export class MaxPool2d extends MaxPool {
  /**
   * @param kernelSize  one number, or [height, width]: taps of a window, and the stride unless given
   * @throws HandgradError if a size is not an integer from 1 (padding: 0) up
   */
  constructor(kernelSize: PerAxis, ...parameters: MaxPoolParameters) {
    super(2, kernelSize, parameters)
  }

  /**
   * @param x [N, C, H, W] or [C, H, W]
   * @returns [N, C, H', W'], each ⌊(size + 2·padding − dilation·(kernel − 1) − 1)/stride⌋ + 1
   */
  forward(x: Tensor): Tensor {
    return maxPool2d(x, this.kernelSize, { ...this.options, returnIndices: false })
  }
}

/** y[n, c, o] = the mean over t of x[n, c, o·stride + t − padding]. */
export class AvgPool1d extends AvgPool {
  /**
   * @param kernelSize  taps of a window, and the stride unless given
   * @throws HandgradError if a size is not an integer from 1 (padding: 0) up
   */
  constructor(kernelSize: PerAxis, ...parameters: AvgPoolParameters) {
    super(1, kernelSize, parameters)
  }

  /** @param x [N, C, L] or [C, L] @returns [N, C, ⌊(L + 2·padding − kernel)/stride⌋ + 1] */
  forward(x: Tensor): Tensor {
    return avgPool1d(x, this.kernelSize, this.options)
  }
}

/** {@link AvgPool1d} over height and width. */
export class AvgPool2d extends AvgPool {
  /**
   * @param kernelSize  one number, or [height, width]: taps of a window, and the stride unless given
   * @throws HandgradError if a size is not an integer from 1 (padding: 0) up
   */
  constructor(kernelSize: PerAxis, ...parameters: AvgPoolParameters) {
    super(2, kernelSize, parameters)
  }

  /** @param x [N, C, H, W] or [C, H, W] @returns [N, C, H', W'], each ⌊(size + 2·padding − kernel)/stride⌋ + 1 */
  forward(x: Tensor): Tensor {
    return avgPool2d(x, this.kernelSize, this.options)
  }
}

/** Windows that cover x evenly, as many as are wanted. */
abstract class AdaptivePool extends Configured<object> {
  readonly outputSize: OutputSize

  constructor(dims: 1 | 2, outputSize: OutputSize) {
    super({}, {}, outputSize)
    const list = Array.isArray(outputSize) ? outputSize.map((n) => n ?? 1) : (outputSize ?? 1)
    axes(new.target.name, 'outputSize', list, dims, 1)
    this.outputSize = outputSize
  }
}

/** The mean of each of `outputSize` windows that cover a signal evenly. */
export class AdaptiveAvgPool1d extends AdaptivePool {
  /** @throws HandgradError if outputSize is not an integer from 1 up (or null: as many as x has) */
  constructor(outputSize: OutputSize) {
    super(1, outputSize)
  }

  /** @param x [N, C, L] or [C, L] @returns [N, C, outputSize] */
  forward(x: Tensor): Tensor {
    return adaptiveAvgPool1d(x, this.outputSize)
  }
}

/** The mean of windows that cover an image evenly: `new nn.AdaptiveAvgPool2d(1)` is the mean of all. */
export class AdaptiveAvgPool2d extends AdaptivePool {
  /** @throws HandgradError if outputSize is not an integer from 1 up (or null: as many as x has), or two of them */
  constructor(outputSize: OutputSize) {
    super(2, outputSize)
  }

  /** @param x [N, C, H, W] or [C, H, W] @returns [N, C, …outputSize] */
  forward(x: Tensor): Tensor {
    return adaptiveAvgPool2d(x, this.outputSize)
  }
}

/** The largest value of each of `outputSize` windows that cover a signal evenly. */
export class AdaptiveMaxPool1d extends AdaptivePool {
  /** @throws HandgradError if outputSize is not an integer from 1 up (or null: as many as x has) */
  constructor(outputSize: OutputSize) {
    super(1, outputSize)
  }

  /** @param x [N, C, L] or [C, L] @returns [N, C, outputSize] */
  forward(x: Tensor): Tensor {
    return adaptiveMaxPool1d(x, this.outputSize)
  }
}

/** The largest value of windows that cover an image evenly. */
export class AdaptiveMaxPool2d extends AdaptivePool {
  /** @throws HandgradError if outputSize is not an integer from 1 up (or null: as many as x has), or two of them */
  constructor(outputSize: OutputSize) {
    super(2, outputSize)
  }

  /** @param x [N, C, H, W] or [C, H, W] @returns [N, C, …outputSize] */
  forward(x: Tensor): Tensor {
    return adaptiveMaxPool2d(x, this.outputSize)
  }
}
