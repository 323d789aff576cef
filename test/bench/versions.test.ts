/** @file Another commit beside this one: what is checked out, linked, laid over it and taken away; pairs; options. */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { checkOut } from '../../bench/compare/version.ts'
import { pairsOf, readOptions } from '../../bench/compare.ts'

const here = realpathSync(mkdtempSync(join(tmpdir(), 'handgrad-versions-')))
afterAll(() => rmSync(here, { recursive: true, force: true }))

const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', '-c', 'commit.gpgsign=false', ...args], {
    cwd: here,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim()

const put = (file: string, text: string) => {
  mkdirSync(dirname(join(here, file)), { recursive: true })
  writeFileSync(join(here, file), text)
}
const made = (program: string) =>
  `import { writeFileSync } from 'node:fs'\nwriteFileSync(new URL('../made.txt', import.meta.url), '${program}')\n`

/** Three commits: before the clock, with packages of its own, and with the clock. */
function commits(): string[] {
  git('init', '-q')
  put('.gitignore', 'node_modules\nmade.txt\n')
  put('package-lock.json', 'one')
  put('src/webgpu/recorder.ts', 'class Recorder {}')
  put('src/bench/stats.ts', 'old')
  put('shaders/bench/a.wgsl', 'old')
  for (const name of ['shaders', 'setup', 'shadertext']) put(`scripts/${name}.mjs`, made(name))
  const found: string[] = []
  const commit = () => {
    git('add', '-A')
    git('commit', '-q', '-m', 'x')
    found.push(git('rev-parse', '--short', 'HEAD'))
  }
  commit()
  put('package-lock.json', 'two')
  put('src/webgpu/recorder.ts', 'interface PassWatcher {}')
  commit()
  put('package-lock.json', 'one')
  commit()
  put('src/bench/stats.ts', 'now')
  put('node_modules/x/index.js', '1')
  return found
}

test('a commit is set up with the packages that it names, under the benchmarks of this checkout, and goes again', () => {
  const [plain, packages, clock] = commits()
  const opened = [plain, packages, clock].map((rev) => {
    const version = checkOut(here, rev)
    const read = (file: string) => readFileSync(join(version.root, file), 'utf8')
    const modules = join(version.root, 'node_modules')
    const linked = existsSync(modules) && lstatSync(modules).isSymbolicLink()
    const found = [version.commit, version.hasClock, linked, read('src/bench/stats.ts'), read('made.txt')]
    version.remove()
    expect(existsSync(dirname(version.root))).toBe(false)
    return found
  })
  expect(opened).toEqual([
    [plain, false, true, 'old', 'shaders'],
    [packages, true, false, 'now', 'setup'],
    [clock, true, true, 'now', 'shaders'],
  ])
  // Nothing followed the link.
  expect(readFileSync(join(here, 'node_modules/x/index.js'), 'utf8')).toBe('1')
  expect(git('worktree', 'list').split('\n')).toHaveLength(1)
  expect(() => checkOut(here, 'nothing')).toThrow('compare: git knows no commit nothing')
  put('scripts/shaders.mjs', 'throw new Error("broken here")')
  expect(() => checkOut(here, clock)).toThrow(
    /scripts\/shaders.mjs of the other version ended with 1[\s\S]*broken here/,
  )
  expect(git('worktree', 'list').split('\n')).toHaveLength(1)
})

test('pairs are of what both have in every round, and results that differ end it', () => {
  const one = (name: string, median: number, ...check: number[]) => ({ name, median, check })
  const before = [one('a', 1, 5), one('b', 2), one('gone', 3)]
  const now = [one('new', 9), one('b', 4), one('a', 1.5, 5 + 1e-7)]
  expect(
    pairsOf([
      [before, now],
      [before, now],
    ]),
  ).toEqual([
    { name: 'b', before: [2, 2], now: [4, 4] },
    { name: 'a', before: [1, 1], now: [1.5, 1.5] },
  ])
  expect(
    pairsOf([
      [before, now],
      [before, now.slice(1)],
      [before.slice(1), now],
    ]).map(({ name }) => name),
  ).toEqual(['b'])
  expect(() => pairsOf([[before, [one('a', 1, 5.1)]]])).toThrow('compare: a gave 5, and now gives 5.1')
})

test('options are read, and mistakes are one line', () => {
  expect(readOptions(['HEAD~3', 'matmul', '--device', 'webgpu', '--only', 'NN,TN', '--rounds', '30'])).toEqual({
    ...{ rev: 'HEAD~3', suites: ['matmul'], devices: ['webgpu'], adapter: undefined, only: ['NN', 'TN'] },
    ...{ rounds: 30, seconds: 0.8, clock: 'wall' },
  })
  expect(readOptions(['main'])).toMatchObject({ suites: [], devices: ['cpu', 'webgpu'], rounds: undefined })
  for (const [args, text] of [
    [[], 'compare: with what?'],
    [['a', '--device', 'tpu'], "compare: --device is 'tpu' (cpu or webgpu)"],
    [['a', '--rounds', '1.5'], "compare: --rounds is '1.5'"],
    [['a', '--seconds', '0'], "compare: --seconds is '0'"],
    [['a', '--clock', 'sun'], "compare: --clock is 'sun'"],
    [['a', '--fast'], "compare: Unknown option '--fast'"],
  ] as const) {
    expect(() => readOptions(args)).toThrow(text)
    expect(() => readOptions(args)).not.toThrow('\n')
  }
})

test('a process measures the cases and the workloads that it is asked for', () => {
  const root = new URL('../../', import.meta.url)
  const asked = { root: fileURLToPath(root), device: 'cpu', seconds: 0.05, clock: 'wall', check: true }
  const run = (more: object) => {
    const script = fileURLToPath(new URL('bench/compare/process.ts', root))
    const args = ['--import', import.meta.resolve('tsx'), script, JSON.stringify({ ...asked, ...more })]
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
    return status === 0 ? JSON.parse(stdout.trim().split('\n').at(-1) ?? '') : stderr
  }
  const [one, ...others] = run({ suites: ['matmul'], only: ['GPT attention'] })
  expect(others).toEqual([])
  expect(one).toMatchObject({ name: 'matmul: NN 16×64×16×64, GPT attention', check: [] })
  expect(one.median).toBeGreaterThan(0)
  const [sums] = run({ suites: [], only: ['cpu suite: sum'], clock: 'cpu' })
  expect(sums.name).toBe('cpu suite: sum')
  expect(sums.check.length).toBeGreaterThan(0)
  expect(run({ suites: ['matnul'], only: [] })).toContain('compare: there is no suite matnul')
})
