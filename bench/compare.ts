/**
 * @file Is this version slower than another? `npm run bench -- compare REV [SUITE…] [--device cpu|webgpu] …` checks
 * another commit out and measures both in processes in turn; `compare old.json new.json` holds two reports against each
 * other. Ends with code 1 where something is slower. How to read it is in README.md.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { comparePairs, isSlower, type Pairs, roundsFor } from '../src/bench/compare.ts'
import { comparisonTable } from '../src/bench/report/comparison.ts'
import { time } from '../src/bench/report/table.ts'
import { terminalOf } from '../src/text/terminal.ts'
import type { Asked, Measured } from './compare/process.ts'
import { checkOut, type Version } from './compare/version.ts'

/** How far two versions' results may differ, relative to their size. */
const SAME = 1e-6
/** After so many seconds a process is given up. */
const PATIENCE = 900

const here = fileURLToPath(new URL('..', import.meta.url))

export const usage =
  'npm run bench -- compare REV [SUITE …] [--device cpu|webgpu] [--adapter NAME] [--only TEXT,…] [--rounds N] ' +
  '[--seconds S] [--clock wall|cpu], or compare OLD.json NEW.json'

export interface CompareOptions {
  readonly rev: string
  readonly suites: readonly string[]
  readonly devices: readonly Asked['device'][]
  readonly adapter: string | undefined
  readonly only: readonly string[]
  readonly rounds: number | undefined
  readonly seconds: number
  readonly clock: Asked['clock']
}

/** @throws Error in one line for what is unknown */
export function readOptions(args: readonly string[]): CompareOptions {
  const option = { type: 'string' } as const
  let parsed: ReturnType<typeof parse>
  function parse() {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { device: option, adapter: option, only: option, rounds: option, seconds: option, clock: option },
    })
  }
  try {
    parsed = parse()
  } catch (error) {
    throw new Error(`compare: ${(error as Error).message.split('. ')[0]} (${usage})`)
  }
  const { values, positionals } = parsed
  const [rev, ...suites] = positionals
  if (rev === undefined) throw new Error(`compare: with what? (${usage})`)
  const { device, clock = 'wall', rounds, seconds = '0.8' } = values
  if (device !== undefined && device !== 'cpu' && device !== 'webgpu')
    throw new Error(`compare: --device is '${device}' (cpu or webgpu)`)
  if (clock !== 'wall' && clock !== 'cpu') throw new Error(`compare: --clock is '${clock}' (wall or cpu)`)
  if (rounds !== undefined && !(Number.isInteger(Number(rounds)) && Number(rounds) > 0))
    throw new Error(`compare: --rounds is '${rounds}' (a whole number from 1 up)`)
  if (!(Number(seconds) > 0)) throw new Error(`compare: --seconds is '${seconds}' (a number above 0)`)
  return {
    rev,
    suites,
    devices: device === undefined ? ['cpu', 'webgpu'] : [device],
    adapter: values.adapter,
    only: values.only?.split(',') ?? [],
    rounds: rounds === undefined ? undefined : Number(rounds),
    seconds: Number(seconds),
    clock,
  }
}

/** One process of one version. */
function measured(asked: Asked): Promise<Measured[]> {
  const script = fileURLToPath(new URL('compare/process.ts', import.meta.url))
  const args = ['--import', import.meta.resolve('tsx'), script, JSON.stringify(asked)]
  const child = spawn(process.execPath, args, { cwd: here, stdio: ['ignore', 'pipe', 'pipe'] })
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE * 1000)
  let text = ''
  // A driver's warnings are shown only if something fails.
  let warnings = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part
  })
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    warnings += part
  })
  return new Promise((done, fail) => {
    child.on('error', fail)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      if (code === 0) done(JSON.parse(text.trim().split('\n').at(-1) ?? '[]') as Measured[])
      else
        fail(new Error(`compare: ${asked.root} on ${asked.device} ended with ${signal ?? `code ${code}`}\n${warnings}`))
    })
  })
}

/** The pairs of all figures that both have. @throws Error if two versions' results differ */
export function pairsOf(
  rounds: readonly (readonly [before: readonly Measured[], now: readonly Measured[]])[],
): Pairs[] {
  const pairs = new Map<string, { name: string; before: number[]; now: number[] }>()
  for (const [before, now] of rounds)
    for (const one of now) {
      const other = before.find(({ name }) => name === one.name)
      if (!other) continue
      for (const [k, x] of other.check.entries()) {
        const error = Math.abs(x - one.check[k]) / Math.max(1, Math.abs(x))
        if (!(error <= SAME)) throw new Error(`compare: ${one.name} gave ${x}, and now gives ${one.check[k]}`)
      }
      const pair = pairs.get(one.name) ?? { name: one.name, before: [], now: [] }
      pair.before.push(other.median)
      pair.now.push(one.median)
      pairs.set(one.name, pair)
    }
  return [...pairs.values()].filter(({ now }) => now.length === rounds.length)
}

async function compareVersions(version: Version, device: Asked['device'], options: CompareOptions): Promise<boolean> {
  const { suites, adapter, only, seconds, clock } = options
  const asked = { device, suites, only, seconds, clock, ...(adapter && { adapter }) }
  const rounds: (readonly [Measured[], Measured[]])[] = []
  let count = options.rounds ?? 1
  for (let round = 0; round < count; round++) {
    // In turn the one and the other begins, so that neither always finds the machine warmer.
    const order = round % 2 === 0 ? [version.root, here] : [here, version.root]
    const found: Measured[][] = []
    for (const root of order) found.push(await measured({ ...asked, root, check: round === 0 }))
    const [before, now] = order[0] === here ? [found[1], found[0]] : found
    rounds.push([before, now])
    const figures = pairsOf(rounds).length
    if (figures === 0) throw new Error(`compare: nothing to compare has ${only.join(' or ') || 'any name'} in both`)
    if (round === 0 && options.rounds === undefined) count = roundsFor(figures)
    console.error(`${device}: round ${round + 1} of ${count}`)
  }
  const judged = comparePairs(pairsOf(rounds))
  console.log(`\n${device}: ${version.commit} before, this checkout now, ${count} rounds`)
  console.log(comparisonTable(judged, time, terminalOf()))
  const needed = roundsFor(judged.length)
  if (count < needed)
    console.log(`${count} rounds: so many figures need ${needed}, or a slowdown of a tenth may not be found.`)
  return isSlower(judged)
}

/** The command; sets the exit code. */
export async function compare(args: readonly string[]): Promise<void> {
  const [first, second] = args
  if (args.length === 2 && [first, second].every((file) => file.endsWith('.json') && existsSync(file))) {
    await (await import('../src/cli/bench.ts')).bench(['compare', first, second])
    return
  }
  const options = readOptions(args)
  const version = checkOut(here, options.rev)
  const interrupted = () => {
    version.remove()
    process.exit(130)
  }
  process.once('SIGINT', interrupted)
  try {
    if (options.suites.length > 0 && !version.hasClock)
      throw new Error(
        `compare: ${version.commit} has no clock for suites; its workloads can be compared: name no suite`,
      )
    let slower = false
    for (const device of options.devices) if (await compareVersions(version, device, options)) slower = true
    process.exitCode = slower ? 1 : 0
  } finally {
    process.off('SIGINT', interrupted)
    version.remove()
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  compare(process.argv.slice(2)).catch((error: unknown) => {
    console.error((error as Error).message)
    process.exitCode = 1
  })
}
