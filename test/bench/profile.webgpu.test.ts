/** @file The profiler on a WebGPU device: its times add up, it names variants, and says where it has no clock. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ProfileRow, profile } from '../../src/bench/index.ts'
import { nn, device as open, optim, randn, scope, type Tensor, tensor } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { crossed, faultsOf } from '../support/traceformat.ts'

/** A profile's rows plus its gaps, against the span of its steps: the bound. */
const TOLERANCE = 0.05

let device: WebGPUDevice
let step: () => void
let big: Tensor
let small: Tensor

beforeAll(async () => {
  device = await open('webgpu')
  const model = await new nn.Sequential(new nn.Linear(96, 64), new nn.GELU(), new nn.Linear(64, 10)).to(device)
  const optimizer = new optim.Adam(model.parameters(), { lr: 1e-3 })
  const x = await randn([32, 96]).to(device)
  const y = await tensor(new Array(32).fill(3), { dtype: 'int32' }).to(device)
  step = () => {
    optimizer.zeroGrad()
    scope(() => nn.functional.crossEntropy(model.forward(x), y).backward())
    optimizer.step()
  }
  // Long beside a small one on every adapter, and soon done on each.
  const size = device.facts.software ? 192 : 2048
  big = await randn([size, size]).to(device)
  small = await randn([4, 4]).to(device)
})
afterAll(() => device.destroy())

/** Keep the thread busy. */
function busy(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

const rowOf = (rows: readonly ProfileRow[], shape: string): ProfileRow =>
  rows.find((row) => row.shape.startsWith(shape)) as ProfileRow

test('rows and gaps together are the span of a step', async () => {
  const { data } = await profile(step)
  expect(data.clock).toBe('timestamps')
  const { span, gaps, device: busyTime } = data.totals
  const sum = data.rows.reduce((total, row) => total + (row.device as number), 0)
  expect(sum).toBeCloseTo(busyTime as number, 12)
  const off = Math.abs(sum + (gaps as number) - (span as number)) / (span as number)
  expect(off, `rows ${sum}, gaps ${gaps}, span ${span}`).toBeLessThan(TOLERANCE)
  expect(span).toBeLessThan(data.totals.wall)
})

test('each row has its variant, and as many dispatches as the engine encodes', async () => {
  const launches = () => Object.values(device.counts()).reduce((a, b) => a + b, 0)
  step()
  const before = launches()
  step()
  const each = launches() - before
  const { rows, totals } = (await profile(step, { steps: 2 })).data
  expect(totals.launches).toBe(each)
  expect(totals.dispatches).toBeGreaterThanOrEqual(each)
  for (const { kernel, variant } of rows) if (kernel) expect(variant, kernel).toEqual(expect.any(String))
  const product = rowOf(rows, '[32, 96] [64, 96]')
  expect(product).toMatchObject({ name: 'linear', kernel: 'matmul', backward: false, flops: 2 * 32 * 96 * 64 })
  expect(rows.filter(({ backward }) => backward).length).toBeGreaterThan(4)
})

test('a long kernel is long in its own row, a host that waits makes a gap', async () => {
  const { rows, totals } = (
    await profile(
      () => {
        scope(() => void small.matmul(small))
        device.flush()
        busy(40)
        scope(() => void big.matmul(big))
      },
      { steps: 3 },
    )
  ).data
  const [short, long] = [
    rowOf(rows, '[4, 4]').device as number,
    rowOf(rows, `[${big.shape.join(', ')}]`).device as number,
  ]
  expect(long).toBeGreaterThan(short)
  expect(totals.gaps).toBeGreaterThan(0.02)
  expect(short).toBeLessThan(0.04)
})

test('the trace is of the format, passes lie on the device within their steps', async () => {
  const { traceEvents: all } = (await profile(step, { steps: 2 })).toTrace()
  expect(faultsOf(JSON.stringify({ traceEvents: all }))).toEqual([])
  const spans = all.flatMap((one) => (one.ph === 'X' ? [one] : []))
  const on = (track: number) => spans.filter(({ tid }) => tid === track)
  expect(crossed(on(1))).toEqual([])
  const passes = on(2)
  expect(passes.length).toBeGreaterThan(20)
  for (const { name, args } of passes) expect(name, JSON.stringify(args)).toMatch(/^\w+\/\w+$/)
  const product = passes.find(({ args }) => args.shape === '[32, 96] [64, 96] [64] → [32, 64]')
  expect(product?.args).toMatchObject({ op: 'linear', module: 'Sequential.0', phase: 'forward' })
})

test('the engine is as it was afterwards', async () => {
  await profile(step, { steps: 1 })
  expect(Object.hasOwn(device, 'run')).toBe(false)
  const [y] = [scope(() => small.matmul(small))]
  expect((await y.data()).length).toBe(16)
})

test('without timestamps it says so, and has times of the host and counts', async () => {
  const features = device.facts.features as Set<string>
  expect(features.delete('timestamp-query')).toBe(true)
  try {
    const found = await profile(step, { steps: 2 })
    const { clock, totals, rows } = found.data
    expect({ clock, device: totals.device, span: totals.span, gaps: totals.gaps }).toEqual({
      ...{ clock: null, device: null, span: null, gaps: null },
    })
    expect(totals.dispatches).toBeGreaterThan(10)
    expect(rows.every((row) => row.device === null && row.host > 0)).toBe(true)
    expect(rows.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9)
    expect(String(found)).toContain('The adapter has no timestamps')
    expect(found.toHTML()).toContain('The adapter has no timestamps')
    const tracks = found.toTrace().traceEvents.flatMap((one) => (one.ph === 'M' ? (one.args.name ?? []) : []))
    expect(tracks).toEqual([`handgrad on ${device.name}`, 'host'])
  } finally {
    features.add('timestamp-query')
  }
})
