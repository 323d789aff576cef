/**
 * @file What the profiler promises, measured: `npx tsx bench/proofs-profile.ts [--out FILE]`.
 *
 * - A profile's rows plus its gaps are the span of a step, within 5 %.
 * - While nobody profiles nothing is paid: builds of the engine take turns, one as it is, one from which every line
 *   that serves a profiler is cut out. A second one as it is shows what the machine's own noise does to a ratio. All in
 *   many processes, as one alone may favour a build.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { build, type Plugin } from 'esbuild'
import { prepareAdapter } from '../scripts/adapter.mjs'
import { profile } from '../src/bench/index.ts'
import { median } from '../src/bench/stats.ts'
import { placeOf } from '../src/cli/machine.ts'
import type * as Engine from '../src/node.ts'
import { device as open } from '../src/node.ts'
import { middle } from './proofs/middle.ts'
import { mlp, transformer } from './proofs-steps.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
/** Ops of one loop, which are not submitted within it, loops of one sample, and rounds of a process. */
const [OPS, LOOPS, ROUNDS] = [90, 10, 60]
/** Within a process two equal builds may differ by some per cent, as memory and the compiler have it. */
const PROCESSES = 6
/** Without the lines for a profiler, as it is, and as it is once more. */
const builds = ['cut', 'whole', 'again'] as const
type Build = (typeof builds)[number]

/** What of the engine's hot paths is there for a profiler alone, and what stood there before. */
const hooks: Readonly<Record<string, readonly (readonly [now: string, before: string])[]>> = {
  'src/webgpu/launch.ts': [['host.recorder.watcher?.launches(launch, chosen.name)', '']],
  'src/webgpu/recorder.ts': [
    ['const timestampWrites = this.watcher?.begins()', 'const timestampWrites = undefined'],
    ['if (this.watcher?.each) this.encoder()', ''],
    ['this.watcher?.batch ?? BATCH', 'BATCH'],
  ],
  'src/core/walk.ts': [
    ['const { back } = calling\n', '\n'],
    ['calling.back = node\n', '\n'],
    ['calling.back = source\n', '\n'],
    ['calling.back = back\n', '\n'],
  ],
  'src/core/op.ts': [
    [
      'if (listeners)\n      for (const listener of listeners) listener({ op: op as Op<unknown>, inputs: given, attrs, outputs: ys })',
      '',
    ],
  ],
}

const without: Plugin = {
  name: 'without hooks',
  setup({ onLoad }) {
    onLoad({ filter: /[/\\](launch|recorder|walk|op)\.ts$/ }, ({ path }) => {
      const name = relative(root, path).replaceAll('\\', '/')
      let contents = readFileSync(path, 'utf8')
      for (const [now, before] of hooks[name] ?? []) {
        if (contents.split(now).length !== 2) throw new Error(`${name} does not have once: ${now}`)
        contents = contents.replace(now, before)
      }
      return { contents, loader: 'ts' }
    })
  },
}

const folderOf = (name: Build): string => resolve(root, 'node_modules/.cache/handgrad/proofs', name)

/** Build the engine into a folder of its own. */
async function make(name: Build, plugins: Plugin[]): Promise<void> {
  const outdir = folderOf(name)
  mkdirSync(outdir, { recursive: true })
  await build({
    ...{ entryPoints: [resolve(root, 'src/node.ts')], outdir, plugins, bundle: true, splitting: true, format: 'esm' },
    ...{ platform: 'node', target: 'node20', external: ['webgpu'], logLevel: 'error' },
  })
}
const load = (name: Build): Promise<typeof Engine> => import(pathToFileURL(resolve(folderOf(name), 'node.js')).href)

interface Loop {
  /** Seconds of the processor for one op: a machine that others use as well leaves this clock alone. */
  sample(): Promise<number>
}

