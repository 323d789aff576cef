/**
 * @file Convolutions in one and two dimensions and their transposes. Three bilinear maps that are each other's
 * gradients: conv2d (x, w → y), its transpose (y, w → x), and the one to the weights (x, y → w); so they can be
 * differentiated any number of times. Signals are images of height 1.
 */

import { describe, fail } from '../../core/errors.ts'
import { launch } from '../../core/launch.ts'
import { defineOp, floats, type Op } from '../../core/op.ts'
import { sameShape, showShape } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkSameKind } from '../base/arguments.ts'
import * as kernels from '../base/kernels.generated.ts'
import { parametersOf } from '../base/options.ts'
import { sumOp } from '../base/sum.ts'
import { reshape } from '../base/views.ts'
import {
  asImages,
  countWindows,
  eachAxis,
  type Pair,
  type PerAxis,
  perAxis,
  showPair,
  stepsOf,
  type Windows,
  windowOptions,
} from './windows.ts'

interface ConvAttrs extends Omit<Windows, 'kernel'> {
  readonly groups: number
  /** Height and width of the result. */
  readonly size: Pair
}

/** Kernel params: (windows, pixels, taps, stride) of an axis. */
const axisParams = (i: 0 | 1, windows: Tensor, pixels: Tensor, weight: Tensor, { stride }: ConvAttrs): number[] =>
  [windows, pixels, weight].map((x) => x.shape[2 + i]).concat(stride[i])

const pixelsOf = ({ shape }: { shape: readonly number[] }): Pair => [shape[2], shape[3]]

/** The map by which x goes to y, or its transpose. */
function linearMap(name: string, TRANSPOSED: 0 | 1, transpose: () => Op<ConvAttrs>): Op<ConvAttrs> {
  return defineOp({
    name,
    inputs: ['x', 'weight', 'bias?'],
    dtypes: floats,
    autocast: 'narrow',
    contiguous: ['x', 'weight', 'bias'],
    shape: ([x, { shape }], { groups, size }: ConvAttrs) => ({
      shape: [x.shape[0], TRANSPOSED ? shape[1] * groups : shape[0], ...size],
    }),
    launch: ([x, weight, bias], [y], attrs) => {
      const { groups, padding, dilation } = attrs
      const [small, large] = TRANSPOSED ? [x, y] : [y, x]
      const params = {
        counts: [x.shape[0], groups, x.shape[1] / groups, y.shape[1] / groups],
        rows: axisParams(0, small, large, weight, attrs),
        cols: axisParams(1, small, large, weight, attrs),
        steps: [...padding, ...dilation],
        x_offset: x.layout.offset,
        w_offset: weight.layout.offset,
        b_offset: bias ? bias.layout.offset : 0,
      }
      launch(name, kernels.conv2d, [y, x, weight, bias ?? weight], params, { TRANSPOSED, BIAS: bias ? 1 : 0 })
    },
    saves: { x: ['weight'], weight: ['x'] },
    vjp: {
      x: (ctx) => transpose()([ctx.g, ctx.weight], { ...ctx.attrs, size: pixelsOf(ctx.meta('x')) }),
      weight: (ctx) => {
        const [large, small] = TRANSPOSED ? [ctx.g, ctx.x] : [ctx.x, ctx.g]
        return weightOp([large, small], { ...ctx.attrs, size: pixelsOf(ctx.meta('weight')) })
      },
      bias: (ctx) => sumOp([ctx.g], { dims: [0, 2, 3], keepdim: false }),
    },
  })
}
const convOp: Op<ConvAttrs> = linearMap('conv2d', 0, () => transposedOp)
const transposedOp: Op<ConvAttrs> = linearMap('convTranspose2d', 1, () => convOp)

