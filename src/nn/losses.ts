/** @file Losses as modules: what they are made with are the options of the functions in ops/loss. */
import { describe, fail } from '../core/errors.ts'
import { Tensor } from '../core/tensor.ts'
import { optionsOf } from '../ops/base/options.ts'
import {
  bceLoss,
  bceWithLogits,
  type ClassLossOptions,
  type CrossEntropyOptions,
  type CtcLossOptions,
  cosineEmbeddingLoss,
  cosineSimilarity,
  crossEntropy,
  ctcLoss,
  type Distance,
  gaussianNllLoss,
  hingeEmbeddingLoss,
  huberLoss,
  klDiv,
  type Lengths,
  type LossOptions,
  l1Loss,
  marginRankingLoss,
  mseLoss,
  multilabelMarginLoss,
  multilabelSoftMarginLoss,
  multiMarginLoss,
  nllLoss,
  pairwiseDistance,
  poissonNllLoss,
  type Reduction,
  smoothL1Loss,
  softMarginLoss,
  tripletMarginLoss,
  tripletMarginWithDistanceLoss,
  type WeightedLossOptions,
} from '../ops/index.ts'
import { Configured, checkNumeric, inSnakeCase, named } from './layer.ts'
import { buffer } from './module.ts'

const mean = { reduction: 'mean' } as const

/** Options of a loss, checked. */
abstract class Loss<O extends { reduction?: Reduction | 'batchmean' }> extends Configured<O> {
  constructor(options: O, defaults: object, reductions: readonly string[] = ['mean', 'sum', 'none']) {
    super(options, defaults)
    const op = new.target.name
    const { reduction } = options
    if (!reductions.includes(reduction as string)) {
      const [last, ...others] = reductions.map((word) => `'${word}'`).reverse()
      fail(op, `reduction is ${describe(reduction)}`, `${others.reverse().join(', ')} or ${last}`)
    }
    checkNumeric(op, options, defaults)
  }
}

/** A loss with a weight, which is a buffer: it is saved and moved with the module. */
abstract class WeightedLoss<O extends { reduction?: Reduction; weight?: Tensor | null }> extends Loss<
  Omit<O, 'weight'>
> {
  weight: Tensor | null

  constructor({ weight, ...options }: O, defaults: object) {
    super(options, defaults)
    this.weight = factors(new.target.name, 'weight', weight)
  }
}

/** A buffer of factors, if there are some. */
function factors(op: string, name: string, given: Tensor | null | undefined): Tensor | null {
  if (given == null) return null
  if (!(given instanceof Tensor)) fail(op, `${name} is ${describe(given)}`, 'give a tensor')
  return buffer(given)
}

/** L = |x − t|. */
export class L1Loss extends Loss<LossOptions> {
  /** @throws HandgradError if reduction is not 'mean' (default), 'sum' or 'none' */
  constructor(options?: LossOptions) {
    super(optionsOf('L1Loss', options, mean), mean)
  }

  /** @param x any shape @param target x's shape @returns 0-d; with reduction 'none' x's shape */
  forward(x: Tensor, target: Tensor): Tensor {
    return l1Loss(x, target, this.options)
  }
}

/** L = (x − t)². */
export class MSELoss extends Loss<LossOptions> {
  /** @throws HandgradError if reduction is not 'mean' (default), 'sum' or 'none' */
  constructor(options?: LossOptions) {
    super(optionsOf('MSELoss', options, mean), mean)
  }

  /** @param x any shape @param target x's shape @returns 0-d; with reduction 'none' x's shape */
  forward(x: Tensor, target: Tensor): Tensor {
    return mseLoss(x, target, this.options)
  }
}

const smooth = { ...mean, beta: 1 }

/** L = d²/2β where |d| < β, else |d| − β/2, d = x − t. */
export class SmoothL1Loss extends Loss<LossOptions & { beta?: number }> {
  /** @param options.beta default 1 @throws HandgradError if beta is not a number, or reduction not one of three */
  constructor(options?: LossOptions & { beta?: number }) {
    super(optionsOf('SmoothL1Loss', options, smooth), smooth)
  }

  /** @param x any shape @param target x's shape @returns 0-d; with reduction 'none' x's shape */
  forward(x: Tensor, target: Tensor): Tensor {
    return smoothL1Loss(x, target, this.options)
  }
}

const huber = { ...mean, delta: 1 }

