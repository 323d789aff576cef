/** @file Transformers: their layers, stacks of these, and the positions that are added to what goes in. */
import { describe, fail } from '../core/errors.ts'
import { showShape } from '../core/shape.ts'
import type { Tensor } from '../core/tensor.ts'
import { beforeRelu } from '../ops/base/ahead.ts'
import { optionsOf } from '../ops/base/options.ts'
import { add, gelu, relu, reshape, slice, tensor } from '../ops/index.ts'
import { type AttendOptions, MultiheadAttention } from './attention.ts'
import { Dropout } from './dropout.ts'
import { xavierUniform_ } from './init.ts'
import { type Layer, type LayerOptions, nowhere, SnakeCased, settings, size } from './layer.ts'
import { isPlainLinear, Linear } from './linear.ts'
import { buffer, Module } from './module.ts'
import { LayerNorm } from './norm.ts'

/** Options of {@link TransformerEncoderLayer} and {@link TransformerDecoderLayer}. */
export interface TransformerLayerOptions extends LayerOptions {
  /** Features between the two linear maps. Default: 2048. */
  dimFeedforward?: number
  /** Of attention's weights, between the linear maps, and of what each part adds. Default: 0.1. */
  dropout?: number
  /** Between the linear maps. Default: 'relu'. */
  activation?: 'relu' | 'gelu' | ((x: Tensor) => Tensor)
  /** Added to variances. Default: 1e-5. */
  layerNormEps?: number
  /** Inputs are [batch, length, features] in place of [length, batch, features]. Default: false. */
  batchFirst?: boolean
  /** Normalise what goes into each part in place of what comes out (Xiong et al. 2020). Default: false. */
  normFirst?: boolean
}

const layerDefaults = {
  ...nowhere,
  dimFeedforward: 2048,
  dropout: 0.1,
  activation: 'relu' as const,
  layerNormEps: 1e-5,
  batchFirst: false,
  normFirst: false,
}

/** Masks of {@link TransformerEncoderLayer.forward}, as {@link AttendOptions} has them. */
export interface EncoderLayerMasks {
  /** Of attention. Default: null. */
  srcMask?: Tensor | null
  /** Of elements that fill up a sequence. Default: null. */
  srcKeyPaddingMask?: Tensor | null
  /** No element sees later ones. Default: false. */
  isCausal?: boolean
}

/** Masks of {@link TransformerEncoder.forward}: of {@link EncoderLayerMasks} the first is `mask`. */
export interface EncoderMasks extends Omit<EncoderLayerMasks, 'srcMask'> {
  /** Of attention. Default: null. */
  mask?: Tensor | null
}

/** Masks of {@link TransformerDecoderLayer.forward} and {@link TransformerDecoder.forward}. */
export interface DecoderMasks {
  /** Of attention to tgt. Default: null. */
  tgtMask?: Tensor | null
  /** Of attention to memory. Default: null. */
  memoryMask?: Tensor | null
  /** Of elements that fill up tgt. Default: null. */
  tgtKeyPaddingMask?: Tensor | null
  /** Of elements that fill up memory. Default: null. */
  memoryKeyPaddingMask?: Tensor | null
  /** No element sees later ones of tgt. Default: false. */
  tgtIsCausal?: boolean
  /** Element i sees those of memory up to i. Default: false. */
  memoryIsCausal?: boolean
}

const decoderMasks = {
  tgtMask: null,
  memoryMask: null,
  tgtKeyPaddingMask: null,
  memoryKeyPaddingMask: null,
  tgtIsCausal: false,
  memoryIsCausal: false,
}

/** The parts that both layers have, made where a layer's fields put them, in PyTorch's order. */
abstract class TransformerLayer extends SnakeCased {
  abstract linear1: Linear
  abstract dropout: Dropout
  abstract linear2: Linear
  readonly normFirst: boolean
  private readonly activation: (x: Tensor) => Tensor
  private readonly text: string
  /** @internal Make a part. */
  protected readonly make: {
    attention(): MultiheadAttention
    linear1(): Linear
    linear2(): Linear
    norm(): LayerNorm
    dropout(): Dropout
  }

