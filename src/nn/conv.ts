/** @file Convolutions and their transposes in one and two dimensions. */
import { describe, fail } from '../core/errors.ts'
import type { Shape } from '../core/shape.ts'
import type { Tensor } from '../core/tensor.ts'
import { parametersOf } from '../ops/base/options.ts'
import { conv1d, conv2d, convTranspose1d, convTranspose2d, type PerAxis, pad, zeros } from '../ops/index.ts'
import { uniform_ } from './init.ts'
import { axes, channelFault, type LayerOptions, nowhere, settings, size } from './layer.ts'
import { Module, parameter } from './module.ts'

/** Options of {@link Conv1d} and {@link Conv2d}. */
export interface ConvLayerOptions extends LayerOptions {
  /** Steps between windows. Default: 1. */
  stride?: PerAxis
  /** On both sides of each axis; 'same': as much as keeps x's size (stride 1 only); 'valid': none. Default: 0. */
  padding?: PerAxis | 'same' | 'valid'
  /** Distance between the taps of the kernel. Default: 1. */
  dilation?: PerAxis
  /** Channels are split into this many independent groups. Default: 1. */
  groups?: number
  /** Default: true. */
  bias?: boolean
  /** What padding is filled with: zeros (default), x mirrored, its edge, or x again. */
  paddingMode?: 'zeros' | 'reflect' | 'replicate' | 'circular'
}

/** Options of {@link ConvTranspose1d} and {@link ConvTranspose2d}. */
export interface ConvTransposeLayerOptions extends Omit<ConvLayerOptions, 'padding' | 'paddingMode'> {
  /** What the convolution that is transposed was padded by: so much is cut off on both sides. Default: 0. */
  padding?: PerAxis
  /** Added after the last element of each axis: less than stride or dilation. Default: 0. */
  outputPadding?: PerAxis
}

/** What follows the sizes, in PyTorch's order, the rest by name: `new nn.Conv2d(1, 8, 3, 2, 1, { bias: false })`. */
export type ConvParameters =
  | [options?: ConvLayerOptions]
  | [
      stride: PerAxis,
      padding?: PerAxis | 'same' | 'valid' | ConvLayerOptions,
      dilation?: PerAxis | ConvLayerOptions,
      groups?: number | ConvLayerOptions,
      options?: ConvLayerOptions,
    ]

/** As {@link ConvParameters}, of transposes. */
export type ConvTransposeParameters =
  | [options?: ConvTransposeLayerOptions]
  | [
      stride: PerAxis,
      padding?: PerAxis | ConvTransposeLayerOptions,
      outputPadding?: PerAxis | ConvTransposeLayerOptions,
      options?: ConvTransposeLayerOptions,
    ]

const modes = ['zeros', 'reflect', 'replicate', 'circular']
/** What is taken, by the number of axes. */
const forms: readonly Readonly<Record<number, string>>[] = [
  { 2: '[channels, length]', 3: '[batch, channels, length]' },
  { 3: '[channels, height, width]', 4: '[batch, channels, height, width]' },
]

type Sizes = readonly [inChannels: number, outChannels: number, kernelSize: PerAxis]

/** What both directions have, checked. */
function checked(
  op: string,
  dims: 1 | 2,
  [inChannels, outChannels, kernelSize]: Sizes,
  { stride, dilation, groups, padding }: { stride: PerAxis; dilation: PerAxis; groups: number; padding: unknown },
) {
  const fields = {
    inChannels: size(op, 'inChannels', inChannels),
    outChannels: size(op, 'outChannels', outChannels),
    kernelSize: axes(op, 'kernelSize', kernelSize, dims, 1),
    stride: axes(op, 'stride', stride, dims, 1),
    dilation: axes(op, 'dilation', dilation, dims, 1),
    groups: size(op, 'groups', groups),
  }
  for (const name of ['inChannels', 'outChannels'] as const)
    if (fields[name] % groups !== 0) fail(op, `groups ${groups} do not divide ${name} ${fields[name]}`)
  if (typeof padding !== 'string') axes(op, 'padding', padding, dims, 0)
  return fields
}

/** Weight and bias; first values U(−1/√fan, 1/√fan), PyTorch's, with fan = weight.shape[1] · taps. */
abstract class Convolution extends Module {
  readonly inChannels: number
  readonly outChannels: number
  readonly kernelSize: readonly number[]
  readonly stride: readonly number[]
  readonly dilation: readonly number[]
  readonly groups: number
  weight: Tensor
  bias: Tensor | null
  private readonly text: string

