/**
 * @file Dawn's two lines about dynamic buffers do not reach a terminal, and whatever else is written does. How it is
 * done, in src/webgpu/quiet.ts, is of Linux, and so is this.
 */
import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { quietly } from '../../src/webgpu/quiet.ts'

const program = fileURLToPath(new URL('../support/quiet.mjs', import.meta.url))
const node = (how: string): string[] => ['--import', 'tsx', program, how]

if (process.platform === 'linux') {
  test('what is written meanwhile is kept, but for the lines that are named, and in its order', () => {
    const folder = mkdtempSync(join(tmpdir(), 'handgrad-test-'))
    const file = join(folder, 'out')
    const stderr = openSync(file, 'a')
    spawnSync(process.execPath, node('lines'), { stdio: ['ignore', 'ignore', stderr] })
    closeSync(stderr)
    const text = readFileSync(file, 'utf8')
    rmSync(folder, { recursive: true })
    expect(text).toBe('before\nfault 1\ngiven\nfault 2\nError: thrown on purpose\nafter\n')
  })

  test('a terminal shows the adapter and nothing of Dawn', { timeout: 60_000 }, () => {
    // script(1) gives the program a terminal of its own.
    const command = [process.execPath, ...node('search')].map((word) => `'${word}'`).join(' ')
    const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    expect(stdout.replaceAll('\r', '')).toMatch(/^found webgpu:\S+\n$/)
  })
}

test('a search gives what it gives', () => {
  expect(quietly(() => 5)).toBe(5)
})
