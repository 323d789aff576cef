/** @file The options of `fit`, and what is refused before anything is done. */
import { describe, fail } from '../core/errors.ts'
import { optionsOf } from '../ops/base/options.ts'
import { type EMA, ReduceLROnPlateau } from '../optim/index.ts'
import type { ProgressOptions } from '../text/progress.ts'
import type { Monitor } from './best.ts'
import type { Callback } from './events.ts'
import {
  type Batches,
  can,
  checkBatches,
  checkCount,
  checkSteps,
  type StepOptions,
  type Stepped,
  stepDefaults,
  type Trainable,
} from './steps.ts'

/** When to end a training that gets no better. */
export interface EarlyStopOptions {
  /** Epochs without anything better that are let pass, from 1 up. */
  patience: number
  /** How much better counts; default 0. */
  minDelta?: number
  /** Put the weights of the best epoch into the model at the end; default true. */
  restore?: boolean
}

/** What is saved while training, and when; see `io.saveCheckpoint`. */
export interface CheckpointOptions {
  /** Where the files go. */
  folder: string
  /** Steps between two files; default: one at the end of each epoch. */
  every?: number
  /** Files that are kept; default 3. */
  keepLast?: number
  /** Keep that of the best epoch as well, by `monitor`; default true. */
  best?: boolean
  /** JSON of your own, which `io.loadCheckpoint` gives back. */
  extra?: unknown
  /** What is said after Ctrl-C of how to go on; default: the call with `resume`. */
  hint?: string
}

/** What is shown while training. */
export interface ShowOptions extends ProgressOptions {
  /** Draw the losses above the bar; default false. */
  plot?: boolean
}

/** How {@link fit} trains. */
export interface FitOptions extends Omit<StepOptions, 'from' | 'schedule' | 'ema'> {
  /** Gone through in evaluation mode after each epoch; default: nothing. */
  validation?: Batches
  /**
   * Learning rates: an object with `step()`, or `new optim.ReduceLROnPlateau(…)`, which is given the validation loss.
   */
  schedule?: Stepped | ReduceLROnPlateau
  /** What the schedule counts; default 'step', 'epoch' for ReduceLROnPlateau. */
  scheduleEvery?: 'step' | 'epoch'
  /** An average of the weights: in the model while it is validated. */
  ema?: Pick<EMA, 'update' | 'apply' | 'restore' | 'stateDict' | 'loadStateDict'>
  /** What says which epoch is the best: 'loss' or the name of a measure, of the validation if there is one. */
  monitor?: string
  /** Whether the best is the least or the greatest; default 'min' for 'loss', else to be said. */
  mode?: 'min' | 'max'
  /** End when nothing gets better; default: all epochs are trained. */
  earlyStop?: EarlyStopOptions
  /** Told of every event. */
  callbacks?: readonly Callback[]
  /** A bar in the terminal and a line for each epoch; default true where there is a terminal or a process. */
  progress?: boolean | ShowOptions
  /** Save while training; Ctrl-C then ends the step, saves, says how to go on and exits with 130. */
  checkpoint?: CheckpointOptions
  /** A folder of checkpoints to go on from: the same model, options and data. */
  resume?: string
  /**
   * Keep a copy of weights and optimizer state as of the last read, ten times a second, to find where a loss that is
   * not finite began; default true.
   */
  findNaN?: boolean
}