/** L = d²/2 where |d| < δ, else δ·(|d| − δ/2), d = x − t. */
export class HuberLoss extends Loss<LossOptions & { delta?: number }> {
  /** @param options.delta default 1 @throws HandgradError if delta is not a number, or reduction not one of three */
  constructor(options?: LossOptions & { delta?: number }) {
    super(optionsOf('HuberLoss', options, huber), huber)
  }

  /** @param x any shape @param target x's shape @returns 0-d; with reduction 'none' x's shape */
  forward(x: Tensor, target: Tensor): Tensor {
    return huberLoss(x, target, this.options)
  }
}

const entropy = { ...mean, weight: null, ignoreIndex: -100, labelSmoothing: 0 }

/** L = −Σ_c w_c·q_c·log softmax(x)_c with q = (1 − s)·onehot(t) + s/C, or with the probabilities given as target. */
export class CrossEntropyLoss extends WeightedLoss<CrossEntropyOptions> {
  /** @throws HandgradError if labelSmoothing is not in [0, 1], or reduction not one of three */
  constructor(options?: CrossEntropyOptions) {
    super(optionsOf('CrossEntropyLoss', options, entropy), entropy)
    const s = this.options.labelSmoothing as number
    if (!(s >= 0 && s <= 1)) fail('CrossEntropyLoss', `labelSmoothing is ${s}`, 'give a number from 0 to 1')
  }

  /** @param x logits [C] or [N, C, …] @param target int32 classes, or probabilities as x @returns 0-d, or one a row */
  forward(x: Tensor, target: Tensor): Tensor {
    return crossEntropy(x, target, { ...this.options, weight: this.weight })
  }
}

const likelihood = { ...mean, weight: null, ignoreIndex: -100 }

/** L = −w_t·x_t, of log-probabilities x. */
export class NLLLoss extends WeightedLoss<ClassLossOptions> {
  /** @throws HandgradError if ignoreIndex is not a number, or reduction not one of three */
  constructor(options?: ClassLossOptions) {
    super(optionsOf('NLLLoss', options, likelihood), likelihood)
  }

  /** @param x log-probabilities [C] or [N, C, …] @param target int32 classes @returns 0-d, or a loss for each row */
  forward(x: Tensor, target: Tensor): Tensor {
    return nllLoss(x, target, { ...this.options, weight: this.weight })
  }
}

const weighing = { ...mean, weight: null }

/** L = −[t ln p + (1 − t) ln(1 − p)], of probabilities p. */
export class BCELoss extends WeightedLoss<WeightedLossOptions> {
  /** @throws HandgradError if reduction is not one of three */
  constructor(options?: WeightedLossOptions) {
    super(optionsOf('BCELoss', options, weighing), weighing)
  }

  /** @param p in [0, 1] @param target in [0, 1], p's shape @returns 0-d; with reduction 'none' p's shape */
  forward(p: Tensor, target: Tensor): Tensor {
    return bceLoss(p, target, { ...this.options, weight: this.weight })
  }
}

const logits = { ...weighing, posWeight: null }

/** L = −[w₊·t ln σ(x) + (1 − t) ln(1 − σ(x))]. Its buffers are weight and pos_weight. */
export class BCEWithLogitsLoss extends WeightedLoss<WeightedLossOptions & { posWeight?: Tensor | null }> {
  posWeight: Tensor | null

  /** @param options.posWeight w₊, broadcasts; default 1 @throws HandgradError if reduction is not one of three */
  constructor(options?: WeightedLossOptions & { posWeight?: Tensor | null }) {
    const { posWeight, ...rest } = optionsOf('BCEWithLogitsLoss', options, logits)
    super(rest, weighing)
    this.posWeight = factors('BCEWithLogitsLoss', 'posWeight', posWeight)
  }

  /** @param x any shape @param target in [0, 1], x's shape @returns 0-d; with reduction 'none' x's shape */
  forward(x: Tensor, target: Tensor): Tensor {
    return bceWithLogits(x, target, { ...this.options, weight: this.weight, posWeight: this.posWeight })
  }

  protected override fields(): Iterable<[string, unknown]> {
    return inSnakeCase(this)
  }
}

