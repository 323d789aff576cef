/** @file Schedules that take the rate up and down, and momentum the other way: one cycle, and many. */
import { describe, fail } from '../../core/errors.ts'
import { optionsOf } from '../../ops/base/options.ts'
import {
  flag,
  numberIn,
  type PerGroup,
  perGroup,
  type ScheduledGroup,
  type ScheduledOptimizer,
  wordIn,
} from './given.ts'
import { LRScheduler, setInitialRate } from './schedule.ts'

/** Momentum, or the first of two betas, whichever the groups have. */
function setMomentum(group: ScheduledGroup, value: number): void {
  if (group.betas) group.betas = [value, group.betas[1]]
  else group.momentum = value
}

function checkMomentum(op: string, groups: readonly ScheduledGroup[]): void {
  if (!groups.every((group) => 'momentum' in group || 'betas' in group))
    fail(op, 'the optimizer has neither momentum nor betas', 'give cycleMomentum: false')
}

/** Momentum is from 0 to below 1, as the optimizers have it. */
const MOMENTUM = { below: 1 }

/** Options of {@link OneCycleLR}. */
export interface OneCycleLROptions {
  /** The highest rate: one number, or one for each group. */
  maxLr: PerGroup
  /** Steps of the whole training; default: epochs·stepsPerEpoch. */
  totalSteps?: number
  /** With stepsPerEpoch, in place of totalSteps. */
  epochs?: number
  stepsPerEpoch?: number
  /** Part of the steps in which the rate rises, from 0 to 1; default 0.3. */
  pctStart?: number
  /** Along half a cosine, or a line; default 'cos'. */
  annealStrategy?: 'cos' | 'linear'
  /** Whether momentum falls while the rate rises; default true. */
  cycleMomentum?: boolean
  /** The lowest momentum, where the rate is highest; default 0.85. */
  baseMomentum?: PerGroup
  /** The highest momentum; default 0.95. */
  maxMomentum?: PerGroup
  /** The first rate is maxLr/divFactor; default 25. */
  divFactor?: number
  /** The last rate is the first one divided by it; default 1e4. */
  finalDivFactor?: number
  /** Fall to the first rate as fast as it rose, then to the last one; default false: fall to the last one at once. */
  threePhase?: boolean
}

/** A part of the cycle: until which step, between which rates and momenta. */
interface Phase {
  readonly end: number
  readonly lr: readonly [from: 'first' | 'max', to: 'first' | 'max' | 'last']
  readonly momentum: readonly [from: 'high' | 'low', to: 'high' | 'low']
}

/**
 * One cycle: the rate rises from maxLr/divFactor to maxLr in the first `pctStart` of the steps, then falls to
 * maxLr/(divFactor·finalDivFactor); momentum, or Adam's β₁, goes the other way. Call `step()` after each step of the
 * optimizer; the step after the last one leaves the rate where it is.
 * @throws HandgradError if an option is unknown or out of range, lists are not of one number for each group, there is
 *   neither totalSteps nor epochs with stepsPerEpoch, or the optimizer has no momentum to cycle; in `step()`, past
 *   totalSteps
 * @see Smith & Topin 2019, section 2
 */
export class OneCycleLR extends LRScheduler {
  /** Internal: part of the state, kept by minifiers. */
  static override readonly name: string = 'OneCycleLR'
  private readonly totalSteps: number
  private readonly linear: boolean
  private readonly phases: readonly Phase[]
  /** Rates and momenta of each group. */
  private readonly values: readonly Readonly<Record<'first' | 'max' | 'last' | 'high' | 'low', number>>[]
  private readonly cycleMomentum: boolean

  constructor(optimizer: ScheduledOptimizer, options: OneCycleLROptions) {
    super(optimizer)
    const op = 'OneCycleLR'
    const count = this.groups.length
    const given = optionsOf(op, options, {
      maxLr: undefined,
      totalSteps: undefined,
      epochs: undefined,
      stepsPerEpoch: undefined,
      pctStart: 0.3,
      annealStrategy: 'cos',
      cycleMomentum: true,
      baseMomentum: 0.85,
      maxMomentum: 0.95,
      divFactor: 25,
      finalDivFactor: 1e4,
      threePhase: false,
    })
    const maxLr = perGroup(op, 'maxLr', given.maxLr, count)
    const totalSteps = stepsOf(op, given)
    const pctStart = numberIn(op, 'pctStart', given.pctStart, { to: 1 })
    const annealStrategy = wordIn(op, 'annealStrategy', given.annealStrategy, ['cos', 'linear'])
    const cycleMomentum = flag(op, 'cycleMomentum', given.cycleMomentum)
    const baseMomentum = perGroup(op, 'baseMomentum', given.baseMomentum, count, MOMENTUM)
    const maxMomentum = perGroup(op, 'maxMomentum', given.maxMomentum, count, MOMENTUM)
    const divFactor = numberIn(op, 'divFactor', given.divFactor, { above: 0 })
    const finalDivFactor = numberIn(op, 'finalDivFactor', given.finalDivFactor, { above: 0 })
    const threePhase = flag(op, 'threePhase', given.threePhase)
    if (cycleMomentum) checkMomentum(op, this.groups)
    const cycled = cycleMomentum ? { baseMomentum, maxMomentum } : {}
    const shape = { totalSteps, pctStart, annealStrategy, threePhase }
    this.settings = { maxLr, ...shape, cycleMomentum, ...cycled, divFactor, finalDivFactor }
    this.totalSteps = totalSteps
    this.linear = annealStrategy === 'linear'
    this.phases = phasesOf(totalSteps, pctStart, threePhase)
    this.cycleMomentum = cycleMomentum
    this.values = maxLr.map((max, i) => {
      const first = max / divFactor
      return { first, max, last: first / finalDivFactor, high: maxMomentum[i], low: baseMomentum[i] }
    })
    this.baseLrs = this.values.map(({ first }) => first)
    this.groups.forEach((group, i) => {
      setInitialRate(group, this.baseLrs[i])
    })
    this.start()
  }

