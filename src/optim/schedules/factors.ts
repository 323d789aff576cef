/**
 * @file Schedules that multiply the rates by factors: at steps of their own, along a line or a curve, by a function.
 */
import { describe, fail } from '../../core/errors.ts'
import { optionsOf } from '../../ops/base/options.ts'
import { type Factor, functionsOf, increasing, numberIn, type ScheduledOptimizer } from './given.ts'
import { LRScheduler } from './schedule.ts'

/** Options of {@link StepLR}. */
export interface StepLROptions {
  /** Steps between two changes. */
  stepSize: number
  /** γ; default 0.1. */
  gamma?: number
}

/**
 * η ← γη at every `stepSize`-th step: η₀·γ^⌊t/stepSize⌋.
 * @throws HandgradError if an option is unknown, stepSize is not an integer from 1 up, or gamma not a number from 0 up
 */
export class StepLR extends LRScheduler {
  /** Internal: part of the state, kept by minifiers. */
  static override readonly name: string = 'StepLR'
  private readonly stepSize: number
  private readonly gamma: number
  constructor(optimizer: ScheduledOptimizer, options: StepLROptions) {
    super(optimizer)
    const op = 'StepLR'
    const given = optionsOf(op, options, { stepSize: undefined, gamma: 0.1 })
    this.stepSize = numberIn(op, 'stepSize', given.stepSize, { from: 1, integer: true })
    this.gamma = numberIn(op, 'gamma', given.gamma)
    this.settings = { stepSize: this.stepSize, gamma: this.gamma }
    this.start()
  }
  protected next(t: number): readonly number[] {
    const factor = t > 0 && t % this.stepSize === 0 ? this.gamma : 1
    return this.groups.map(({ lr }) => lr * factor)
  }
  protected override first(): readonly number[] {
    return this.baseLrs
  }
}

/** Options of {@link MultiStepLR}. */
export interface MultiStepLROptions {
  /** Steps at which the rates change, in increasing order. */
  milestones: readonly number[]
  /** γ; default 0.1. */
  gamma?: number
}

/**
 * η ← γη at each milestone: η₀·γ^(milestones up to t).
 * @throws HandgradError if an option is unknown, milestones are not increasing integers from 1 up, or gamma is not a
 *   number from 0 up
 */
export class MultiStepLR extends LRScheduler {
  /** Internal: part of the state, kept by minifiers. */
  static override readonly name: string = 'MultiStepLR'
  private readonly milestones: readonly number[]
  private readonly gamma: number
  constructor(optimizer: ScheduledOptimizer, options: MultiStepLROptions) {
    super(optimizer)
    const op = 'MultiStepLR'
    const given = optionsOf(op, options, { milestones: undefined, gamma: 0.1 })
    this.milestones = increasing(op, 'milestones', given.milestones)
    this.gamma = numberIn(op, 'gamma', given.gamma)
    this.settings = { milestones: this.milestones, gamma: this.gamma }
    this.start()
  }
  protected next(t: number): readonly number[] {
    const factor = this.milestones.includes(t) ? this.gamma : 1
    return this.groups.map(({ lr }) => lr * factor)
  }
  protected override first(): readonly number[] {
    return this.baseLrs
  }
}

/** Options of {@link ConstantLR}. */
export interface ConstantLROptions {
  /** In (0, 1]; default 1/3. */
  factor?: number
  /** Steps for which it holds; default 5. */
  totalIters?: number
}

/**
 * factor·η₀ for the first `totalIters` steps, then η₀.
 * @throws HandgradError if an option is unknown, factor is not above 0 and up to 1, or totalIters not an integer from 1
 *   up
 */
