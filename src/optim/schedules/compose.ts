/** @file Schedules made of schedules: one after another, and all at once. */
import { describe, fail } from '../../core/errors.ts'
import { optionsOf } from '../../ops/base/options.ts'
import { increasing, type ScheduledOptimizer } from './given.ts'
import { initialRate, LRScheduler, Scheduler } from './schedule.ts'

/** A schedule whose steps take no measure. */
interface Stepping extends Scheduler {
  step(): void
}

/** A list of schedules of one optimizer, its own where it is given. */
function partsOf<Part extends Stepping>(
  op: string,
  parts: unknown,
  optimizer: unknown,
  fits: (part: unknown) => part is Part,
  todo: string,
): readonly Part[] {
  if (!Array.isArray(parts) || parts.length === 0)
    fail(op, `the schedules are ${Array.isArray(parts) ? 'none' : describe(parts)}`, 'give a list of schedules')
  parts.forEach((part, i) => {
    if (!fits(part)) fail(op, `schedule ${i} is ${describe(part)}`, todo)
    if (part.optimizer !== (optimizer ?? parts[0].optimizer))
      fail(op, `schedule ${i} is of another optimizer`, 'make all of them for one')
    if (parts.indexOf(part) < i) fail(op, `schedules ${parts.indexOf(part)} and ${i} are the same`, 'give each once')
  })
  return parts
}

/** Options of {@link SequentialLR}. */
export interface SequentialLROptions {
  /** Schedules of the optimizer, in order. */
  schedulers: readonly LRScheduler[]
  /** The step at which each but the first begins, in increasing order. */
  milestones: readonly number[]
}

/**
 * One schedule after another: each begins at its milestone, from its own first rates.
 * @throws HandgradError if an option is unknown, schedulers are not one more than the increasing milestones, or one of
 *   them is of another optimizer, made of several, or looks at a measure
 */
export class SequentialLR extends Scheduler {
  /** Internal: part of the state, kept by minifiers. */
  static override readonly name: string = 'SequentialLR'
  private readonly milestones: readonly number[]
  private readonly schedulers: readonly LRScheduler[]
  constructor(optimizer: ScheduledOptimizer, options: SequentialLROptions) {
    super(optimizer)
    const op = 'SequentialLR'
    const given = optionsOf(op, options, { schedulers: undefined, milestones: undefined })
    const plain = (part: unknown): part is LRScheduler => part instanceof LRScheduler
    this.schedulers = partsOf(op, given.schedulers, optimizer, plain, 'give schedules that have a formula of the step')
    this.milestones = increasing(op, 'milestones', given.milestones)
    const [schedules, ends] = [this.schedulers.length, this.milestones.length]
    if (ends !== schedules - 1)
      fail(
        op,
        `${schedules} schedulers have ${ends} milestones`,
        `give ${schedules - 1}: where each but the first begins`,
      )
    this.parts = this.schedulers
    this.settings = { milestones: this.milestones }
    for (const group of this.groups) group.lr = initialRate(group)
    this.schedulers[0].begin()
    this.readRates()
  }

  /** Go on to the next rates, of the schedule whose turn it is. */
  step(): void {
    const t = this.lastEpoch + 1
    const turn = this.milestones.filter((milestone) => milestone <= t).length
    const scheduler = this.schedulers[turn]
    if (turn > 0 && this.milestones[turn - 1] === t) scheduler.restart()
    else scheduler.step()
    this.lastEpoch = t
    this.readRates()
  }
}

/**
 * Schedules that act at once: each in turn changes the rates that the one before left, so that their factors multiply.
 * @throws HandgradError if there are none, or one of them is of another optimizer or looks at a measure
 */
export class ChainedScheduler extends Scheduler {
  /** Internal: part of the state, kept by minifiers. */
  static override readonly name: string = 'ChainedScheduler'
  private readonly schedulers: readonly Stepping[]
  /** @param schedulers  of one optimizer */
  constructor(schedulers: readonly (LRScheduler | SequentialLR | ChainedScheduler)[]) {
    const op = 'ChainedScheduler'
    const steps = (part: unknown): part is Stepping =>
      part instanceof LRScheduler || part instanceof SequentialLR || part instanceof ChainedScheduler
    const parts = partsOf<Stepping>(op, schedulers, undefined, steps, 'give schedules whose step() takes no measure')
    super(parts[0].optimizer)
    this.schedulers = parts
    this.parts = parts
  }

  /** Go on to the next rates, of each schedule in turn. */
  step(): void {
    for (const scheduler of this.schedulers) scheduler.step()
    this.lastEpoch++
    this.readRates()
  }
}