/** Seconds that the process has computed. The device is idle while it is asked: what runs is the encoding thread. */
function computed(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** Encoding of dependent adds on WebGPU, which the device runs after the sample. */
async function encoding({ device, ones, zeros, scope }: typeof Engine): Promise<Loop> {
  const on = await device('webgpu')
  const [one, start] = [ones([16], { device: on }), zeros([16], { device: on })]
  const loop = () =>
    scope(() => {
      let x = start
      for (let i = 0; i < OPS; i++) x = x.add(one)
    })
  return {
    sample: async () => {
      let seconds = 0
      for (let i = 0; i < LOOPS; i++) {
        const begin = computed()
        loop()
        seconds += computed() - begin
        await on.sync()
      }
      return seconds / OPS / LOOPS
    },
  }
}

/** Forward and backward through as many adds on the CPU device: graph, rules, walk. */
async function walking({ device, ones, zeros, scope }: typeof Engine): Promise<Loop> {
  const on = await device('cpu')
  const [one, leaf] = [ones([], { device: on }), zeros([], { device: on, requiresGrad: true })]
  const loop = () =>
    scope(() => {
      let x = leaf.mul(1)
      for (let i = 0; i < OPS; i++) x = x.add(one)
      x.backward()
    })
  return {
    sample: async () => {
      const begin = computed()
      for (let i = 0; i < LOOPS; i++) loop()
      return (computed() - begin) / OPS / LOOPS
    },
  }
}

/** Nanoseconds of an op by build, the medians of one process. @param shift  which build comes first */
async function medians(make: (engine: typeof Engine) => Promise<Loop>, shift: number): Promise<Record<Build, number>> {
  const order = builds.map((_, i) => builds[(i + shift) % builds.length])
  const loops: [Build, Loop][] = []
  for (const name of order) loops.push([name, await make(await load(name))])
  const times: Record<Build, number[]> = { cut: [], whole: [], again: [] }
  for (let round = -5; round < ROUNDS; round++) {
    for (let i = 0; i < loops.length; i++) {
      // Each begins as often as the others.
      const [name, loop] = loops[(i + round + 6) % loops.length]
      const seconds = await loop.sample()
      if (round >= 0) times[name].push(1e9 * seconds)
    }
  }
  const of = (name: Build) => median(times[name])
  return { cut: of('cut'), whole: of('whole'), again: of('again') }
}

type Medians = Awaited<ReturnType<typeof child>>

/** What one process finds. */
async function child(shift: number) {
  return { encodingOnWebGPU: await medians(encoding, shift), walkOnTheCpu: await medians(walking, shift) }
}

/** A process of its own; its last line is what it found. */
function inProcess(shift: number): Medians {
  const args = [...process.execArgv, fileURLToPath(import.meta.url), '--child', String(shift)]
  const { stdout, status } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`a process ended with ${status}`)
  return JSON.parse(stdout.trim().split('\n').at(-1) as string)
}

/** Ratios of processes, which are independent of each other. */
function overhead(found: readonly Record<Build, number>[]) {
  const ratio = (a: Build, b: Build) => middle(found.map((one) => one[a] / one[b]))
  return {
    processes: found.length,
    rounds: ROUNDS,
    nanosecondsPerOp: {
      withoutHooks: middle(found.map(({ cut }) => cut)),
      asItIs: middle(found.map((one) => one.whole)),
    },
    asItIsOverWithoutHooks: ratio('whole', 'cut'),
    asItIsOverAsItIs: ratio('again', 'whole'),
  }
}

async function sums() {
  const device = await open('webgpu')
  const found = []
  for (const [name, make] of Object.entries({ mlp, transformer })) {
    const { step } = await make(device)
    const { data } = await profile(() => step().dispose(), { steps: 10 })
    const { span, gaps, dispatches, wall } = data.totals
    if (span === null || gaps === null) throw new Error(`${device.name} has no timestamps: there is nothing to add up`)
    const rows = data.rows.reduce((sum, row) => sum + (row.device ?? 0), 0)
    const off = (rows + gaps) / span - 1
    found.push({
      name,
      dispatches,
      rows,
      gaps,
      span,
      wall,
      off: Number(off.toExponential(2)),
      within: Math.abs(off) < 0.05,
    })
  }
  device.destroy()
  return { device: device.name, adapter: device.info.description, steps: found }
}

const { values } = parseArgs({ options: { out: { type: 'string' }, child: { type: 'string' } } })
await prepareAdapter()
if (values.child !== undefined) console.log(JSON.stringify(await child(Number(values.child))))
else await prove()

async function prove(): Promise<void> {
  await Promise.all([make('cut', [without]), make('whole', []), make('again', [])])
  const found = Array.from({ length: PROCESSES }, (_, i) => inProcess(i))
  const report = {
    place: placeOf([]),
    date: new Date().toISOString().slice(0, 10),
    sums: await sums(),
    overheadWhenOff: {
      encodingOnWebGPU: overhead(found.map((one) => one.encodingOnWebGPU)),
      walkOnTheCpu: overhead(found.map((one) => one.walkOnTheCpu)),
    },
  }
  console.log(JSON.stringify(report, null, 1))
  if (values.out) writeFileSync(values.out, `${JSON.stringify(report, null, 1)}\n`)
  if (!report.sums.steps.every(({ within }) => within)) process.exitCode = 1
}
