/** @file Other sizes of images and signals, margins, and windows as columns. */
import { describe, fail } from '../core/errors.ts'
import type { Tensor } from '../core/tensor.ts'
import { checkNumbers } from '../ops/base/arguments.ts'
import { optionsOf } from '../ops/base/options.ts'
import {
  fold,
  type InterpolateOptions,
  im2col,
  interpolate,
  type PadOptions,
  type PerAxis,
  pad,
  pixelShuffle,
  pixelUnshuffle,
  type WindowOptions,
} from '../ops/index.ts'
import { axes, Configured, size } from './layer.ts'

const resizing = { size: null, scaleFactor: null, mode: 'nearest', alignCorners: null } as const

/**
 * Images or signals in another size: `new nn.Upsample({ scaleFactor: 2, mode: 'bilinear' })`. The formulas are those of
 * `nn.functional.interpolate`.
 */
export class Upsample extends Configured<InterpolateOptions> {
  /** @throws HandgradError if both or neither of size and scaleFactor are given */
  constructor(options?: InterpolateOptions) {
    super(optionsOf('Upsample', options, resizing), resizing)
    const { size, scaleFactor } = this.options
    if ((size === null) === (scaleFactor === null))
      fail('Upsample', `${size === null ? 'neither' : 'both'} of size and scaleFactor are given`, 'give one')
  }

  /** @param x [N, C, L] or [N, C, H, W] @returns [N, C, …] with the new sizes */
  forward(x: Tensor): Tensor {
    return interpolate(x, this.options)
  }
}

/** Channels as pixels: y[n, c, h·r + i, w·r + j] = x[n, c·r² + i·r + j, h, w]. @see Shi et al. 2016 */
export class PixelShuffle extends Configured<object> {
  readonly upscaleFactor: number

  /** @throws HandgradError if r is not an integer from 1 up */
  constructor(upscaleFactor: number) {
    super({}, {}, upscaleFactor)
    this.upscaleFactor = size('PixelShuffle', 'upscaleFactor', upscaleFactor)
  }

  /** @param x [..., C·r², H, W] @returns [..., C, H·r, W·r] */
  forward(x: Tensor): Tensor {
    return pixelShuffle(x, this.upscaleFactor)
  }
}

/** Pixels as channels, the inverse of {@link PixelShuffle}. */
export class PixelUnshuffle extends Configured<object> {
  readonly downscaleFactor: number

  /** @throws HandgradError if r is not an integer from 1 up */
  constructor(downscaleFactor: number) {
    super({}, {}, downscaleFactor)
    this.downscaleFactor = size('PixelUnshuffle', 'downscaleFactor', downscaleFactor)
  }

  /** @param x [..., C, H·r, W·r] @returns [..., C·r², H, W] */
  forward(x: Tensor): Tensor {
    return pixelUnshuffle(x, this.downscaleFactor)
  }
}

const margins = { mode: 'constant', value: 0 } as const

/**
 * Margins around x: `new nn.Pad([1, 1, 2, 2], { mode: 'reflect' })`. PyTorch's layers, of one mode and number of axes
 * each, are there too: `ReflectionPad2d`, ….
 */
export class Pad extends Configured<PadOptions> {
  /** Left, right, top, bottom, …, the last axis first. */
  readonly padding: readonly number[]

  /** @throws HandgradError if there is an odd number of margins, one is not an integer, or there is no such mode */
  constructor(padding: readonly number[], options?: PadOptions) {
    const op = new.target.name
    super(optionsOf(op, options, margins), margins, padding)
    const fits = Array.isArray(padding) && padding.length % 2 === 0 && padding.every(Number.isSafeInteger)
    const { mode = 'constant' } = this.options
    if (!fits) fail(op, `padding is ${describe(padding)}`, 'give [left, right, …], a pair of integers per axis')
    if (!['constant', 'reflect', 'replicate', 'circular'].includes(mode))
      fail(op, `mode is ${describe(mode)}`, "one of 'constant', 'reflect', 'replicate', 'circular'")
    this.padding = padding
  }

  /** @param x any shape @returns the same with margins */
  forward(x: Tensor): Tensor {
    return pad(x, this.padding, this.options)
  }
}

/** One number for all sides of the last axes, or one for each. */
function sides(op: string, padding: number | readonly number[], dims: number): readonly number[] {
  const list = Array.isArray(padding) ? padding : new Array<number>(2 * dims).fill(padding as number)
  if (list.length === 2 * dims && list.every(Number.isSafeInteger)) return list
  const todo = dims === 1 ? '[left, right]' : '[left, right, top, bottom]'
  return fail(op, `padding is ${list.join(', ')}`, `give an integer, or ${todo}`)
}

