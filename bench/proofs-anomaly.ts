/**
 * @file What `inspect.detectAnomaly` costs, measured: `npx tsx bench/proofs-anomaly.ts [--device cpu] [--out FILE]`. It
 * waits for the device at each step, so it stands beside two loops, in turns: one that reads its loss at each step, as
 * a loop does that logs, and one that reads nothing until its end, whose host and device work at the same time.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { prepareAdapter } from '../scripts/adapter.mjs'
import { placeOf } from '../src/cli/machine.ts'
import { type Device, inspect, device as open, type Tensor } from '../src/node.ts'
import { middle } from './proofs/middle.ts'
import { lstm, mlp, small, type Training, transformer } from './proofs-steps.ts'

const trainings = { small, mlp, lstm, transformer }
/** Milliseconds of one sample, and how often each loop takes its turn. */
const [SAMPLE, ROUNDS] = [250, 15]

type Loop = (steps: number) => Promise<void>

/** The loops that are compared. */
function loopsOf({ model, optimizer, step }: Training): Record<'nothing' | 'loss' | 'checked', Loop> {
  const checked = inspect.detectAnomaly(model, { parts: [optimizer] })
  const each = (take: () => Promise<Tensor>): Loop => {
    return async (steps) => {
      for (let i = 0; i < steps; i++) {
        const loss = await take()
        await loss.item()
        loss.dispose()
      }
    }
  }
  return {
    nothing: async (steps) => {
      for (let i = 1; i < steps; i++) step().dispose()
      await each(async () => step())(1)
    },
    loss: each(async () => step()),
    checked: each(() => checked(step)),
  }
}

async function measured(device: Device, name: keyof typeof trainings) {
  const loops = Object.entries(loopsOf(await trainings[name](device)))
  for (const [, loop] of loops) await loop(5)
  const begin = performance.now()
  for (let i = 0; i < 5; i++) await loops[1][1](1)
  const steps = Math.max(3, Math.round((5 * SAMPLE) / (performance.now() - begin)))
  const times: Record<string, number[]> = { nothing: [], loss: [], checked: [] }
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < loops.length; i++) {
      // Each begins as often as the others.
      const [kind, loop] = loops[(i + round) % loops.length]
      const begin = performance.now()
      await loop(steps)
      times[kind].push((performance.now() - begin) / steps)
    }
  }
  const over = (kind: string) => middle(times.checked.map((ms, i) => ms / times[kind][i]))
  return {
    name,
    steps,
    milliseconds: Object.fromEntries(Object.entries(times).map(([kind, list]) => [kind, middle(list)])),
    overLoopThatReadsItsLoss: over('loss'),
    overLoopThatReadsNothing: over('nothing'),
  }
}

const { values } = parseArgs({ options: { device: { type: 'string', default: 'webgpu' }, out: { type: 'string' } } })
if (values.device === 'webgpu') await prepareAdapter()
const device = await open(values.device as 'cpu' | 'webgpu')
const rows = []
for (const name of Object.keys(trainings) as (keyof typeof trainings)[]) {
  const row = await measured(device, name)
  console.log(JSON.stringify(row))
  rows.push(row)
}
if (values.out) {
  mkdirSync(dirname(values.out), { recursive: true })
  const date = new Date().toISOString().slice(0, 10)
  writeFileSync(values.out, `${JSON.stringify({ place: placeOf([]), date, device: device.name, rows }, null, 1)}\n`)
}
if (device.kind === 'webgpu') device.destroy()
