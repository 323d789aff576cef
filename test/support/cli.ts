/** @file The program `handgrad` run as `npm start` runs it, and a small data set for it. */
import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mnistFiles, syntheticDigits } from '../../src/data/index.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** The program as `npm start` runs it: what is spawned with arguments, and how. */
export const program = ['--import', 'tsx', join(root, 'scripts/handgrad.mjs')]
export const asStarted = {
  cwd: root,
  env: { ...process.env, HANDGRAD_DATA: '', CI: '', FORCE_COLOR: '0', COLUMNS: '', npm_lifecycle_event: '' },
}

/** Run the program in a process of its own. */
export const handgrad = (...args: string[]): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(process.execPath, [...program, ...args], asStarted, (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err })
    })
  })

/** So many images to train on and to test, in MNIST's four files. */
export function writeMnist(folder: string, train = 300, test = 100): void {
  mkdirSync(folder)
  const parts = [syntheticDigits({ count: train, seed: 1 }), syntheticDigits({ count: test, seed: 2 })]
  parts.forEach(({ images, labels, count, rows, cols }, i) => {
    writeIdx(join(folder, mnistFiles[2 * i]), [count, rows, cols], images)
    writeIdx(join(folder, mnistFiles[2 * i + 1]), [count], labels)
  })
}

function writeIdx(path: string, shape: readonly number[], data: Uint8Array): void {
  const head = Buffer.alloc(4 + 4 * shape.length)
  head.set([0, 0, 8, shape.length])
  shape.forEach((n, i) => head.writeUInt32BE(n, 4 + 4 * i))
  writeFileSync(path, Buffer.concat([head, data]))
}