/** The gradient of the weights, from the pixels x and the cotangent gy of the windows; `size` is the kernel's. */
const weightOp: Op<ConvAttrs> = defineOp({
  name: 'conv2dGradWeight',
  inputs: ['x', 'gy'],
  dtypes: floats,
  contiguous: ['x', 'gy'],
  shape: ([x, gy], { groups, size }: ConvAttrs) => ({ shape: [gy.shape[1], x.shape[1] / groups, ...size] }),
  launch: ([x, gy], [y], attrs) => {
    const { groups, padding, dilation } = attrs
    launch('conv2dGradWeight', kernels.conv2d_grad_weight, [y, x, gy], {
      counts: [x.shape[0], groups, x.shape[1] / groups, gy.shape[1] / groups],
      rows: axisParams(0, gy, x, y, attrs),
      cols: axisParams(1, gy, x, y, attrs),
      steps: [...padding, ...dilation],
      x_offset: x.layout.offset,
      g_offset: gy.layout.offset,
      // The plan's to choose.
      chunk: 0,
    })
  },
  saves: { x: ['gy'], gy: ['x'] },
  vjp: {
    x: (ctx) => transposedOp([ctx.gy, ctx.g], { ...ctx.attrs, size: pixelsOf(ctx.meta('x')) }),
    gy: (ctx) => convOp([ctx.x, ctx.g], { ...ctx.attrs, size: pixelsOf(ctx.meta('gy')) }),
  },
})

/** Options of convolutions. */
export interface ConvOptions {
  /** Steps between windows. Default: 1. */
  stride?: PerAxis
  /** Zeros on both sides of each axis; 'same': as many as keep x's size (stride 1 only); 'valid': none. Default: 0. */
  padding?: PerAxis | 'same' | 'valid'
  /** Distance between the taps of the kernel. Default: 1. */
  dilation?: PerAxis
  /** Channels are split into this many independent groups; as many as channels: depthwise. Default: 1. */
  groups?: number
}

/** Options of transposed convolutions. */
export interface ConvTransposeOptions extends Omit<ConvOptions, 'padding'> {
  /** What the convolution that is transposed was padded by: so much is cut off on both sides. Default: 0. */
  padding?: PerAxis
  /** Rows and columns added after the last: with strides, images of several sizes have as many windows. Default: 0. */
  outputPadding?: PerAxis
}

/** Options in their places, as PyTorch has them. */
/** What may follow the bias by position, in PyTorch's order. */
export type ConvPlaces = [stride?: PerAxis, padding?: ConvOptions['padding'], dilation?: PerAxis, groups?: number]
/** As {@link ConvPlaces}, of transposes. */
export type BackPlaces = [
  stride?: PerAxis,
  padding?: PerAxis,
  outputPadding?: PerAxis,
  groups?: number,
  dilation?: PerAxis,
]

/** Checks what both directions share. */
function checkConv(
  op: string,
  dims: number,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  groups: number,
  transposed: boolean,
) {
  const { images, size, back } = asImages(op, x, dims)
  checkSameKind(op, x, 'weight', weight)
  if (weight.ndim !== dims + 2) {
    const channels = transposed ? 'in, out / groups' : 'out, in / groups'
    fail(op, `weight is ${showShape(weight.shape)}`, `give [${channels}, ${dims === 2 ? 'height, width' : 'length'}]`)
  }
  if (!Number.isSafeInteger(groups) || groups < 1)
    fail(op, `groups is ${describe(groups)}`, 'give an integer from 1 up')
  const shape = showShape(weight.shape)
  if (weight.shape[0] % groups !== 0)
    fail(op, `groups ${groups} do not divide ${weight.shape[0]} channels of weight ${shape}`)
  const takes = transposed ? weight.shape[0] : weight.shape[1] * groups
  if (images.shape[1] !== takes) {
    const has = `x ${showShape(x.shape)} has ${images.shape[1]} channels`
    fail(op, `${has}, weight ${shape} with ${groups} ${groups === 1 ? 'group' : 'groups'} takes ${takes}`)
  }
  const gives = transposed ? weight.shape[1] * groups : weight.shape[0]
  if (bias) {
    checkSameKind(op, x, 'bias', bias)
    if (!sameShape(bias.shape, [gives]))
      fail(op, `bias is ${showShape(bias.shape)}, not [${gives}]`, 'one for each channel of y')
  }
  const kernel = perAxis(op, "weight's kernel", weight.shape.slice(2), dims, 1)
  const weights = dims === 2 ? weight : reshape(weight, [...weight.shape.slice(0, 2), ...kernel])
  return { inputs: [images, weights, bias ?? undefined], size, kernel, back }
}

