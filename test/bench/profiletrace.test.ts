/** @file A profile as a trace: the format's fields, two tracks, and spans of the host within each other. */
import { expect, test } from 'vitest'
import { profile } from '../../src/bench/index.ts'
import type { Trace, TraceSpan } from '../../src/bench/profile/trace.ts'
import { CpuDevice, nn, ones, optim, scope } from '../../src/index.ts'
import { crossed, faultsOf } from '../support/traceformat.ts'

class Block extends nn.Module {
  readonly inner = new nn.Linear(4, 4)
  forward(x: Parameters<nn.Linear['forward']>[0]) {
    return this.inner.forward(x).relu().add(x)
  }
}

async function traced(): Promise<{ trace: Trace; spans: TraceSpan[]; text: string }> {
  const device = new CpuDevice()
  const model = await new nn.Sequential(new Block(), new Block()).to(device)
  const x = ones([2, 4], { device })
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.1 })
  const found = await profile(
    async () => {
      optimizer.zeroGrad()
      const loss = scope(() => {
        const loss = model.forward(x).square().sum()
        loss.backward()
        return loss.detach()
      })
      optimizer.step()
      await loss.item()
      loss.dispose()
    },
    { steps: 2, warmup: 1 },
  )
  const trace = found.toTrace()
  const spans = trace.traceEvents.filter((one): one is TraceSpan => one.ph === 'X')
  return { trace, spans, text: JSON.stringify(trace) }
}

test('every event has the fields that the Trace Event Format asks for', async () => {
  const { trace, text } = await traced()
  expect(faultsOf(text)).toEqual([])
  const names = trace.traceEvents.flatMap((one) => (one.ph === 'M' ? [[one.name, one.tid, one.args]] : []))
  expect(names).toEqual(
    expect.arrayContaining([
      ['process_name', 0, { name: 'handgrad on cpu' }],
      ['thread_name', 1, { name: 'host' }],
      ['thread_name', 2, { name: 'device' }],
      ['thread_name', 3, { name: 'copies' }],
    ]),
  )
})

test('faults of a trace are found', () => {
  const good = { ph: 'X', name: 'a', cat: 'op', ts: 0, dur: 1, pid: 1, tid: 1, args: {} }
  const faults = (...events: unknown[]) => faultsOf(JSON.stringify({ traceEvents: events }))
  expect(faults(good)).toEqual([])
  expect(faults({ ...good, ts: -1 })).toEqual(['event 0: ts is -1'])
  expect(faults({ ...good, dur: undefined })).toEqual(['event 0: dur is undefined'])
  expect(faults({ ...good, ph: 'Q' })).toEqual(['event 0: ph is Q'])
  expect(faults({ ...good, tid: '1' }, { ...good, pid: 1.5 })).toEqual([
    'event 0: tid is not a whole number',
    'event 1: pid is not a whole number',
  ])
  expect(faults({ ph: 'M', name: 'thread_name', pid: 1, tid: 1, args: {} })).toEqual(['event 0: args has no name'])
  expect(
    crossed([
      { name: 'a', ts: 0, dur: 5 },
      { name: 'b', ts: 3, dur: 5 },
    ]),
  ).toEqual(['b reaches out of a'])
  expect(
    crossed([
      { name: 'a', ts: 0, dur: 5 },
      { name: 'b', ts: 5, dur: 1 },
    ]),
  ).toEqual([])
})

test('on the host ops stand in modules and in the walk backward, kernels on the device', async () => {
  const { spans } = await traced()
  const on = (track: number) => spans.filter(({ tid }) => tid === track)
  const host = on(1)
  expect(crossed(host)).toEqual([])
  expect(crossed(on(2))).toEqual([])
  const inside = (outer: TraceSpan) =>
    host.filter((one) => one !== outer && one.ts >= outer.ts && one.ts + one.dur <= outer.ts + outer.dur + 0.002)
  // Its first cotangent is an op of the walk's name.
  const first = (name: string) => host.find((one) => one.name === name && one.cat !== 'op') as TraceSpan
  const names = (outer: string, cat: string) =>
    inside(first(outer))
      .filter((one) => one.cat === cat)
      .map(({ name }) => name)
  expect(names('Sequential', 'module').sort()).toEqual(
    ['Sequential.0', 'Sequential.0.inner', 'Sequential.1', 'Sequential.1.inner'].sort(),
  )
  expect(names('Sequential.0', 'op').sort()).toEqual(['add', 'linear', 'relu'])
  expect(names('Sequential.0.inner', 'op').sort()).toEqual(['linear'])
  expect(names('backward', 'op')).toContain('matmul')
  expect(names('∂ linear of Sequential.1.inner', 'op')).toContain('matmul')
  // Twice the same step: as many spans, and as many kernels as launches.
  const kernels = on(2)
  expect(kernels).toHaveLength(host.filter(({ cat }) => cat === 'launch').length)
  expect(host.filter(({ cat }) => cat === 'step').map(({ name }) => name)).toEqual(['step 1', 'step 2'])
  const product = kernels.find(({ name }) => name === 'matmul') as TraceSpan
  expect(product.args).toMatchObject({
    op: 'linear',
    shape: '[2, 4] [4, 4] [4] → [2, 4]',
    module: 'Sequential.0.inner',
  })
})
