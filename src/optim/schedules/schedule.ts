/**
 * @file What learning rate schedules share: where they stand, setting the rates of an optimizer's groups, saving and
 * restoring. The rates of a group are live cells, so what a schedule sets holds in recorded steps too.
 */
import { describe, fail } from '../../core/errors.ts'
import { groupsOf, type ScheduledGroup, type ScheduledOptimizer } from './given.ts'

/** Where a schedule stands, as JSON. */
export interface ScheduleState {
  /** The class that saved it. */
  readonly schedule: string
  readonly lastEpoch: number
  /** Initial rates and latest ones, group by group. */
  readonly baseLrs: readonly number[]
  readonly lrs: readonly number[]
  /** What the schedule was made with, but for functions. */
  readonly options: Readonly<Record<string, unknown>>
  /** What else it counts, by name. */
  readonly counts: Readonly<Record<string, number | null>>
  /** Of the schedules that it is made of. */
  readonly schedules?: readonly ScheduleState[]
}

/** Rates that groups had before the first schedule changed them: later ones start from them too, as in PyTorch. */
const initial = new WeakMap<object, number>()

/** The rate a group had when its first schedule was made. */
export const initialRate = (group: ScheduledGroup): number => initial.get(group) ?? group.lr
/** Let this be the rate that schedules of the group start from. */
export const setInitialRate = (group: ScheduledGroup, lr: number): void => {
  initial.set(group, lr)
}

/**
 * What every schedule has. `step()` goes on to the next rates; what it is called after, each step of the optimizer or
 * each epoch, is what the schedule counts in.
 */
export abstract class Scheduler {
  readonly optimizer: ScheduledOptimizer
  /** Steps of the schedule that were taken; PyTorch's `last_epoch`. */
  lastEpoch = 0
  /** The groups, in which a schedule sets `lr`, and some `momentum` or `betas`. */
  protected readonly groups: readonly ScheduledGroup[]
  /** What it was made with, as JSON: part of the state. Set by each class. */
  protected settings: Readonly<Record<string, unknown>> = {}
  /** The schedules that it is made of. */
  protected parts: readonly Scheduler[] = []
  private latest: readonly number[]

  /** @throws HandgradError if `optimizer` has no groups with a learning rate */
  constructor(optimizer: ScheduledOptimizer) {
    this.groups = groupsOf(new.target.name, optimizer)
    this.optimizer = optimizer
    this.latest = this.groups.map(({ lr }) => lr)
  }

  /** The rate of the first group, as this schedule set it last. */
  get lr(): number {
    return this.latest[0]
  }
  /** The rate of each group, as this schedule set it last. */
  get lrs(): readonly number[] {
    return this.latest
  }
  /** The rates again, by PyTorch's name. */
  getLastLr(): readonly number[] {
    return this.latest
  }

  /** Where it stands, as JSON. Functions that it was made with are left out. */
  stateDict(): ScheduleState {
    const { lastEpoch, latest, settings } = this
    const schedule = this.constructor.name
    const state = { schedule, lastEpoch, baseLrs: this.bases(), lrs: latest, options: settings, counts: this.counts() }
    return this.parts.length > 0 ? { ...state, schedules: this.parts.map((part) => part.stateDict()) } : state
  }

  /**
   * Go on where another schedule of the same class and options stood, and set the groups' rates to those it set last.
   * Everything is checked before anything changes.
   * @throws HandgradError if it is the state of another class, or of other options or groups
   */
  loadStateDict(state: ScheduleState): void {
    this.checkState(state)
    this.restoreState(state)
  }

  /** Refuse a state that does not belong here. */
  protected checkState(state: ScheduleState): void {
    const op = 'loadStateDict'
    const own = this.constructor.name
    const isObject = (x: unknown): boolean => typeof x === 'object' && x !== null
    const { schedule, options, counts = {}, lrs, baseLrs } = state ?? {}
    if (typeof schedule !== 'string' || ![options, counts].every(isObject) || ![lrs, baseLrs].every(Array.isArray))
      fail(op, `${describe(state)} is not the state of a schedule`, 'give what stateDict() gave')
    if (state.schedule !== own) fail(op, `the state is of ${state.schedule}, this schedule is ${own}`)
    for (const list of [state.lrs, state.baseLrs])
      if (list.length !== this.groups.length)
        fail(op, `the state is of ${list.length} groups, the optimizer has ${this.groups.length}`)
    for (const [name, value] of Object.entries(this.settings)) {
      const [theirs, here] = [state.options[name], value].map((x) => JSON.stringify(x))
      if (theirs !== here) fail(op, `${name} was ${theirs}, this ${own}'s is ${here}`, 'make it with the same options')
    }
    for (const x of [state.lastEpoch, ...state.lrs, ...state.baseLrs])
      if (!(Number.isFinite(x) && x >= 0)) fail(op, `${describe(x)} is among the numbers`, 'give what stateDict() gave')
    for (const name of Object.keys(this.counts())) {
      if (!(name in counts)) fail(op, `the state lacks ${name}`, 'give what stateDict() gave')
      if (counts[name] !== null && typeof counts[name] !== 'number')
        fail(op, `${name} is ${describe(counts[name])}`, 'give what stateDict() gave')
    }
    const { length } = state.schedules ?? []
    if (length !== this.parts.length)
      fail(op, `the state is of ${length} schedules, this ${own} of ${this.parts.length}`)
    this.parts.forEach((part, i) => {
      part.checkState(state.schedules?.[i] as ScheduleState)
    })
  }

