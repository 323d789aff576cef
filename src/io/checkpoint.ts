/**
 * @file Checkpoints: everything that a training goes on from, in one safetensors file. Tensors of its parts are under
 * the part's name (`model.fc1.weight`), the rest of their states, random numbers and what the program adds as JSON in
 * the metadata. How states become JSON and tensors is state.ts, loading restore.ts,
 * which of the files in a folder stay kept.ts.
 */
import { describe, fail } from '../core/errors.ts'
import { openScope } from '../core/scope.ts'
import { Tensor } from '../core/tensor.ts'
import { optionsOf } from '../ops/base/options.ts'
import { getRandomState } from '../ops/index.ts'
import type { HostTensor } from './elements.ts'
import { nodeFiles } from './files.ts'
import { checkPath, checkRecord, checkText, listed, nameOf } from './given.ts'
import { checkParts, FORMAT, type Json, PACKAGE, pack, type Stateful, tooMany, VERSION } from './state.ts'
import { writeTensors } from './stream.ts'

/** What a program keeps beside the parts. */
export interface About {
  /** Epochs done; default 0. */
  readonly epoch?: number
  /** Steps done; default 0. */
  readonly step?: number
  /** Numbers by name; default: none. */
  readonly metrics?: Readonly<Record<string, number>>
  /** Anything that a state may be made of; default null. */
  readonly extra?: unknown
}

/** How {@link saveCheckpoint} writes. */
export interface CheckpointOptions extends About {
  /**
   * `path` is a folder, made where it is missing: the file in it is named by the step,
   * `checkpoint-00000100.safetensors`, and of those with such names only so many with the highest steps stay. Integer
   * from 1. Default: `path` is a file.
   */
  readonly keepLast?: number
  /** With `keepLast`: the file with the best of a metric stays too. */
  readonly best?: Best
}

/** What {@link loadCheckpoint} loads, and how. */
export interface LoadCheckpointOptions {
  /** True: parts of the file that are not given are passed over, and random numbers stay as they are; default false. */
  readonly partial?: boolean
  /** True: the file may be of another device than the parts: last bits of what follows change; default false. */
  readonly otherDevice?: boolean
}

/** What a checkpoint holds beside its parts. */
export interface Checkpoint {
  readonly epoch: number
  readonly step: number
  readonly metrics: Readonly<Record<string, number>>
  /** What the program kept. */
  readonly extra: unknown
  /** The names of its parts. */
  readonly parts: readonly string[]
  /** The version of handgrad that wrote it. */
  readonly handgrad: string
}

/** Which checkpoint is the best. */
export interface Best {
  /** A name among the metrics. */
  readonly by: string
  /** Whether the smallest or the largest is the best; default 'min'. */
  readonly mode?: 'min' | 'max'
}

function checkCount(op: string, name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) fail(op, `${name} is ${describe(value)}`, 'give an integer from 0 up')
}

function checkMetrics(op: string, metrics: Readonly<Record<string, number>>): void {
  checkRecord(op, 'metrics', metrics, 'give numbers by name')
  for (const [name, value] of Object.entries(metrics))
    if (typeof value !== 'number')
      fail(op, `metric ${nameOf(name)} is ${describe(value)}`, 'give a number: await x.item()')
}

/** Refuse what cannot be kept to. */
function checkKept(
  op: string,
  keepLast: number | undefined,
  best: Best | undefined,
  metrics: Readonly<Record<string, number>>,
): void {
  if (keepLast !== undefined && !(Number.isSafeInteger(keepLast) && keepLast > 0))
    fail(op, `keepLast is ${describe(keepLast)}`, 'give an integer from 1 up')
  if (best === undefined) return
  if (keepLast === undefined) fail(op, 'best is given without keepLast', 'give both: files are kept in a folder')
  const { by, mode } = optionsOf(op, best, { by: '', mode: 'min' })
  checkText(op, 'best.by', by, 'give the name of a metric')
  if (!Object.hasOwn(metrics, by))
    fail(op, `the metrics have no ${nameOf(by)}`, `they have ${listed(Object.keys(metrics)) || 'none'}`)
  if (mode !== 'min' && mode !== 'max') fail(op, `best.mode is ${describe(mode)}`, "'min' or 'max'")
}

/** The file of a step in a folder. */
const fileOf = (folder: string, step: number): string =>
  nodeFiles('saveCheckpoint').path.join(folder, `checkpoint-${String(step).padStart(8, '0')}.safetensors`)

/**
 * Save everything that a training goes on from in one file, in one step: a crash leaves the old file or the new. The
 * random state is always in it. What is saved is the moment of the call; tensors of a file of more than a few megabytes
 * may not change until it is written: await it.
 * ```ts
 * await io.saveCheckpoint('last.safetensors', { model, optimizer, schedule, loader }, { epoch, step })
 * await io.saveCheckpoint('runs/1', { model, optimizer }, { step, metrics, keepLast: 3, best: { by: 'loss' } })
 * ```
 * @param path   a file, or with `keepLast` a folder
 * @param parts  by name: whatever has `stateDict()` and `loadStateDict(state)`
 * @param about.epoch     epochs done
 * @param about.step      steps done
 * @param about.metrics   numbers by name
 * @param about.extra     what else the program needs: JSON, tensors, typed arrays
 * @param about.keepLast  how many files stay in the folder
 * @param about.best      `{ by: 'accuracy', mode: 'max' }`: the file with the best of a metric stays too
 * @returns the path of the file
 * @throws HandgradError if a state has something else than tensors, typed arrays and JSON in it, a tensor changes while
 *   it is saved, or the file cannot be written
 */