  constructor(dModel: number, nhead: number, options: TransformerLayerOptions | undefined) {
    super()
    const op = new.target.name
    const { device, dtype, ...given } = optionsOf(op, options, layerDefaults)
    const where = { device, dtype }
    const { dimFeedforward, dropout, activation, layerNormEps, batchFirst, normFirst } = given
    size(op, 'dModel', dModel)
    size(op, 'nhead', nhead)
    size(op, 'dimFeedforward', dimFeedforward)
    if (typeof activation !== 'function' && activation !== 'relu' && activation !== 'gelu')
      fail(op, `activation is ${describe(activation)}`, "give 'relu', 'gelu' or a function")
    this.activation = activation === 'relu' ? relu : activation === 'gelu' ? gelu : activation
    this.normFirst = normFirst
    this.text = settings([dModel, nhead], given, layerDefaults)
    this.make = {
      attention: () => new MultiheadAttention(dModel, nhead, { dropout, batchFirst, ...where }),
      linear1: () => new Linear(dModel, dimFeedforward, where),
      linear2: () => new Linear(dimFeedforward, dModel, where),
      norm: () => new LayerNorm(dModel, { eps: layerNormEps, ...where }),
      dropout: () => new Dropout(dropout),
    }
  }

  /** x + f(x), normalised at the one place or the other. */
  protected part(x: Tensor, norm: LayerNorm, f: (x: Tensor) => Tensor): Tensor {
    return this.normFirst ? add(x, f(norm.forward(x))) : norm.forward(add(x, f(x)))
  }

  /** W₂ f(W₁ x + b₁) + b₂, with dropout between. */
  protected feedForward(x: Tensor): Tensor {
    const widen = () => this.linear1.forward(x)
    const wide = this.activation === relu && isPlainLinear(this.linear1) ? beforeRelu(widen) : widen()
    return this.linear2.forward(this.dropout.forward(this.activation(wide)))
  }

  protected override sizes(): string {
    return this.text
  }
}

/**
 * Attention of a sequence to itself, then two linear maps with an activation between; each is added to what went into
 * it: y = norm₁(x + attention(x)), z = norm₂(y + W₂ f(W₁ y)); with `normFirst` y = x + attention(norm₁(x)).
 * @see Vaswani et al. 2017
 */
export class TransformerEncoderLayer extends TransformerLayer {
  selfAttn: MultiheadAttention
  linear1: Linear
  dropout: Dropout
  linear2: Linear
  norm1: LayerNorm
  norm2: LayerNorm
  dropout1: Dropout
  dropout2: Dropout

  /** @param dModel features @param nhead heads, a divisor of dModel @throws HandgradError if a size is out of range */
  constructor(dModel: number, nhead: number, options?: TransformerLayerOptions) {
    super(dModel, nhead, options)
    const { make } = this
    this.selfAttn = make.attention()
    this.linear1 = make.linear1()
    this.dropout = make.dropout()
    this.linear2 = make.linear2()
    this.norm1 = make.norm()
    this.norm2 = make.norm()
    this.dropout1 = make.dropout()
    this.dropout2 = make.dropout()
  }

  /** @param src [L, N, E], or [N, L, E] with batchFirst, or [L, E] @returns the same shape */
  forward(src: Tensor, options?: EncoderLayerMasks): Tensor {
    const { srcMask, srcKeyPaddingMask, isCausal } = optionsOf('TransformerEncoderLayer.forward', options, {
      srcMask: null,
      srcKeyPaddingMask: null,
      isCausal: false,
    })
    const masks = { attnMask: srcMask, keyPaddingMask: srcKeyPaddingMask, isCausal }
    const x = this.part(src, this.norm1, (x) => this.dropout1.forward(this.selfAttn.forward(x, x, x, masks)[0]))
    return this.part(x, this.norm2, (x) => this.dropout2.forward(this.feedForward(x)))
  }
}

