/** @file Schedules along a cosine: falling, restarted, after a warm-up, and to the rate of weight averaging. */
import { optionsOf } from '../../ops/base/options.ts'
import { numberIn, type PerGroup, perGroup, type ScheduledOptimizer, wordIn } from './given.ts'
import { LRScheduler } from './schedule.ts'

/** Options of {@link CosineAnnealingLR}. */
export interface CosineAnnealingLROptions {
  /** T: steps from the initial rate to the least. */
  tMax: number
  /** η_min; default 0. */
  etaMin?: number
}

/**
 * η_min + (η₀ − η_min)·(1 + cos(πt/T))/2, T = tMax; after T steps it rises again. In the recursive form of PyTorch,
 * which follows what else changes the rates.
 * @throws HandgradError if an option is unknown, tMax is not an integer from 1 up, or etaMin not a number from 0 up
 * @see Loshchilov & Hutter 2017, eq. 5
 */
export class CosineAnnealingLR extends LRScheduler {
  /** Internal: part of the state, kept by minifiers. */
  static override readonly name: string = 'CosineAnnealingLR'
  private readonly tMax: number
  private readonly etaMin: number
  constructor(optimizer: ScheduledOptimizer, options: CosineAnnealingLROptions) {
    super(optimizer)
    const op = 'CosineAnnealingLR'
    const given = optionsOf(op, options, { tMax: undefined, etaMin: 0 })
    this.tMax = numberIn(op, 'tMax', given.tMax, { from: 1, integer: true })
    this.etaMin = numberIn(op, 'etaMin', given.etaMin)
    this.settings = { tMax: this.tMax, etaMin: this.etaMin }
    this.start()
  }
  protected next(t: number): readonly number[] {
    const { tMax, etaMin, baseLrs } = this
    const rates = this.groups.map(({ lr }) => lr)
    if (t === 0) return rates
    if ((t - 1 - tMax) % (2 * tMax) === 0)
      return rates.map((lr, i) => lr + ((baseLrs[i] - etaMin) * (1 - Math.cos(Math.PI / tMax))) / 2)
    const factor = (1 + Math.cos((Math.PI * t) / tMax)) / (1 + Math.cos((Math.PI * (t - 1)) / tMax))
    return rates.map((lr) => factor * (lr - etaMin) + etaMin)
  }
  protected override first(): readonly number[] {
    return this.baseLrs.map((lr) => cosine(this.etaMin, lr, 0))
  }
}

/** From `high` at part 0 to `low` at part 1. */
const cosine = (low: number, high: number, part: number): number =>
  low + ((high - low) * (1 + Math.cos(Math.PI * part))) / 2

/** Options of {@link CosineAnnealingWarmRestarts}. */
export interface CosineAnnealingWarmRestartsOptions {
  /** T₀: steps until the first restart. */
  t0: number
  /** Each time between restarts is that many times the one before; default 1. */
  tMult?: number
  /** η_min; default 0. */
  etaMin?: number
}

/**
 * η_min + (η₀ − η_min)·(1 + cos(πs/Tᵢ))/2, s steps after the latest restart, Tᵢ steps from there to the next one.
 * `step(epoch)` goes to any place, between epochs too: `step(epoch + batch / batches)`.
 * @throws HandgradError if an option is unknown, t0 or tMult is not an integer from 1 up, or etaMin not a number from 0
 *   up
 * @see Loshchilov & Hutter 2017, eq. 5
 */
export class CosineAnnealingWarmRestarts extends LRScheduler {
  /** Internal: part of the state, kept by minifiers. */
  static override readonly name: string = 'CosineAnnealingWarmRestarts'
  private readonly t0: number
  private readonly tMult: number
  private readonly etaMin: number
  /** Steps since the latest restart, and from it to the next one. */
  private place: { since: number; period: number }
  constructor(optimizer: ScheduledOptimizer, options: CosineAnnealingWarmRestartsOptions) {
    super(optimizer)
    const op = 'CosineAnnealingWarmRestarts'
    const given = optionsOf(op, options, { t0: undefined, tMult: 1, etaMin: 0 })
    this.t0 = numberIn(op, 't0', given.t0, { from: 1, integer: true })
    this.tMult = numberIn(op, 'tMult', given.tMult, { from: 1, integer: true })
    this.etaMin = numberIn(op, 'etaMin', given.etaMin)
    this.settings = { t0: this.t0, tMult: this.tMult, etaMin: this.etaMin }
    this.place = { since: 0, period: this.t0 }
    this.start()
  }

  /**
   * Go one step on, or to an epoch, which may be a fraction.
   * @throws HandgradError if epoch is not a number from 0 up
   */
  override step(epoch?: number): void {
    const { tMult } = this
    if (epoch === undefined) {
      let { since, period } = this.place
      since += 1
      if (since >= period) {
        since -= period
        period *= tMult
      }
      this.place = { since, period }
    } else this.place = this.placeOf(numberIn('CosineAnnealingWarmRestarts', 'epoch', epoch))
    this.moveTo(epoch === undefined ? this.lastEpoch + 1 : Math.floor(epoch))
  }

  protected next(): readonly number[] {
    const { since, period } = this.place
    return this.baseLrs.map((lr) => cosine(this.etaMin, lr, since / period))
  }
  protected override start(): void {
    this.place = { since: 0, period: this.t0 }
    super.start()
  }
  override restart(): void {
    this.start()
  }
  protected override counts(): Readonly<Record<string, number>> {
    return { ...this.place }
  }
  protected override restoreCounts({ since, period }: Readonly<Record<string, number>>): void {
    this.place = { since, period }
  }

