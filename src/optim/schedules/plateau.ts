/** @file The schedule that looks at a measure of the training: lower rates where it stops getting better. */
import { describe, fail } from '../../core/errors.ts'
import { optionsOf } from '../../ops/base/options.ts'
import { numberIn, type PerGroup, perGroup, type ScheduledOptimizer, wordIn } from './given.ts'
import { Scheduler, type ScheduleState } from './schedule.ts'

/** Options of {@link ReduceLROnPlateau}. */
export interface ReduceLROnPlateauOptions {
  /** Whether better is lower or higher; default 'min'. */
  mode?: 'min' | 'max'
  /** In [0, 1); default 0.1. */
  factor?: number
  /** Steps without anything better that are let pass; default 10. */
  patience?: number
  /** How much better counts; default 1e-4. */
  threshold?: number
  /** Whether that is a part of the best so far, or a difference; default 'rel'. */
  thresholdMode?: 'rel' | 'abs'
  /** Steps after a reduction in which none counts as bad; default 0. */
  cooldown?: number
  /** The rate goes no lower: one number, or one for each group; default 0. */
  minLr?: PerGroup
  /** Changes of no more than that are not made; default 1e-8. */
  eps?: number
}

/**
 * η ← max(factor·η, minLr) once `step(measure)` was given more than `patience` measures in a row of which none beats
 * the best, by a part `threshold` of it ('rel') or by a difference ('abs'). NaN never does.
 * @throws HandgradError if an option is unknown or out of range, or minLr not of one number for each group
 */
export class ReduceLROnPlateau extends Scheduler {
  /** Internal: part of the state, kept by minifiers. */
  static override readonly name: string = 'ReduceLROnPlateau'
  private readonly sign: 1 | -1
  private readonly factor: number
  private readonly patience: number
  private readonly threshold: number
  private readonly relative: boolean
  private readonly cooldown: number
  private readonly minLrs: readonly number[]
  private readonly eps: number
  /** The best measure so far; null before the first. */
  private best: number | null = null
  private bad = 0
  private cooling = 0

  constructor(optimizer: ScheduledOptimizer, options?: ReduceLROnPlateauOptions) {
    super(optimizer)
    const op = 'ReduceLROnPlateau'
    const given = optionsOf(op, options, {
      mode: 'min',
      factor: 0.1,
      patience: 10,
      threshold: 1e-4,
      thresholdMode: 'rel',
      cooldown: 0,
      minLr: 0,
      eps: 1e-8,
    })
    const mode = wordIn(op, 'mode', given.mode, ['min', 'max'])
    const thresholdMode = wordIn(op, 'thresholdMode', given.thresholdMode, ['rel', 'abs'])
    this.sign = mode === 'min' ? 1 : -1
    this.relative = thresholdMode === 'rel'
    this.factor = numberIn(op, 'factor', given.factor, { below: 1 })
    this.patience = numberIn(op, 'patience', given.patience, { integer: true })
    this.threshold = numberIn(op, 'threshold', given.threshold)
    this.cooldown = numberIn(op, 'cooldown', given.cooldown, { integer: true })
    this.minLrs = perGroup(op, 'minLr', given.minLr, this.groups.length)
    this.eps = numberIn(op, 'eps', given.eps)
    const { factor, patience, threshold, cooldown, minLrs, eps } = this
    this.settings = { mode, factor, patience, threshold, thresholdMode, cooldown, minLrs, eps }
  }

  /**
   * Look at a measure: `scheduler.step(await loss.item())`.
   * @throws HandgradError if it is not a number
   */
  step(measure: number): void {
    if (typeof measure !== 'number')
      fail('ReduceLROnPlateau', `the measure is ${describe(measure)}`, 'give a number: await loss.item()')
    this.lastEpoch++
    if (this.isBetter(measure)) {
      this.best = measure
      this.bad = 0
    } else this.bad++
    if (this.cooling > 0) {
      this.cooling--
      this.bad = 0
    }
    if (this.bad > this.patience) {
      this.reduce()
      this.cooling = this.cooldown
      this.bad = 0
    }
    this.readRates()
  }

  /** Whether a measure is better than the best by more than the threshold. */
  private isBetter(measure: number): boolean {
    const { best, threshold, sign } = this
    if (best === null) return sign * measure < Infinity
    const bar = this.relative ? best * (1 - sign * threshold) : best - sign * threshold
    return sign * measure < sign * bar
  }

  private reduce(): void {
    this.groups.forEach((group, i) => {
      const lr = Math.max(group.lr * this.factor, this.minLrs[i])
      if (group.lr - lr > this.eps) group.lr = lr
    })
  }

  protected override counts(): Readonly<Record<string, number | null>> {
    return { best: this.best, bad: this.bad, cooling: this.cooling }
  }
  protected override restoreCounts({ best, bad, cooling }: ScheduleState['counts']): void {
    this.best = best
    this.bad = bad ?? 0
    this.cooling = cooling ?? 0
  }
}
