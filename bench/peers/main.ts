/**
 * @file `npm run bench:peers`: the same workloads on other engines, each in a process of its own, in turn, by wall
 * clock until all is done; answers are compared before times are. Makes docs/made/peers.md. Installs the engines in
 * this folder first.
 */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { prepareAdapter } from '../../scripts/adapter.mjs'
import { environmentOf } from '../../src/bench/environment.ts'
import { median } from '../../src/bench/stats.ts'
import { placeOf } from '../../src/cli/machine.ts'
import { type Given, helpOf, parseOptions, positive } from '../../src/cli/options.ts'
import { device } from '../../src/node.ts'
import { Progress } from '../../src/text/progress.ts'
import { terminalOf } from '../../src/text/terminal.ts'
import type { Found } from './one.ts'
import { type Column, page } from './page.ts'
import { hung, run } from './process.ts'
import { type WorkloadName, workloadNames } from './workloads.ts'

const here = fileURLToPath(new URL('.', import.meta.url))

const options = {
  rounds: { value: 'N', help: 'processes for each engine and workload', standard: '3' },
  seconds: { value: 'S', help: 'time for each of them', standard: '1' },
  patience: { value: 'S', help: 'when a process is ended that has said nothing', standard: '120' },
  adapter: { value: 'NAME', help: "part of a WebGPU adapter's name, such as llvmpipe" },
  python: { value: 'PROGRAM', help: 'the Python that may have PyTorch', standard: 'python3' },
  cuda: { help: 'PyTorch computes on the GPU' },
  only: { value: 'TEXT', help: 'workloads whose name holds this' },
  engines: { value: 'TEXT', help: "engines whose name and device hold this, such as 'tfjs wasm'" },
  out: { value: 'FILE', help: 'where the page goes', standard: 'docs/made/peers.md, or peers.md' },
  help: { help: 'show this' },
} as const

/** Who has hung so often is not asked again. */
const HANGS = 2
/** How far answers may be apart, relative to the size of the numbers. */
const SAME = 1e-3

type Engine = Omit<Column, 'cells'>
/** What the processes of an engine found, or why it found nothing. */
type Results = Map<WorkloadName, Found[] | string>

const enginesOf = (cuda: boolean): readonly Engine[] => [
  { engine: 'handgrad', kind: 'webgpu' },
  { engine: 'tfjs', kind: 'webgpu' },
  { engine: 'jax-js', kind: 'webgpu' },
  { engine: 'onnxruntime-web', kind: 'webgpu' },
  { engine: 'handgrad', kind: 'cpu' },
  { engine: 'tfjs', kind: 'cpu' },
  { engine: 'tfjs', kind: 'wasm' },
  { engine: 'jax-js', kind: 'wasm' },
  { engine: 'onnxruntime-web', kind: 'wasm' },
  { engine: 'PyTorch', kind: cuda ? 'cuda' : 'cpu' },
]

/** Measure, and write the page. */
async function compare(given: Given<typeof options>): Promise<void> {
  const rounds = positive('bench:peers', 'rounds', given.rounds ?? '3')
  const how = {
    seconds: positive('bench:peers', 'seconds', given.seconds ?? '1'),
    patience: positive('bench:peers', 'patience', given.patience ?? '120'),
    adapter: given.adapter ?? '',
    python: given.python ?? (process.platform === 'win32' ? 'python' : 'python3'),
  }
  // A portable folder has no docs.
  const made = join(here, '..', '..', 'docs', 'made')
  const out = given.out ?? (existsSync(made) ? join(made, 'peers.md') : 'peers.md')
  const wanted = workloadNames.filter((name) => name.includes(given.only ?? ''))
  const engines = enginesOf(given.cuda !== undefined).filter(({ engine, kind }) =>
    `${engine} ${kind}`.includes(given.engines ?? ''),
  )
  if (!existsSync(join(here, 'node_modules'))) {
    // Of the repository: a portable folder has neither this nor the need for it.
    const { npm } = await import('../../tools/package/harness.mjs')
    await npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund'], here)
  }
  await prepareAdapter()
  // First runs are compared, too: nothing may be compiled before.
  process.env.MESA_SHADER_CACHE_DISABLE = '1'

  // The load before anything is measured is one of what it says.
  const gpu = await device('webgpu', how.adapter ? { adapter: how.adapter } : {})
  const environment = environmentOf(gpu, undefined, placeOf([]))
  gpu.destroy()

  const found = new Map(engines.map((one): [Engine, Results] => [one, new Map()]))
  const hangs = new Map<Engine, number>()
  const progress = new Progress()
  const total = wanted.length * rounds * engines.length
  let done = 0
  for (const name of wanted) {
    for (let round = 0; round < rounds; round++) {
      // Each round begins with another engine.
      const order = [...engines.slice(round % engines.length), ...engines.slice(0, round % engines.length)]
      for (const one of order) {
        const cells = found.get(one) as Results
        const before = cells.get(name)
        progress.update('peers', done++ / total, `${name}: ${one.engine} ${one.kind}`)
        if (typeof before === 'string') continue
        const times = hangs.get(one) ?? 0
        const now =
          times < HANGS ? await run(one, name, how) : `not asked again, after ${HANGS} workloads without an answer`
        if (now === hung(how.patience)) hangs.set(one, times + 1)
        cells.set(name, typeof now === 'string' ? now : [...(before ?? []), now])
      }
    }
  }
  progress.done('')

  const own = engines.find(({ engine, kind }) => engine === 'handgrad' && kind === 'cpu')
  const exact = own && found.get(own)
  const filled = engines.map(
    (one): Column => ({
      ...one,
      cells: new Map(wanted.map((name) => [name, cellOf(found.get(one)?.get(name), exact?.get(name))])),
    }),
  )
  writeFileSync(out, page(filled, wanted, environment, rounds))
  console.log(`table: ${out}`)
}

/** Of all processes: the median of each, and the median of those. A wrong answer has no time. */
function cellOf(runs: Found[] | string = 'it was not run', right?: Found[] | string) {
  if (typeof runs === 'string') return { why: runs }
  if (Array.isArray(right))
    for (const { check } of runs) {
      const off = check.findIndex((x, i) => !near(x, right[0].check[i], right[0].check[1]))
      if (off >= 0) return { why: `its answer is ${check[off]}, ours in float32 on the CPU ${right[0].check[off]}` }
    }
  const seconds = runs.map(({ samples }) => median(samples))
  return {
    seconds: median(seconds),
    range: [Math.min(...seconds), Math.max(...seconds)] as const,
    first: median(runs.map(({ first }) => first)),
    version: runs[0].version,
  }
}

function near(a: number, b: number, size: number): boolean {
  return Math.abs(a - b) <= SAME * Math.max(Math.abs(b), Math.abs(size))
}

try {
  const given = parseOptions('bench:peers', options, process.argv.slice(2))
  if (given.help) console.log(`npm run bench:peers -- [options]\n${helpOf(options, terminalOf().columns)}`)
  else await compare(given)
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
