/**
 * @file Pooling in one and two dimensions: the largest or the mean of each window, and windows that adapt to a wanted
 * result. One kernel each way. Both gradients are linear: by the places of the maxima, or by the windows; so they can
 * be differentiated again.
 */

import { fail } from '../../core/errors.ts'
import { launch } from '../../core/launch.ts'
import { defineOp, floats, type Op } from '../../core/op.ts'
import type { Tensor } from '../../core/tensor.ts'
import * as kernels from '../base/kernels.generated.ts'
import { parametersOf } from '../base/options.ts'
import { reshape } from '../base/views.ts'
import { gather } from '../indexing/gather.ts'
import { extremes } from '../reduce/attributes.ts'
import { type Extremes, mean } from '../reduce/reduce.ts'
import {
  asImages,
  countWindows,
  type Pair,
  type PerAxis,
  perAxis,
  showPair,
  type WindowOptions,
  type Windows,
  windowsOf,
} from './windows.ts'

interface PoolAttrs extends Windows {
  /** Height and width of the images, and windows along them. */
  readonly size: Pair
  readonly count: Pair
  /** Windows that cover the image evenly, whatever the other attributes say. */
  readonly adaptive?: boolean
  /** An average counts padding. */
  readonly padded?: boolean
  /** What an average divides by, 0: the size of the window. */
  readonly divisor?: number
}

const paramsOf = ({ shape }: Tensor, { size, count, kernel, stride, padding, dilation, divisor = 0 }: PoolAttrs) => {
  const axis = (i: 0 | 1) => [count[i], size[i], kernel[i], stride[i]]
  return { rows: axis(0), cols: axis(1), steps: [...padding, ...dilation], images: shape[0] * shape[1], divisor }
}
const constantsOf = (MAX: 0 | 1, { adaptive, padded }: PoolAttrs) => ({
  MAX,
  ADAPTIVE: adaptive ? 1 : 0,
  PADDED: padded ? 1 : 0,
})
const resized = ({ shape }: Tensor, size: Pair): { shape: number[] } => ({ shape: [shape[0], shape[1], ...size] })

const maxPoolOp = defineOp({
  name: 'maxPool2d',
  inputs: ['x'],
  outputs: ['y', 'index'],
  dtypes: floats,
  contiguous: ['x'],
  shape: ([x], { count }: PoolAttrs) => [resized(x, count), { ...resized(x, count), dtype: 'int32' }],
  launch: ([x], [y, index], attrs) => {
    const params = { ...paramsOf(x, attrs), x_offset: x.layout.offset }
    launch('maxPool2d', kernels.pool, [y, index, x], params, constantsOf(1, attrs))
  },
  saves: { x: ['index'] },
  vjp: { x: (ctx) => maxPoolGradOp([ctx.g, ctx.index], ctx.attrs) },
})

/** gy at the places of the maxima, which windows that overlap may share. */
const maxPoolGradOp: Op<PoolAttrs> = defineOp({
  name: 'maxPool2dGrad',
  inputs: ['gy', 'index'],
  dtypes: { gy: floats, index: ['int32'] },
  contiguous: ['gy', 'index'],
  shape: ([gy], { size }: PoolAttrs) => resized(gy, size),
  launch: ([gy, index], [y], attrs) => {
    const params = { ...paramsOf(gy, attrs), g_offset: gy.layout.offset, index_offset: index.layout.offset }
    launch('maxPool2dGrad', kernels.pool_grad, [y, gy, index], params, constantsOf(1, attrs))
  },
  saves: { gy: ['index'] },
  vjp: {
    gy: ({ g, index }) => {
      const [n, c, ...size] = index.shape
      const places = reshape(index, [n * c, size[0] * size[1]])
      return reshape(gather(reshape(g, [n * c, g.shape[2] * g.shape[3]]), 1, places), index.shape)
    },
    index: () => fail('backward', 'maxPool2d: an index has no gradient'),
  },
})

const meanPoolOp: Op<PoolAttrs> = defineOp({
  name: 'avgPool2d',
  inputs: ['x'],
  dtypes: floats,
  contiguous: ['x'],
  shape: ([x], { count }: PoolAttrs) => resized(x, count),
  launch: ([x], [y], attrs) => {
    const params = { ...paramsOf(x, attrs), x_offset: x.layout.offset }
    launch('avgPool2d', kernels.pool, [y, null, x], params, constantsOf(0, attrs))
  },
  vjp: { x: (ctx) => meanPoolGradOp([ctx.g], ctx.attrs) },
})