  protected next(t: number): readonly number[] {
    if (t > this.totalSteps)
      fail('OneCycleLR', `step ${t} of ${this.totalSteps}`, 'make it with as many totalSteps as the training has')
    const { phase, part } = this.at(t)
    return this.values.map((of) => this.anneal(of[phase.lr[0]], of[phase.lr[1]], part))
  }
  protected override also(t: number): void {
    if (!this.cycleMomentum) return
    const { phase, part } = this.at(t)
    this.groups.forEach((group, i) => {
      const of = this.values[i]
      setMomentum(group, this.anneal(of[phase.momentum[0]], of[phase.momentum[1]], part))
    })
  }

  /** The phase of a step, and how much of it is over. */
  private at(t: number): { phase: Phase; part: number } {
    const { phases } = this
    let from = 0
    let turn = 0
    for (; turn < phases.length - 1 && t > phases[turn].end; turn++) from = phases[turn].end
    const phase = phases[turn]
    // A phase may have no steps; after the last step there is no more to go.
    return { phase, part: phase.end > from ? Math.min(1, (t - from) / (phase.end - from)) : 1 }
  }

  private anneal(from: number, to: number, part: number): number {
    return this.linear ? (to - from) * part + from : to + ((from - to) / 2) * (Math.cos(Math.PI * part) + 1)
  }
}

function stepsOf(op: string, given: { totalSteps?: number; epochs?: number; stepsPerEpoch?: number }): number {
  const from1 = { from: 1, integer: true }
  if (given.totalSteps !== undefined) return numberIn(op, 'totalSteps', given.totalSteps, from1)
  if (given.epochs === undefined && given.stepsPerEpoch === undefined)
    fail(op, 'there is no number of steps', 'give totalSteps, or epochs and stepsPerEpoch')
  const epochs = numberIn(op, 'epochs', given.epochs, from1)
  return epochs * numberIn(op, 'stepsPerEpoch', given.stepsPerEpoch, from1)
}

function phasesOf(steps: number, pctStart: number, threePhase: boolean): readonly Phase[] {
  const top = pctStart * steps - 1
  const rise: Phase = { end: top, lr: ['first', 'max'], momentum: ['high', 'low'] }
  if (!threePhase) return [rise, { end: steps - 1, lr: ['max', 'last'], momentum: ['low', 'high'] }]
  return [
    rise,
    { end: 2 * pctStart * steps - 2, lr: ['max', 'first'], momentum: ['low', 'high'] },
    { end: steps - 1, lr: ['first', 'last'], momentum: ['high', 'high'] },
  ]
}

/** Options of {@link CyclicLR}. */
export interface CyclicLROptions {
  /** The lowest rate: one number, or one for each group. */
  baseLr: PerGroup
  /** The highest rate of the first cycle: one number, or one for each group. */
  maxLr: PerGroup
  /** Steps up; default 2000. */
  stepSizeUp?: number
  /** Steps down; default: stepSizeUp. */
  stepSizeDown?: number
  /** How cycles shrink: not at all, by half each time, or by gamma at each step; default 'triangular'. */
  mode?: 'triangular' | 'triangular2' | 'expRange'
  /** Of 'expRange'; default 1. */
  gamma?: number
  /** A function in place of the mode's: by what the height of a cycle is multiplied. */
  scaleFn?: (x: number) => number
  /** What scaleFn is given: the number of the cycle, from 1 on, or of the step; default 'cycle'. */
  scaleMode?: 'cycle' | 'iterations'
  /** Whether momentum falls while the rate rises; default true. */
  cycleMomentum?: boolean
  /** The lowest momentum, where the rate is highest; default 0.8. */
  baseMomentum?: PerGroup
  /** The highest momentum; default 0.9. */
  maxMomentum?: PerGroup
}

