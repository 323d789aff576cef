/** @file Attention of several heads, between the linear maps that it learns. */
import { describe, fail } from '../core/errors.ts'
import { type Shape, showShape } from '../core/shape.ts'
import { Tensor } from '../core/tensor.ts'
import { optionsOf } from '../ops/base/options.ts'
import {
  add,
  arange,
  gt,
  linear,
  logicalNot,
  logicalOr,
  matmul,
  mean,
  mul,
  permute,
  reshape,
  scaledDotProductAttention,
  softmax,
  split,
  tensor,
  transpose,
  unbind,
  unsqueeze,
  where,
  zeros,
} from '../ops/index.ts'
import { constant_, xavierUniform_ } from './init.ts'
import { type LayerOptions, nowhere, SnakeCased, settings, size } from './layer.ts'
import { Linear } from './linear.ts'
import { parameter } from './module.ts'

/** Options of {@link MultiheadAttention}. */
export interface MultiheadAttentionOptions extends LayerOptions {
  /** Probability with which a weight is dropped in training. Default: 0. */
  dropout?: number
  /** Of all four maps. Default: true. */
  bias?: boolean
  /** Size of the last axis of keys; null: embedDim. Default: null. */
  kdim?: number | null
  /** Size of the last axis of values; null: embedDim. Default: null. */
  vdim?: number | null
  /** Inputs are [batch, length, features] in place of [length, batch, features]. Default: false. */
  batchFirst?: boolean
}

/** Options of {@link MultiheadAttention.forward}. A mask is of bools, true where a key takes NO part, or of floats. */
export interface AttendOptions {
  /** [N, S], or [S] without a batch: keys that fill up a sequence. Floats are added to the scores. Default: null. */
  keyPaddingMask?: Tensor | null
  /** [L, S] or [N·heads, L, S]. Floats are added to the scores. Default: null. */
  attnMask?: Tensor | null
  /** Query i sees keys j ≤ i only: as attnMask: causalMask(L), but without a mask in memory. Default: false. */
  isCausal?: boolean
  /**
   * [N] of int32, or as many numbers: sequence b has keyLengths[b] keys, and what lies behind them has no influence
   * on the output: keyPaddingMask without a mask in memory. Numbers there are finite (zeros, say): gradients of the
   * projections have products with them. Default: null.
   */
  keyLengths?: Tensor | readonly number[] | null
  /** Give the weights, too, which the fused op does not store: they are worked out again. Default: false. */
  needWeights?: boolean
  /** The weights' mean over the heads. Default: true. */
  averageAttnWeights?: boolean
}

/**
 * [n, n] of bools, true above the diagonal, for `attnMask`: what comes later takes no part. PyTorch's
 * `generate_square_subsequent_mask` has −Inf there.
 * @throws HandgradError if n is not an integer from 1 up
 */
export function causalMask(n: number, options?: Pick<LayerOptions, 'device'>): Tensor {
  const { device } = optionsOf('causalMask', options, { device: undefined })
  const at = arange(0, size('causalMask', 'n', n), 1, { device })
  return gt(at, unsqueeze(at, 1))
}

/** Both masks as scaledDotProductAttention takes one: bools are true where a key takes part. */
function mergedMask(a: Tensor | null, b: Tensor | null): Tensor | null {
  if (a && b) {
    if (a.dtype === 'bool') return b.dtype === 'bool' ? logicalNot(logicalOr(a, b)) : where(a, -Infinity, b)
    return b.dtype === 'bool' ? where(b, -Infinity, a) : add(a, b)
  }
  const mask = a ?? b
  return mask?.dtype === 'bool' ? logicalNot(mask) : mask
}

const defaults = { ...nowhere, dropout: 0, bias: true, kdim: null, vdim: null, batchFirst: false }

/**
 * y = concat(head₁, …) Wₒᵀ + bₒ, headᵢ = softmax(qᵢ kᵢᵀ/√d) vᵢ, of q = query W_qᵀ + b_q and so on, cut into heads of
 * d = embedDim/numHeads features. One product makes q, k and v where they are of one tensor, the fused attention takes
 * them from there. First values: Xavier's uniform for the maps of q, k and v, Linear's for the output's, biases 0.
 * @see Vaswani et al. 2017
 */
export class MultiheadAttention extends SnakeCased {
  readonly embedDim: number
  readonly numHeads: number
  readonly dropout: number
  readonly batchFirst: boolean
  readonly kdim: number
  readonly vdim: number
  /** [E, E]; where keys or values have a size of their own, else null. */
  qProjWeight: Tensor | null
  /** [E, kdim] */
  kProjWeight: Tensor | null
  /** [E, vdim] */
  vProjWeight: Tensor | null
  /** Those of q, k and v, [3E, E]; else null. */
  inProjWeight: Tensor | null
  /** [3E], begins as 0. */
  inProjBias: Tensor | null
  outProj: Linear
  private readonly text: string

