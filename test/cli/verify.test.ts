/**
 * @file `handgrad verify`: its options, exit codes and report, and what becomes of a process that ends or hangs. What
 * is run has its tests in test/verify.
 */
import { execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { supervise } from '../../src/cli/supervise.ts'
import type { Message, Task } from '../../src/cli/verifier.ts'
import { verify } from '../../src/cli/verify.ts'
import type { Verdict } from '../../src/verify/verdict.ts'
import { type Ended, handgrad } from '../support/cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'handgrad-verify-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const fake = fileURLToPath(new URL('verifier.fake.mjs', import.meta.url))

describe('a verifying process', () => {
  afterEach(() => {
    delete process.env.FAKE_UNITS
  })

  /** All verdicts of a process that has these units. */
  async function judged(units: string, patience = 60): Promise<Verdict[]> {
    process.env.FAKE_UNITS = units
    const verdicts: Verdict[] = []
    let started = 0
    await supervise(fake, { kind: 'webgpu', wanted: {} }, patience, {
      started: () => started++,
      judged: (verdict) => verdicts.push(verdict),
    })
    expect(started).toBe(1)
    return verdicts
  }
  const short = (verdicts: readonly Verdict[]) => verdicts.map(({ op, outcome }) => `${op} ${outcome}`)

  test('is heard to its end, infinity and all', async () => {
    const verdicts = await judged('exp,log')
    expect(short(verdicts)).toEqual(['exp passed', 'log passed'])
    expect(verdicts[0].worst).toBe(Number.POSITIVE_INFINITY)
  })

  test('that ends costs the unit it was at, and another goes on', async () => {
    const verdicts = await judged('exp,crash,log,kill,sin')
    expect(short(verdicts)).toEqual(['exp passed', 'crash ended', 'log passed', 'kill ended', 'sin passed'])
    expect(verdicts[1].faults[0].what).toBe('ended with code 7: the driver fell over')
    expect(verdicts[3].faults[0].what).toMatch(/^ended with (SIGKILL|code 1)/)
    expect(verdicts[1].repeat).toEqual({ setup: 'plain', op: 'crash' })
  })

  test('that says nothing is stopped, and another goes on', async () => {
    const verdicts = await judged('exp,hang,log', 3)
    expect(short(verdicts)).toEqual(['exp passed', 'hang hung', 'log passed'])
    expect(verdicts[1].faults[0].what).toBe('nothing was heard for 3 s')
  })

  test('that ends again and again is given up', async () => {
    const verdicts = await judged(Array.from({ length: 23 }, () => 'crash').join(','))
    expect(verdicts).toHaveLength(23)
    expect(new Set(verdicts.map(({ outcome }) => outcome))).toEqual(new Set(['ended']))
    expect(verdicts[19].faults[0].what).toMatch(/^ended with code 7/)
    expect(verdicts[20].faults[0].what).toBe('not run: 20 processes were lost')
  }, 60_000)

  test('that finds no adapter after it was lost costs what is left, and nothing before', async () => {
    const verdicts = await judged('exp,crash,away,sin')
    expect(short(verdicts)).toEqual(['exp passed', 'crash ended', 'away lost', 'sin lost'])
    for (const { faults } of verdicts.slice(2))
      expect(faults[0].what).toBe('not run: webgpu: no adapter found (install a driver)')
  })

  test('that refuses, or never begins, is an error', async () => {
    await expect(judged('refuse')).rejects.toThrow('webgpu: no adapter found (install a driver)')
    await expect(judged('stillborn')).rejects.toThrow('verify: the verifying process ended with code 9')
  })

  test('ends by itself, long before its last unit, once nobody listens', async () => {
    const program = fileURLToPath(new URL('../../src/cli/verifier.ts', import.meta.url))
    const child = fork(program, { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    let said = ''
    child.stderr?.on('data', (data) => (said += data))
    let units = Number.NaN
    let heard = 0
    child.on('message', (message: Message) => {
      if ('place' in message) units = message.units.length
      else if (++heard === 2) child.disconnect()
    })
    child.send({ kind: 'cpu', wanted: {}, from: 0 } satisfies Task)
    // Not close: Node does not tell it of a process whose channel was closed from here.
    const [code] = await once(child, 'exit')
    expect(code, said).toBe(0)
    expect(said).toBe('')
    expect(heard).toBe(2)
    expect(units).toBeGreaterThan(100)
  }, 60_000)
})

describe('the command', () => {
  test('leaves a report and ends with 0 where nothing is wrong', async () => {
    const out = join(folder, 'good')
    const run = await handgrad('verify', '--device', 'cpu', '--op', 'tanh,softmax', '--out', out)
    expect(run, run.err).toMatchObject({ code: 0 })
    expect(run.out).toMatch(/^2 passed, 0 failed on cpu in 0:\d\d; largest error 0\.\d+ of its bound/m)
    expect(readdirSync(out).sort()).toEqual(['verify.json', 'verify.md'])
    const report = JSON.parse(readFileSync(join(out, 'verify.json'), 'utf8'))
    expect(report).toMatchObject({ passed: 2, failed: 0, place: { device: 'cpu' } })
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    expect(report.place.versions).toMatchObject({ handgrad: version, Node: expect.stringContaining(process.version) })
    expect(readFileSync(join(out, 'verify.md'), 'utf8')).toContain('| softmax | ')
  }, 60_000)

  test('leaves a report where the adapter did not come back, and says how it was started', async () => {
    const out = join(folder, 'away')
    vi.stubEnv('FAKE_UNITS', 'exp,crash,away,sin')
    vi.stubEnv('HANDGRAD_COMMAND', './handgrad')
    try {
      await verify(['--out', out], fake)
      expect(process.exitCode).toBe(1)
    } finally {
      process.exitCode = undefined
      vi.unstubAllEnvs()
    }
    const report = JSON.parse(readFileSync(join(out, 'verify.json'), 'utf8'))
    expect(report).toMatchObject({ passed: 1, failed: 3, command: `./handgrad verify --out ${out}` })
    const text = readFileSync(join(out, 'verify.md'), 'utf8')
    expect(text).toContain('- **sin**, plain: lost. lost: not run: webgpu: no adapter found')
    expect(text).toContain('  ./handgrad verify --op sin --setup plain\n')
  })

  /** The command, with modules of this folder that are loaded before it. */
  const loaded = (modules: readonly string[], args: readonly string[], env = {}): Promise<Ended> =>
    new Promise((resolve) => {
      const root = fileURLToPath(new URL('../..', import.meta.url))
      const urls = ['tsx', ...modules.map((name) => new URL(name, import.meta.url).href)]
      const flags = urls.flatMap((name) => ['--import', name])
      const program = [...flags, join(root, 'scripts/handgrad.mjs'), 'verify', ...args]
      execFile(process.execPath, program, { cwd: root, env: { ...process.env, ...env } }, (error, out, err) => {
        resolve({ code: error ? Number(error.code) : 0, out, err })
      })
    })
  /** The command on a CPU whose softmax is wrong. */
  const broken = (...args: string[]): Promise<Ended> => loaded(['broken.ts'], args)

  test.each([
    ["throw new Error('half of a file')", 'Error: half of a file'],
    ["export const unitsOf = () => { throw new TypeError('of no use') }", 'TypeError: of no use'],
  ])(
    'says at once what is wrong with itself: %s',
    async (SESSION, text) => {
      const run = await loaded(['session.mjs'], ['--device', 'cpu', '--out', join(folder, 'faulty')], { SESSION })
      expect(run.code).toBe(1)
      expect(run.err).toContain(`handgrad: verify: the verifying process ended with code 1: ${text}`)
      expect(readdirSync(folder)).not.toContain('faulty')
    },
    60_000,
  )

  test('ends with 1 on a fault, and says a line that repeats it', async () => {
    const run = await broken('--device', 'cpu', '--op', 'exp,softmax', '--out', join(folder, 'bad'))
    expect(run.code, run.out + run.err).toBe(1)
    expect(run.out).toMatch(/^FAILED softmax, plain: case \d+ .*: element 1 is .*\(and \d+ more\)$/m)
    expect(run.out).toMatch(/^1 passed, 1 failed on cpu/m)
    const [, line] = /^ {2}node --import tsx scripts\/handgrad\.mjs verify (.*)$/m.exec(run.out) ?? []
    expect(line).toMatch(/^--device cpu --op softmax --setup plain --case \d+ --layout contiguous$/)
    expect(readFileSync(join(folder, 'bad', 'verify.md'), 'utf8')).toContain(
      `node --import tsx scripts/handgrad.mjs verify ${line}`,
    )
    const again = await broken(...line.split(' '), '--out', join(folder, 'again'))
    expect(again.code).toBe(1)
    expect(again.out).toMatch(/^0 passed, 1 failed on cpu/m)
  }, 90_000)

  test.each([
    ["verify: --device is 'gpu' (webgpu or cpu)", '--device', 'gpu'],
    ['verify: --adapter x with --device cpu (an adapter is of webgpu: --device webgpu)', '--device=cpu', '--adapter=x'],
    ["verify: --case is 'two' (give a whole number from 0 up)", '--case', 'two'],
    ['verify: unknown option --quik (did you mean --quick?)', '--quik'],
  ])('%s', async (text, ...args) => {
    await expect(verify(args)).rejects.toThrow(text)
  })

  test('what the verifying process refuses ends with 1, and leaves no folder', async () => {
    const run = await handgrad('verify', '--device', 'cpu', '--op', 'tahn', '--out', join(folder, 'refused'))
    expect(run.code).toBe(1)
    expect(run.err).toContain("handgrad: verify: there is no op 'tahn' on the cpu (docs/made/ops.md lists them)")
    expect(readdirSync(folder)).not.toContain('refused')
  }, 60_000)

  test("a user's own empty folder stays", async () => {
    const out = join(folder, 'own')
    mkdirSync(out)
    vi.stubEnv('FAKE_UNITS', 'refuse')
    await expect(verify(['--out', out], fake)).rejects.toThrow('webgpu: no adapter found')
    vi.unstubAllEnvs()
    expect(readdirSync(folder)).toContain('own')
  })

  test('a report that cannot be written is refused before anything runs', async () => {
    const out = join(folder, 'taken')
    mkdirSync(join(out, 'verify.json'), { recursive: true })
    const run = await handgrad('verify', '--device', 'cpu', '--op', 'exp', '--out', out)
    expect([run.code, run.out]).toEqual([1, ''])
    expect(run.err).toContain(`handgrad: verify: cannot write ${join(out, 'verify.json')}, it is a folder`)
    expect(readdirSync(out)).toEqual(['verify.json'])
  }, 60_000)

  test('a folder that cannot be made is refused before anything runs', async () => {
    writeFileSync(join(folder, 'file'), '')
    const run = await handgrad('verify', '--device', 'cpu', '--out', join(folder, 'file', 'below'))
    expect(run.code).toBe(1)
    expect(run.out).toBe('')
    expect(run.err).toMatch(/^handgrad: verify: cannot make the folder .*below.*\(give another one with --out\)/m)
  }, 60_000)

  test('lists its options', async () => {
    const { code, out } = await handgrad('verify', '--help')
    expect(code).toBe(0)
    for (const option of ['device', 'adapter', 'quick', 'op', 'setup', 'case', 'layout', 'out'])
      expect(out).toMatch(new RegExp(`^ {2}--${option}\\b`, 'm'))
    expect((await handgrad('--help')).out).toMatch(/^ {2}handgrad verify {7}Try every op/m)
  }, 60_000)
})