/** {@link TransformerEncoderLayer} with attention to another sequence, `memory`, between its two parts. */
export class TransformerDecoderLayer extends TransformerLayer {
  selfAttn: MultiheadAttention
  multiheadAttn: MultiheadAttention
  linear1: Linear
  dropout: Dropout
  linear2: Linear
  norm1: LayerNorm
  norm2: LayerNorm
  norm3: LayerNorm
  dropout1: Dropout
  dropout2: Dropout
  dropout3: Dropout

  /** @param dModel features @param nhead heads, a divisor of dModel @throws HandgradError if a size is out of range */
  constructor(dModel: number, nhead: number, options?: TransformerLayerOptions) {
    super(dModel, nhead, options)
    const { make } = this
    this.selfAttn = make.attention()
    this.multiheadAttn = make.attention()
    this.linear1 = make.linear1()
    this.dropout = make.dropout()
    this.linear2 = make.linear2()
    this.norm1 = make.norm()
    this.norm2 = make.norm()
    this.norm3 = make.norm()
    this.dropout1 = make.dropout()
    this.dropout2 = make.dropout()
    this.dropout3 = make.dropout()
  }

  /**
   * @param tgt     [L, N, E], or [N, L, E] with batchFirst, or [L, E]
   * @param memory  what is attended to, of the same axes and another length
   * @returns tgt's shape
   */
  forward(tgt: Tensor, memory: Tensor, options?: DecoderMasks): Tensor {
    const given = optionsOf('TransformerDecoderLayer.forward', options, decoderMasks)
    const own: AttendOptions = {
      attnMask: given.tgtMask,
      keyPaddingMask: given.tgtKeyPaddingMask,
      isCausal: given.tgtIsCausal,
    }
    const cross: AttendOptions = {
      attnMask: given.memoryMask,
      keyPaddingMask: given.memoryKeyPaddingMask,
      isCausal: given.memoryIsCausal,
    }
    const attend = (x: Tensor) => this.multiheadAttn.forward(x, memory, memory, cross)[0]
    let x = this.part(tgt, this.norm1, (x) => this.dropout1.forward(this.selfAttn.forward(x, x, x, own)[0]))
    x = this.part(x, this.norm2, (x) => this.dropout2.forward(attend(x)))
    return this.part(x, this.norm3, (x) => this.dropout3.forward(this.feedForward(x)))
  }
}

/** What a {@link TransformerEncoder} is made of. */
export interface EncoderBlock extends Module {
  /** From [length, batch, features] to the same. */
  forward(src: Tensor, options?: EncoderLayerMasks): Tensor
}
/** What a {@link TransformerDecoder} is made of. */
export interface DecoderBlock extends Module {
  /** As {@link EncoderBlock}, looking at what the encoder gave. */
  forward(tgt: Tensor, memory: Tensor, options?: DecoderMasks): Tensor
}

/** As many as `makeLayer` is asked for. */
function made<M extends Module>(op: string, makeLayer: () => M, numLayers: number): M[] {
  if (typeof makeLayer !== 'function')
    fail(op, `makeLayer is ${describe(makeLayer)}`, `give a function, such as () => new nn.${op}Layer(…)`)
  return Array.from({ length: size(op, 'numLayers', numLayers) }, (_, i) => {
    const layer: unknown = makeLayer()
    if (!(layer instanceof Module)) fail(op, `layer ${i} is ${describe(layer)}`, `return new nn.${op}Layer(…)`)
    return layer as M
  })
}

/**
 * Encoder layers one after the other, then `norm`. Each is made anew, so that all begin with values of their own
 * (PyTorch copies one): `new nn.TransformerEncoder(() => new nn.TransformerEncoderLayer(64, 4), 2)`.
 */
