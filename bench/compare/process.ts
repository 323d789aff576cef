/**
 * @file What one process measures of one version: the workloads (workloads.ts), by that version's public API, or cases
 * of suites, by that version's engine under this version's src/bench. Started by compare.ts, which reads the last line.
 */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Case } from '../../src/bench/case.ts'
import { median } from '../../src/bench/stats.ts'
import type { Device, WebGPUDevice } from '../../src/node.ts'
import { type Engine, workloadsOn } from '../workloads.ts'

/** What is asked of a process, as JSON in its only argument. */
export interface Asked {
  /** The folder of the version. */
  readonly root: string
  readonly device: 'cpu' | 'webgpu'
  readonly adapter?: string
  /** Cases of these suites; none: the workloads. */
  readonly suites: readonly string[]
  /** Of those whose name holds one of these; none: all. */
  readonly only: readonly string[]
  /** For each figure. */
  readonly seconds: number
  /** 'cpu': what the process had of the processors, which a busy machine disturbs less; workloads only. */
  readonly clock: 'wall' | 'cpu'
  /** Hold results against float64: once is enough. */
  readonly check: boolean
}

/** What it found of one thing. */
export interface Measured {
  readonly name: string
  /** Numbers by which two versions are held against each other; of cases none, they are held against float64. */
  readonly check: readonly number[]
  /** Median of its samples, in seconds. */
  readonly median: number
}

/** Samples: as many as fit into the time, but at least a few. */
const [MOST, LEAST] = [30, 5]
/** Seconds that one sample of a case takes at least, and the most runs of it. */
const [SAMPLE, RUNS] = [0.02, 1000]

const now = (): number => performance.now() / 1e3

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

async function medianOf(sample: () => Promise<number>, seconds: number): Promise<number> {
  for (let i = 0; i < 3; i++) await sample()
  const samples: number[] = []
  const start = now()
  while (samples.length < LEAST || (samples.length < MOST && now() - start < seconds)) samples.push(await sample())
  return median(samples)
}

async function measureWorkloads(engine: Engine, wanted: (name: string) => boolean, seconds: number) {
  const found: Measured[] = []
  for (const { name, check, sample } of workloadsOn(engine)) {
    if (!wanted(name)) continue
    const numbers = await check()
    if (!numbers.every(Number.isFinite)) throw new Error(`compare: ${name} gives ${numbers.join(', ')}`)
    found.push({ name, check: numbers, median: await medianOf(sample, seconds) })
  }
  return found
}

type From = (file: string) => Promise<Record<string, unknown>>

async function measureCases(from: From, device: Device, asked: Asked, wanted: (name: string) => boolean) {
  // Of the version's own folder, where src/bench is this one's: the types are the same.
  const { suites } = (await from('src/bench/suites/index.ts')) as typeof import('../../src/bench/suites/index.ts')
  const { Clock } = (await from('src/bench/clock.ts')) as typeof import('../../src/bench/clock.ts')
  const { check } = (await from('src/bench/check.ts')) as typeof import('../../src/bench/check.ts')
  const { readyOf } = (await from('src/bench/case.ts')) as typeof import('../../src/bench/case.ts')
  const { openScope, scope } = (await from('src/core/scope.ts')) as typeof import('../../src/core/scope.ts')
  const clock = await Clock.of(device)
  const measure = async (one: Case): Promise<number> => {
    const inputs = one.inputs(device, 1)
    // What a case makes ready (a graph, an optimizer) is not timed.
    const held = openScope()
    const run = held.run(() => readyOf(one, inputs))
    const work = { run: () => scope(() => void run()) }
    const once = async (runs: number) => {
      const { gpu, wall } = await clock.measure(work, runs)
      return gpu ?? wall
    }
    await once(1)
    const runs = Math.max(1, Math.min(RUNS, Math.ceil(SAMPLE / (await once(2)))))
    const found = await medianOf(() => once(runs), asked.seconds)
    held.dispose()
    for (const x of inputs) if (!x.disposed) x.dispose()
    return found
  }
  const software = device.kind === 'cpu' || (device as WebGPUDevice).facts.software
  const found: Measured[] = []
  for (const name of asked.suites) {
    if (!Object.hasOwn(suites, name)) throw new Error(`compare: there is no suite ${name}`)
    const suite = await suites[name]()
    for (const one of suite.cases(software ? 'small' : 'large')) {
      if (!wanted(one.name)) continue
      if (asked.check) await check(one, device)
      found.push({ name: `${name}: ${one.name}`, check: [], median: await measure(one) })
    }
  }
  clock.destroy()
  return found
}

async function main(asked: Asked): Promise<Measured[]> {
  const from: From = (file) => import(pathToFileURL(join(asked.root, file)).href)
  // The other version's packages are its own, and so is the way to its adapter.
  if (asked.device !== 'cpu')
    await ((await from('scripts/adapter.mjs')) as { prepareAdapter(): Promise<unknown> }).prepareAdapter()
  // A module that is found by its path has no types; that of another version is used by what both have.
  const api = (await from('src/node.ts')) as unknown as Engine['api']
  const device = await (asked.device === 'cpu' ? api.device('cpu') : api.device('webgpu', { adapter: asked.adapter }))
  const wanted = (name: string) => asked.only.length === 0 || asked.only.some((part) => name.includes(part))
  try {
    return asked.suites.length > 0
      ? await measureCases(from, device, asked, wanted)
      : await measureWorkloads({ api, device, now: asked.clock === 'cpu' ? cpuSeconds : now }, wanted, asked.seconds)
  } finally {
    if (asked.device === 'webgpu') device.destroy()
  }
}

console.log(JSON.stringify(await main(JSON.parse(process.argv[2]) as Asked)))