/** Options of {@link KLDivLoss}. */
export interface KLDivLossOptions {
  /** 'batchmean' divides by the size of the first axis. Default: 'mean'. */
  reduction?: Reduction | 'batchmean'
  /** The target is ln t. Default: false. */
  logTarget?: boolean
}
const divergence = { ...mean, logTarget: false }

/** L = t·(ln t − x), of log-probabilities x. 'batchmean' divides by the first axis, the others by all elements. */
export class KLDivLoss extends Loss<KLDivLossOptions> {
  /** @param options.logTarget the target is ln t @throws HandgradError if reduction is not one of four */
  constructor(options?: KLDivLossOptions) {
    super(optionsOf('KLDivLoss', options, divergence), divergence, ['mean', 'sum', 'none', 'batchmean'])
  }

  /** @param x log-probabilities @param target x's shape @returns 0-d; with reduction 'none' x's shape */
  forward(x: Tensor, target: Tensor): Tensor {
    return klDiv(x, target, this.options)
  }
}

/** Options of {@link PoissonNLLLoss}. */
export interface PoissonNLLLossOptions extends GaussianNLLLossOptions {
  /** x is the logarithm of the rate. Default: true. */
  logInput?: boolean
}
const poisson = { ...mean, logInput: true, full: false, eps: 1e-8 }

/** L = eˣ − t·x, or with `logInput: false` x − t·ln(x + ε); `full` adds Stirling's approximation of ln t!. */
export class PoissonNLLLoss extends Loss<PoissonNLLLossOptions> {
  /** @throws HandgradError if eps is not a number, or reduction not one of three */
  constructor(options?: PoissonNLLLossOptions) {
    super(optionsOf('PoissonNLLLoss', options, poisson), poisson)
  }

  /** @param x any shape @param target counts, x's shape @returns 0-d; with reduction 'none' x's shape */
  forward(x: Tensor, target: Tensor): Tensor {
    return poissonNllLoss(x, target, this.options)
  }
}

/** Options of {@link GaussianNLLLoss}. */
export interface GaussianNLLLossOptions extends LossOptions {
  /** Add what does not depend on x. Default: false. */
  full?: boolean
  /** What variances are at least; for {@link PoissonNLLLoss} what is added to the rate. Default: 1e-6, 1e-8. */
  eps?: number
}
const gaussian = { ...mean, full: false, eps: 1e-6 }

/** L = ½·(ln v + (x − t)²/v), v at least ε; `full` adds ½ ln 2π. */
export class GaussianNLLLoss extends Loss<GaussianNLLLossOptions> {
  /** @throws HandgradError if eps is not a number, or reduction not one of three */
  constructor(options?: GaussianNLLLossOptions) {
    super(optionsOf('GaussianNLLLoss', options, gaussian), gaussian)
  }

  /** @param x any shape @param target x's shape @param variance x's shape, or one for each row @returns 0-d, or each */
  forward(x: Tensor, target: Tensor, variance: Tensor): Tensor {
    return gaussianNllLoss(x, target, variance, this.options)
  }
}

/** Options of losses with a margin. */
export interface MarginOptions extends LossOptions {
  /** How far apart what is to differ has to be. */
  margin?: number
}
const from0 = { ...mean, margin: 0 }
const from1 = { ...mean, margin: 1 }

/** L = x where t is 1, max(0, margin − x) where it is −1. */
export class HingeEmbeddingLoss extends Loss<MarginOptions> {
  /** @param options.margin default 1 @throws HandgradError if margin is not a number, or reduction not one of three */
  constructor(options?: MarginOptions) {
    super(optionsOf('HingeEmbeddingLoss', options, from1), from1)
  }

  /** @param x any shape @param target 1 or −1, x's shape @returns 0-d; with reduction 'none' x's shape */
  forward(x: Tensor, target: Tensor): Tensor {
    return hingeEmbeddingLoss(x, target, this.options)
  }
}

/** L = max(0, −t·(x1 − x2) + margin). */
export class MarginRankingLoss extends Loss<MarginOptions> {
  /** @param options.margin default 0 @throws HandgradError if margin is not a number, or reduction not one of three */
  constructor(options?: MarginOptions) {
    super(optionsOf('MarginRankingLoss', options, from0), from0)
  }

  /** @param x1,x2 of one shape @param target 1 or −1, that shape @returns 0-d; with reduction 'none' that shape */
  forward(x1: Tensor, x2: Tensor, target: Tensor): Tensor {
    return marginRankingLoss(x1, x2, target, this.options)
  }
}