export class TransformerEncoder extends Module {
  layers: EncoderBlock[]
  norm: Layer | null

  /**
   * @param makeLayer  makes one layer
   * @param numLayers  how many
   * @param norm       of what the last one gives: new nn.LayerNorm(dModel), which goes with normFirst; default: none
   * @throws HandgradError if makeLayer is not a function that gives modules, or numLayers not an integer from 1 up
   */
  constructor(makeLayer: () => EncoderBlock, numLayers: number, norm: Layer | null = null) {
    super()
    this.layers = made('TransformerEncoder', makeLayer, numLayers)
    this.norm = norm
  }

  /** @param src [L, N, E], or [N, L, E] with batchFirst, or [L, E] @returns the same shape */
  forward(src: Tensor, options?: EncoderMasks): Tensor {
    const { mask, ...rest } = optionsOf('TransformerEncoder.forward', options, {
      mask: null,
      srcKeyPaddingMask: null,
      isCausal: false,
    })
    const x = this.layers.reduce((x, layer) => layer.forward(x, { srcMask: mask, ...rest }), src)
    return this.norm ? this.norm.forward(x) : x
  }
}

/** Decoder layers one after the other, made as {@link TransformerEncoder} makes its own, then `norm`. */
export class TransformerDecoder extends Module {
  layers: DecoderBlock[]
  norm: Layer | null

  /**
   * @param makeLayer  makes one layer
   * @param numLayers  how many
   * @param norm       of what the last one gives; default: none
   * @throws HandgradError if makeLayer is not a function that gives modules, or numLayers not an integer from 1 up
   */
  constructor(makeLayer: () => DecoderBlock, numLayers: number, norm: Layer | null = null) {
    super()
    this.layers = made('TransformerDecoder', makeLayer, numLayers)
    this.norm = norm
  }

  /**
   * @param tgt     [L, N, E], or [N, L, E] with batchFirst, or [L, E]
   * @param memory  what is attended to, of the same axes and another length
   * @returns tgt's shape
   */
  forward(tgt: Tensor, memory: Tensor, options?: DecoderMasks): Tensor {
    const masks = optionsOf('TransformerDecoder.forward', options, decoderMasks)
    const x = this.layers.reduce((x, layer) => layer.forward(x, memory, masks), tgt)
    return this.norm ? this.norm.forward(x) : x
  }
}

/** Masks of {@link Transformer.forward}. */
export interface TransformerMasks extends DecoderMasks {
  /** Of attention in the encoder. Default: null. */
  srcMask?: Tensor | null
  /** Of elements that fill up src. Default: null. */
  srcKeyPaddingMask?: Tensor | null
  /** No element of src sees later ones. Default: false. */
  srcIsCausal?: boolean
}

/**
 * An encoder of src, and a decoder of tgt that attends to what it gives, each with a norm at its end. First values of
 * all matrices are Xavier's uniform. @see Vaswani et al. 2017
 */
export class Transformer extends Module {
  encoder: TransformerEncoder
  decoder: TransformerDecoder

  /**
   * @param dModel                    features; default 512
   * @param nhead                     heads, a divisor of dModel; default 8
   * @param options.numEncoderLayers  default 6
   * @param options.numDecoderLayers  default 6
   * @throws HandgradError if a size is out of range
   */
  constructor(
    dModel = 512,
    nhead = 8,
    options?: TransformerLayerOptions & { numEncoderLayers?: number; numDecoderLayers?: number },
  ) {
    super()
    const { numEncoderLayers, numDecoderLayers, ...rest } = optionsOf('Transformer', options, {
      ...layerDefaults,
      numEncoderLayers: 6,
      numDecoderLayers: 6,
    })
    const { device, dtype, layerNormEps: eps } = rest
    const encoderLayer = (): EncoderBlock => new TransformerEncoderLayer(dModel, nhead, rest)
    const decoderLayer = (): DecoderBlock => new TransformerDecoderLayer(dModel, nhead, rest)
    const norm = (): LayerNorm => new LayerNorm(dModel, { eps, device, dtype })
    this.encoder = new TransformerEncoder(encoderLayer, numEncoderLayers, norm())
    this.decoder = new TransformerDecoder(decoderLayer, numDecoderLayers, norm())
    for (const x of this.parameters()) if (x.ndim > 1) xavierUniform_(x)
  }