function conv(
  op: string,
  dims: number,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  given: readonly unknown[],
): Tensor {
  const defaults = { ...windowOptions, groups: 1 }
  const { stride, padding, dilation, groups } = parametersOf<Required<ConvOptions>>(op, given, defaults)
  const { inputs, size, kernel, back } = checkConv(op, dims, x, weight, bias, groups, false)
  const steps = {
    kernel,
    stride: stepsOf(op, 'stride', stride, dims, 1),
    dilation: stepsOf(op, 'dilation', dilation, dims, 1),
  }
  let [before, after]: [Pair, Pair] = [
    [0, 0],
    [0, 0],
  ]
  if (padding === 'same') {
    if (steps.stride.some((s) => s !== 1)) {
      fail(
        op,
        `padding 'same' with stride ${showPair(steps.stride, dims)}`,
        'only stride 1 keeps the size; give numbers',
      )
    }
    const all = eachAxis((i) => steps.dilation[i] * (kernel[i] - 1))
    before = eachAxis((i) => Math.floor(all[i] / 2))
    after = eachAxis((i) => all[i] - before[i])
  } else if (padding !== 'valid') {
    if (typeof padding === 'string') fail(op, `padding is '${padding}'`, "give numbers, 'same' or 'valid'")
    before = after = stepsOf(op, 'padding', padding, dims, 0)
  }
  const windows = { ...steps, padding: before }
  const attrs = { ...windows, groups, size: countWindows(op, size, windows, dims, after) }
  return back(convOp(inputs, attrs))
}

function convTranspose(
  op: string,
  dims: number,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  given: readonly unknown[],
): Tensor {
  const { groups, ...steps } = parametersOf<Required<ConvTransposeOptions>>(op, given, {
    stride: 1,
    padding: 0,
    outputPadding: 0,
    groups: 1,
    dilation: 1,
  })
  const { inputs, size, kernel, back } = checkConv(op, dims, x, weight, bias, groups, true)
  const stride = stepsOf(op, 'stride', steps.stride, dims, 1)
  const padding = stepsOf(op, 'padding', steps.padding, dims, 0)
  const dilation = stepsOf(op, 'dilation', steps.dilation, dims, 1)
  const more = stepsOf(op, 'outputPadding', steps.outputPadding, dims, 0)
  if (more.some((n, i) => n >= Math.max(stride[i], dilation[i]))) {
    const both = `stride ${showPair(stride, dims)} and dilation ${showPair(dilation, dims)}`
    fail(op, `outputPadding ${showPair(more, dims)} with ${both}`, 'it is less than one of the two')
  }
  const result = eachAxis(
    (i) => (size[i] - 1) * stride[i] - 2 * padding[i] + dilation[i] * (kernel[i] - 1) + more[i] + 1,
  )
  if (result.some((n) => n < 1)) {
    fail(op, `padding ${showPair(padding, dims)} leaves a result of ${showPair(result, dims)}`, 'pad less')
  }
  return back(transposedOp(inputs, { stride, padding, dilation, groups, size: result }))
}

/**
 * y[n, k, o] = b[k] + Σ_{c, t} w[k, c, t]·x[n, c, o·stride + t·dilation − padding] along the last axis: PyTorch's
 * `conv1d` (a cross-correlation). What is outside of x counts as 0. Dtypes: floats.
 * @param x       [N, in, L] or [in, L]
 * @param weight  [out, in / groups, kernel]
 * @param bias    [out], or null for none
 * @returns       [N, out, ⌊(L + 2·padding − dilation·(kernel − 1) − 1)/stride⌋ + 1]
 * @throws HandgradError if weight or bias has another shape, groups do not divide the channels, the kernel is larger
 *   than the padded input, padding is 'same' with a stride other than 1, or groups, stride, dilation or padding is not
 *   an integer from 1 (padding: 0) up, one for all axes or one for each
 */
export function conv1d(x: Tensor, weight: Tensor, bias?: Tensor | null, ...given: ConvPlaces): Tensor
/** The same by name: `conv1d(x, weight, bias, { padding: 1 })`. */
export function conv1d(x: Tensor, weight: Tensor, bias?: Tensor | null, options?: ConvOptions): Tensor
export function conv1d(x: Tensor, weight: Tensor, bias: Tensor | null = null, ...given: unknown[]): Tensor {
  return conv('conv1d', 1, x, weight, bias, given)
}