/** L = ln(1 + e^(−t·x)). */
export class SoftMarginLoss extends Loss<LossOptions> {
  /** @throws HandgradError if reduction is not 'mean' (default), 'sum' or 'none' */
  constructor(options?: LossOptions) {
    super(optionsOf('SoftMarginLoss', options, mean), mean)
  }

  /** @param x any shape @param target 1 or −1, x's shape @returns 0-d; with reduction 'none' x's shape */
  forward(x: Tensor, target: Tensor): Tensor {
    return softMarginLoss(x, target, this.options)
  }
}

/** L = 1/C · Σ_j Σ_i max(0, 1 − (x[t_j] − x[i])) over the target classes t_j of a row and its other classes i. */
export class MultiLabelMarginLoss extends Loss<LossOptions> {
  /** @throws HandgradError if reduction is not 'mean' (default), 'sum' or 'none' */
  constructor(options?: LossOptions) {
    super(optionsOf('MultiLabelMarginLoss', options, mean), mean)
  }

  /** @param x scores [C] or [N, C] @param target int32 classes, then −1, x's shape @returns 0-d, or one for each row */
  forward(x: Tensor, target: Tensor): Tensor {
    return multilabelMarginLoss(x, target, this.options)
  }
}

/** L = −1/C · Σ_c w_c·(t_c·ln σ(x_c) + (1 − t_c)·ln(1 − σ(x_c))), a yes or no for each class. */
export class MultiLabelSoftMarginLoss extends WeightedLoss<WeightedLossOptions> {
  /** @param options.weight w; default 1 @throws HandgradError if reduction is not one of three */
  constructor(options?: WeightedLossOptions) {
    super(optionsOf('MultiLabelSoftMarginLoss', options, weighing), weighing)
  }

  /** @param x scores [..., C] @param target in [0, 1], x's shape @returns 0-d; with reduction 'none' one a row */
  forward(x: Tensor, target: Tensor): Tensor {
    return multilabelSoftMarginLoss(x, target, { ...this.options, weight: this.weight })
  }
}

/** Options of {@link MultiMarginLoss}. */
export interface MultiMarginLossOptions extends MarginOptions {
  /** Default: 1. */
  p?: 1 | 2
  /** A factor for each class. Default, or null: 1. */
  weight?: Tensor | null
}
const multi = { ...weighing, p: 1, margin: 1 } as const

/** L = w_t/C · Σ_{j ≠ t} max(0, margin − x_t + x_j)^p. */
export class MultiMarginLoss extends WeightedLoss<MultiMarginLossOptions> {
  /** @param options.p 1 (default) or 2 @throws HandgradError if p is another, or reduction not one of three */
  constructor(options?: MultiMarginLossOptions) {
    super(optionsOf('MultiMarginLoss', options, multi), multi)
    const { p } = this.options
    if (p !== 1 && p !== 2) fail('MultiMarginLoss', `p is ${p}`, 'give 1 or 2')
  }

  /** @param x scores [C] or [N, C] @param target int32 classes @returns 0-d; with reduction 'none' one for each row */
  forward(x: Tensor, target: Tensor): Tensor {
    return multiMarginLoss(x, target, { ...this.options, weight: this.weight })
  }
}

/** Options of {@link TripletMarginLoss}. */
export interface TripletMarginLossOptions extends MarginOptions {
  /** Of the norm. Default: 2. */
  p?: number
  /** Added to differences. Default: 1e-6. */
  eps?: number
  /** Take d(p, n) where it is smaller than d(a, n). Default: false. */
  swap?: boolean
}
const triplet = { ...from1, p: 2, eps: 1e-6, swap: false }

/** L = max(0, d(a, p) − d(a, n) + margin), d the distance of the norm p. */
export class TripletMarginLoss extends Loss<TripletMarginLossOptions> {
  /** @throws HandgradError if margin, p or eps is not a number, or reduction not one of three */
  constructor(options?: TripletMarginLossOptions) {
    super(optionsOf('TripletMarginLoss', options, triplet), triplet)
  }

  /** @param anchor,positive,negative [..., D], of one shape @returns 0-d; with reduction 'none' one for each triplet */
  forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    return tripletMarginLoss(anchor, positive, negative, this.options)
  }
}