  /** @param src [S, N, E], or [N, S, E] with batchFirst, or [S, E] @param tgt of the same axes @returns tgt's shape */
  forward(src: Tensor, tgt: Tensor, options?: TransformerMasks): Tensor {
    const { srcMask, srcKeyPaddingMask, srcIsCausal, ...rest } = optionsOf('Transformer.forward', options, {
      ...decoderMasks,
      srcMask: null,
      srcKeyPaddingMask: null,
      srcIsCausal: false,
    })
    const memory = this.encoder.forward(src, { mask: srcMask, srcKeyPaddingMask, isCausal: srcIsCausal })
    return this.decoder.forward(tgt, memory, rest)
  }
}

/**
 * y = dropout(x + P), P of position t sin(t·ω) and cos(t·ω) in turn, ω = 10000^(−2i/dModel) for the i-th pair. P is a
 * buffer, saved as `pe` of shape [maxLen, 1, dModel], as PyTorch's tutorials save it. @see Vaswani et al. 2017
 */
export class PositionalEncoding extends Module {
  readonly batchFirst: boolean
  dropout: Dropout
  pe: Tensor

  /**
   * @param dModel              features
   * @param options.dropout     of the sum; default 0.1
   * @param options.maxLen      longest sequence; default 5000
   * @param options.batchFirst  x is [batch, length, features] in place of [length, batch, features]; default false
   * @throws HandgradError if a size is not an integer from 1 up, or dropout is not in [0, 1]
   */
  constructor(dModel: number, options?: LayerOptions & { dropout?: number; maxLen?: number; batchFirst?: boolean }) {
    super()
    const op = 'PositionalEncoding'
    const given = optionsOf(op, options, { ...nowhere, dropout: 0.1, maxLen: 5000, batchFirst: false })
    const { dropout, maxLen, batchFirst, device, dtype = 'float32' } = given
    size(op, 'dModel', dModel)
    size(op, 'maxLen', maxLen)
    this.batchFirst = batchFirst
    this.dropout = new Dropout(dropout)
    const values = Float64Array.from({ length: maxLen * dModel }, (_, at) => {
      const [t, i] = [Math.floor(at / dModel), at % dModel]
      const angle = t * 10000 ** (-(i - (i % 2)) / dModel)
      return i % 2 ? Math.cos(angle) : Math.sin(angle)
    })
    this.pe = buffer(tensor(values, { shape: [maxLen, 1, dModel], device, dtype }))
  }

  /** @param x [L, N, E], or [N, L, E] with batchFirst @returns the same shape @throws HandgradError if L > maxLen */
  forward(x: Tensor): Tensor {
    const [maxLen, , features] = this.pe.shape
    const length = x?.shape?.[this.batchFirst ? 1 : 0]
    if (x?.ndim !== 3 || x.shape[2] !== features || length > maxLen) {
      const form = this.batchFirst ? `[batch, up to ${maxLen}, ${features}]` : `[up to ${maxLen}, batch, ${features}]`
      this.refuse(`x is ${x?.shape ? showShape(x.shape) : describe(x)}`, `give ${form}`)
    }
    const rows = slice(this.pe, [0, length])
    return this.dropout.forward(add(x, this.batchFirst ? reshape(rows, [length, features]) : rows))
  }

  protected override sizes(): string {
    return `${this.pe.shape[2]}, ${this.pe.shape[0]}`
  }
}
