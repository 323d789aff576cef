/**
 * @file One column of docs/made/gradients.md, in a process of its own (drivers are chosen by process): measures every
 * op on the device that the argument names and sends each result to main.ts. `list` sends the names of the WebGPU
 * adapters instead.
 */
import { findGpu, prepareAdapter } from '../../scripts/adapter.mjs'
import { adapterNames } from '../../src/cli/info.ts'
import type { Device } from '../../src/core/device.ts'
import { device } from '../../src/node.ts'
import { createWebGPUDevice } from '../../src/webgpu/device.ts'
import { createDawn } from '../../src/webgpu/node.ts'
import { differences } from '../../test/table/differences.ts'
import { type Layout, opNames, runRow } from '../../test/table/run.ts'
import type { OpName } from '../../test/table/table.ts'
import type { Cells, Failed, Message } from './page.ts'

const send = (message: Message): void => void process.send?.(message)

/** The layouts behind each column. */
const columns: readonly (readonly Layout[])[] = [['contiguous'], ['transposed', 'offset'], ['expanded']]

/** The worst of several; null where none is a number. */
function worst(all: readonly (number | null)[]): number | null {
  return all.reduce((a, b) => (a === null ? b : b === null ? a : Math.max(a, b)), null)
}

async function float64(op: OpName): Promise<Message> {
  const first: (number | null)[] = []
  const second: (number | null)[] = []
  const failures: Failed[] = []
  for (const [column, layouts] of columns.entries()) {
    const all = []
    for (const layout of layouts) all.push(await differences(op, layout))
    first.push(worst(all.map((d) => d.first)))
    second.push(worst(all.map((d) => d.second)))
    failures.push(...all.flatMap((d) => d.failures.map((text) => ({ column, text }))))
  }
  return { op, cells: [first as unknown as Cells, second as unknown as Cells], failures }
}

async function float32(op: OpName, on: Device): Promise<Message> {
  const { worst: seen, failures } = await runRow(op, on)
  const cells = columns.map((layouts) =>
    worst(layouts.flatMap((layout) => [seen[layout].forward, seen[layout].backward])),
  )
  return {
    op,
    cells: [cells as unknown as Cells],
    failures: failures.map(({ where, what }) => ({
      column: columns.findIndex((layouts) => layouts.some((layout) => where.endsWith(`, ${layout}`))),
      text: `${where}: ${what.split('\n')[0]}`,
    })),
  }
}

const [where = 'list', ...only] = process.argv.slice(2)
const names = only.length > 0 ? (only as OpName[]) : opNames
if (where === 'list') {
  // All drivers in one process, only to name them.
  await prepareAdapter().catch(() => undefined)
  await findGpu({ adapter: 'swiftshader' }).catch(() => undefined)
  send({ adapters: (await adapterNames()).names })
} else if (where === 'float64') {
  send({ device: 'CPU float64', about: '' })
  for (const op of names) send(await float64(op))
} else if (where === 'float32') {
  send({ device: 'CPU float32', about: '' })
  for (const op of names) send(await float32(op, await device('cpu')))
} else {
  const name = /swiftshader/i.test(where) ? 'swiftshader' : where
  process.env.HANDGRAD_ADAPTER = name
  await prepareAdapter()
  const gpu = await createWebGPUDevice(await createDawn(name))
  const { vendor, architecture, device: model, description } = gpu.info
  send({
    device: gpu.name.replace('webgpu:', ''),
    about: [vendor, architecture, model, description].filter(Boolean).join(', '),
  })
  for (const op of names) send(await float32(op, gpu))
  gpu.destroy()
}
// The channel to main.ts would keep the process alive.
process.disconnect?.()