/** Options of {@link TripletMarginWithDistanceLoss}. */
export interface DistanceLossOptions extends MarginOptions {
  /** d; default, or null: that of the norm 2. */
  distanceFunction?: Distance | null
  /** Take d(p, n) where it is smaller than d(a, n). Default: false. */
  swap?: boolean
}
const distant = { ...from1, distanceFunction: null, swap: false }

/** {@link TripletMarginLoss} with any distance. */
export class TripletMarginWithDistanceLoss extends Loss<DistanceLossOptions> {
  /** @throws HandgradError if margin is not a number, distanceFunction no function, or reduction not one of three */
  constructor(options?: DistanceLossOptions) {
    super(optionsOf('TripletMarginWithDistanceLoss', options, distant), distant)
    const { distanceFunction: f } = this.options
    if (f !== null && typeof f !== 'function')
      fail('TripletMarginWithDistanceLoss', `distanceFunction is ${describe(f)}`, 'give (a, b) => …')
  }

  /** @param anchor,positive,negative of one shape @returns 0-d; with reduction 'none' one for each triplet */
  forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    return tripletMarginWithDistanceLoss(anchor, positive, negative, this.options)
  }
}

/** L = 1 − cos(x1, x2) where t is 1, max(0, cos(x1, x2) − margin) where it is −1. */
export class CosineEmbeddingLoss extends Loss<MarginOptions> {
  /** @param options.margin default 0 @throws HandgradError if margin is not a number, or reduction not one of three */
  constructor(options?: MarginOptions) {
    super(optionsOf('CosineEmbeddingLoss', options, from0), from0)
  }

  /** @param x1,x2 [N, D] or [D] @param target 1 or −1: [N] or [] @returns 0-d; with reduction 'none' [N] or [] */
  forward(x1: Tensor, x2: Tensor, target: Tensor): Tensor {
    return cosineEmbeddingLoss(x1, x2, target, this.options)
  }
}

const temporal = { ...mean, blank: 0, zeroInfinity: false }

/** L = −ln of the probability of all paths of classes that read as the labels. @see Graves et al. 2006 */
export class CTCLoss extends Loss<CtcLossOptions> {
  /** @param options.blank the class of no label; default 0 @throws HandgradError if it is not a number */
  constructor(options?: CtcLossOptions) {
    super(optionsOf('CTCLoss', options, temporal), temporal)
  }

  /**
   * @param logProbs       [T, N, C], or [T, C] for one sequence
   * @param targets        int32 classes: [N, S], or all in one row
   * @param inputLengths   steps of each sequence: [N]
   * @param targetLengths  labels of each sequence: [N]
   * @returns 0-d; with reduction 'none' [N]
   */
  forward(logProbs: Tensor, targets: Tensor, inputLengths: Lengths, targetLengths: Lengths): Tensor {
    return ctcLoss(logProbs, targets, inputLengths, targetLengths, this.options)
  }
}

// ---- distances

/** d = ‖x1 − x2 + ε‖ₚ along the last axis. */
export class PairwiseDistance extends Configured<{ p: number; eps: number; keepdim: boolean }> {
  /** @param p default 2 @param eps default 1e-6 @throws HandgradError if one is not a number */
  constructor(p?: number, eps?: number, keepdim?: boolean)
  constructor(options?: { p?: number; eps?: number; keepdim?: boolean })
  constructor(...given: unknown[]) {
    super(...named('PairwiseDistance', given, { p: 2, eps: 1e-6, keepdim: false }))
  }

  /** @param x1,x2 [..., D] @returns their shape without D */
  forward(x1: Tensor, x2: Tensor): Tensor {
    return pairwiseDistance(x1, x2, this.options)
  }
}

/** cos = x1·x2/(max(‖x1‖, ε)·max(‖x2‖, ε)) along an axis. */
export class CosineSimilarity extends Configured<{ dim: number; eps: number }> {
  /** @param dim default 1 @param eps default 1e-8 @throws HandgradError if one is not a number */
  constructor(dim?: number, eps?: number)
  constructor(options?: { dim?: number; eps?: number })
  constructor(...given: unknown[]) {
    super(...named('CosineSimilarity', given, { dim: 1, eps: 1e-8 }))
  }

  /** @param x1,x2 of shapes that broadcast @returns their shape without `dim` */
  forward(x1: Tensor, x2: Tensor): Tensor {
    return cosineSimilarity(x1, x2, this.options)
  }
}
