/**
 * @file What fine-tuning comes to, into docs/made/finetune.md: LoRA beside all weights (examples/gpt2/lora.ts at a
 * width of 288), what ten thousand steps hold, and what plans say of a step beside what it takes.
 *
 *   npx tsx tools/finetune.ts lora --device webgpu [--rates 0.001,0.002 --adapterRates 0.005,0.01 --base DIR]
 *   npx tsx tools/finetune.ts memory --device cpu [--way NAME]
 *   npx tsx tools/finetune.ts plan --device cpu
 *
 * A run replaces its own rows. The exit code is 1 if a goal is missed.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { main } from '../examples/gpt2/lora.ts'
import { prepareAdapter } from '../scripts/adapter.mjs'
import { openDevice } from '../src/cli/devices.ts'
import { heldBySteps, ways } from '../test/finetune/long.ts'
import { cases, measured, planned } from '../test/finetune/planned.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    device: { type: 'string', default: 'cpu' },
    steps: { type: 'string', default: '10000' },
    rates: { type: 'string', default: '0.001' },
    adapterRates: { type: 'string', default: '0.005' },
    base: { type: 'string', default: '' },
    way: { type: 'string', default: '' },
    out: { type: 'string', default: fileURLToPath(new URL('../docs/made/finetune.md', import.meta.url)) },
  },
})
const parts = { lora: adapted, memory: manySteps, plan: plans }
const [part = ''] = positionals
if (!Object.hasOwn(parts, part)) throw new Error(`finetune: part is '${part}' (give ${Object.keys(parts).join(', ')})`)
if (values.device === 'webgpu') await prepareAdapter()
const device = await openDevice('finetune', values.device, undefined, console.log)
const where = device.kind === 'cpu' ? 'cpu' : device.name

/** The rows below a heading, of which those of the same first two cells are replaced. */
function write(heading: string, rows: readonly (readonly string[])[]): void {
  const lines = readFileSync(values.out, 'utf8').split('\n')
  const from = lines.findIndex((line, i) => i > lines.indexOf(heading) && line.startsWith('| ---')) + 1
  const to = lines.findIndex((line, i) => i >= from && !line.startsWith('| '))
  const isFresh = (line: string) => rows.some(([a, b]) => line.startsWith(`| ${a} | ${b} |`))
  const old = lines.slice(from, to).filter((line) => !isFresh(line))
  const table = [...old, ...rows.map((cells) => `| ${cells.join(' | ')} |`)]
  writeFileSync(values.out, [...lines.slice(0, from), ...table, ...lines.slice(to)].join('\n'))
}

/** What was trained at a rate, and its loss before and after. */
interface Found {
  readonly way: string
  readonly rate: number
  readonly share: number
  readonly before: number
  readonly loss: number
  readonly seconds: number
}

const missed: string[] = []
await parts[part as keyof typeof parts]()
for (const goal of missed) console.error(`missed: ${goal}`)
if (missed.length > 0) process.exitCode = 1

/** All weights and adapters, from one base, which is made where none is given; of each way its best rate counts. */
async function adapted(): Promise<void> {
  const out = mkdtempSync(join(tmpdir(), 'handgrad-finetune-'))
  const sizes = { out, steps: 200, adapting: 200, width: 288, layers: 2, rank: 2 }
  const adapterRates = values.adapterRates.split(',').map(Number)
  const found: Found[] = []
  try {
    for (const [i, rate] of values.rates.split(',').map(Number).entries()) {
      const adapterRate = adapterRates[i] ?? adapterRates[0]
      const model = values.base || (found.length > 0 ? join(out, 'base') : '')
      const { rows } = await main(device, { ...sizes, rate, adapterRate, model })
      const [before, ...both] = rows
      found.push(...both.map((row, j) => ({ ...row, rate: [rate, adapterRate][j], before: before.loss })))
      const [all, lora] = [best(found, 1), best(found, 0)]
      const gain = (loss: number): number => (all.before - loss) / (all.before - all.loss)
      write(
        '## LoRA and all weights',
        found.map(({ way, rate, share, before, loss, seconds }) => [
          `${way}, rate ${rate}`,
          where,
          `${(100 * share).toFixed(2)} %`,
          before.toFixed(3),
          loss.toFixed(4),
          `${(100 * gain(loss)).toFixed(1)} %`,
          `${(100 * (loss / all.loss - 1)).toFixed(1)} %`,
          seconds.toFixed(0),
        ]),
      )
      missed.length = 0
      if (!(lora.share < 0.01)) missed.push(`LoRA has ${lora.share} of the weights`)
      if (!(gain(lora.loss) >= 0.9)) missed.push(`LoRA has ${gain(lora.loss)} of the gain`)
      if (!(lora.loss <= 1.05 * all.loss)) missed.push(`LoRA's loss is ${lora.loss}, that of all weights ${all.loss}`)
    }
  } finally {
    rmSync(out, { recursive: true })
  }
}

/** The lowest loss, of all weights or of adapters. */
function best(found: readonly Found[], share: 0 | 1): Found {
  return found.filter((one) => Math.floor(one.share) === share).reduce((a, b) => (a.loss <= b.loss ? a : b))
}

async function manySteps(): Promise<void> {
  for (const way of Object.keys(ways) as (keyof typeof ways)[]) if (way.includes(values.way)) await steady(way)
}

/** What is held after the second step and after the last. */
async function steady(way: keyof typeof ways): Promise<void> {
  const begun = performance.now()
  const { second, last, losses } = await heldBySteps(device, way, Number(values.steps))
  const held = ({ pooled, pooledBytes, allocatedBytes, ...others }: typeof last): string => JSON.stringify(others)
  // WebGPU's pool lets go of freed buffers that hundreds of launches did not need: there may be fewer.
  const fewer = second.pooled - last.pooled
  const same = held(second) === held(last) && fewer >= 0 && last.allocatedBytes <= second.allocatedBytes
  const sameText = fewer > 0 ? `the same; ${fewer} freed buffers fewer in the pool` : 'the same'
  const shown = ({ tensors, nodes, storages, bytes }: typeof last): string =>
    `${tensors} tensors, ${nodes} nodes, ${storages} storages, ${bytes} bytes`
  const seconds = ((performance.now() - begun) / 1000).toFixed(0)
  write('## Many steps', [
    [way, where, values.steps, shown(second), same ? sameText : shown(last), (losses.at(-1) ?? 0).toFixed(3), seconds],
  ])
  if (!same) missed.push(`${way}: ${JSON.stringify(last)}, not ${JSON.stringify(second)}`)
}

/** Plans of the tests' configurations, and the most that a step of each holds. */
function plans(): void {
  const kB = (bytes: number): string => (bytes / 1000).toFixed(1)
  const rows = cases.map((one) => {
    const [said, found] = [planned(device, one), measured(device, one)]
    const off = 100 * (said / found - 1)
    if (!(Math.abs(off) <= 10)) missed.push(`${one.name}: planned ${said}, measured ${found}`)
    return [`${one.name}, ${one.batch} × ${one.length}`, where, kB(said), kB(found), `${off.toFixed(1)} %`]
  })
  write('## Plans beside peaks', rows)
}
