/**
 * @file What the profiler promises, measured: `npx tsx bench/proofs-profile.ts [--out FILE]`.
 *
 * - A profile's rows plus its gaps are the span of a step, within 5 %.
 * - While nobody profiles nothing is paid: builds of the engine take turns, one as it is, one from which every line
 *   that serves a profiler is cut out. A second one as it is shows what the machine's own noise does to a ratio.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { build, type Plugin } from 'esbuild'
import { prepareAdapter } from '../scripts/adapter.mjs'
import { profile } from '../src/bench/index.ts'
import { placeOf } from '../src/bench/place.ts'
import { medianInterval, quantile, sortedCopy } from '../src/bench/stats.ts'
import type * as Engine from '../src/node.ts'
import { device as open } from '../src/node.ts'
import { mlp, transformer } from './proofs-steps.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
/** Ops of one loop, which are not submitted within it, loops of one sample, and rounds. */
const [OPS, LOOPS, ROUNDS] = [90, 10, 500]

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

/** The engine, built into a folder of its own. */
async function built(name: string, plugins: Plugin[]): Promise<typeof Engine> {
  const outdir = resolve(root, 'node_modules/.cache/handgrad/proofs', name)
  mkdirSync(outdir, { recursive: true })
  await build({
    ...{ entryPoints: [resolve(root, 'src/node.ts')], outdir, plugins, bundle: true, splitting: true, format: 'esm' },
    ...{ platform: 'node', target: 'node20', external: ['webgpu'], logLevel: 'error' },
  })
  return import(pathToFileURL(resolve(outdir, 'node.js')).href)
}

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

/** A median with its 95 % interval, in four digits. */
function middle(values: readonly number[]) {
  const sorted = sortedCopy(values)
  const round = (x: number) => Number(x.toPrecision(4))
  return { median: round(quantile(sorted, 0.5)), interval: medianInterval(sorted).map(round) }
}

async function overhead(make: (engine: typeof Engine) => Promise<Loop>) {
  const loops = await Promise.all(engines.map(make))
  const times = loops.map((): number[] => [])
  for (let round = -5; round < ROUNDS; round++) {
    // Each begins as often as the others.
    for (let i = 0; i < loops.length; i++) {
      const at = (i + round + 6) % loops.length
      const seconds = await loops[at].sample()
      if (round >= 0) times[at].push(seconds)
    }
  }
  const [cut, whole, again] = times
  const ratio = (a: readonly number[], b: readonly number[]) => middle(a.map((x, i) => x / b[i]))
  return {
    rounds: ROUNDS,
    nanosecondsPerOp: {
      withoutHooks: middle(cut.map((x) => 1e9 * x)),
      asItIs: middle(whole.map((x) => 1e9 * x)),
    },
    asItIsOverWithoutHooks: ratio(whole, cut),
    asItIsOverAsItIs: ratio(whole, again),
  }
}

async function sums() {
  const device = await open('webgpu')
  const found = []
  for (const [name, make] of Object.entries({ mlp, transformer })) {
    const { data } = await profile(await make(device), { steps: 10 })
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

const { values } = parseArgs({ options: { out: { type: 'string' } } })
await prepareAdapter()
const engines = [await built('cut', [without]), await built('whole', []), await built('again', [])]
const report = {
  place: placeOf([]),
  date: new Date().toISOString().slice(0, 10),
  sums: await sums(),
  overheadWhenOff: { encodingOnWebGPU: await overhead(encoding), walkOnTheCpu: await overhead(walking) },
}
console.log(JSON.stringify(report, null, 1))
if (values.out) writeFileSync(values.out, `${JSON.stringify(report, null, 1)}\n`)
process.exit(report.sums.steps.every(({ within }) => within) ? 0 : 1)