export class ConstantLR extends LRScheduler {
  /** Internal: part of the state, kept by minifiers. */
  static override readonly name: string = 'ConstantLR'
  private readonly factor: number
  private readonly totalIters: number
  constructor(optimizer: ScheduledOptimizer, options?: ConstantLROptions) {
    super(optimizer)
    const op = 'ConstantLR'
    const given = optionsOf(op, options, { factor: 1 / 3, totalIters: 5 })
    this.factor = numberIn(op, 'factor', given.factor, { above: 0, to: 1 })
    this.totalIters = numberIn(op, 'totalIters', given.totalIters, { from: 1, integer: true })
    this.settings = { factor: this.factor, totalIters: this.totalIters }
    this.start()
  }
  protected next(t: number): readonly number[] {
    const factor = t === 0 ? this.factor : t === this.totalIters ? 1 / this.factor : 1
    return this.groups.map(({ lr }) => lr * factor)
  }
  protected override first(): readonly number[] {
    return this.baseLrs.map((lr) => lr * this.factor)
  }
}

/** Options of {@link LinearLR}. */
export interface LinearLROptions {
  /** Factor at the first step, in (0, 1]; default 1/3. */
  startFactor?: number
  /** Factor from step `totalIters` on, in [0, 1]; default 1. */
  endFactor?: number
  /** Steps from one to the other; default 5. */
  totalIters?: number
}

/**
 * η₀·(a + (b − a)·min(t, T)/T): along a line from factor a = startFactor to b = endFactor in T = totalIters steps.
 * @throws HandgradError if an option is unknown, startFactor is not above 0 and up to 1, endFactor not from 0 to 1, or
 *   totalIters not an integer from 1 up
 */
export class LinearLR extends LRScheduler {
  /** Internal: part of the state, kept by minifiers. */
  static override readonly name: string = 'LinearLR'
  private readonly startFactor: number
  private readonly endFactor: number
  private readonly totalIters: number
  constructor(optimizer: ScheduledOptimizer, options?: LinearLROptions) {
    super(optimizer)
    const op = 'LinearLR'
    const given = optionsOf(op, options, { startFactor: 1 / 3, endFactor: 1, totalIters: 5 })
    this.startFactor = numberIn(op, 'startFactor', given.startFactor, { above: 0, to: 1 })
    this.endFactor = numberIn(op, 'endFactor', given.endFactor, { to: 1 })
    this.totalIters = numberIn(op, 'totalIters', given.totalIters, { from: 1, integer: true })
    this.settings = { startFactor: this.startFactor, endFactor: this.endFactor, totalIters: this.totalIters }
    this.start()
  }
  protected next(t: number): readonly number[] {
    const { startFactor, endFactor, totalIters } = this
    if (t === 0) return this.groups.map(({ lr }) => lr * startFactor)
    if (t > totalIters) return this.groups.map(({ lr }) => lr)
    const rise = endFactor - startFactor
    const factor = 1 + rise / (totalIters * startFactor + (t - 1) * rise)
    // A last factor of 0 may come out below it by a rounding.
    return this.groups.map(({ lr }) => Math.max(0, lr * factor))
  }
  protected override first(): readonly number[] {
    return this.baseLrs.map((lr) => lr * this.startFactor)
  }
}

/**
 * η ← γη at every step: η₀·γᵗ.
 * @throws HandgradError if an option is unknown, or gamma is not a number from 0 up
 */
export class ExponentialLR extends LRScheduler {
  /** Internal: part of the state, kept by minifiers. */
  static override readonly name: string = 'ExponentialLR'
  private readonly gamma: number
  /** @param options.gamma  γ */
  constructor(optimizer: ScheduledOptimizer, options: { gamma: number }) {
    super(optimizer)
    const op = 'ExponentialLR'
    const given = optionsOf(op, options, { gamma: undefined })
    this.gamma = numberIn(op, 'gamma', given.gamma)
    this.settings = { gamma: this.gamma }
    this.start()
  }
  protected next(t: number): readonly number[] {
    return this.groups.map(({ lr }) => (t === 0 ? lr : lr * this.gamma))
  }
  protected override first(): readonly number[] {
    return this.baseLrs
  }
}