const meanPoolGradOp: Op<PoolAttrs> = defineOp({
  name: 'avgPool2dGrad',
  inputs: ['gy'],
  dtypes: floats,
  contiguous: ['gy'],
  shape: ([gy], { size }: PoolAttrs) => resized(gy, size),
  launch: ([gy], [y], attrs) => {
    const params = { ...paramsOf(gy, attrs), g_offset: gy.layout.offset, index_offset: 0 }
    launch('avgPool2dGrad', kernels.pool_grad, [y, gy, null], params, constantsOf(0, attrs))
  },
  vjp: { gy: (ctx) => meanPoolOp([ctx.g], ctx.attrs) },
})

/** Steps of pooling. The stride is the kernel size unless given (or null), the padding at most half of it. */
interface PoolOptions {
  stride?: PerAxis | null
  padding?: PerAxis
  /** Let a last window hang over the end. Default: only whole windows. */
  ceilMode?: boolean
}

/** Of {@link PoolOptions}. stride: the kernel's size. */
/** Options of {@link maxPool2d}. */
export interface MaxPoolOptions extends PoolOptions, Pick<WindowOptions, 'dilation'> {
  /** Also give the places of the maxima. */
  returnIndices?: boolean
}

/** Options of {@link avgPool2d}. */
export interface AvgPoolOptions extends PoolOptions {
  /** Zeros of the padding count in the mean. Default: true. */
  countIncludePad?: boolean
  /** Divide by this in place of the window's size. Default (or null): do not. */
  divisorOverride?: number | null
}

/** Height and width of an adaptive result; null keeps the input's. */
export type OutputSize = number | null | readonly (number | null)[]

function slide(
  op: string,
  dims: number,
  x: Tensor,
  kernelSize: PerAxis,
  options: PoolOptions & { readonly padding: PerAxis; readonly dilation: PerAxis },
) {
  const { images, size, back } = asImages(op, x, dims)
  const windows = windowsOf(op, kernelSize, { ...options, stride: options.stride ?? kernelSize }, dims)
  const { kernel, stride, padding, dilation } = windows
  if (padding.some((n, i) => 2 * n > kernel[i])) {
    const half = `padding ${showPair(padding, dims)} is more than half the kernel ${showPair(kernel, dims)}`
    fail(op, half, 'a window must have a pixel in it')
  }
  const count = countWindows(op, size, windows, dims, padding, options.ceilMode)
  for (const i of [0, 1]) {
    // Taps that are spread can step over a short image: from padding to padding.
    if (dilation[i] === 1 || padding[i] === 0) continue
    for (let o = 0; o < count[i]; o++) {
      const begin = o * stride[i] - padding[i]
      const first = begin + Math.ceil(Math.max(0, -begin) / dilation[i]) * dilation[i]
      if (first < Math.min(size[i], begin + kernel[i] * dilation[i])) continue
      fail(op, `window ${o} of ${showPair(count, dims)} has no pixel in it, only padding`, 'pad or dilate less')
    }
  }
  return { images, back, attrs: { ...windows, size, count } }
}

function adapt(op: string, dims: number, x: Tensor, outputSize: OutputSize) {
  const { images, size, back } = asImages(op, x, dims)
  const given = Array.isArray(outputSize)
    ? outputSize
    : new Array<number | null>(dims).fill(outputSize as number | null)
  const wanted = given.map((n, i) => n ?? size[2 - dims + i])
  const count = perAxis(op, 'outputSize', wanted, dims, 1)
  for (const i of [0, 1]) {
    if ((size[i] + 1) * (count[i] + 1) > 2 ** 31)
      fail(op, `${size[i]} pixels in ${count[i]} windows`, 'their product must be below 2^31')
  }
  const windows: Windows = { kernel: [1, 1], stride: [1, 1], padding: [0, 0], dilation: [1, 1] }
  return { images, back, attrs: { ...windows, size, count, adaptive: true } }
}

type Sliding = ReturnType<typeof slide> | ReturnType<typeof adapt>

function maxima({ images, back, attrs }: Sliding, returnIndices?: boolean): Tensor | Extremes {
  const [values, indices] = maxPoolOp.all([images], attrs)
  if (returnIndices) return extremes(back(values), back(indices))
  indices.dispose()
  return back(values)
}

function means(op: string, dims: number, x: Tensor, kernelSize: PerAxis, given: readonly unknown[]): Tensor {
  const options = parametersOf<Required<AvgPoolOptions>>(op, given, {
    stride: null,
    padding: 0,
    ceilMode: false,
    countIncludePad: true,
    divisorOverride: null,
  })
  const { images, back, attrs } = slide(op, dims, x, kernelSize, { ...options, dilation: 1 })
  const divisor = options.divisorOverride ?? undefined
  if (divisor !== undefined && (!Number.isFinite(divisor) || divisor === 0)) {
    fail(op, `divisorOverride is ${divisor}`, 'give a number other than 0')
  }
  return back(meanPoolOp([images], { ...attrs, padded: options.countIncludePad, divisor }))
}

