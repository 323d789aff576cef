/** @file The profiler on the CPU device: what stands in which row, where planted delays are found, what it leaves. */
import { expect, test } from 'vitest'
import { Profile, type ProfileRow, profile, profiling } from '../../src/bench/index.ts'
import type { Pass, StepEvents } from '../../src/bench/profile/events.ts'
import { spanOf } from '../../src/bench/profile/rows.ts'
import { hostTimeOf } from '../../src/bench/profile/trace.ts'
import { calling } from '../../src/core/frame.ts'
import { CpuDevice, nn, onCall, ones, optim, scope, tap, train } from '../../src/index.ts'
import { refusal } from '../support/refusals.ts'
import { lesson } from '../support/training.ts'

/** Keep the thread busy. */
function busy(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

/** A step of a layer with 6 inputs and 3 outputs, on 4 rows. */
async function small() {
  const device = new CpuDevice()
  const model = await new nn.Sequential(new nn.Linear(6, 3), new nn.ReLU()).to(device)
  const x = ones([4, 6], { device })
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 })
  const step = () => {
    optimizer.zeroGrad()
    scope(() => model.forward(x).sum().backward())
    optimizer.step()
  }
  return { device, model, step }
}

/** What does not depend on the clock. */
const counted = ({ data: { rows } }: Profile) =>
  rows
    .map(({ device: _, host: __, share: ___, ...row }) => row)
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
const rowOf = ({ data: { rows } }: Profile, name: string): ProfileRow =>
  rows.find((row) => row.name === name) as ProfileRow

test('rows have op, shape, kernel, launches, bytes, operations and allocations of one step', async () => {
  const { step } = await small()
  const found = await profile(step, { steps: 3 })
  const none = { variant: null, backward: false, launches: 1, dispatches: 1, allocations: 1 }
  const back = { ...none, backward: true }
  const rows = [
    {
      ...none,
      name: 'linear',
      shape: '[4, 6] [3, 6] [3] → [4, 3]',
      kernel: 'matmul',
      bytes: 228,
      flops: 144,
      allocatedBytes: 48,
    },
    // relu is in linear's launch, its gradient is one of its own.
    {
      ...back,
      name: 'reluGrad',
      shape: '[4, 3] [4, 3] → [4, 3]',
      kernel: 'pointwise',
      bytes: 100,
      flops: 12,
      allocatedBytes: 48,
    },
    { ...none, name: 'sum', shape: '[4, 3] → []', kernel: 'reduce', bytes: 52, flops: 12, allocatedBytes: 4 },
    // Weights are transposed views: their gradient is one product of 3 × 4 × 6.
    {
      ...back,
      name: 'matmul',
      shape: '[3, 4] [4, 6] → [3, 6]',
      kernel: 'matmul',
      bytes: 216,
      flops: 144,
      allocatedBytes: 72,
    },
    { ...back, name: 'sum', shape: '[4, 3] → [3]', kernel: 'reduce', bytes: 60, flops: 12, allocatedBytes: 12 },
  ]
  expect(counted(found)).toEqual(expect.arrayContaining(rows))
  // SGD without momentum: weights and gradients, in one launch for both parameters.
  expect(rowOf(found, 'SGD')).toMatchObject({ kernel: 'sgd', shape: '', launches: 1, bytes: 3 * 21 * 4 })
  expect(rowOf(found, 'SGD').flops).toBeUndefined()
  const { rows: all, totals, steps, clock, device } = found.data
  expect({ steps, clock, device }).toEqual({ steps: 3, clock: 'launches', device: 'cpu' })
  const sum = (of: (row: ProfileRow) => number) => all.reduce((total, row) => total + of(row), 0)
  expect(sum(({ share }) => share)).toBeCloseTo(1, 9)
  expect(totals.launches).toBe(sum(({ launches }) => launches))
  expect(totals.bytes).toBe(sum(({ bytes }) => bytes))
  expect([totals.span, totals.gaps]).toEqual([null, null])
  const kernels = totals.device as number
  expect(kernels).toBeGreaterThan(0)
  expect(kernels + totals.hostOps).toBeLessThanOrEqual(totals.host)
})

test('launches and allocations are those that the device is asked for', async () => {
  const { device, step } = await small()
  const seen = { run: 0, alloc: 0 }
  const untap = tap(device, {
    run: (next, launch) => {
      seen.run++
      next(launch)
    },
    alloc: (next, ...args) => {
      seen.alloc++
      return next(...args)
    },
  })
  step()
  const before = { ...seen }
  step()
  untap()
  const { totals } = (await profile(step, { steps: 2 })).data
  expect({ run: totals.launches, alloc: totals.allocations }).toEqual({
    run: seen.run - before.run,
    alloc: seen.alloc - before.alloc,
  })
})