  /** @param channels  the first two sizes of the weight */
  constructor(
    fields: ReturnType<typeof checked>,
    channels: readonly [number, number],
    { device, dtype, ...options }: LayerOptions & { bias: boolean },
    defaults: object,
  ) {
    super()
    const { inChannels, outChannels, kernelSize } = fields
    this.inChannels = inChannels
    this.outChannels = outChannels
    this.kernelSize = kernelSize
    this.stride = fields.stride
    this.dilation = fields.dilation
    this.groups = fields.groups
    const shape = [...channels, ...kernelSize]
    const bound = 1 / Math.sqrt(shape.slice(1).reduce((fan, n) => fan * n, 1))
    const first = (shape: Shape): Tensor => parameter(uniform_(zeros(shape, { device, dtype }), -bound, bound))
    this.weight = first(shape)
    this.bias = options.bias ? first([outChannels]) : null
    const square = kernelSize.every((n) => n === kernelSize[0])
    this.text = settings([inChannels, outChannels, square ? kernelSize[0] : kernelSize], options, defaults)
  }

  /** Refuse x of other axes or channels. */
  protected check(x: Tensor): void {
    const fault = channelFault(x, this.inChannels, forms[this.kernelSize.length - 1])
    if (fault) this.refuse(...fault)
  }

  protected override sizes(): string {
    return this.text
  }
}

abstract class Conv extends Convolution {
  readonly padding: readonly number[] | 'same' | 'valid'
  readonly paddingMode: NonNullable<ConvLayerOptions['paddingMode']>

  constructor(dims: 1 | 2, sizes: Sizes, parameters: ConvParameters) {
    const op = new.target.name
    const defaults: Required<Omit<ConvLayerOptions, keyof LayerOptions>> & LayerOptions = {
      stride: 1,
      padding: 0,
      dilation: 1,
      groups: 1,
      bias: true,
      paddingMode: 'zeros',
      ...nowhere,
    }
    const given = parametersOf(op, parameters, defaults)
    const { padding, paddingMode, groups } = given
    const fields = checked(op, dims, sizes, given)
    if (!modes.includes(paddingMode))
      fail(op, `paddingMode is ${describe(paddingMode)}`, "one of 'zeros', 'reflect', 'replicate', 'circular'")
    if (typeof padding === 'string' && padding !== 'same' && padding !== 'valid')
      fail(op, `padding is ${describe(padding)}`, "give numbers, 'same' or 'valid'")
    if (padding === 'same' && fields.stride.some((n) => n !== 1))
      fail(op, `padding 'same' with stride ${fields.stride.join(', ')}`, 'only stride 1 keeps the size; give numbers')
    super(fields, [fields.outChannels, fields.inChannels / groups], given, defaults)
    this.padding = typeof padding === 'string' ? padding : axes(op, 'padding', padding, dims, 0)
    this.paddingMode = paddingMode
  }

  /** x with its margins, and what is then still to be padded. */
  protected padded(x: Tensor): [x: Tensor, padding: PerAxis | 'same' | 'valid'] {
    const { padding, paddingMode: mode, kernelSize, dilation } = this
    if (mode === 'zeros' || padding === 'valid') return [x, padding]
    // The last axis first, as `pad` has them.
    const margins = kernelSize.flatMap((taps, i): [number, number][] => {
      if (padding !== 'same') return [[padding[i], padding[i]]]
      const all = dilation[i] * (taps - 1)
      return [[Math.floor(all / 2), all - Math.floor(all / 2)]]
    })
    return [pad(x, margins.reverse().flat(), { mode }), 0]
  }
}

/**
 * y[n, k, o] = b[k] + Σ_{c, t} w[k, c, t]·x[n, c, o·stride + t·dilation − padding] along the last axis (a
 * cross-correlation). First values are U(−1/√f, 1/√f) with f = in/groups · taps, PyTorch's.
 */
export class Conv1d extends Conv {
  /**
   * @throws HandgradError if a size is not an integer from 1 up, groups do not divide the channels, or an option is not
   *   one of its values
   */
  constructor(inChannels: number, outChannels: number, kernelSize: PerAxis, ...parameters: ConvParameters) {
    super(1, [inChannels, outChannels, kernelSize], parameters)
  }

  /** @param x [N, in, L] or [in, L] @returns [N, out, ⌊(L + 2·padding − dilation·(kernel − 1) − 1)/stride⌋ + 1] */
  forward(x: Tensor): Tensor {
    this.check(x)
    const { stride, dilation, groups } = this
    const [padded, padding] = this.padded(x)
    return conv1d(padded, this.weight, this.bias, { stride, padding, dilation, groups })
  }
}

/** {@link Conv1d} over height and width: `new nn.Conv2d(1, 8, 3, { stride: 2, padding: 1 })`. */
export class Conv2d extends Conv {
  /**
   * @throws HandgradError if a size is not an integer from 1 up, groups do not divide the channels, or an option is not
   *   one of its values
   */
  constructor(inChannels: number, outChannels: number, kernelSize: PerAxis, ...parameters: ConvParameters) {
    super(2, [inChannels, outChannels, kernelSize], parameters)
  }

