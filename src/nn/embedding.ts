/** @file Tables of rows that are looked up: Embedding, EmbeddingBag. */
import { describe, fail } from '../core/errors.ts'
import { noGrad } from '../core/graph.ts'
import { scope } from '../core/scope.ts'
import { showShape } from '../core/shape.ts'
import type { Tensor } from '../core/tensor.ts'
import { checkDType } from '../ops/base/arguments.ts'
import { stored } from '../ops/base/halves.ts'
import { optionsOf } from '../ops/base/options.ts'
import {
  add,
  detach,
  div,
  type EmbeddingBagOptions,
  embedding,
  embeddingBag,
  gt,
  type Index,
  norm,
  ones,
  reshape,
  where,
  zeros,
} from '../ops/index.ts'
import { fill_, indexPut_, mul_, select } from '../ops/methods.ts'
import { normal_ } from './init.ts'
import { type LayerOptions, nowhere, settings, size } from './layer.ts'
import { Module, parameter } from './module.ts'

/** Options of {@link Embedding}. */
export interface EmbeddingOptions extends LayerOptions {
  /** A row that begins as 0 and has no gradient; a negative one counts from the end. Default: none. */
  paddingIdx?: number | null
  /** Rows that are looked up and longer are shortened to it, in the weight itself. Default: no limit. */
  maxNorm?: number | null
  /** The p of that norm. Default: 2. */
  normType?: number
  /** The rows, which the layer shares, in the place of first values. Default: N(0, 1). */
  weight?: Tensor
}

/** Options of {@link Embedding.fromPretrained}. */
export interface PretrainedOptions extends Omit<EmbeddingOptions, keyof LayerOptions | 'weight'> {
  /** The rows are not trained. Default: true. */
  freeze?: boolean
}

/** Options of {@link EmbeddingBag}. */
export interface EmbeddingBagLayerOptions
  extends EmbeddingOptions,
    Pick<EmbeddingBagOptions, 'mode' | 'includeLastOffset'> {}

const rows = { paddingIdx: null, maxNorm: null, normType: 2 }
const defaults = { ...nowhere, ...rows, weight: undefined }

/** PyTorch's, so that a shortened row is a little shorter than maxNorm and is left alone the next time. */
const EPS = 1e-7

/** The weight, and what is done before rows are looked up. */
abstract class Table extends Module {
  readonly numEmbeddings: number
  readonly embeddingDim: number
  readonly paddingIdx: number | null
  readonly maxNorm: number | null
  readonly normType: number
  /** [numEmbeddings, embeddingDim] */
  weight: Tensor
  private readonly text: string

  constructor(
    numEmbeddings: number,
    embeddingDim: number,
    {
      device,
      dtype,
      weight,
      ...options
    }: Required<Omit<EmbeddingOptions, keyof LayerOptions | 'weight'>> &
      Pick<EmbeddingOptions, keyof LayerOptions | 'weight'>,
    defaults: object,
  ) {
    super()
    const op = new.target.name
    const shape = [size(op, 'numEmbeddings', numEmbeddings), size(op, 'embeddingDim', embeddingDim)]
    const { paddingIdx, maxNorm, normType } = options
    if (paddingIdx !== null && !(Number.isInteger(paddingIdx) && paddingIdx >= -shape[0] && paddingIdx < shape[0]))
      fail(op, `paddingIdx is ${describe(paddingIdx)}`, `give an integer from ${-shape[0]} to ${shape[0] - 1}`)
    if (maxNorm !== null && !(typeof maxNorm === 'number' && maxNorm > 0))
      fail(op, `maxNorm is ${describe(maxNorm)}`, 'give a number above 0, or null for no limit')
    if (!(typeof normType === 'number' && normType > 0))
      fail(op, `normType is ${describe(normType)}`, 'give the p of the norm, a number above 0')
    this.numEmbeddings = numEmbeddings
    this.embeddingDim = embeddingDim
    this.paddingIdx = paddingIdx !== null && paddingIdx < 0 ? paddingIdx + numEmbeddings : paddingIdx
    this.maxNorm = maxNorm
    this.normType = normType
    if (weight) {
      if (matrix(op, weight).some((n, i) => n !== shape[i]))
        fail(op, `weight is ${showShape(weight.shape)}, not ${showShape(shape)}`)
      this.weight = parameter(detach(weight))
    } else {
      const first = normal_(zeros(shape, { device, dtype }))
      const padding = this.paddingIdx
      if (padding !== null) noGrad(() => scope(() => void fill_(select(first, 0, padding), 0)))
      this.weight = parameter(first)
    }
    this.text = settings(shape, options, defaults)
  }

