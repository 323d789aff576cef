/** @file Measures over batches on the CPU: as the functions of all rows, one read, memory that does not grow. */
import { describe, expect, it } from 'vitest'
import { CpuDevice, HandgradError, memory, scope, tensor, zeros } from '../../src/index.ts'
import * as metrics from '../../src/metrics/index.ts'
import { faultsOf, streams } from './streams.ts'

const device = new CpuDevice()

describe.each(['float64', 'float32'] as const)('%s', (float) => {
  it.each(streams.map((stream) => [stream.name, stream] as const))('%s', async (_, stream) => {
    expect(await faultsOf(stream, device, float)).toEqual([])
  })
})

it('every class of the family is tried', () => {
  const classes = Object.keys(metrics).filter((name) => /^[A-Z]/.test(name))
  const tried = new Set(streams.map(({ make }) => make().constructor.name))
  expect(classes.filter((name) => name !== 'Confusion').sort()).toEqual([...tried].sort())
})

it('counts are exact beyond 2^24, where float32 has no odd numbers', async () => {
  const [none, some] = [0, 1].map((label) => tensor([label], { device, dtype: 'int32' }))
  const all = { classes: 2, average: null } as const
  for (const metric of [new metrics.Accuracy(), new metrics.ConfusionMatrix(), new metrics.Recall(all)]) {
    metric.update(none, none)
    // As if so many rows had been counted.
    const [counts] = metric['state']
    expect(counts.dtype).toBe('int32')
    counts.copy_(counts.mul(2 ** 24 + 1))
    metric['count'] = 2 ** 24 + 1
    metric.update(none, none)
    metric.update(some, none)
    const right = 2 ** 24 + 2
    const got = await metric.compute()
    const wanted = { Accuracy: right / (right + 1), Recall: [right / (right + 1), 0] }[metric.constructor.name]
    expect(got instanceof metrics.Confusion ? got.counts[0] : got).toEqual(wanted ?? [right, 1])
  }
  const full = new metrics.Accuracy()
  full['rows'] = 2 ** 31 - 2
  full.update(none, none)
  expect(() => full.update(none, none)).toThrow(
    'Accuracy: more than 2147483647 rows since the last reset (int32 counts no more)',
  )
})

it('sums of float32 carry what rounding takes: 20,000 batches of 0.1 beside a large one', async () => {
  const metric = new metrics.Mean()
  const tenth = tensor([0.1], { device })
  metric.update(tensor([2 ** 20], { device }))
  const held = memory(device)
  for (let i = 0; i < 20_000; i++) metric.update(tenth)
  expect(memory(device)).toEqual(held)
  const wanted = (2 ** 20 + 20_000 * Math.fround(0.1)) / 20_001
  expect(Math.abs((await metric.compute()) / wanted - 1)).toBeLessThan(1e-9)
})

it('NaN is told with its row, counted over batches', async () => {
  const logits = (...rows: number[][]) => tensor(rows, { device })
  const labels = tensor([0, 1], { device, dtype: 'int32' })
  const good = logits([1, 2], [3, 4])
  const bad = logits([1, 2], [Number.NaN, 4])
  for (const Class of [metrics.Accuracy, metrics.LogLoss, metrics.ConfusionMatrix, metrics.F1Score]) {
    const metric: metrics.Metric<unknown> = new Class()
    for (const batch of [good, bad, bad, good]) metric.update(batch, labels)
    await expect(metric.compute()).rejects.toThrow(
      `${Class.name}: row 3 of those counted has NaN (since the last reset, from 0 on)`,
    )
    metric.reset()
    metric.update(good, labels)
    await metric.compute()
  }
  const ranked = new metrics.RocAuc()
  for (const batch of [good, bad]) ranked.update(batch, labels)
  await expect(ranked.compute()).rejects.toThrow('rocAuc: row 3 of the predictions has NaN (give numbers)')
  // A row far beyond what float32 counts.
  const far = new metrics.Accuracy()
  far['rows'] = 3 * 2 ** 23
  far.update(tensor([0, Number.NaN, 1], { device }), tensor([0, 0, 0], { device, dtype: 'int32' }))
  await expect(far.compute()).rejects.toThrow(`row ${3 * 2 ** 23 + 1} of those counted`)
})

it('a class out of range is refused with its row, and the batch does not count', async () => {
  const metric = new metrics.F1Score({ classes: 3, average: 'macro' })
  const good = tensor([0, 1, 2], { device, dtype: 'int32' })
  metric.update(good, good)
  const bad = tensor([0, 7, 2], { device, dtype: 'int32' })
  expect(() => metric.update(good, bad)).toThrow('F1Score: index 7 at position 1 is outside [0, 3)')
  expect(await metric.compute()).toBe(1)
})

