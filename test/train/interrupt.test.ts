/** @file Ctrl-C, in a process of its own: it ends the step, saves, says how to go on and exits with 130. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { CpuDevice, train } from '../../src/index.ts'
import { lesson } from '../support/training.ts'

const root = mkdtempSync(join(tmpdir(), 'handgrad-interrupt-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const script = fileURLToPath(new URL('../support/interrupted.ts', import.meta.url))

interface Ended {
  readonly code: number | null
  readonly signal: string | null
  readonly out: string
  /** Milliseconds from the last signal to the end. */
  readonly late: number
}

/** Run the script; each of `presses` is a text at which it is interrupted once more. */
function run(args: readonly string[], presses: readonly RegExp[] = []): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const left = [...presses]
    let out = ''
    let pressed = 0
    child.stdout.on('data', (data: Buffer) => {
      out += data.toString()
      if (!left[0]?.test(out)) return
      left.shift()
      pressed = performance.now()
      child.kill('SIGINT')
    })
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, out, late: performance.now() - pressed }))
  })
}

test.concurrent('the step is ended, the run saved; it says how to go on, and goes on bit for bit', async () => {
  const folder = join(root, 'one')
  const cut = await run([folder, 'slow'], [/step [2-9]\d\d?\n/])
  expect([cut.code, cut.signal]).toEqual([130, null])
  const [, step] =
    /interrupted after step (\d+) of 180, saved in .*; go on with\n {2}train\.fit\(model, \{ …, resume: ".*one" \}\)/.exec(
      cut.out,
    ) ?? []
  expect(Number(step)).toBeGreaterThan(19)
  expect(readdirSync(folder)).toContain(`checkpoint-${step.padStart(8, '0')}.safetensors`)
  const { model, ...all } = lesson(new CpuDevice())
  const { losses } = await train.fit(model, { ...all, epochs: 20, progress: false })
  const rest = await run([folder, 'resume'])
  expect([rest.code, rest.out]).toEqual([0, `end 180 ${losses.reduce((a, b) => a + b, 0)}\n`])
})

test.concurrent('a second one ends the process at once', async () => {
  const cut = await run([join(root, 'two'), 'slow', 'hang'], [/step [2-9]\d\d?\n/, /saved\n/])
  // As a shell sees it, 130 is a process that SIGINT has ended.
  expect(cut.signal ?? cut.code).toBe(cut.signal ? 'SIGINT' : 130)
  expect(cut.late).toBeLessThan(5000)
})

test.concurrent('without checkpoints Ctrl-C is left to the system', async () => {
  const cut = await run(['', 'slow'], [/step [2-9]\d\d?\n/])
  expect([cut.code, cut.signal]).toEqual([null, 'SIGINT'])
})