  /** The restarts are exact sums: a logarithm, as in PyTorch, misses some of them by a rounding. */
  private placeOf(epoch: number): { since: number; period: number } {
    if (this.tMult === 1) return { since: epoch % this.t0, period: this.t0 }
    let [since, period] = [epoch, this.t0]
    for (; since >= period; period *= this.tMult) since -= period
    return { since, period }
  }
}

/** Options of {@link WarmupCosineLR}. */
export interface WarmupCosineLROptions {
  /** W: steps of the warm-up, from 0 up. */
  warmupSteps: number
  /** T: steps of the whole training. */
  totalSteps: number
  /** η_min, from step T on; default 0. */
  minLr?: number
  /** Part of η₀ that the first step has; default 1/W. */
  startFactor?: number
}

/**
 * Warm-up, then a cosine: along a line from startFactor·η₀ to η₀ at step W, then
 * η_min + (η₀ − η_min)·(1 + cos(π(t − W)/(T − W)))/2 to η_min at step T, where it stays. It is PyTorch's LinearLR and
 * CosineAnnealingLR in a SequentialLR.
 * @throws HandgradError if an option is unknown, warmupSteps is not an integer from 0 up, totalSteps not an integer
 *   above it, minLr not a number from 0 up, or startFactor not from 0 to 1
 * @see Goyal et al. 2017, section 2.2; Loshchilov & Hutter 2017
 */
export class WarmupCosineLR extends LRScheduler {
  /** Internal: part of the state, kept by minifiers. */
  static override readonly name: string = 'WarmupCosineLR'
  private readonly warmupSteps: number
  private readonly totalSteps: number
  private readonly minLr: number
  private readonly startFactor: number
  constructor(optimizer: ScheduledOptimizer, options: WarmupCosineLROptions) {
    super(optimizer)
    const op = 'WarmupCosineLR'
    const defaults = { warmupSteps: undefined, totalSteps: undefined, minLr: 0, startFactor: undefined }
    const given = optionsOf(op, options, defaults)
    this.warmupSteps = numberIn(op, 'warmupSteps', given.warmupSteps, { integer: true })
    this.totalSteps = numberIn(op, 'totalSteps', given.totalSteps, { from: this.warmupSteps + 1, integer: true })
    this.minLr = numberIn(op, 'minLr', given.minLr)
    this.startFactor = numberIn(op, 'startFactor', given.startFactor ?? 1 / Math.max(1, this.warmupSteps), { to: 1 })
    const { warmupSteps, totalSteps, minLr, startFactor } = this
    this.settings = { warmupSteps, totalSteps, minLr, startFactor }
    this.start()
  }
  protected next(t: number): readonly number[] {
    const { warmupSteps, totalSteps, minLr, startFactor } = this
    if (t < warmupSteps) return this.baseLrs.map((lr) => lr * (startFactor + ((1 - startFactor) * t) / warmupSteps))
    const part = Math.min(1, (t - warmupSteps) / (totalSteps - warmupSteps))
    return this.baseLrs.map((lr) => cosine(minLr, lr, part))
  }
}

/** Options of {@link SWALR}. */
export interface SWALROptions {
  /** The rate to go to: one number, or one for each group. */
  swaLr: PerGroup
  /** Steps until it is reached; default 10. */
  annealEpochs?: number
  /** Along half a cosine, or a line; default 'cos'. */
  annealStrategy?: 'cos' | 'linear'
}

/**
 * η_swa·a + η₀·(1 − a), a = (1 − cos(πs))/2, or s for 'linear', s = min(1, t/annealEpochs): from the rates that the
 * groups have to a constant one, for averaging weights ({@link SWA}). In the recursive form of PyTorch, which follows
 * what else changes the rates.
 * @throws HandgradError if an option is unknown, swaLr is not a number from 0 up or one for each group, annealEpochs
 *   not an integer from 0 up, or annealStrategy neither 'cos' nor 'linear'
 * @see Izmailov et al. 2018
 */
export class SWALR extends LRScheduler {
  /** Internal: part of the state, kept by minifiers. */
  static override readonly name: string = 'SWALR'
  private readonly swaLrs: readonly number[]
  private readonly annealEpochs: number
  private readonly annealStrategy: 'cos' | 'linear'
  constructor(optimizer: ScheduledOptimizer, options: SWALROptions) {
    super(optimizer)
    const op = 'SWALR'
    const given = optionsOf(op, options, { swaLr: undefined, annealEpochs: 10, annealStrategy: 'cos' })
    this.swaLrs = perGroup(op, 'swaLr', given.swaLr, this.groups.length)
    this.annealEpochs = numberIn(op, 'annealEpochs', given.annealEpochs, { integer: true })
    this.annealStrategy = wordIn(op, 'annealStrategy', given.annealStrategy, ['cos', 'linear'])
    this.settings = { swaLrs: this.swaLrs, annealEpochs: this.annealEpochs, annealStrategy: this.annealStrategy }
    this.start()
  }
  protected next(t: number): readonly number[] {
    const [before, now] = [this.part(t - 1), this.part(t)]
    return this.groups.map(({ lr }, i) => {
      const swa = this.swaLrs[i]
      const from = before === 1 ? swa : (lr - before * swa) / (1 - before)
      return swa * now + from * (1 - now)
    })
  }
  /** How far along the rates are at a step, from 0 to 1. */
  private part(t: number): number {
    if (this.annealEpochs === 0) return t < 0 ? 0 : 1
    const s = Math.max(0, Math.min(1, t / this.annealEpochs))
    return this.annealStrategy === 'linear' ? s : (1 - Math.cos(Math.PI * s)) / 2
  }
}