  /**
   * @param embedDim  E, features of queries and outputs
   * @param numHeads  a divisor of embedDim
   * @throws HandgradError if a size is not an integer from 1 up, numHeads does not divide embedDim, or dropout is not
   *   in [0, 1]
   */
  constructor(embedDim: number, numHeads: number, options?: MultiheadAttentionOptions) {
    super()
    const op = 'MultiheadAttention'
    const { device, dtype, ...given } = optionsOf(op, options, defaults)
    const where = { device, dtype }
    const { dropout, bias, kdim, vdim, batchFirst } = given
    this.embedDim = size(op, 'embedDim', embedDim)
    this.numHeads = size(op, 'numHeads', numHeads)
    if (embedDim % numHeads !== 0) fail(op, `${numHeads} heads do not divide ${embedDim} features`)
    if (!(dropout >= 0 && dropout <= 1)) fail(op, `dropout is ${describe(dropout)}`, 'give a number from 0 to 1')
    this.dropout = dropout
    this.batchFirst = batchFirst
    this.kdim = size(op, 'kdim', kdim ?? embedDim)
    this.vdim = size(op, 'vdim', vdim ?? embedDim)
    const weight = (rows: number, columns: number) => parameter(xavierUniform_(zeros([rows, columns], where)))
    const one = this.kdim === embedDim && this.vdim === embedDim
    this.qProjWeight = one ? null : weight(embedDim, embedDim)
    this.kProjWeight = one ? null : weight(embedDim, this.kdim)
    this.vProjWeight = one ? null : weight(embedDim, this.vdim)
    this.inProjWeight = one ? weight(3 * embedDim, embedDim) : null
    this.inProjBias = bias ? parameter(zeros([3 * embedDim], where)) : null
    this.outProj = new Linear(embedDim, embedDim, { bias, ...where })
    if (this.outProj.bias) constant_(this.outProj.bias, 0)
    this.text = settings([embedDim, numHeads], given, defaults)
  }