/**
 * η_base + (η_max − η_base)·h·s: h rises from 0 to 1 in stepSizeUp steps and falls back in stepSizeDown; s is 1,
 * 1/2^(cycle − 1), gammaᵗ, or scaleFn. Momentum, or Adam's β₁, goes the other way. A state holds no function.
 * @throws HandgradError if an option is unknown or out of range, lists are not of one number for each group, or the
 *   optimizer has no momentum to cycle; in a step, if scaleFn gives no number
 * @see Smith 2017
 */
export class CyclicLR extends LRScheduler {
  /** Internal: part of the state, kept by minifiers. */
  static override readonly name: string = 'CyclicLR'
  private readonly maxLrs: readonly number[]
  private readonly size: number
  private readonly upPart: number
  private readonly byCycle: boolean
  private readonly scale: (x: number) => number
  /** Of each group, lowest and highest; none where it is not cycled. */
  private readonly momenta: readonly (readonly [low: number, high: number])[]

  constructor(optimizer: ScheduledOptimizer, options: CyclicLROptions) {
    super(optimizer)
    const op = 'CyclicLR'
    const count = this.groups.length
    const given = optionsOf(op, options, {
      baseLr: undefined,
      maxLr: undefined,
      stepSizeUp: 2000,
      stepSizeDown: undefined,
      mode: 'triangular',
      gamma: 1,
      scaleFn: undefined,
      scaleMode: 'cycle',
      cycleMomentum: true,
      baseMomentum: 0.8,
      maxMomentum: 0.9,
    })
    const baseLr = perGroup(op, 'baseLr', given.baseLr, count)
    const maxLr = perGroup(op, 'maxLr', given.maxLr, count)
    const stepSizeUp = numberIn(op, 'stepSizeUp', given.stepSizeUp, { above: 0 })
    const stepSizeDown = numberIn(op, 'stepSizeDown', given.stepSizeDown ?? stepSizeUp, { above: 0 })
    const mode = wordIn(op, 'mode', given.mode, ['triangular', 'triangular2', 'expRange'])
    const gamma = numberIn(op, 'gamma', given.gamma)
    const { scaleFn } = given
    if (scaleFn !== undefined && typeof scaleFn !== 'function')
      fail(op, `scaleFn is ${describe(scaleFn)}`, 'give (x) => factor')
    const scaleMode = wordIn(op, 'scaleMode', given.scaleMode, ['cycle', 'iterations'])
    const cycleMomentum = flag(op, 'cycleMomentum', given.cycleMomentum)
    const low = perGroup(op, 'baseMomentum', given.baseMomentum, count, MOMENTUM)
    const high = perGroup(op, 'maxMomentum', given.maxMomentum, count, MOMENTUM)
    if (cycleMomentum) checkMomentum(op, this.groups)
    const cycled = cycleMomentum ? { baseMomentum: low, maxMomentum: high } : {}
    this.settings = { baseLr, maxLr, stepSizeUp, stepSizeDown, mode, gamma, scaleMode, cycleMomentum, ...cycled }
    this.maxLrs = maxLr
    this.size = stepSizeUp + stepSizeDown
    this.upPart = stepSizeUp / this.size
    this.byCycle = scaleFn ? scaleMode === 'cycle' : mode !== 'expRange'
    this.scale = scaleFn ?? scaleOf(mode, gamma)
    this.momenta = cycleMomentum ? low.map((x, i) => [x, high[i]]) : []
    this.baseLrs = baseLr
    this.groups.forEach((group, i) => {
      setInitialRate(group, baseLr[i])
    })
    this.start()
  }

  protected next(t: number): readonly number[] {
    return this.baseLrs.map((low, i) => low + (this.maxLrs[i] - low) * this.up(t) * this.scaled(t))
  }
  protected override also(t: number): void {
    this.momenta.forEach(([low, high], i) => {
      setMomentum(this.groups[i], high - (high - low) * this.up(t) * this.scaled(t))
    })
  }

  private cycle(t: number): number {
    return Math.floor(1 + t / this.size)
  }
  /** How far up the cycle a step is, from 0 to 1. */
  private up(t: number): number {
    const x = 1 + t / this.size - this.cycle(t)
    return x <= this.upPart ? x / this.upPart : (x - 1) / (this.upPart - 1)
  }
  private scaled(t: number): number {
    const x = this.byCycle ? this.cycle(t) : t
    const factor: unknown = this.scale(x)
    if (typeof factor !== 'number') fail('CyclicLR', `scaleFn gave ${describe(factor)} for ${x}`, 'return a number')
    return factor
  }
}

function scaleOf(mode: 'triangular' | 'triangular2' | 'expRange', gamma: number): (x: number) => number {
  if (mode === 'triangular') return () => 1
  return mode === 'triangular2' ? (x) => 1 / 2 ** (x - 1) : (x) => gamma ** x
}
