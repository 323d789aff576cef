/** @file The checkpoints in a folder: their names, which is the latest, and which stay. */
import { FormatError, fail } from '../core/errors.ts'
import { optionsOf } from '../ops/base/options.ts'
import type { Best } from './checkpoint.ts'
import { readAbout } from './contents.ts'
import { nodeFiles, reasonOf } from './files.ts'
import { checkPath, nameOf } from './given.ts'

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

/** The file of the highest step. */
export const latestOf = async (op: string, folder: string): Promise<string | undefined> =>
  (await filesIn(op, folder))[0]

/** The file with the best of a metric. */
export async function bestIn(op: string, folder: string, best: Best): Promise<string | undefined> {
  const { by, mode } = optionsOf(op, best, { by: '', mode: 'min' })
  if (by === '') fail(op, 'best.by is missing', 'give the name of a metric')
  return bestOf(await filesIn(op, folder), by, mode)
}

async function bestOf(files: readonly string[], by: string, mode: 'min' | 'max'): Promise<string | undefined> {
  let found: { file: string; value: number } | undefined
  for (const file of files) {
    const metrics: Readonly<Record<string, number>> = await readAbout('bestCheckpoint', file).then(
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