  /** Take over a checked state. */
  protected restoreState({ lastEpoch, lrs, counts, schedules }: ScheduleState): void {
    this.parts.forEach((part, i) => {
      part.restoreState(schedules?.[i] as ScheduleState)
    })
    this.restoreCounts(counts)
    this.lastEpoch = lastEpoch
    this.setRates(lrs)
  }

  /** Initial rates, for the state. */
  protected bases(): readonly number[] {
    return this.groups.map(initialRate)
  }

  /** What a class counts besides, for the state. */
  protected counts(): Readonly<Record<string, number | null>> {
    return {}
  }

  /** Take over what `counts` gave. */
  protected restoreCounts(_counts: Readonly<Record<string, number | null>>): void {}

  /** Set the rate of every group, or of none. @throws HandgradError if one is not a finite number from 0 up */
  protected setRates(rates: readonly number[]): void {
    rates.forEach((lr, i) => {
      if (typeof lr !== 'number' || !Number.isFinite(lr) || lr < 0)
        fail(this.constructor.name, `the rate of group ${i} came out as ${describe(lr)}`, 'rates are numbers from 0 up')
    })
    this.groups.forEach((group, i) => {
      group.lr = rates[i]
    })
    this.latest = [...rates]
  }

  /** Take the groups' rates as this schedule's, where others have set them. */
  protected readRates(): void {
    this.latest = this.groups.map(({ lr }) => lr)
  }
}

/**
 * A schedule that says by a formula what the next rates are. A class of your own gives `next`, keeps its options in
 * `settings`, and calls `start()` at the end of its constructor.
 */
export abstract class LRScheduler extends Scheduler {
  /** Initial rates, group by group. */
  protected baseLrs: readonly number[]

  /** @throws HandgradError if `optimizer` has no groups with a learning rate */
  constructor(optimizer: ScheduledOptimizer) {
    super(optimizer)
    this.baseLrs = this.groups.map(initialRate)
  }

  /** Go on to the next rates. @throws HandgradError if they are not numbers from 0 up; then nothing has changed */
  step(): void {
    this.moveTo(this.lastEpoch + 1)
  }

  /**
   * The rates at `epoch`, from the present ones where PyTorch's chainable form does so: it lets several schedules act
   * on one optimizer, and this is what makes the rounding equal. May not change anything.
   */
  protected abstract next(epoch: number): readonly number[]

  /** The rates at epoch 0, where a sequence comes to this schedule. Default: `next(0)`. */
  protected first(): readonly number[] {
    return this.next(0)
  }

  /** What else a class sets at an epoch, once its rates are set. */
  protected also(_epoch: number): void {}

  /** Set the first rates: the end of every constructor, and how a sequence begins. */
  protected start(): void {
    for (const group of this.groups) setInitialRate(group, initialRate(group))
    this.moveTo(0)
  }

  /** Begin again at epoch 0, in the middle of a sequence. Internal: called by {@link SequentialLR}. */
  restart(): void {
    this.moveTo(0, this.first())
  }

  /** Begin a sequence: back to epoch 0 from rates that are the initial ones. Internal: as `restart`. */
  begin(): void {
    this.start()
  }

  protected override bases(): readonly number[] {
    return this.baseLrs
  }

  protected override restoreState(state: ScheduleState): void {
    super.restoreState(state)
    this.baseLrs = [...state.baseLrs]
    this.also(state.lastEpoch)
  }

  /** Set the rates of an epoch. */
  protected moveTo(epoch: number, rates = this.next(epoch)): void {
    this.setRates(rates)
    this.lastEpoch = epoch
    this.also(epoch)
  }
}
