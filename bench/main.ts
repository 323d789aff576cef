/**
 * @file Runs the benchmark suites: `npm run bench -- [NAME…] [--device cpu|webgpu] [--adapter NAME] [--full] [--save]`.
 * How to read what it prints is in README.md.
 */
import { prepareAdapter } from '../scripts/adapter.mjs'
import type { Suite } from './harness.ts'
import { type BenchOptions, readOptions, type SuiteName, usage } from './options.ts'

/** Loaded when run, so that a mistake in the options is told at once. */
const suites: Readonly<Record<SuiteName, () => Promise<Suite>>> = {
  dispatch: async () => (await import('./dispatch.ts')).dispatch,
  matmul: async () => (await import('./matmul.ts')).matmul,
  mlp: async () => (await import('./mlp.ts')).mlp,
  cpu: async () => (await import('./cpu.ts')).cpu,
  optim: async () => (await import('./optim.ts')).optimizers,
  kernels: async () => (await import('./kernels.ts')).kernels,
}

async function run({ names, kinds, adapter, full, save: keep }: BenchOptions): Promise<void> {
  const { device: open, setDefaultDevice } = await import('../src/node.ts')
  const { wrapped, terminalOf } = await import('../src/text/terminal.ts')
  const { environment, save, saved, show } = await import('./harness.ts')
  for (const kind of kinds) {
    if (kind !== 'cpu') await prepareAdapter()
    const device = await (kind === 'cpu' ? open(kind) : open(kind, { adapter }))
    setDefaultDevice(device)
    for (const name of names) {
      const where = environment(device)
      const figures = await (await suites[name]())({ device, full })
      if (!figures) continue
      const before = saved(name, device)
      const facts = Object.entries(where).map(([key, value]) => `${key} ${value}`)
      console.log(`\n${wrapped(`${name} on ${facts.join('; ')}`, terminalOf().columns)}\n`)
      show(figures, before?.figures)
      console.log('')
      if (keep) save(name, device, where, figures)
    }
    if (kind === 'webgpu') device.destroy()
  }
}

let options: BenchOptions | null = null
const [command, ...rest] = process.argv.slice(2)
try {
  if (command === 'compare') await (await import('./compare.ts')).compare(rest)
  else options = readOptions(process.argv.slice(2))
  if (!options && command !== 'compare') console.log(usage)
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
if (options) await run(options)