function adaptedMeans(op: string, dims: number, x: Tensor, outputSize: OutputSize): Tensor {
  const { images, back, attrs } = adapt(op, dims, x, outputSize)
  // One window is a reduction, which has kernels for many elements.
  if (attrs.count[0] === 1 && attrs.count[1] === 1) return back(mean(images, [2, 3], { keepdim: true }))
  return back(meanPoolOp([images], attrs))
}

/** Options in their places, as PyTorch has them. */
/** What may follow the kernel by position, in PyTorch's order. */
export type MaxPlaces = [stride?: PerAxis | null, padding?: PerAxis, dilation?: PerAxis, ceilMode?: boolean]
/** As {@link MaxPlaces}, of means. */
export type MeanPlaces = [
  stride?: PerAxis | null,
  padding?: PerAxis,
  ceilMode?: boolean,
  countIncludePad?: boolean,
  divisorOverride?: number | null,
]

interface MaxPool {
  (x: Tensor, kernelSize: PerAxis, ...given: MaxPlaces): Tensor
  (x: Tensor, kernelSize: PerAxis, options?: MaxPoolOptions & { returnIndices?: false }): Tensor
  (x: Tensor, kernelSize: PerAxis, options: MaxPoolOptions & { returnIndices: true }): Extremes
}
interface AdaptiveMaxPool {
  (x: Tensor, outputSize: OutputSize, returnIndices: true): Extremes
  (x: Tensor, outputSize: OutputSize, returnIndices?: false): Tensor
  (x: Tensor, outputSize: OutputSize, options?: { returnIndices?: false }): Tensor
  (x: Tensor, outputSize: OutputSize, options: { returnIndices: true }): Extremes
}
const maxPool = (op: string, dims: number): MaxPool =>
  ((x: Tensor, kernelSize: PerAxis, ...given: unknown[]) => {
    const options = parametersOf<Required<MaxPoolOptions>>(op, given, {
      stride: null,
      padding: 0,
      dilation: 1,
      ceilMode: false,
      returnIndices: false,
    })
    return maxima(slide(op, dims, x, kernelSize, options), options.returnIndices)
  }) as MaxPool
const adaptiveMaxPool = (op: string, dims: number): AdaptiveMaxPool =>
  ((x: Tensor, outputSize: OutputSize, ...given: unknown[]) => {
    const { returnIndices } = parametersOf(op, given, { returnIndices: false })
    return maxima(adapt(op, dims, x, outputSize), returnIndices)
  }) as AdaptiveMaxPool

/**
 * y[n, c, o] = max over t of x[n, c, o·stride + t·dilation − padding]; padding never wins, NaN does, at ties the first.
 * With `returnIndices` { values, indices }, the places in L, int32. Dtypes: floats.
 * @param x           [N, C, L] or [C, L]
 * @param kernelSize  taps of a window, and the stride unless given
 * @returns [N, C, ⌊(L + 2·padding − dilation·(kernel − 1) − 1)/stride⌋ + 1]; `ceilMode` may add one
 * @throws HandgradError if the kernel is larger than the padded input, the padding than half the kernel, dilation
 *   leaves a window only padding, or kernelSize, stride, dilation or padding is not an integer from 1 (padding: 0) up,
 *   one for all axes or one for each
 */
export const maxPool1d: MaxPool = maxPool('maxPool1d', 1)

/**
 * y[n, c, oy, ox] = the largest x[n, c, iy, ix] of the window iy = oy·stride + ky·dilation − padding, and so for
 * columns; padding never wins, NaN does, at ties the first, which alone gets the gradient. With `returnIndices`
 * { values, indices }, the indices iy·W + ix, int32. Dtypes: floats.
 * @param x           [N, C, H, W] or [C, H, W]
 * @param kernelSize  one number or [height, width]: taps of a window, and the stride unless given
 * @returns [N, C, H', W'], each ⌊(size + 2·padding − dilation·(kernel − 1) − 1)/stride⌋ + 1; `ceilMode` may add one
 * @throws HandgradError if the kernel is larger than the padded input, the padding than half the kernel, dilation
 *   leaves a window only padding, or kernelSize, stride, dilation or padding is not an integer from 1 (padding: 0) up,
 *   one for all axes or one for each
 */
export const maxPool2d: MaxPool = maxPool('maxPool2d', 2)