  /**
   * A query for which no key takes part gives 0 before the last map, where PyTorch has NaN.
   * @param query  [L, N, E], or [N, L, E] with batchFirst, or [L, E]
   * @param key    [S, N, kdim], or [N, S, kdim] with batchFirst, or [S, kdim]
   * @param value  as key, of vdim
   * @returns the output, of query's shape, and with `needWeights` the weights before dropout, [N, L, S], or each head's
   *   [N, heads, L, S]; without a batch none of these has the N; else null
   * @throws HandgradError if shapes do not fit
   */
  forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    options?: AttendOptions,
  ): [output: Tensor, weights: Tensor | null] {
    const { isCausal, keyLengths, needWeights, averageAttnWeights, ...masks } = optionsOf(
      'MultiheadAttention.forward',
      options,
      {
        keyPaddingMask: null,
        attnMask: null,
        isCausal: false,
        keyLengths: null,
        needWeights: false,
        averageAttnWeights: true,
      },
    )
    this.check(query, key, value)
    const alone = query.ndim === 2
    const [N, L] = alone ? [1, query.shape[0]] : this.batchFirst ? query.shape : [query.shape[1], query.shape[0]]
    const attnMask = this.maskOf(masks, [N, L, key.shape[this.batchFirst && !alone ? 1 : 0]])
    const [q, k, v] = this.projected(query, key, value)
    const dropoutP = this.training ? this.dropout : 0
    const y = scaledDotProductAttention(q, k, v, { attnMask, isCausal, dropoutP, keyLengths })
    const rows = permute(y, this.batchFirst || alone ? [0, 2, 1, 3] : [2, 0, 1, 3])
    const output = this.outProj.forward(reshape(rows, query.shape))
    if (!needWeights) return [output, null]
    const weights = this.weightsOf(q, k, attnMask, isCausal, keyLengths)
    const given = averageAttnWeights ? mean(weights, 1) : weights
    return [output, alone ? reshape(given, given.shape.slice(1)) : given]
  }

  /** Refuse inputs that do not fit. */
  private check(query: Tensor, key: Tensor, value: Tensor): void {
    const given = Object.entries({ query, key, value })
    const sizes = [this.embedDim, this.kdim, this.vdim]
    const form = this.batchFirst ? 'batch, length' : 'length, batch'
    given.forEach(([name, x], i) => {
      const shape: Shape | undefined = x?.shape
      if (shape?.at(-1) !== sizes[i] || (shape.length !== 2 && shape.length !== 3))
        this.refuse(
          `${name} is ${shape ? showShape(shape) : describe(x)}`,
          `give [${form}, ${sizes[i]}] or [length, ${sizes[i]}]`,
        )
    })
    const [batch, length] = this.batchFirst && query.ndim === 3 ? [0, 1] : [-2, -3]
    const all = given.map(([name, x]) => `${name} ${showShape(x.shape)}`).join(', ')
    const alone = query.ndim === 2
    const same = (a: Tensor, b: Tensor, axis: number): boolean => a.shape.at(axis) === b.shape.at(axis)
    if (given.some(([, x]) => x.ndim !== query.ndim)) this.refuse(all, 'give all with a batch, or all without')
    if (!alone && !(same(query, key, batch) && same(query, value, batch)))
      this.refuse(`${all}: their batches differ`, `give [${form}, features] of one batch`)
    if (!same(key, value, alone ? 0 : length)) this.refuse(`${all}: keys and values differ in length`)
  }

  /** q, k and v as [N, heads, length, d]: one product for each input, however many of them it serves as. */
  private projected(query: Tensor, key: Tensor, value: Tensor): Tensor[] {
    const { embedDim: E, inProjWeight, inProjBias } = this
    // How many of q, k, v neighbouring inputs that are the same make.
    const runs: [x: Tensor, count: number][] = []
    for (const x of [query, key, value]) {
      const last = runs.at(-1)
      if (inProjWeight && last?.[0] === x) last[1]++
      else runs.push([x, 1])
    }
    const cut = (x: Tensor | null): readonly (Tensor | null)[] => {
      if (!x || runs.length === 1) return runs.map(() => x)
      return split(
        x,
        runs.map(([, count]) => count * E),
      )
    }
    const weights = inProjWeight ? cut(inProjWeight) : [this.qProjWeight, this.kProjWeight, this.vProjWeight]
    const biases = cut(inProjBias)
    // There are weights of one kind or the other.
    return runs.flatMap(([x, count], i) => this.heads(linear(x, weights[i] as Tensor, biases[i]), count))
  }

  /** [length, N, count·E], or as batchFirst has it, or without N, to `count` of [N, heads, length, d]: views. */
  private heads(y: Tensor, count: number): Tensor[] {
    const { numHeads, embedDim } = this
    const outer = y.ndim === 2 ? [y.shape[0], 1] : y.shape.slice(0, 2)
    const [n, t] = this.batchFirst && y.ndim === 3 ? [0, 1] : [1, 0]
    const each = [numHeads, embedDim / numHeads]
    const parts = count === 1 ? [reshape(y, [...outer, ...each])] : unbind(reshape(y, [...outer, count, ...each]), 2)
    return parts.map((x) => permute(x, [n, 2, t, 3]))
  }

  /** The masks as one that fits [N, heads, L, S]. */
  private maskOf(
    { keyPaddingMask, attnMask }: Pick<Required<AttendOptions>, 'keyPaddingMask' | 'attnMask'>,
    [N, L, S]: readonly number[],
  ): Tensor | null {
    const shaped = (name: string, mask: Tensor | null, forms: Readonly<Record<string, Shape>>): Tensor | null => {
      if (!mask) return null
      const to = forms[mask.shape?.join(', ')]
      if (!to) {
        const wanted = Object.keys(forms).map((form) => `[${form}]`)
        this.refuse(`${name} is ${mask.shape ? showShape(mask.shape) : describe(mask)}`, `give ${wanted.join(' or ')}`)
      }
      return reshape(mask, to)
    }
    const heads = this.numHeads
    const padding = shaped('keyPaddingMask', keyPaddingMask, {
      [`${N}, ${S}`]: [N, 1, 1, S],
      ...(N === 1 ? { [S]: [1, 1, 1, S] } : {}),
    })
    return mergedMask(
      padding,
      shaped('attnMask', attnMask, { [`${N * heads}, ${L}, ${S}`]: [N, heads, L, S], [`${L}, ${S}`]: [1, 1, L, S] }),
    )
  }

  /** [N, heads, L, S] */
  private weightsOf(
    q: Tensor,
    k: Tensor,
    mask: Tensor | null,
    isCausal: boolean,
    keyLengths: Tensor | readonly number[] | null,
  ): Tensor {
    let scores = mul(matmul(q, transpose(k)), 1 / Math.sqrt(q.shape[3]))
    if (mask) scores = mask.dtype === 'bool' ? where(mask, scores, -Infinity) : add(scores, mask)
    if (isCausal) {
      const [at, rows] = [scores.shape[3], scores.shape[2]].map((n) => arange(0, n, 1, { device: q.device }))
      scores = where(gt(at, unsqueeze(rows, 1)), -Infinity, scores)
    }
    if (keyLengths) {
      const lengths =
        keyLengths instanceof Tensor ? keyLengths : tensor(Int32Array.from(keyLengths), { device: q.device })
      const at = arange(0, scores.shape[3], 1, { device: q.device })
      scores = where(gt(reshape(lengths, [-1, 1, 1, 1]), at), scores, -Infinity)
    }
    return softmax(scores, -1)
  }

  protected override sizes(): string {
    return this.text
  }
}