  /**
   * @param x [N, in, H, W] or [in, H, W]
   * @returns [N, out, H', W'], each ⌊(size + 2·padding − dilation·(kernel − 1) − 1)/stride⌋ + 1
   */
  forward(x: Tensor): Tensor {
    this.check(x)
    const { stride, dilation, groups } = this
    const [padded, padding] = this.padded(x)
    return conv2d(padded, this.weight, this.bias, { stride, padding, dilation, groups })
  }
}

abstract class ConvTranspose extends Convolution {
  readonly padding: readonly number[]
  readonly outputPadding: readonly number[]

  constructor(dims: 1 | 2, sizes: Sizes, parameters: ConvTransposeParameters) {
    const op = new.target.name
    const defaults: Required<Omit<ConvTransposeLayerOptions, keyof LayerOptions>> & LayerOptions = {
      stride: 1,
      padding: 0,
      outputPadding: 0,
      groups: 1,
      bias: true,
      dilation: 1,
      ...nowhere,
    }
    const given = parametersOf(op, parameters, defaults)
    const fields = checked(op, dims, sizes, given)
    const padding = axes(op, 'padding', given.padding, dims, 0)
    const outputPadding = axes(op, 'outputPadding', given.outputPadding, dims, 0)
    outputPadding.forEach((more, i) => {
      const least = Math.max(fields.stride[i], fields.dilation[i])
      if (more >= least) fail(op, `outputPadding is ${more}`, `it is less than stride or dilation, below ${least}`)
    })
    super(fields, [fields.inChannels, fields.outChannels / given.groups], given, defaults)
    this.padding = padding
    this.outputPadding = outputPadding
  }

  /** What the function takes; `outputSize` decides the padding of the output. */
  protected stepsFor(x: Tensor, outputSize: PerAxis | undefined) {
    this.check(x)
    const { stride, padding, dilation, groups, kernelSize } = this
    const dims = kernelSize.length
    if (outputSize === undefined) return { stride, padding, dilation, groups, outputPadding: this.outputPadding }
    const least = x.shape
      .slice(-dims)
      .map((n, i) => (n - 1) * stride[i] - 2 * padding[i] + dilation[i] * (kernelSize[i] - 1) + 1)
    const wanted = axes(this.constructor.name, 'outputSize', outputSize, dims, 1)
    const outputPadding = wanted.map((n, i) => n - least[i])
    if (outputPadding.some((more, i) => more < 0 || more >= stride[i])) {
      const most = least.map((n, i) => n + stride[i] - 1)
      this.refuse(`outputSize is [${wanted.join(', ')}]`, `give [${least.join(', ')}] to [${most.join(', ')}]`)
    }
    return { stride, padding, dilation, groups, outputPadding }
  }
}

/**
 * The transpose of {@link Conv1d} as a linear map, which enlarges by its stride. First values are U(−1/√f, 1/√f) with f
 * = out/groups · taps, PyTorch's.
 */
export class ConvTranspose1d extends ConvTranspose {
  /**
   * @throws HandgradError if a size is not an integer from 1 up, groups do not divide the channels, or outputPadding is
   *   not less than stride or dilation
   */
  constructor(inChannels: number, outChannels: number, kernelSize: PerAxis, ...parameters: ConvTransposeParameters) {
    super(1, [inChannels, outChannels, kernelSize], parameters)
  }

  /**
   * @param x           [N, in, L] or [in, L]
   * @param outputSize  L', in the place of the option outputPadding
   * @returns [N, out, (L − 1)·stride − 2·padding + dilation·(kernel − 1) + outputPadding + 1]
   */
  forward(x: Tensor, outputSize?: PerAxis): Tensor {
    return convTranspose1d(x, this.weight, this.bias, this.stepsFor(x, outputSize))
  }
}

/** {@link ConvTranspose1d} over height and width, the transpose of {@link Conv2d}. */
export class ConvTranspose2d extends ConvTranspose {
  /**
   * @throws HandgradError if a size is not an integer from 1 up, groups do not divide the channels, or outputPadding is
   *   not less than stride or dilation
   */
  constructor(inChannels: number, outChannels: number, kernelSize: PerAxis, ...parameters: ConvTransposeParameters) {
    super(2, [inChannels, outChannels, kernelSize], parameters)
  }

  /**
   * @param x           [N, in, H, W] or [in, H, W]
   * @param outputSize  [H', W'], in the place of the option outputPadding
   * @returns [N, out, H', W'], each (size − 1)·stride − 2·padding + dilation·(kernel − 1) + outputPadding + 1
   */
  forward(x: Tensor, outputSize?: PerAxis): Tensor {
    return convTranspose2d(x, this.weight, this.bias, this.stepsFor(x, outputSize))
  }
}