/**
 * The mean of each window of a signal, as {@link avgPool2d}. Dtypes: floats.
 * @param x  [N, C, L] or [C, L]
 * @returns [N, C, ⌊(L + 2·padding − kernel)/stride⌋ + 1]; `ceilMode` may add one
 * @throws HandgradError if the kernel is larger than the padded input, the padding than half the kernel,
 *   divisorOverride is 0 or not finite, or kernelSize, stride or padding is not an integer from 1 (padding: 0) up, one
 *   for all axes or one for each
 */
export function avgPool1d(x: Tensor, kernelSize: PerAxis, ...given: MeanPlaces): Tensor
/** The same by name: `avgPool1d(x, 3, { stride: 2 })`. */
export function avgPool1d(x: Tensor, kernelSize: PerAxis, options?: AvgPoolOptions): Tensor
export function avgPool1d(x: Tensor, kernelSize: PerAxis, ...given: unknown[]): Tensor {
  return means('avgPool1d', 1, x, kernelSize, given)
}

/**
 * y[n, c, oy, ox] = Σ x over the window / n. n counts zeros of the padding too unless `countIncludePad` is false, what
 * hangs over by `ceilMode` never. Dtypes: floats.
 * @param x           [N, C, H, W] or [C, H, W]
 * @param kernelSize  one number or [height, width], and the stride unless given
 * @returns [N, C, H', W'], each ⌊(size + 2·padding − kernel)/stride⌋ + 1; `ceilMode` may add one
 * @throws HandgradError if the kernel is larger than the padded input, the padding than half the kernel,
 *   divisorOverride is 0 or not finite, or kernelSize, stride or padding is not an integer from 1 (padding: 0) up, one
 *   for all axes or one for each
 */
export function avgPool2d(x: Tensor, kernelSize: PerAxis, ...given: MeanPlaces): Tensor
/** The same by name: `avgPool2d(x, 3, { stride: 2 })`. */
export function avgPool2d(x: Tensor, kernelSize: PerAxis, options?: AvgPoolOptions): Tensor
export function avgPool2d(x: Tensor, kernelSize: PerAxis, ...given: unknown[]): Tensor {
  return means('avgPool2d', 2, x, kernelSize, given)
}

/**
 * The mean of each of `outputSize` windows of a signal, as {@link adaptiveAvgPool2d}. Dtypes: floats.
 * @param x  [N, C, L] or [C, L]
 * @returns [N, C, outputSize]
 * @throws HandgradError if outputSize is not an integer from 1 up (or null), one for all axes or one for each, or
 *   windows times elements of an axis exceed 2³¹
 */
export const adaptiveAvgPool1d = (x: Tensor, outputSize: OutputSize): Tensor =>
  adaptedMeans('adaptiveAvgPool1d', 1, x, outputSize)

/**
 * The mean of windows that cover an image evenly: window o of O has rows [⌊o·H/O⌋, ⌈(o + 1)·H/O⌉), and so for columns.
 * 1: the mean of all. Dtypes: floats.
 * @param x           [N, C, H, W] or [C, H, W]
 * @param outputSize  windows along both axes, or [height, width]; null keeps the input's
 * @returns [N, C, …outputSize]
 * @throws HandgradError if outputSize is not an integer from 1 up (or null), one for all axes or one for each, or
 *   windows times elements of an axis exceed 2³¹
 */
export const adaptiveAvgPool2d = (x: Tensor, outputSize: OutputSize): Tensor =>
  adaptedMeans('adaptiveAvgPool2d', 2, x, outputSize)

/**
 * The largest value of each of `outputSize` windows of a signal, as {@link adaptiveMaxPool2d}. Dtypes: floats.
 * @param x  [N, C, L] or [C, L]
 * @returns [N, C, outputSize]
 * @throws HandgradError if outputSize is not an integer from 1 up (or null), one for all axes or one for each, or
 *   windows times elements of an axis exceed 2³¹
 */
export const adaptiveMaxPool1d: AdaptiveMaxPool = adaptiveMaxPool('adaptiveMaxPool1d', 1)

/**
 * The largest of each window that {@link adaptiveAvgPool2d} has; ties, NaN and indices as {@link maxPool2d}. Dtypes:
 * floats.
 * @param x  [N, C, H, W] or [C, H, W]
 * @returns [N, C, …outputSize]
 * @throws HandgradError if outputSize is not an integer from 1 up (or null), one for all axes or one for each, or
 *   windows times elements of an axis exceed 2³¹
 */
export const adaptiveMaxPool2d: AdaptiveMaxPool = adaptiveMaxPool('adaptiveMaxPool2d', 2)