  /** Shorten the rows that are about to be looked up, on the device. */
  protected limit(index: Tensor): void {
    const { weight, maxNorm, normType } = this
    if (maxNorm === null) return
    noGrad(() =>
      scope(() => {
        const flat = reshape(index, [-1])
        const length = norm(embedding(weight, flat), normType, 1, { keepdim: true })
        // A factor for each row, not the rows themselves: that of a row that is not there, whose length is 0, is 1.
        const shortened = where(gt(length, maxNorm), div(maxNorm, add(length, EPS)), 1)
        const factors = ones([weight.shape[0], 1], { dtype: weight.dtype, device: weight.device })
        mul_(weight, indexPut_(factors, [flat], shortened))
      }),
    )
  }

  protected override sizes(): string {
    return this.text
  }
}

/** Rows and columns of a weight. */
function matrix(op: string, weight: Tensor): [rows: number, cols: number] {
  checkDType(op, 'weight', weight, stored)
  if (weight.ndim !== 2) fail(op, `weight is ${showShape(weight.shape)}`, 'give [rows, cols]')
  return [weight.shape[0], weight.shape[1]]
}

/** Rows of a table: y[…, :] = weight[index[…], :]. First values are N(0, 1), as PyTorch's. */
export class Embedding extends Table {
  /**
   * @param numEmbeddings  rows
   * @param embeddingDim   numbers in a row
   * @throws HandgradError if a size is not an integer from 1 up, paddingIdx is outside of the rows, maxNorm or normType
   *   is not above 0, or `weight` has another shape
   */
  constructor(numEmbeddings: number, embeddingDim: number, options?: EmbeddingOptions) {
    super(numEmbeddings, embeddingDim, optionsOf('Embedding', options, defaults), defaults)
  }

  /**
   * A layer of rows that are there: it shares their memory.
   * @param weight  [rows, cols]
   * @throws HandgradError if weight is not a matrix of floats
   */
  static fromPretrained(weight: Tensor, options?: PretrainedOptions): Embedding {
    const op = 'Embedding.fromPretrained'
    const { freeze, ...rest } = optionsOf(op, options, { ...rows, freeze: true })
    const layer = new Embedding(...matrix(op, weight), { ...rest, weight })
    layer.weight.requiresGrad = !freeze
    return layer
  }

  /**
   * @param index  int32, any shape
   * @returns [...index.shape, embeddingDim]
   * @throws IndexError for a row that is not there: at once on the CPU, else at the next read
   */
  forward(index: Tensor): Tensor {
    this.limit(index)
    return embedding(this.weight, index, this.paddingIdx)
  }
}

const bagDefaults = { ...defaults, mode: 'mean', includeLastOffset: false } as const

/**
 * Rows of a table, folded bag by bag: their sum, mean or greatest, without the rows in between (`embeddingBag`). First
 * values are N(0, 1), as PyTorch's.
 */
export class EmbeddingBag extends Table {
  readonly mode: 'sum' | 'mean' | 'max'
  readonly includeLastOffset: boolean

  /**
   * @param numEmbeddings              rows
   * @param embeddingDim               numbers in a row
   * @param options.paddingIdx         a row that does not count
   * @param options.mode               'sum', 'mean' or 'max'; default 'mean'
   * @param options.includeLastOffset  the last offset is where the last bag ends; default false
   * @throws HandgradError as {@link Embedding}, and if there is no such mode
   */
  constructor(numEmbeddings: number, embeddingDim: number, options?: EmbeddingBagLayerOptions) {
    const given = optionsOf('EmbeddingBag', options, bagDefaults)
    const { mode, includeLastOffset } = given
    if (!['sum', 'mean', 'max'].includes(mode))
      fail('EmbeddingBag', `mode is ${describe(mode)}`, "'sum', 'mean' or 'max'")
    super(numEmbeddings, embeddingDim, given, bagDefaults)
    this.mode = mode
    this.includeLastOffset = includeLastOffset
  }

  /** As {@link Embedding.fromPretrained}, with the options of bags. */
  static fromPretrained(
    weight: Tensor,
    options?: PretrainedOptions & Pick<EmbeddingBagLayerOptions, 'mode' | 'includeLastOffset'>,
  ): EmbeddingBag {
    const op = 'EmbeddingBag.fromPretrained'
    const { mode, includeLastOffset } = bagDefaults
    const given = optionsOf(op, options, { ...rows, freeze: true, mode, includeLastOffset })
    const { freeze, ...rest } = given
    const layer = new EmbeddingBag(...matrix(op, weight), { ...rest, weight })
    layer.weight.requiresGrad = !freeze
    return layer
  }

  /**
   * @param index             int32 [bags, n], a bag a row; or [n] with offsets
   * @param offsets           where each bag begins, int32 or host integers
   * @param perSampleWeights  a factor for each row that is looked up; mode 'sum' alone
   * @returns [bags, embeddingDim]
   * @throws as `embeddingBag`
   */
  forward(index: Tensor, offsets: Index | null = null, perSampleWeights: Tensor | null = null): Tensor {
    const { weight, mode, includeLastOffset, paddingIdx } = this
    this.limit(index)
    return embeddingBag(weight, index, { offsets, mode, perSampleWeights, includeLastOffset, paddingIdx })
  }
}