test('a planted delay is found in its own row: of a kernel, of the host, of the first step', async () => {
  const { device, step } = await small()
  let steps = 0
  const untap = tap(device, {
    run: (next, launch) => {
      if (launch.label === 'reluGrad') busy(40)
      next(launch)
    },
  })
  const slow = () => {
    if (++steps === 1) busy(200)
    busy(60)
    step()
  }
  const found = await profile(slow, { steps: 3, warmup: 2 })
  untap()
  const { totals, first, plain, rows } = found.data
  expect(rows[0].name).toBe('reluGrad')
  expect(rows[0].device).toBeGreaterThanOrEqual(0.04)
  const others = rows.filter(({ name }) => name !== 'reluGrad')
  for (const row of others) expect(row.device, row.name).toBeLessThan(0.02)
  // Outside of ops: in no row.
  for (const row of rows) expect(row.host, row.name).toBeLessThan(0.03)
  expect(totals.host - totals.hostOps - (totals.device as number)).toBeGreaterThanOrEqual(0.06)
  expect(first?.wall).toBeGreaterThanOrEqual(0.3)
  expect(first?.more).toBeGreaterThanOrEqual(0.1)
  expect(plain?.wall).toBeGreaterThanOrEqual(0.1)
})

test('modules have what is in them, forward and backward', async () => {
  const { step } = await small()
  const { modules } = (await profile(step, { steps: 2 })).data
  expect(modules.map(({ path, dispatches }) => [path, dispatches])).toEqual([
    // A product with the bias and relu; the gradients of weight and bias: a product and a sum. Then relu's gradient.
    ['Sequential', 4],
    ['Sequential.0', 3],
    ['Sequential.1', 1],
  ])
})

test('the walk backward says where it is, and is nowhere afterwards', async () => {
  const { model, device } = await small()
  const places: (string | undefined)[] = []
  const stop = onCall(() => places.push(calling.back?.name))
  const x = ones([4, 6], { device })
  model.forward(x).square().sum().backward()
  stop()
  const ops = places.filter((name) => name !== undefined)
  expect(new Set(ops)).toEqual(new Set(['sum', 'square', 'relu', 'linear']))
  expect(places.slice(0, 3)).toEqual([undefined, undefined, undefined])
  const broken = model.forward(x)
  broken.registerHook(() => {
    throw new Error('planted')
  })
  expect(() => broken.sum().backward()).toThrow('planted')
  expect(calling).toEqual({ now: null, back: null })
})

test('an async step is waited for; copies are counted apart', async () => {
  const { device } = await small()
  const found = await profile(
    async () => {
      const x = scope(() => ones([8], { device }).add(1))
      expect(await x.data()).toEqual(new Float32Array(8).fill(2))
      x.dispose()
    },
    { steps: 2, warmup: 1 },
  )
  expect(found.data.totals).toMatchObject({ reads: 1, readBytes: 32, writes: 0 })
  expect(found.data.plain).toBeNull()
})

test('nothing stays behind, also of a step that fails', async () => {
  const { device, step } = await small()
  await profile(step, { steps: 1 })
  expect(Object.hasOwn(device, 'run')).toBe(false)
  let n = 0
  const fails = () => {
    step()
    if (++n === 5) throw new Error('planted')
  }
  await expect(profile(fails)).rejects.toThrow('planted')
  expect(Object.hasOwn(device, 'run')).toBe(false)
})

test('a training goes on bit for bit while it is profiled, and what is between epochs is left out', async () => {
  const trained = async (callbacks: Parameters<typeof train.fit>[1]['callbacks']) => {
    const device = new CpuDevice()
    const { model, ...rest } = lesson(device)
    await train.fit(model, { ...rest, callbacks, progress: false, epochs: 2 })
    return Promise.all(model.parameters().map((p) => p.data()))
  }
  const found: Profile[] = []
  const watched = await trained([profiling({ after: 7, steps: 5, tell: (one) => void found.push(one) })])
  expect(watched).toEqual(await trained([]))
  expect(found).toHaveLength(1)
  const { steps, totals, first, rows } = found[0].data
  expect({ steps, first }).toEqual({ steps: 5, first: null })
  // Step 9 ends the first epoch, with the four samples that are left; the validation, in batches of 25, is in no step.
  const losses = rows.filter(({ name, backward }) => name === 'crossEntropy' && !backward)
  expect(losses.map(({ shape, launches }) => [shape, launches])).toEqual(
    expect.arrayContaining([
      // Each by two kernels: the rows, and their mean.
      ...[0.8, 0.8].map((launches) => ['[7, 2] [7] → [] [7, 2] [1]', launches]),
      ...[0.2, 0.2].map((launches) => ['[4, 2] [4] → [] [4, 2] [1]', launches]),
    ]),
  )
  expect(losses).toHaveLength(4)
  expect(rows.filter(({ shape }) => shape.includes('25')).map(({ shape }) => shape)).toEqual([])
  expect(totals.launches).toBeGreaterThan(10)
  // Nine steps an epoch: after 16 there are two.
  const short: Profile[] = []
  await trained([profiling({ after: 16, steps: 50, tell: (one) => void short.push(one) })])
  expect(short.map(({ data }) => data.steps)).toEqual([2])
})

