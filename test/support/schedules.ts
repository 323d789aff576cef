/** @file Schedules as test/reference/optim/schedules.json names them, and the optimizers that they act on. */
import { readFileSync } from 'node:fs'
import { optim, type Tensor, zeros } from '../../src/index.ts'

/** One schedule in PyTorch: rates before the first step and after each; null stands for those of the step before. */
export interface ScheduleCase {
  readonly schedule: string
  readonly optimizer: 'sgd' | 'adam'
  readonly options: Readonly<Record<string, unknown>>
  readonly rates: readonly (number | readonly number[] | null)[]
  readonly momenta?: readonly (number | readonly number[] | null)[]
  /** What each `step` is given. */
  readonly steps?: readonly number[]
}

export const scheduleCases: readonly ScheduleCase[] = JSON.parse(
  readFileSync(new URL('../reference/optim/schedules.json', import.meta.url), 'utf8'),
)

/** Two groups of SGD, or one of Adam. */
export function makeOptimizer(kind: 'sgd' | 'adam'): optim.SGD | optim.Adam {
  const leaf = (): Tensor => zeros([1], { requiresGrad: true })
  if (kind === 'adam') return new optim.Adam([leaf()], { lr: 0.1 })
  return new optim.SGD([{ params: [leaf()] }, { params: [leaf()], lr: 0.3 }], { lr: 0.1, momentum: 0.9 })
}

/** The functions that the file names. */
const functions: Readonly<Record<string, (t: number) => number>> = {
  '0.95**t': (t) => 0.95 ** t,
  '1/(1+t)': (t) => 1 / (1 + t),
  '1/(1+t/100)': (t) => 1 / (1 + t / 100),
  '1/x': (x) => 1 / x,
  '1/(1+x)': (x) => 1 / (1 + x),
}

type Named = readonly [schedule: string, options: Readonly<Record<string, unknown>>]
export type AnySchedule = optim.Scheduler & { step(given?: number): void }

/** A schedule from its name and options: functions by their text, parts by name and options. */
export function makeSchedule(name: string, options: object, optimizer: optim.ScheduledOptimizer): AnySchedule {
  const given = Object.fromEntries(
    Object.entries(options).map(([key, value]) => {
      if (key === 'schedulers')
        return [key, (value as Named[]).map(([part, own]) => makeSchedule(part, own, optimizer))]
      if (key === 'lrLambda' || key === 'scaleFn')
        return [key, Array.isArray(value) ? value.map((text) => functions[text]) : functions[value as string]]
      return [key, value]
    }),
  )
  if (name === 'ChainedScheduler') return new optim.ChainedScheduler(given.schedulers)
  const Class: new (optimizer: optim.ScheduledOptimizer, options: object) => AnySchedule = Reflect.get(optim, name)
  return new Class(optimizer, given)
}

/** Numbers of each step for each of `groups`, nulls filled in. */
export function unpacked(rows: ScheduleCase['rates'], groups: number): number[] {
  let last: readonly number[] = []
  return rows.flatMap((row) => {
    if (row !== null) last = typeof row === 'number' ? new Array<number>(groups).fill(row) : row
    return last
  })
}

/** The largest distance between two lists, in parts of the second; ∞ where their lengths differ. */
export const distance = (got: readonly number[], want: readonly number[]): number =>
  got.length !== want.length
    ? Infinity
    : Math.max(...want.map((x, i) => (got[i] === x ? 0 : Math.abs(got[i] - x) / Math.max(Math.abs(x), 1e-12))))