export async function saveCheckpoint(
  path: string,
  parts: Readonly<Record<string, Stateful>>,
  about?: CheckpointOptions,
): Promise<string> {
  const op = 'saveCheckpoint'
  const { epoch, step, metrics, extra, keepLast, best } = optionsOf(op, about, {
    epoch: 0,
    step: 0,
    metrics: {},
    extra: null,
    keepLast: undefined,
    best: undefined,
  })
  checkPath(op, path)
  checkParts(op, parts)
  checkCount(op, 'epoch', epoch)
  checkCount(op, 'step', step)
  checkMetrics(op, metrics)
  checkKept(op, keepLast, best, metrics)

  const own = openScope()
  try {
    const tensors: Record<string, Tensor | HostTensor> = Object.create(null)
    const devices: string[] = []
    const elsewhere: Record<string, number> = {}
    const put = (path: string, x: Tensor | HostTensor): string => {
      let name = path
      while (name in tensors) name += "'"
      tensors[name] = x
      if (!(x instanceof Tensor)) return name
      if (!devices.includes(x.device.name)) devices.push(x.device.name)
      const device = devices.indexOf(x.device.name)
      if (device > 0) elsewhere[name] = device
      return name
    }
    const states: Record<string, Json> = {}
    for (const [name, part] of Object.entries(parts))
      states[name] = {
        class: part.constructor.name,
        state: pack(
          op,
          name,
          own.run(() => part.stateDict()),
          put,
        ),
      }
    const saved = {
      epoch,
      step,
      metrics: pack(op, 'metrics', metrics, put),
      extra: pack(op, 'extra', extra, put),
      random: getRandomState(),
      devices,
      elsewhere,
      handgrad: PACKAGE,
      parts: states,
    }
    const state = JSON.stringify(saved)
    if (tooMany(state)) fail(op, 'the states and extra have too many values', 'keep long lists in typed arrays')
    const metadata = { format: FORMAT, version: String(VERSION), state }
    if (keepLast === undefined) {
      await writeTensors(op, path, tensors, metadata, {})
      return path
    }
    const file = fileOf(path, step)
    await writeTensors(op, file, tensors, metadata, { makeFolder: true })
    await (await import('./kept.ts')).dropOthers(op, path, file, keepLast, best)
    return file
  } finally {
    own.dispose()
  }
}

/**
 * Go on where {@link saveCheckpoint} stood: every part takes its state over, then the random numbers. All or nothing:
 * if a part refuses its state, those before it get theirs back, for which a second copy is in memory while it runs.
 * @param parts  by the names under which they were saved, and as they were made then
 * @param options.partial      true: only these parts, without the random numbers, such as the model alone
 * @param options.otherDevice  true: the parts may be on another device than those that were saved
 * @returns epoch, step, metrics, and what the program kept
 * @throws HandgradError with all that differs, if the file is of other parts, another model or device; FormatError at
 *   whatever is wrong in it, or if it is of a newer version
 */
export async function loadCheckpoint(
  path: string,
  parts: Readonly<Record<string, Stateful>>,
  options?: LoadCheckpointOptions,
): Promise<Checkpoint> {
  const op = 'loadCheckpoint'
  const asked = optionsOf(op, options, { partial: false, otherDevice: false })
  checkPath(op, path)
  checkParts(op, parts)
  // What reads is loaded when it is needed.
  return (await import('./restore.ts')).restore(path, parts, asked)
}

/**
 * What a checkpoint says of itself; the parts are not read, nor is what the program kept.
 * @throws HandgradError if the file cannot be read; FormatError if it is none of a checkpoint
 */
export async function readCheckpoint(path: string): Promise<Omit<Checkpoint, 'extra'>> {
  return (await import('./contents.ts')).readAbout('readCheckpoint', path)
}

/**
 * The checkpoint of the highest step that {@link saveCheckpoint} wrote to a folder; undefined if there is none.
 * @throws HandgradError if the folder cannot be read
 */
export async function latestCheckpoint(folder: string): Promise<string | undefined> {
  return (await import('./kept.ts')).latestOf('latestCheckpoint', folder)
}

/**
 * The checkpoint of a folder with the best of a metric, the latest of equal ones; undefined if none has it as a number.
 * Files that are not checkpoints are passed over.
 * @param best.by    the metric's name
 * @param best.mode  'min' or 'max'; default 'min'
 * @throws HandgradError if the folder cannot be read
 */
export async function bestCheckpoint(folder: string, best: Best): Promise<string | undefined> {
  return (await import('./kept.ts')).bestIn('bestCheckpoint', folder, best)
}
