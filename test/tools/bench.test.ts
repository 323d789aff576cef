/** @file What the benchmarks are asked for, and how they show their figures; they themselves run by hand. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test, vi } from 'vitest'
import { against, figure, show } from '../../bench/harness.ts'
import { readOptions, usage } from '../../bench/options.ts'
import { plain } from '../../src/text/terminal.ts'

afterEach(() => vi.restoreAllMocks())

test('options are read', () => {
  const all = {
    names: ['dispatch', 'matmul', 'mlp', 'cpu', 'optim', 'kernels'],
    kinds: ['cpu', 'webgpu'],
    full: false,
    save: false,
  }
  expect(readOptions([])).toMatchObject(all)
  expect(readOptions(['mlp', '--device', 'cpu', '--full', '--adapter', 'x'])).toEqual({
    names: ['mlp'],
    kinds: ['cpu'],
    adapter: 'x',
    full: true,
    save: false,
  })
  expect(readOptions(['--help'])).toBe(null)
})

test('what is unknown is one line', () => {
  const texts = [['foo', 'mlp', 'bar'], ['--device', 'tpu'], ['--fast'], ['--device']].map((args) => {
    try {
      return readOptions(args)
    } catch (error) {
      return (error as Error).message
    }
  })
  expect(texts).toEqual([
    'bench: there is no suite foo, bar (there are dispatch, matmul, mlp, cpu, optim, kernels)',
    "bench: --device is 'tpu' (cpu or webgpu)",
    `bench: Unknown option '--fast' (${usage})`,
    `bench: Option '--device <value>' argument missing (${usage})`,
  ])
  for (const text of [usage, ...texts]) expect(text).not.toContain('\n')
})

test('the program says so, without a stack', () => {
  const file = fileURLToPath(new URL('../../bench/main.ts', import.meta.url))
  const run = (...args: string[]) =>
    execFileSync(process.execPath, ['--import', 'tsx', file, ...args], { encoding: 'utf8', stdio: 'pipe' })
  expect(run('--help')).toBe(`${usage}\n`)
  let error: unknown
  try {
    run('foo')
  } catch (caught) {
    error = caught
  }
  expect(error).toMatchObject({
    status: 1,
    stdout: '',
    stderr: 'bench: there is no suite foo (there are dispatch, matmul, mlp, cpu, optim, kernels)\n',
  })
})

test('figures are a table, or lines where it does not fit', () => {
  const slow = figure('a loop of the peer', 'ms', [0.004, 0.005, 0.006], (s) => s * 1e3)
  const fast = against({ ...figure('our loop', 'ms', [0.002, 0.0025, 0.003], (s) => s * 1e3), note: 'warm' }, slow)
  const shown = (columns: number) => {
    const lines: string[] = []
    vi.spyOn(console, 'log').mockImplementation((text: string) => void lines.push(...text.split('\n')))
    show([fast, slow], [slow], { ...plain, columns })
    return lines
  }
  expect(shown(100)).toEqual([
    '                    median  unit  quartiles    compared                   saved',
    'our loop              2.50  ms    2.00 – 3.00  2.00 × a loop of the peer         warm',
    'a loop of the peer    5.00  ms    4.00 – 6.00                              5.00',
  ])
  expect(shown(40)).toEqual([
    'our loop  2.50 ms',
    '    quartiles 2.00 – 3.00',
    '    2.00 × a loop of the peer; warm',
    'a loop of the peer  5.00 ms',
    '    quartiles 4.00 – 6.00; saved 5.00',
  ])
})
