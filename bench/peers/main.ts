/**
 * @file `npm run bench:peers -- [--rounds 3] [--seconds 1] [--adapter NAME] [--python python3] [--only TEXT] [--out
 * FILE]`: the same workloads on other engines, each in a process of its own, in turn, by wall clock until all is done;
 * answers are compared before times are. Makes docs/made/peers.md. Installs the engines in this folder first.
 */
import { spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { prepareAdapter } from '../../scripts/adapter.mjs'
import { environmentOf } from '../../src/bench/environment.ts'
import { median } from '../../src/bench/stats.ts'
import { placeOf } from '../../src/cli/machine.ts'
import { device } from '../../src/node.ts'
import { Progress } from '../../src/text/progress.ts'
import { npm } from '../../tools/package/harness.mjs'
import type { Found } from './one.ts'
import { type Column, page } from './page.ts'
import { type WorkloadName, workloadNames } from './workloads.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = join(here, '..', '..')

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '1' },
    adapter: { type: 'string', default: '' },
    python: { type: 'string', default: process.platform === 'win32' ? 'python' : 'python3' },
    cuda: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    engines: { type: 'string', default: '' },
    out: { type: 'string', default: join(root, 'docs', 'made', 'peers.md') },
  },
})

/** A process that takes longer has hung, or compiles for longer than anyone waits. */
const PATIENCE = 120
/** Who has hung so often is not asked again. */
const HANGS = 2
const HUNG = `nothing after ${PATIENCE} s`
/** How far answers may be apart, relative to the size of the numbers. */
const SAME = 1e-3

const columns: readonly Omit<Column, 'cells'>[] = [
  { engine: 'handgrad', kind: 'webgpu' },
  { engine: 'tfjs', kind: 'webgpu' },
  { engine: 'jax-js', kind: 'webgpu' },
  { engine: 'onnxruntime-web', kind: 'webgpu' },
  { engine: 'handgrad', kind: 'cpu' },
  { engine: 'tfjs', kind: 'cpu' },
  { engine: 'tfjs', kind: 'wasm' },
  { engine: 'jax-js', kind: 'wasm' },
  { engine: 'onnxruntime-web', kind: 'wasm' },
  { engine: 'PyTorch', kind: values.cuda ? 'cuda' : 'cpu' },
]

if (!existsSync(join(here, 'node_modules'))) await npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund'], here)
await prepareAdapter()
// First runs are compared, too: nothing may be compiled before.
process.env.MESA_SHADER_CACHE_DISABLE = '1'

const wanted = workloadNames.filter((name) => name.includes(values.only))
const engines = columns.filter(({ engine, kind }) => `${engine} ${kind}`.includes(values.engines))
const found = new Map(engines.map((one) => [one, new Map<WorkloadName, Found[] | string>()]))
const hangs = new Map<(typeof engines)[number], number>()
const progress = new Progress()
const total = wanted.length * Number(values.rounds) * engines.length
let done = 0
for (const name of wanted) {
  for (let round = 0; round < Number(values.rounds); round++) {
    // Each round begins with another engine.
    const order = [...engines.slice(round % engines.length), ...engines.slice(0, round % engines.length)]
    for (const one of order) {
      const cells = found.get(one) ?? new Map()
      const before = cells.get(name)
      progress.update('peers', done++ / total, `${name}: ${one.engine} ${one.kind}`)
      if (typeof before === 'string') continue
      const hung = hangs.get(one) ?? 0
      const now = hung < HANGS ? await run(one, name) : `it hung on ${HANGS} workloads before`
      if (now === HUNG) hangs.set(one, hung + 1)
      cells.set(name, typeof now === 'string' ? now : [...(before ?? []), now])
    }
  }
}
progress.done('')

const own = engines.find(({ engine, kind }) => engine === 'handgrad' && kind === 'cpu')
const exact = own && found.get(own)
const gpu = await device('webgpu', values.adapter ? { adapter: values.adapter } : {})
const environment = environmentOf(gpu, undefined, placeOf([]))
gpu.destroy()
const filled = engines.map(
  (one): Column => ({ ...one, cells: new Map(wanted.map((name) => [name, cellOf(one, name)])) }),
)
writeFileSync(values.out, page(filled, wanted, environment, Number(values.rounds)))
console.log(`table: ${values.out}`)

/** Of all processes: the median of each, and the median of those. A wrong answer has no time. */
function cellOf(one: Omit<Column, 'cells'>, name: WorkloadName) {
  const runs = found.get(one)?.get(name) ?? 'it was not run'
  if (typeof runs === 'string') return { why: runs }
  const right = exact?.get(name)
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

/** One process. @returns what it found, or why it found nothing */
function run({ engine, kind }: Omit<Column, 'cells'>, name: WorkloadName): Promise<Found | string> {
  const [program, args] =
    engine === 'PyTorch'
      ? [values.python, [join(here, 'torch_peer.py'), kind, name, values.seconds]]
      : [
          process.execPath,
          [
            '--import',
            import.meta.resolve('tsx'),
            join(here, 'one.ts'),
            engine,
            kind,
            values.adapter,
            name,
            values.seconds,
          ],
        ]
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: here, stdio: ['ignore', 'pipe', 'pipe'] })
    const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE * 1000)
    let [text, complaints] = ['', '']
    child.stdout.on('data', (part) => (text += part))
    child.stderr.on('data', (part) => (complaints += part))
    child.on('error', (error) => {
      clearTimeout(timer)
      resolve(error.message)
    })
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      const line = text.trim().split('\n').at(-1) ?? ''
      if (code === 0 && line.startsWith('{')) return resolve(JSON.parse(line) as Found)
      if (signal === 'SIGKILL') return resolve(HUNG)
      resolve(reasonIn(complaints) ?? `it ended with ${signal ?? `code ${code}`}`)
    })
  })
}

/** The line of an error in what Node or Python wrote. */
function reasonIn(text: string): string | undefined {
  const lines = text.split('\n').filter((line) => /^(\w*Error|\w*Exception)\b/.test(line) && line.length < 400)
  return lines
    .at(-1)
    ?.replace(/^\w*Error: /, '')
    .trim()
}