/**
 * y[n, k, oy, ox] = b[k] + Σ_{c, ky, kx} w[k, c, ky, kx]·x[n, c, oy·stride + ky·dilation − padding, ox·stride +
 * kx·dilation − padding]: PyTorch's `conv2d` (a cross-correlation). What is outside of x counts as 0; whether an
 * infinite weight makes NaN of it is left open. Dtypes: floats.
 * @param x       [N, in, H, W] or [in, H, W]
 * @param weight  [out, in / groups, kernel height, kernel width]
 * @param bias    [out], or null for none
 * @returns       [N, out, H', W'], each ⌊(size + 2·padding − dilation·(kernel − 1) − 1)/stride⌋ + 1
 * @throws HandgradError if weight or bias has another shape, groups do not divide the channels, the kernel is larger
 *   than the padded input, padding is 'same' with a stride other than 1, or groups, stride, dilation or padding is not
 *   an integer from 1 (padding: 0) up, one for all axes or one for each
 */
export function conv2d(x: Tensor, weight: Tensor, bias?: Tensor | null, ...given: ConvPlaces): Tensor
/** The same by name: `conv2d(x, weight, bias, { padding: 1 })`. */
export function conv2d(x: Tensor, weight: Tensor, bias?: Tensor | null, options?: ConvOptions): Tensor
export function conv2d(x: Tensor, weight: Tensor, bias: Tensor | null = null, ...given: unknown[]): Tensor {
  return conv('conv2d', 2, x, weight, bias, given)
}

/**
 * The transpose of {@link conv1d} as a linear map (its gradient by x), as {@link convTranspose2d}. Dtypes: floats.
 * @param x       [N, in, L] or [in, L]
 * @param weight  [in, out / groups, kernel]
 * @param bias    [out], or null for none
 * @returns       [N, out, (L − 1)·stride − 2·padding + dilation·(kernel − 1) + outputPadding + 1]
 * @throws HandgradError if weight or bias has another shape, groups do not divide the channels, outputPadding is not
 *   less than stride or dilation, padding leaves nothing, or groups, stride, dilation or a padding is not an integer
 *   from 1 (paddings: 0) up, one for all axes or one for each
 */
export function convTranspose1d(x: Tensor, weight: Tensor, bias?: Tensor | null, ...given: BackPlaces): Tensor
/** The same by name: `convTranspose1d(x, weight, bias, { stride: 2 })`. */
export function convTranspose1d(x: Tensor, weight: Tensor, bias?: Tensor | null, options?: ConvTransposeOptions): Tensor
export function convTranspose1d(x: Tensor, weight: Tensor, bias: Tensor | null = null, ...given: unknown[]): Tensor {
  return convTranspose('convTranspose1d', 1, x, weight, bias, given)
}

/**
 * y[n, k, iy, ix] = b[k] + Σ w[c, k, ky, kx]·x[n, c, oy, ox] over all with oy·stride + ky·dilation − padding = iy, and
 * so for columns: the transpose of {@link conv2d} as a linear map, which is its gradient by x, and enlarges by its
 * stride (Dumoulin & Visin 2016). Dtypes: floats.
 * @param x       [N, in, H, W] or [in, H, W]
 * @param weight  [in, out / groups, kernel height, kernel width]
 * @param bias    [out], or null for none
 * @returns       [N, out, H', W'], each (size − 1)·stride − 2·padding + dilation·(kernel − 1) + outputPadding + 1
 * @throws HandgradError if weight or bias has another shape, groups do not divide the channels, outputPadding is not
 *   less than stride or dilation, padding leaves nothing, or groups, stride, dilation or a padding is not an integer
 *   from 1 (paddings: 0) up, one for all axes or one for each
 */
export function convTranspose2d(x: Tensor, weight: Tensor, bias?: Tensor | null, ...given: BackPlaces): Tensor
/** The same by name: `convTranspose2d(x, weight, bias, { stride: 2 })`. */
export function convTranspose2d(x: Tensor, weight: Tensor, bias?: Tensor | null, options?: ConvTransposeOptions): Tensor
export function convTranspose2d(x: Tensor, weight: Tensor, bias: Tensor | null = null, ...given: unknown[]): Tensor {
  return convTranspose('convTranspose2d', 2, x, weight, bias, given)
}
