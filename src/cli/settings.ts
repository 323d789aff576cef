/**
 * @file What `handgrad train` is told: its options, the settings that they make, and those of a run that goes on, which
 * stand in its checkpoints.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fail, shown } from '../core/errors.ts'
import { latestCheckpoint, loadCheckpoint } from '../io/index.ts'
import { type ModelName, models } from './classifier.ts'
import { DOWNLOADS } from './digits.ts'
import { type Given, oneOf, positive, wholeNumber } from './options.ts'
import { type OptimizerName, optimizers, type ScheduleName, schedules } from './recipes.ts'

/** Where the checkpoints of a run are, in its folder. */
export const CHECKPOINTS = 'checkpoints'

const names = (table: object): string[] => Object.keys(table)
const PATIENCE = '3'
const PROFILED = '5'

export const trainOptions = {
  model: { value: names(models).join('|'), help: 'perceptron, convolutions, or an LSTM over rows', standard: 'mlp' },
  optimizer: { value: 'NAME', help: names(optimizers).join(', '), standard: 'adam' },
  lr: {
    value: 'X',
    help: 'its largest learning rate',
    standard: `${optimizers.adam.lr} for adam, another for each`,
  },
  schedule: { value: 'NAME', help: `of that rate: ${names(schedules).join(', ')}`, standard: 'onecycle' },
  epochs: { value: 'N', help: 'passes over the training images', standard: '3' },
  batch: { value: 'N', help: 'images per step', standard: '64' },
  seed: { value: 'N', help: 'of initial weights and shuffles', standard: '0' },
  'early-stop': {
    value: '[N]',
    bare: PATIENCE,
    help: `end after N epochs (${PATIENCE} if none is given) without a better one, keep the weights of that; a tenth of the training images tells which is better`,
  },
  device: { value: 'cpu|webgpu|auto', help: 'where to compute; auto takes a real GPU, else the CPU', standard: 'auto' },
  adapter: { value: 'NAME', help: "part of a WebGPU adapter's name, such as llvmpipe" },
  data: { value: 'DIR', help: "folder with MNIST's four IDX files", standard: '$HANDGRAD_DATA, else synthetic digits' },
  download: { help: `fetch MNIST into --data DIR (${DOWNLOADS} if none is given) and train on it` },
  profile: {
    value: '[N]',
    bare: PROFILED,
    help: `show in the report where the time of N steps (${PROFILED} if none is given) goes`,
  },
  out: { value: 'DIR', help: 'folder for the results', standard: 'runs/<time>' },
  resume: { value: 'DIR', help: 'go on with the run in this folder, from its last checkpoint' },
  help: { help: 'show this' },
} as const
export type TrainGiven = Given<typeof trainOptions>

/** What decides, with the data and the device, what a run computes. */
export interface TrainSettings {
  readonly model: ModelName
  readonly optimizer: OptimizerName
  readonly schedule: ScheduleName
  readonly epochs: number
  readonly batch: number
  readonly lr: number
  readonly seed: number
  /** Epochs without a better one that are let pass; null: all are trained. */
  readonly earlyStop: number | null
}

/** Settings by the names of their options. */
const optionOf: Readonly<Record<keyof TrainSettings, keyof TrainGiven>> = {
  ...{ model: 'model', optimizer: 'optimizer', schedule: 'schedule', epochs: 'epochs', batch: 'batch' },
  ...{ lr: 'lr', seed: 'seed', earlyStop: 'early-stop' },
}

/** @throws HandgradError for a value that an option does not take */
export function settingsOf(given: TrainGiven): TrainSettings {
  const whole = (name: 'epochs' | 'batch' | 'seed', standard: string, least: number) =>
    wholeNumber('train', name, given[name] ?? standard, least)
  const optimizer = oneOf('train', 'optimizer', given.optimizer ?? 'adam', optimizers)
  const patience = given['early-stop']
  return {
    model: oneOf('train', 'model', given.model ?? 'mlp', models),
    optimizer,
    schedule: oneOf('train', 'schedule', given.schedule ?? 'onecycle', schedules),
    epochs: whole('epochs', '3', 1),
    batch: whole('batch', '64', 1),
    lr: positive('train', 'lr', given.lr ?? String(optimizers[optimizer].lr)),
    seed: whole('seed', '0', 0),
    earlyStop: patience === undefined ? null : wholeNumber('train', 'early-stop', patience, 1),
  }
}

/** Whether images are held out of the training: what is chosen by a measure must not be chosen by the test. */
export const holdsOut = ({ schedule, earlyStop }: TrainSettings): boolean =>
  schedule === 'plateau' || earlyStop !== null

/** What the command keeps in a checkpoint, as JSON: it changes while the run goes on. */
export interface Kept {
  readonly settings: TrainSettings
  /** The data set's folder; null: synthetic digits. */
  readonly source: string | null
  /** What the data set is like, so that another one is noticed. */
  readonly data: { readonly name: string; readonly train: number; readonly test: number; readonly std: number }
  /** Seconds that it took so far. */
  seconds: number
}

/**
 * The run of a folder, and the settings with which it goes on.
 * @throws HandgradError if there is none, or if an option that is given is not the run's
 */
export async function resumed(folder: string, given: TrainGiven): Promise<Kept> {
  const where = `--resume is '${shown(folder)}'`
  if (given.out !== undefined)
    fail('train', `--out with --resume`, "leave --out out: results go into the run's own folder")
  const kept = await keptIn(join(folder, CHECKPOINTS))
  if (!kept) fail('train', `${where}, with no checkpoint of a run in it`, 'give the folder that a run left')
  const settings = settingsOf({ ...textsOf(kept.settings), ...given })
  for (const [name, option] of Object.entries(optionOf) as [keyof TrainSettings, string][]) {
    const [asked, own] = [settings[name], kept.settings[name]]
    if (asked === own) continue
    const all = `--${option} is ${asked}, of the run in '${shown(folder)}' ${own ?? 'not given'}`
    if (name !== 'epochs') fail('train', all, `leave it out, or begin anew without --resume`)
    const { schedule, epochs } = kept.settings
    if (schedules[schedule].ends)
      fail('train', `${all}, and its schedule, ${schedule}, is made for them`, 'leave it out, or begin anew')
    if (settings.epochs < epochs) fail('train', all, 'there can only be more')
  }
  return { ...kept, settings }
}

/** What the last checkpoint of a folder keeps, if this command made one. */
async function keptIn(folder: string): Promise<Kept | undefined> {
  const file = existsSync(folder) ? await latestCheckpoint(folder) : undefined
  if (file === undefined) return undefined
  const { extra } = await loadCheckpoint(file, {}, { partial: true })
  return isKept(extra) ? extra : undefined
}

/** Whether it is what this command keeps; the values of the settings are checked as options are. */
function isKept(extra: unknown): extra is Kept {
  const { settings, source, data, seconds } = (extra ?? {}) as Partial<Kept>
  const numbers = [seconds, data?.train, data?.test, data?.std]
  return (
    (source === null || typeof source === 'string') &&
    typeof data?.name === 'string' &&
    numbers.every((x) => Number.isFinite(x)) &&
    Object.keys(optionOf).every((name) => name in (settings ?? {}))
  )
}

/** Settings as their options' texts, which are checked like any others. */
const textsOf = (settings: TrainSettings): TrainGiven =>
  Object.fromEntries(
    Object.entries(optionOf).flatMap(([name, option]) => {
      const value = settings[name as keyof TrainSettings]
      return value === null ? [] : [[option, String(value)]]
    }),
  )
