/**
 * @file The learning-rate range test: a short training with rates that rise, to see where it learns and where it
 * breaks.
 */
import { describe, fail } from '../core/errors.ts'
import { optionsOf } from '../ops/base/options.ts'
import { plot } from '../text/plot.ts'
import { isStateful, Snapshot } from './snapshot.ts'
import { can, checkCount, checkSteps, type StepOptions, type Trainable, takeSteps } from './steps.ts'

/** How {@link lrRange} tries. */
export interface RangeOptions
  extends Pick<StepOptions, 'train' | 'loss' | 'optimizer' | 'clip' | 'accumulate' | 'l1' | 'l2' | 'device'> {
  /** The first rate; default 1e-7. */
  low?: number
  /** The last one; default 10. */
  high?: number
  /** Steps from the one to the other; default 100. */
  steps?: number
  /** How much of the mean stays at each step when losses are smoothed, from 0 to below 1; default 0.9. */
  smooth?: number
  /** End where the smoothed loss is so many times its least; default 4. */
  stopAt?: number
}

/** What {@link lrRange} found: a curve, and what to read from it. */
export interface Range {
  readonly rates: readonly number[]
  readonly losses: readonly number[]
  readonly smoothed: readonly number[]
  /**
   * The rate at which the loss, smoothed over the steps on both sides, falls most steeply over log(rate), before the
   * least of `smoothed`; undefined: it never falls.
   */
  readonly suggestion: number | undefined
  /** The smoothed losses over the rates, drawn for a terminal. */
  plot(): string
}

/** The test of `train.lrRange`. */
export async function lrRange(model: Trainable, options: RangeOptions): Promise<Range> {
  const op = 'lrRange'
  const given = optionsOf(op, options, {
    ...{ train: undefined, loss: undefined, optimizer: undefined, clip: undefined, accumulate: 1, l1: 0, l2: 0 },
    ...{ device: undefined, low: 1e-7, high: 10, steps: 100, smooth: 0.9, stopAt: 4 },
  })
  const { low, high, steps: most, smooth, stopAt, ...rest } = given
  for (const [name, value, above] of [
    ['low', low, 0],
    ['high', high, low],
    ['stopAt', stopAt, 1],
  ] as const)
    if (!(typeof value === 'number' && value > above && value < Infinity))
      fail(op, `${name} is ${describe(value)}`, `give a number above ${above}`)
  if (!(typeof smooth === 'number' && smooth >= 0 && smooth < 1))
    fail(op, `smooth is ${describe(smooth)}`, 'give a number from 0 to below 1')
  checkCount(op, 'steps', most, 2)
  const { optimizer, train } = given as StepOptions
  const bases: number[] = []
  let next = 0
  const schedule = {
    step(): void {
      const rate = low * (high / low) ** (next++ / (most - 1))
      optimizer.groups.forEach((group, i) => {
        group.lr = (rate * bases[i]) / bases[0]
      })
    },
  }
  const run = checkSteps(op, model, { ...rest, schedule } as StepOptions)
  if (!can(optimizer, 'stateDict')) fail(op, `optimizer is ${describe(optimizer)}`, 'give one with a state')
  const epochs = Math.ceil(most / Math.ceil(train.length / run.accumulate))
  const modes = model.modules().map((module) => [module, module.training] as const)
  const snapshot = new Snapshot([model, optimizer, train].flatMap((part) => (isStateful(part) ? part : [])))
  const [rates, losses, smoothed]: [number[], number[], number[]] = [[], [], []]
  bases.push(...optimizer.groups.map(({ lr }) => lr as number))
  try {
    schedule.step()
    const mean = runningMean(smooth)
    for await (const { loss, lr } of takeSteps(op, model, { ...run, epochs })) {
      const value = await loss.item()
      rates.push(lr)
      losses.push(value)
      smoothed.push(mean(value))
      if (rates.length === most || !(smoothed[rates.length - 1] <= stopAt * Math.min(...smoothed))) break
    }
  } finally {
    snapshot.restore()
    snapshot.dispose()
    for (const [module, training] of modes) module.training = training
  }
  const shown = smoothed.filter(Number.isFinite)
  const x = [rates[0], rates[shown.length - 1]].map((rate) => Number(rate.toPrecision(2))) as [number, number]
  const draw = () => plot(shown, { title: 'loss (smoothed)', xLabel: 'learning rate (log scale)', x })
  return { rates, losses, smoothed, suggestion: steepest(rates, losses, smoothed, smooth), plot: draw }
}

/** The mean of what it was given so far, of which the last counts most; the first ones are not drawn towards 0. */
function runningMean(smooth: number): (value: number) => number {
  let [mean, weight] = [0, 0]
  return (value) => {
    mean = smooth * mean + (1 - smooth) * value
    weight = smooth * weight + 1 - smooth
    return mean / weight
  }
}

/**
 * Where losses over equal steps of log(rate) fall most, before the least smoothed one. That one tells of steps gone by,
 * nine of them at 0.9, and would give a rate as much too late; with the same from the other side the two delays cancel.
 */
function steepest(
  rates: readonly number[],
  losses: readonly number[],
  smoothed: readonly number[],
  smooth: number,
): number | undefined {
  const least = smoothed.indexOf(Math.min(...smoothed.filter(Number.isFinite)))
  const back = losses
    .slice(0, least + 1)
    .reverse()
    .map(runningMean(smooth))
    .reverse()
  const both = back.map((mean, i) => mean + smoothed[i])
  let found: number | undefined
  let slope = 0
  // Central differences: one noisy loss tips none.
  for (let i = 1; i < least; i++) {
    const own = both[i + 1] - both[i - 1]
    if (own < slope) [slope, found] = [own, rates[i]]
  }
  return found
}