/** Options of {@link PolynomialLR}. */
export interface PolynomialLROptions {
  /** Steps from η₀ to 0; default 5. */
  totalIters?: number
  /** Default 1: along a line. */
  power?: number
}

/**
 * η₀·(1 − min(t, T)/T)^power, T = totalIters.
 * @throws HandgradError if an option is unknown, totalIters is not an integer from 1 up, or power not a number from 0
 *   up
 */
export class PolynomialLR extends LRScheduler {
  /** Internal: part of the state, kept by minifiers. */
  static override readonly name: string = 'PolynomialLR'
  private readonly totalIters: number
  private readonly power: number
  constructor(optimizer: ScheduledOptimizer, options?: PolynomialLROptions) {
    super(optimizer)
    const op = 'PolynomialLR'
    const given = optionsOf(op, options, { totalIters: 5, power: 1 })
    this.totalIters = numberIn(op, 'totalIters', given.totalIters, { from: 1, integer: true })
    this.power = numberIn(op, 'power', given.power)
    this.settings = { totalIters: this.totalIters, power: this.power }
    this.start()
  }
  protected next(t: number): readonly number[] {
    const { totalIters, power } = this
    if (t === 0 || t > totalIters) return this.groups.map(({ lr }) => lr)
    const factor = ((1 - t / totalIters) / (1 - (t - 1) / totalIters)) ** power
    return this.groups.map(({ lr }) => lr * factor)
  }
  protected override first(): readonly number[] {
    return this.baseLrs
  }
}

/** Options of {@link LambdaLR} and {@link MultiplicativeLR}. */
export interface LambdaLROptions {
  /** The factor at a step, from 0 on: one function for all groups, or one for each. */
  lrLambda: Factor | readonly Factor[]
}

const lambdasOf = (op: string, options: LambdaLROptions, groups: number): readonly Factor[] =>
  functionsOf(op, 'lrLambda', optionsOf(op, options, { lrLambda: undefined }).lrLambda, groups)

/** What a function of the user's gave. */
function factorOf(op: string, f: Factor, t: number): number {
  const factor: unknown = f(t)
  if (typeof factor !== 'number') fail(op, `lrLambda gave ${describe(factor)} at step ${t}`, 'return a number')
  return factor
}

/**
 * η₀·f(t) for a function of your own: `new optim.LambdaLR(optimizer, { lrLambda: (t) => 0.95 ** t })`. A state holds no
 * functions.
 * @throws HandgradError if an option is unknown, or lrLambda is not a function or one for each group; in a step, if it
 *   gives no number
 */
export class LambdaLR extends LRScheduler {
  /** Internal: part of the state, kept by minifiers. */
  static override readonly name: string = 'LambdaLR'
  private readonly lambdas: readonly Factor[]
  constructor(optimizer: ScheduledOptimizer, options: LambdaLROptions) {
    super(optimizer)
    this.lambdas = lambdasOf('LambdaLR', options, this.groups.length)
    this.start()
  }
  protected next(t: number): readonly number[] {
    return this.baseLrs.map((lr, i) => lr * factorOf('LambdaLR', this.lambdas[i], t))
  }
}

/**
 * η ← η·f(t) at every step t from 1 on, for a function of your own. A state holds no functions.
 * @throws HandgradError as {@link LambdaLR}
 */
export class MultiplicativeLR extends LRScheduler {
  /** Internal: part of the state, kept by minifiers. */
  static override readonly name: string = 'MultiplicativeLR'
  private readonly lambdas: readonly Factor[]
  constructor(optimizer: ScheduledOptimizer, options: LambdaLROptions) {
    super(optimizer)
    this.lambdas = lambdasOf('MultiplicativeLR', options, this.groups.length)
    this.start()
  }
  protected next(t: number): readonly number[] {
    return this.groups.map(({ lr }, i) => (t === 0 ? lr : lr * factorOf('MultiplicativeLR', this.lambdas[i], t)))
  }
}