test('the text has sums, columns and what is left out', async () => {
  const { step } = await small()
  const found = await profile(step, { steps: 2 })
  const lines = found.table({ rows: 3, columns: 200 }).split('\n')
  expect(lines[0]).toMatch(/^op shape +kernel +time +share +host +dispatches +bytes +B\/s +FLOP +FLOP\/s +allocations$/)
  expect(lines).toHaveLength(1 + 3 + 2)
  expect(lines[4]).toMatch(/^and \d+ more, \d+\.\d % together$/)
  expect(String(found)).toMatch(/^A step on cpu, mean of 2: .* until done, .* of the host's thread\nkernels: /)
  for (const line of found.table({ columns: 80 }).split('\n')) expect(line.length, line).toBeLessThanOrEqual(80)
})

test('JSON has the figures, and a page loads nothing', async () => {
  const { step } = await small()
  const found = await profile(step, { steps: 1 })
  expect(JSON.parse(JSON.stringify(found))).toEqual(found.data)
  const html = found.toHTML({ title: 'a < b' })
  expect(html).toContain('<h1>a &#60; b</h1>')
  expect(html).not.toMatch(/https?:|src=|@import|url\(/)
  for (const { name } of found.data.rows) expect(html).toContain(name)
  const opened = html.match(/<(div|section|table|tr|td|th|ol|li|svg|rect|span|p)\b/g)?.length
  expect(html.match(/<\/(div|section|table|tr|td|th|ol|li|svg|rect|span|p)>/g)?.length).toBe(opened)
})

test('a span is covered by passes and gaps, whatever their order', () => {
  const pass = (begin: number, end: number): Pass => ({ begin, end, launched: undefined })
  expect(spanOf([])).toEqual({ span: 0, gaps: 0 })
  expect(spanOf([pass(5, 6), pass(1, 2), pass(2, 4)])).toEqual({ span: 5, gaps: 1 })
  // Two at once do not fill a gap.
  expect(spanOf([pass(0, 4), pass(1, 2), pass(6, 7)])).toEqual({ span: 7, gaps: 2 })
})

test('no pass is shown after the host knew that it was over', () => {
  const step = (end: number, last: number) =>
    ({ end, passes: [{ begin: 0, end: last, launched: undefined }] }) as unknown as StepEvents // what is read of it
  const host = hostTimeOf([step(1010, 0.002), step(1100, 0.099)])
  expect(host(0.099)).toBe(1100)
  expect(host(0.002)).toBe(1003)
})

test('refusals', async () => {
  const { step } = await small()
  const of = (call: () => unknown) => refusal(call)
  expect(await of(() => profile(3 as never))).toBe('profile: the step is 3 (give a function that takes a step)')
  expect(await of(() => profile(step, { steps: 0 }))).toBe('profile: steps is 0 (give an integer from 1 up)')
  expect(await of(() => profile(step, { warmup: 1.5 }))).toBe('profile: warmup is 1.5 (give an integer from 1 up)')
  expect(await of(() => profile(() => 1))).toBe('profile: the step calls no op (say which device it uses: { device })')
  expect(await of(() => profile(step, { step: 3 } as never))).toBe(
    'profile: there is no option step (did you mean steps? it takes { steps, warmup, device })',
  )
  expect(await of(() => profiling({} as never))).toBe('profiling: tell is undefined (give a function of a profile)')
  const found = await profile(step, { steps: 1, warmup: 1 })
  expect(await of(() => found.table({ row: 3 } as never))).toBe(
    'Profile.table: there is no option row (did you mean rows? it takes { rows, columns })',
  )
  expect(await of(() => found.toHTML({ titel: 'x' } as never))).toBe(
    'Profile.toHTML: there is no option titel (did you mean title? it takes { title })',
  )
  expect(new Profile({ device: 'd', clock: null, steps: [], first: null, plain: null }).data.rows).toEqual([])
})
