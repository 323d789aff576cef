/**
 * @file Windows that slide over images: the options, sizes and checks that convolutions, pooling and im2col share. All
 * of it runs in two dimensions; a signal [N, C, L] is an image of height 1.
 */
import { describe, fail } from '../../core/errors.ts'
import { floats } from '../../core/op.ts'
import { showShape } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType } from '../base/arguments.ts'
import { reshape } from '../base/views.ts'

/** One number for every axis, or one for each: [height, width]. */
export type PerAxis = number | readonly number[]

/** Of height and width. */
export type Pair = readonly [number, number]

/** How windows lie on an image. */
export interface Windows {
  readonly kernel: Pair
  readonly stride: Pair
  /** Before the first element of each axis; how much there is after the last one follows from the number of windows. */
  readonly padding: Pair
  readonly dilation: Pair
}

/** Steps of windows, as options give them. */
export interface WindowOptions {
  /** Default: 1; for pooling the kernel size. */
  stride?: PerAxis
  /** Elements added on both sides of each axis. Default: 0. */
  padding?: PerAxis
  /** Distance between the taps of a window. Default: 1. */
  dilation?: PerAxis
}

/**
 * An option as height and width.
 * @param least  1 for sizes and steps, 0 for paddings: what the height of a signal has
 */
export function perAxis(op: string, name: string, value: unknown, dims: number, least: 0 | 1): Pair {
  const list: unknown[] = Array.isArray(value) ? value : new Array(dims).fill(value)
  if (list.length !== dims || list.some((n) => !Number.isSafeInteger(n) || (n as number) < least)) {
    const given = Array.isArray(value) ? `[${value.join(', ')}]` : describe(value)
    fail(op, `${name} is ${given}`, `give an integer from ${least} up${dims === 2 ? ', or [height, width]' : ''}`)
  }
  return (dims === 2 ? list : [least, ...list]) as unknown as Pair
}

/** {@link perAxis} of a size or step of windows, where a list of one is one number, as in PyTorch. */
export const stepsOf: typeof perAxis = (op, name, value, dims, least) =>
  perAxis(op, name, Array.isArray(value) && value.length === 1 ? value[0] : value, dims, least)

/** The windows that options ask for. */
export function windowsOf(
  op: string,
  kernelSize: PerAxis,
  { stride, padding, dilation }: Readonly<Required<WindowOptions>>,
  dims: number,
): Windows {
  return {
    kernel: stepsOf(op, 'kernelSize', kernelSize, dims, 1),
    stride: stepsOf(op, 'stride', stride, dims, 1),
    padding: stepsOf(op, 'padding', padding, dims, 0),
    dilation: stepsOf(op, 'dilation', dilation, dims, 1),
  }
}

/** Names of {@link WindowOptions}. */
export const windowOptions = { stride: 1, padding: 0, dilation: 1 } as const

/** A pair as its user gave it: one number for signals. */
export const showPair = (pair: Pair, dims: number): string => (dims === 2 ? showShape(pair) : String(pair[1]))

/** Both of a pair. */
export const eachAxis = (f: (axis: 0 | 1) => number): Pair => [f(0), f(1)]

/**
 * Windows on each axis: ⌊(size + padding − dilation·(kernel − 1) − 1)/stride⌋ + 1. With `ceil` a last window may hang
 * over, if it begins inside of the image or of the padding before it.
 * @param ends  padding after the last element
 */
export function countWindows(
  op: string,
  image: Pair,
  w: Windows,
  dims: number,
  ends: Pair = w.padding,
  ceil = false,
): Pair {
  const reach = eachAxis((i) => w.dilation[i] * (w.kernel[i] - 1) + 1)
  const padded = eachAxis((i) => image[i] + w.padding[i] + ends[i])
  if (padded.some((n, i) => n < reach[i])) {
    const spread = w.dilation.some((d) => d > 1) ? `, spread over ${showPair(reach, dims)},` : ''
    const kernel = `the kernel ${showPair(w.kernel, dims)}${spread}`
    fail(op, `${kernel} is larger than the padded input ${showPair(padded, dims)}`, 'pad more, or use a smaller kernel')
  }
  return eachAxis((i) => {
    const steps = (padded[i] - reach[i]) / w.stride[i]
    if (!ceil) return Math.floor(steps) + 1
    const count = Math.ceil(steps) + 1
    return (count - 1) * w.stride[i] >= image[i] + w.padding[i] ? count - 1 : count
  })
}

/** An input of windows as images [N, C, H, W], and the way back for a result of four axes. */
export interface Images {
  readonly images: Tensor
  readonly size: Pair
  back(y: Tensor): Tensor
}

/** A batch of one for a sample alone, height 1 for signals. @param dims  1 for signals, 2 for images */
export function asImages(op: string, x: Tensor, dims: number): Images {
  checkDType(op, 'x', x, floats)
  const batched = x.ndim === dims + 2
  if (!batched && x.ndim !== dims + 1) {
    const axes = dims === 2 ? 'channels, height, width' : 'channels, length'
    fail(op, `x is ${showShape(x.shape)}`, `give [batch, ${axes}] or [${axes}]`)
  }
  const [n, c] = batched ? x.shape : [1, x.shape[0]]
  const size = [1, ...x.shape.slice(-dims)].slice(-2) as unknown as Pair
  if (size.includes(0)) fail(op, `x ${showShape(x.shape)} has no ${dims === 2 ? 'pixels' : 'elements'}`)
  return {
    images: reshape(x, [n, c, ...size]),
    size,
    back: (y) => reshape(y, [...y.shape.slice(batched ? 0 : 1, 2), ...y.shape.slice(4 - dims)]),
  }
}
