/** @file The checkpoints in a folder: their names, which is the latest, and which stay. */
import { describe, FormatError, fail } from '../core/errors.ts'
import { optionsOf } from '../ops/base/options.ts'
import { readCheckpoint } from './contents.ts'
import { nodeFiles, reasonOf } from './files.ts'
import { checkPath, checkText, listed, nameOf } from './given.ts'

/** Which checkpoint is the best. */
export interface Best {
  /** A name among the metrics. */
  readonly by: string
  /** Whether the smallest or the largest is the best; default 'min'. */
  readonly mode?: 'min' | 'max'
}

/** Refuse what cannot be kept to. */
export function checkKept(
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
export const fileOf = (folder: string, step: number): string =>
  nodeFiles('saveCheckpoint').path.join(folder, `checkpoint-${String(step).padStart(8, '0')}.safetensors`)

/** The checkpoints of a folder by step, the latest first. */
async function filesIn(op: string, folder: string): Promise<string[]> {
  checkPath(op, folder)
  const { fs, path } = nodeFiles(op)
  const names = await fs
    .readdir(folder)
    .catch((error: unknown) => fail(op, `cannot read ${nameOf(folder)}, ${reasonOf(error)}`))
  return names
    .flatMap((name) => {
      const step = /^checkpoint-(\d{8,16})\.safetensors$/.exec(name)?.[1]
      return step === undefined ? [] : [[Number(step), path.join(folder, name)] as const]
    })
    .sort(([a], [b]) => b - a)
    .map(([, file]) => file)
}

/**
 * The checkpoint of the highest step that {@link saveCheckpoint} wrote to a folder; undefined if there is none.
 * @throws HandgradError if the folder cannot be read
 */
export async function latestCheckpoint(folder: string): Promise<string | undefined> {
  return (await filesIn('latestCheckpoint', folder))[0]
}

/**
 * The checkpoint of a folder with the best of a metric, the latest of equal ones; undefined if none has it as a number.
 * Files that are no checkpoints are passed over.
 * @param best.by    the metric's name
 * @param best.mode  'min' or 'max'; default 'min'
 * @throws HandgradError if the folder cannot be read
 */
export async function bestCheckpoint(folder: string, best: Best): Promise<string | undefined> {
  const op = 'bestCheckpoint'
  const { by, mode } = optionsOf(op, best, { by: undefined, mode: 'min' })
  checkText(op, 'best.by', by, 'give the name of a metric')
  return bestOf(await filesIn(op, folder), by, mode)
}

async function bestOf(files: readonly string[], by: string, mode: 'min' | 'max'): Promise<string | undefined> {
  let found: { file: string; value: number } | undefined
  for (const file of files) {
    const metrics: Readonly<Record<string, number>> = await readCheckpoint(file).then(
      (checkpoint) => checkpoint.metrics,
      // It is not one of ours, and nobody's best.
      (error: unknown) => (error instanceof FormatError ? {} : Promise.reject(error)),
    )
    const value = Object.hasOwn(metrics, by) ? metrics[by] : Number.NaN
    const better = !found || (mode === 'min' ? value < found.value : value > found.value)
    if (!Number.isNaN(value) && better) found = { file, value }
  }
  return found?.file
}

/** Take the checkpoints of a folder away, but for the last ones, the best one and the one that was just written. */
export async function dropOthers(
  op: string,
  folder: string,
  written: string,
  last: number,
  best?: Best,
): Promise<void> {
  const { fs } = nodeFiles(op)
  const files = await filesIn(op, folder)
  const kept = new Set([written, ...files.slice(0, last)])
  if (files.length > kept.size && best) kept.add((await bestOf(files, best.by, best.mode ?? 'min')) ?? written)
  for (const file of files) {
    if (kept.has(file)) continue
    await fs
      .rm(file, { force: true })
      .catch((error: unknown) => fail(op, `cannot take ${nameOf(file)} away, ${reasonOf(error)}`))
  }
}
