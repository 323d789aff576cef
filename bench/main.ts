/**
 * @file Runs the benchmark suites: `npm run bench -- [NAME…] [--device cpu|webgpu] [--adapter NAME] [--full] [--save]`.
 * How to read what it prints is in README.md.
 */
import { parseArgs } from 'node:util'
import { prepareAdapter } from '../scripts/adapter.mjs'
import { device as open, setDefaultDevice } from '../src/node.ts'
import { cpu } from './cpu.ts'
import { dispatch } from './dispatch.ts'
import { environment, type Suite, save, saved, show } from './harness.ts'
import { matmul } from './matmul.ts'
import { mlp } from './mlp.ts'

const suites: Readonly<Record<string, Suite>> = { dispatch, matmul, mlp, cpu }

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    device: { type: 'string' },
    adapter: { type: 'string' },
    full: { type: 'boolean', default: false },
    save: { type: 'boolean', default: false },
  },
})
const unknown = positionals.filter((name) => !(name in suites))
if (unknown.length > 0)
  throw new Error(`bench: there is no suite ${unknown.join(', ')}: ${Object.keys(suites).join(', ')}`)
const kinds = values.device === undefined ? (['cpu', 'webgpu'] as const) : [values.device as 'cpu' | 'webgpu']

for (const kind of kinds) {
  if (kind !== 'cpu') await prepareAdapter()
  const device = await open(kind, { adapter: values.adapter })
  setDefaultDevice(device)
  for (const name of positionals.length > 0 ? positionals : Object.keys(suites)) {
    const where = environment(device)
    const figures = await suites[name]({ device, full: values.full })
    if (!figures) continue
    const before = saved(name, device)
    console.log(
      `\n${name} on ${Object.entries(where)
        .map(([key, value]) => `${key} ${value}`)
        .join('; ')}\n`,
    )
    show(figures, before?.figures)
    console.log('')
    if (values.save) save(name, device, where, figures)
  }
  if (kind === 'webgpu') device.destroy()
}