it('scores of pixels: more axes, each element by itself', async () => {
  const logits = zeros([2, 3, 2, 2], { device })
  const target = tensor([0, 1, 2, 0, 0, 0, 0, 0], { device, dtype: 'int32' }).reshape([2, 2, 2])
  const one = tensor([0, 1, 0], { device }).reshape([1, 3, 1, 1])
  const accuracy = new metrics.Accuracy()
  accuracy.update(logits.add(one), target)
  expect(await accuracy.compute()).toBe(1 / 8)
  const loss = new metrics.LogLoss()
  loss.update(logits, target)
  expect(await loss.compute()).toBeCloseTo(Math.log(3), 6)
})

describe('a state', () => {
  const refusal = (metric: { loadStateDict(state: metrics.MetricState): void }, state: unknown): string => {
    try {
      metric.loadStateDict(state as metrics.MetricState)
      return ''
    } catch (error) {
      return error instanceof HandgradError ? error.message : String(error)
    }
  }
  const labels = tensor([0, 1], { device, dtype: 'int32' })

  it('of another class, or of other options, is refused, and what was counted stays', async () => {
    const [four, f1] = [new metrics.ConfusionMatrix({ classes: 4 }), new metrics.F1Score()]
    const own = new metrics.ConfusionMatrix({ classes: 2 })
    own.update(labels, labels)
    expect([refusal(own, four.stateDict()), refusal(new metrics.Recall(), f1.stateDict())]).toEqual([
      'loadStateDict: the state is of \'{"classes":4,"threshold":0.5}\', ' +
        'this is \'{"classes":2,"threshold":0.5}\' (give the stateDict() of such a one)',
      expect.stringMatching(
        /^loadStateDict: the state is of '{"kind":"f1".*', this is '{"kind":"recall".*' \(give the/,
      ),
    ])
    const pairs = [
      [new metrics.Accuracy(), new metrics.Accuracy({ topK: 2 })],
      [new metrics.MeanSquaredError(), new metrics.MeanSquaredError({ squared: false })],
      [new metrics.MeanAbsoluteError(), new metrics.Mean()],
      [new metrics.LogLoss(), new metrics.LogLoss({ logits: false })],
      [new metrics.Perplexity(), new metrics.Perplexity({ ignoreIndex: 0 })],
      [new metrics.RocAuc({ logits: false }), new metrics.RocAuc()],
      [new metrics.AveragePrecision({ average: null }), new metrics.AveragePrecision()],
    ] as const
    for (const [one, other] of pairs)
      expect(refusal(one, other.stateDict())).toContain('give the stateDict() of such a one')
    expect((await own.compute()).counts).toEqual([
      [1, 0],
      [0, 1],
    ])
  })

  it('that is none is refused', () => {
    const numbers = tensor([0.5, 2], { device })
    const made = [
      [new metrics.Accuracy(), labels],
      [new metrics.Mean(), numbers],
      [new metrics.R2Score(), numbers],
      [new metrics.RocAuc(), labels],
    ] as const
    for (const [metric, target] of made) {
      const metricOf: metrics.Metric<unknown> = metric
      metricOf.update(numbers, target)
      const state = metric.stateDict()
      const [first, ...rest] = state.tensors
      const wrong = [
        null,
        [],
        {},
        { ...state, of: 1 },
        { ...state, counts: [-1, ...state.counts.slice(1)] },
        { ...state, counts: [0.5, ...state.counts.slice(1)] },
        { ...state, counts: [...state.counts, 1] },
        { ...state, counts: null },
        { ...state, tensors: null },
        { ...state, tensors: [1, ...rest] },
        { ...state, tensors: [...state.tensors, first] },
        { ...state, tensors: [first.reshape([1, -1]), ...rest] },
        { ...state, tensors: [tensor([1, 2, 3, 4, 5, 6, 7], { device }), ...rest] },
        { ...state, tensors: [] },
      ]
      for (const [i, one] of wrong.entries())
        expect(refusal(metric, one), `${metric.constructor.name} ${i}`).toMatch(
          /^loadStateDict: (the state is of (undefined|1), this is|counts or tensors do not fit) '/,
        )
      expect(refusal(metric, state)).toBe('')
    }
  })

  it('holds nothing after its scope, and is of what was counted then', async () => {
    const metric = new metrics.Mean()
    metric.update(tensor([1], { device }))
    const held = memory(device)
    scope(() => void metric.stateDict())
    expect(memory(device)).toEqual(held)
    const state = metric.stateDict()
    metric.update(tensor([9], { device }))
    metric.loadStateDict(state)
    expect(await metric.compute()).toBe(1)
  })
})