/** Zeros around images. */
export class ZeroPad2d extends Pad {
  /** @param padding for all sides, or [left, right, top, bottom] @throws HandgradError if they are not integers */
  constructor(padding: number | readonly number[]) {
    super(sides('ZeroPad2d', padding, 2))
  }
}

/** A value around signals. */
export class ConstantPad1d extends Pad {
  /** @param padding for both sides, or [left, right] @throws HandgradError if they are not integers, value no number */
  constructor(padding: number | readonly number[], value: number) {
    checkNumbers('ConstantPad1d', { value })
    super(sides('ConstantPad1d', padding, 1), { value })
  }
}

/** A value around images. */
export class ConstantPad2d extends Pad {
  /** @param padding for all sides, or [left, right, top, bottom] @throws HandgradError if they are not integers */
  constructor(padding: number | readonly number[], value: number) {
    checkNumbers('ConstantPad2d', { value })
    super(sides('ConstantPad2d', padding, 2), { value })
  }
}

/** Signals mirrored at their ends, without the ends. */
export class ReflectionPad1d extends Pad {
  /** @param padding for both sides, or [left, right] @throws HandgradError if they are not integers */
  constructor(padding: number | readonly number[]) {
    super(sides('ReflectionPad1d', padding, 1), { mode: 'reflect' })
  }
}

/** Images mirrored at their edges, without the edges. */
export class ReflectionPad2d extends Pad {
  /** @param padding for all sides, or [left, right, top, bottom] @throws HandgradError if they are not integers */
  constructor(padding: number | readonly number[]) {
    super(sides('ReflectionPad2d', padding, 2), { mode: 'reflect' })
  }
}

/** The ends of signals, again. */
export class ReplicationPad1d extends Pad {
  /** @param padding for both sides, or [left, right] @throws HandgradError if they are not integers */
  constructor(padding: number | readonly number[]) {
    super(sides('ReplicationPad1d', padding, 1), { mode: 'replicate' })
  }
}

/** The edges of images, again. */
export class ReplicationPad2d extends Pad {
  /** @param padding for all sides, or [left, right, top, bottom] @throws HandgradError if they are not integers */
  constructor(padding: number | readonly number[]) {
    super(sides('ReplicationPad2d', padding, 2), { mode: 'replicate' })
  }
}

const stepping = { stride: 1, padding: 0, dilation: 1 }

/** Refuse steps that are not integers. */
function checkSteps(op: string, kernelSize: PerAxis, { stride, padding, dilation }: Required<WindowOptions>): void {
  axes(op, 'kernelSize', kernelSize, 2, 1)
  axes(op, 'stride', stride, 2, 1)
  axes(op, 'padding', padding, 2, 0)
  axes(op, 'dilation', dilation, 2, 1)
}

/** The windows of images as columns: y[n, (c, ky, kx), l] = x[n, c, oy·stride + ky·dilation − padding, …]. */
export class Unfold extends Configured<Required<WindowOptions>> {
  readonly kernelSize: PerAxis

  /** @throws HandgradError if a size is not an integer from 1 (padding: 0) up, or two of them */
  constructor(kernelSize: PerAxis, options?: WindowOptions) {
    super(optionsOf('Unfold', options, stepping), stepping, kernelSize)
    checkSteps('Unfold', kernelSize, this.options)
    this.kernelSize = kernelSize
  }

  /** @param x [N, C, H, W] or [C, H, W] @returns [N, C·taps, windows] */
  forward(x: Tensor): Tensor {
    return im2col(x, this.kernelSize, this.options)
  }
}

/** The sum of windows in place, the transpose of {@link Unfold}. */
export class Fold extends Configured<Required<WindowOptions>> {
  readonly outputSize: PerAxis
  readonly kernelSize: PerAxis

  /** @throws HandgradError if a size is not an integer from 1 (padding: 0) up, or two of them */
  constructor(outputSize: PerAxis, kernelSize: PerAxis, options?: WindowOptions) {
    super(optionsOf('Fold', options, stepping), stepping, outputSize, kernelSize)
    axes('Fold', 'outputSize', outputSize, 2, 1)
    checkSteps('Fold', kernelSize, this.options)
    this.outputSize = outputSize
    this.kernelSize = kernelSize
  }

  /** @param x [N, C·taps, windows] or [C·taps, windows] @returns [N, C, …outputSize] */
  forward(x: Tensor): Tensor {
    return fold(x, this.outputSize, this.kernelSize, this.options)
  }
}
