/**
 * @file Is this version slower than another? `tsx bench/compare.ts FOLDER [WORKLOAD…] [--device cpu|webgpu] [--pairs 7]
 * [--clock cpu]`, where FOLDER is another checkout with its own packages and made modules (`npm ci && node
 * scripts/setup.mjs` there). Both run the same workloads (workloads.ts), each in a process of its own, in turn; a ratio
 * below 0.97 ends with code 1. How to read it is in README.md.
 */
import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import type { Engine } from './workloads.ts'
import { workloadsOn } from './workloads.ts'

/** The least ratio of medians, before to now, that is not called slower. */
const LEAST = 0.97
/** How far two versions' results may differ, relative to their size. */
const SAME = 1e-6
/** Samples of one workload in one process: as many as fit into the time, but at least a few. */
const [SAMPLES, SECONDS, AT_LEAST] = [30, 0.8, 5]
/** After so many seconds a process is given up. */
const PATIENCE = 120

const here = fileURLToPath(new URL('..', import.meta.url))

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    device: { type: 'string' },
    pairs: { type: 'string', default: '7' },
    /** 'cpu': what the process had of the processors, all threads together, which a busy machine disturbs less. */
    clock: { type: 'string', default: 'wall' },
    /** Internal: measure the checkout in FOLDER and print the result, in a process of its own. */
    measure: { type: 'boolean', default: false },
  },
})
const [folder, ...wanted] = positionals
if (folder === undefined) throw new Error('compare: name the folder of another checkout')

/** What one process found of one workload. */
interface Measured {
  readonly name: string
  readonly unit: 'µs' | 'ms'
  readonly check: readonly number[]
  /** Median of its samples, in the unit. */
  readonly median: number
}

const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}

// ---- in a process of its own

const seconds = (): number => performance.now() / 1e3

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** The engine of a checkout, on a device. */
async function engineOf(root: string, kind: string): Promise<Engine> {
  const from = (file: string) => import(pathToFileURL(join(root, file)).href)
  // The other version's packages are its own, and so is the way to its adapter.
  if (kind !== 'cpu') await (await from('scripts/adapter.mjs')).prepareAdapter()
  const api = (await from('src/node.ts')) as Engine['api']
  return { api, device: await api.device(kind as 'cpu' | 'webgpu'), now: values.clock === 'cpu' ? cpuSeconds : seconds }
}

async function measure(root: string, kind: string): Promise<Measured[]> {
  const engine = await engineOf(root, kind)
  const found: Measured[] = []
  for (const { name, unit, check, sample } of workloadsOn(engine)) {
    if (wanted.length > 0 && !wanted.some((part) => name.includes(part))) continue
    const numbers = await check()
    if (!numbers.every(Number.isFinite)) throw new Error(`compare: ${name} gives ${numbers.join(', ')}`)
    for (let i = 0; i < 3; i++) await sample()
    const samples: number[] = []
    const start = performance.now()
    const late = () => performance.now() - start > SECONDS * 1000
    while (samples.length < AT_LEAST || (samples.length < SAMPLES && !late())) samples.push(await sample())
    found.push({ name, unit, check: numbers, median: median(samples) * (unit === 'ms' ? 1e3 : 1e6) })
  }
  engine.device.destroy()
  if (found.length === 0) throw new Error(`compare: no workload has ${wanted.join(' or ')} in its name`)
  return found
}

// ---- in the process that compares

/** Runs this file on one checkout. */
function measured(root: string, kind: string): Promise<Measured[]> {
  const self = fileURLToPath(import.meta.url)
  const args = [
    '--import',
    import.meta.resolve('tsx'),
    self,
    root,
    ...wanted,
    '--device',
    kind,
    '--clock',
    values.clock,
    '--measure',
  ]
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
      if (code !== 0) {
        return fail(new Error(`compare: ${root} on ${kind} ended with ${signal ?? `code ${code}`}\n${warnings}`))
      }
      done(JSON.parse(text.trim().split('\n').at(-1) ?? '[]') as Measured[])
    })
  })
}

function checkSame(before: readonly Measured[], now: readonly Measured[]): void {
  for (const [i, { name, check }] of before.entries()) {
    check.forEach((x, k) => {
      const error = Math.abs(x - now[i].check[k]) / Math.max(1, Math.abs(x))
      if (!(error <= SAME)) throw new Error(`compare: ${name} gave ${x}, and now gives ${now[i].check[k]}`)
    })
  }
}

interface Comparison {
  readonly name: string
  readonly unit: string
  /** Medians of each process, in the order of the pairs. */
  readonly before: readonly number[]
  readonly now: readonly number[]
}

async function compare(other: string, kind: string, pairs: number): Promise<Comparison[]> {
  const runs: (readonly [Measured[], Measured[]])[] = []
  for (let pair = 0; pair < pairs; pair++) {
    // In turn the one and the other begins, so that neither always finds the machine warmer.
    const otherFirst = pair % 2 === 0
    const first = await measured(otherFirst ? other : here, kind)
    const second = await measured(otherFirst ? here : other, kind)
    const run = otherFirst ? ([first, second] as const) : ([second, first] as const)
    checkSame(...run)
    runs.push(run)
    console.error(`${kind}: pair ${pair + 1} of ${pairs}`)
  }
  return runs[0][0].map(({ name, unit }, i) => ({
    name,
    unit,
    before: runs.map(([before]) => before[i].median),
    now: runs.map(([, now]) => now[i].median),
  }))
}

const digits = (x: number): string => (x >= 100 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x.toFixed(2))
const ratioOf = ({ before, now }: Comparison): number => median(before) / median(now)

/** The Markdown table of a device. */
function show(kind: string, all: readonly Comparison[]): void {
  const rows = all.map((one) => {
    const ratios = one.before.map((before, i) => before / one.now[i]).sort((a, b) => a - b)
    const ratio = ratioOf(one)
    const spread = `${ratios[0].toFixed(2)} – ${ratios[ratios.length - 1].toFixed(2)}`
    const verdict = ratio >= LEAST ? '' : 'slower'
    const times = [median(one.before), median(one.now)].map((x) => `${digits(x)} ${one.unit}`)
    return [one.name, ...times, ratio.toFixed(3), spread, verdict]
  })
  const lines = [[kind, 'before', 'now', 'before / now', 'of the pairs', ''], Array(6).fill('---'), ...rows]
  console.log(`\n${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}`)
}

if (values.measure) {
  console.log(JSON.stringify(await measure(folder, values.device ?? 'cpu')))
} else {
  let slower = false
  for (const kind of values.device === undefined ? ['cpu', 'webgpu'] : [values.device]) {
    const all = await compare(resolve(folder), kind, Number(values.pairs))
    show(kind, all)
    slower ||= all.some((one) => ratioOf(one) < LEAST)
  }
  process.exitCode = slower ? 1 : 0
}
