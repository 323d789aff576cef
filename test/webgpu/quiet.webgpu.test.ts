/**
 * @file Dawn's two lines about dynamic buffers do not reach a terminal, whatever else is written does, and with
 * `quiet: false` stderr is left alone. How it is done, in src/webgpu/quiet.ts, is of Linux; elsewhere nothing is done.
 */
import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const linux = process.platform === 'linux'
const file = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url))
const program = (...args: string[]): string[] => ['--import', 'tsx', ...args]
const how = (name: string): string[] => program(file('test/support/quiet.mjs'), name)

/** What a program leaves in a file that is its stderr. */
function errorsOf(args: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'handgrad-test-'))
  const stderr = openSync(join(folder, 'out'), 'a')
  spawnSync(process.execPath, args, { stdio: ['ignore', 'ignore', stderr] })
  closeSync(stderr)
  const text = readFileSync(join(folder, 'out'), 'utf8')
  rmSync(folder, { recursive: true })
  return text
}

/** What a program writes to a terminal; Windows and macOS have no script(1) of this kind, and get pipes. */
function terminalOf(args: string[]): string {
  // script(1) gives the program a terminal of its own.
  const command = [process.execPath, ...args].map((word) => `'${word}'`).join(' ')
  const [name, given] = linux ? ['script', ['-qec', command, '/dev/null']] : [process.execPath, args]
  const { stdout, stderr, error } = spawnSync(name, given, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  if (error) throw new Error(`${name} does not start (Debian: apt install bsdutils): ${error.message}`)
  return (stdout + stderr).replaceAll('\r', '')
}

test('what is written meanwhile is kept, but for the lines that are named, and in its order', () => {
  const [noise1, noise2, noise3] = [1, 2, 3].map((n) => (linux ? '' : `noise ${n}\n`))
  expect(errorsOf(how('lines'))).toBe(
    `before\n${noise1}fault 1\n${noise2}given\n${noise3}fault 2\nError: thrown on purpose\nafter\n`,
  )
})

test('where another file takes the number of stderr, every line is shown', () => {
  expect(errorsOf(how('taken'))).toBe('noise 1\nfault 1\ngiven\n')
})

test('stderr is exchanged on a terminal alone, and not in a program that says so', { timeout: 60_000 }, () => {
  expect(terminalOf(how('plain'))).toMatch(linux ? /^closed 2 times$/m : /^closed 0 times$/m)
  expect(terminalOf(how('loud'))).toMatch(/^closed 0 times$/m)
  const { stdout } = spawnSync(process.execPath, how('plain'), { encoding: 'utf8' })
  expect(stdout).toMatch(/^closed 0 times$/m)
})

test('a terminal shows the adapter and nothing of Dawn', { timeout: 60_000 }, () => {
  const text = terminalOf(how('search'))
  expect(text).toMatch(linux ? /^found webgpu:\S+\n$/ : /^found webgpu:\S+$/m)
})

test('nor does the command line show it', { timeout: 60_000 }, () => {
  const args = ['train', '--device', 'webgpu', '--adapter', 'voodoo', '--out', join(tmpdir(), 'handgrad-none')]
  const text = terminalOf(program(file('src/cli/main.ts'), ...args))
  expect(text).toMatch(linux ? /^handgrad: webgpu: no adapter/ : /^handgrad: webgpu: no adapter/m)
})
