/** @file Checkpoints whose writer is killed at any moment: what is left is the old file or the new one, whole. */
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { io, type Tensor } from '../../src/index.ts'

/** What was seen of a number of kills. */
export interface Kills {
  /** Kills after which the file was whole. */
  readonly whole: number
  /** Of those, kills within a save: a temporary file was left. */
  readonly within: number
  /** Saves that ended. */
  readonly saves: number
  /** What was wrong, once for each kill. */
  readonly faults: readonly string[]
}

/** Kill a program that saves, so many times. */
export async function killSaves(kills: number): Promise<Kills> {
  const cache = fileURLToPath(new URL('../../node_modules/.cache/handgrad', import.meta.url))
  await mkdir(cache, { recursive: true })
  // Built, so that it starts in a moment.
  const folder = await mkdtemp(join(cache, 'kills-'))
  const program = join(folder, 'saver.mjs')
  const entry = fileURLToPath(new URL('saver.ts', import.meta.url))
  await build({
    entryPoints: [entry],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
  })
  const files = await mkdtemp(join(tmpdir(), 'handgrad-kills-'))
  try {
    const path = join(files, 'c.safetensors')
    const faults: string[] = []
    let [whole, within, last] = [0, 0, 0]
    for (let i = 0; i < kills; i++) {
      await killOne(program, path, last + 1)
      const left = (await readdir(files)).filter((name) => name.endsWith('.tmp'))
      if (left.length > 0) within++
      for (const name of left) await rm(join(files, name))
      try {
        last = await lookAt(path, last)
        whole++
      } catch (error) {
        faults.push(String(error))
      }
    }
    return { whole, within, saves: last, faults }
  } finally {
    await rm(files, { recursive: true })
    await rm(folder, { recursive: true })
  }
}

/** Start the program, and kill it at a random moment after its first save. */
async function killOne(program: string, path: string, first: number): Promise<void> {
  const child = spawn(process.execPath, [program, path, String(first)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<number | null>((done) => child.on('exit', (code) => done(code)))
  await Promise.race([new Promise((begun) => child.stdout.once('data', begun)), ended])
  await new Promise((later) => setTimeout(later, 30 * Math.random()))
  child.kill('SIGKILL')
  const code = await ended
  if (code !== null) throw new Error(`the program that saves ended with ${code}`)
}

/** Load the file. @returns its step @throws Error if it is not one of those that were saved, or older than before */
async function lookAt(path: string, before: number): Promise<number> {
  let values: Promise<ArrayLike<number>> | undefined
  const part = {
    stateDict: () => ({}),
    loadStateDict: (state: { w: Tensor }) => {
      values = state.w.data()
    },
  }
  const { step } = await io.loadCheckpoint(path, { part })
  const data = Array.from((await values) ?? [])
  if (data.length !== 200_000 || data.some((value) => value !== step)) throw new Error(`step ${step} has other values`)
  if (step <= before) throw new Error(`step ${step} is not after ${before}`)
  return step
}