/** Refuse what `fit` cannot do. */
export function checkFit(model: Trainable, options: FitOptions) {
  const op = 'fit'
  const given = optionsOf(op, options, {
    ...stepDefaults,
    validation: undefined,
    scheduleEvery: undefined,
    monitor: 'loss',
    mode: undefined,
    earlyStop: undefined,
    callbacks: [],
    progress: undefined,
    checkpoint: undefined,
    resume: undefined,
    findNaN: true,
  })
  const { epochs, accumulate, metrics, validation, schedule, callbacks, monitor: name, ema } = given
  const plateau = schedule instanceof ReduceLROnPlateau
  const { scheduleEvery = plateau ? 'epoch' : 'step' } = given
  if (scheduleEvery !== 'step' && scheduleEvery !== 'epoch')
    fail(op, `scheduleEvery is ${describe(scheduleEvery)}`, "give 'step' or 'epoch'")
  if (plateau && scheduleEvery === 'step')
    fail(op, "scheduleEvery is 'step', and ReduceLROnPlateau looks at the validation", "give 'epoch'")
  const own = Object.keys(stepDefaults).map((option) => [option, given[option as keyof typeof stepDefaults]])
  const steps = checkSteps(op, model, {
    ...Object.fromEntries(own),
    // A plateau's step takes a measure, which the steps do not have.
    schedule: scheduleEvery === 'step' ? schedule : undefined,
  } as StepOptions)
  if (schedule !== undefined && !can(schedule, 'step'))
    fail(op, `schedule is ${describe(schedule)}`, 'give new optim.OneCycleLR(optimizer, { … }), say')
  const perEpoch = Math.ceil(steps.train.length / accumulate)
  checkLength(op, schedule, scheduleEvery === 'step' ? epochs * perEpoch : epochs, `${scheduleEvery}s`)
  if (ema !== undefined && !(can(ema, 'apply') && can(ema, 'restore')))
    fail(op, `ema is ${describe(ema)}`, 'give new optim.EMA(model)')
  if (validation !== undefined) checkBatches(op, 'validation', validation)
  if (!Array.isArray(callbacks) || callbacks.some((call) => typeof call !== 'function'))
    fail(op, `callbacks is ${describe(callbacks)}`, 'give a list of functions of an event')
  if (name !== 'loss' && !Object.hasOwn(metrics, name))
    fail(op, `monitor is ${describe(name)}`, `give one of ${['loss', ...Object.keys(metrics)].join(', ')}`)
  const { mode = name === 'loss' ? 'min' : undefined } = given
  if (mode !== 'min' && mode !== 'max')
    fail(op, `monitor is ${describe(name)}, mode ${describe(mode)}`, "say which is best: mode: 'min' or 'max'")
  const early = given.earlyStop && optionsOf(op, given.earlyStop, { patience: undefined, minDelta: 0, restore: true })
  if (early) checkCount(op, 'earlyStop.patience', early.patience, 1)
  if (early && !(typeof early.minDelta === 'number' && early.minDelta >= 0))
    fail(op, `earlyStop.minDelta is ${describe(early.minDelta)}`, 'give a number from 0 up')
  const saved = { folder: undefined, every: undefined, keepLast: 3, best: true, extra: undefined, hint: undefined }
  const checkpoint = given.checkpoint && optionsOf(op, given.checkpoint, saved)
  if (checkpoint) {
    if (typeof checkpoint.folder !== 'string')
      fail(op, `checkpoint.folder is ${describe(checkpoint.folder)}`, 'give a path')
    if (checkpoint.every !== undefined) checkCount(op, 'checkpoint.every', checkpoint.every, 1)
    checkCount(op, 'checkpoint.keepLast', checkpoint.keepLast, 1)
  }
  if (given.resume !== undefined && typeof given.resume !== 'string')
    fail(op, `resume is ${describe(given.resume)}`, 'give the folder of the checkpoints')
  const monitor: Monitor = { name, mode }
  // In a page there is no standard output to draw on.
  const shown = given.progress ?? typeof process !== 'undefined'
  const progress = shown === true ? {} : shown
  return { ...given, steps, perEpoch, progress, plateau, scheduleEvery, monitor, early, checkpoint }
}

export type Fit = ReturnType<typeof checkFit>

/** Refuse a schedule that is made for another number of steps than it will take. */
function checkLength(op: string, schedule: unknown, planned: number, unit: string): void {
  if (!can(schedule, 'stateDict')) return
  const { options, lastEpoch = 0 } = (schedule as { stateDict(): Partial<Standing> }).stateDict()
  const end = lastEpoch + planned
  const { totalSteps, tMax, totalIters, milestones } = options ?? {}
  const longest = Math.max(totalSteps ?? 0, tMax ?? 0, totalIters ?? 0, ...(milestones ?? []))
  if (longest <= end && (totalSteps === undefined || totalSteps === end)) return
  const name = (schedule as object).constructor.name
  const wrong = `the schedule, ${name}, is made for ${longest} steps, and there are ${end} ${unit}`
  fail(op, wrong, `make it for ${end}, or say scheduleEvery: 'step' or 'epoch'`)
}

interface Standing {
  readonly lastEpoch: number
  readonly options: { totalSteps?: number; tMax?: number; totalIters?: number; milestones?: readonly number[] }
}
