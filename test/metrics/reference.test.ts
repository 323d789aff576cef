/** @file The functions of `metrics` against scikit-learn's numbers and texts, from lists, typed arrays and tensors. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CpuDevice, Tensor, tensor } from '../../src/index.ts'
import * as metrics from '../../src/metrics/index.ts'

interface Case {
  readonly f: string
  readonly args: readonly unknown[]
  readonly options?: Readonly<Record<string, unknown>>
  readonly y: unknown
  readonly note?: string
}

const cases: readonly Case[] = JSON.parse(
  readFileSync(new URL('../reference/data/metrics.json', import.meta.url), 'utf8'),
)

// biome-ignore lint/suspicious/noExplicitAny: what is called is named by the file of cases
const functions = metrics as any

/** Numbers as they are compared: NaN and ∞ are texts in the file. */
const revived = (x: unknown): unknown =>
  Array.isArray(x)
    ? x.map(revived)
    : typeof x === 'object' && x !== null
      ? Object.fromEntries(Object.entries(x).map(([k, v]) => [k, revived(v)]))
      : x === 'NaN' || /^-?Infinity$/.test(String(x))
        ? Number(x)
        : x

const isReport = (x: unknown): boolean => (x as object | null)?.constructor.name === 'ClassificationReport'

/** Equal to 1e-12 in every number. */
function near(got: unknown, want: unknown): unknown {
  if (typeof got === 'number' && typeof want === 'number')
    return Math.abs(got - want) <= 1e-12 * Math.max(1, Math.abs(want)) ? want : got
  if (Array.isArray(got) && Array.isArray(want)) return got.map((x, i) => near(x, want[i]))
  if (typeof got === 'object' && got !== null && !isReport(got))
    return Object.fromEntries(Object.entries(got).map(([k, v]) => [k, near(v, (want as Record<string, unknown>)[k])]))
  return isReport(got) ? String(got) : got
}

const call = async ({ f, args, options }: Case, as: (x: unknown) => unknown): Promise<unknown> =>
  functions[f](...args.map(as), ...(options ? [options] : []))

const device = new CpuDevice()

describe('as scikit-learn', () => {
  it('there are enough cases, and of every function', () => {
    expect(cases.length).toBeGreaterThan(200)
    const named = Object.keys(metrics).filter((name) => /^[a-z]/.test(name))
    expect([...new Set(cases.map(({ f }) => f))].sort()).toEqual(named.sort())
  })

  it.each([...new Set(cases.map(({ f }) => f))])('%s', async (name) => {
    const own = cases.filter(({ f }) => f === name)
    const wanted = own.map(({ y, note }) => ({ note, y: revived(y) }))
    // As lists, as float64 tensors, and one-axis lists as typed arrays.
    const ways: ((x: unknown) => unknown)[] = [
      (x) => x,
      (x) => (Array.isArray(x) ? tensor(x, { device, dtype: 'float64' }) : x),
      (x) => (Array.isArray(x) && typeof x[0] === 'number' ? Float64Array.from(x) : x),
    ]
    for (const as of ways) {
      const got = await Promise.all(own.map((one) => call(one, as)))
      expect(got.map((y, i) => ({ note: own[i].note, y: near(y, wanted[i].y) }))).toEqual(wanted)
    }
  })
})

it('labels may be int32 and bool tensors, and a column as well as a row', async () => {
  const truth = tensor([1, 0, 1], { device, dtype: 'int32' })
  const predicted = tensor([true, true, true], { device })
  expect(await metrics.accuracy(truth, predicted)).toBe(2 / 3)
  expect(await metrics.precision(truth.reshape([3, 1]), [[1], [1], [1]])).toBe(2 / 3)
  expect(truth).toBeInstanceOf(Tensor)
})

it('of equal scores the first class counts as higher', async () => {
  const scores = [[1, 1, 1]]
  const hits = (topK: number) => Promise.all([0, 1, 2].map((label) => metrics.accuracy([label], scores, { topK })))
  expect(await Promise.all([1, 2, 3].map(hits))).toEqual([
    [1, 0, 0],
    [1, 1, 0],
    [1, 1, 1],
  ])
})

it('probabilities of float32 are held off 0 by what float32 can tell', async () => {
  const sure = [Float32Array.of(0, 1), [0, 1]].map((p) => metrics.logLoss([1, 1], p))
  expect(await Promise.all(sure)).toEqual([
    -(Math.log(2 ** -23) + Math.log(1 - 2 ** -23)) / 2,
    -(Math.log(2 ** -52) + Math.log(1 - 2 ** -52)) / 2,
  ])
})

it('a report is data and text, and the micro row stands in place of the accuracy', async () => {
  const report = await metrics.classificationReport([0, 1, 2, 2, 2], [0, 0, 2, 2, 1], { targetNames: ['a', 'b', 'c'] })
  expect(report.classes[2]).toEqual({ name: 'c', precision: 1, recall: 2 / 3, f1: 0.8, support: 3 })
  expect([report.accuracy, report.micro.f1, report.samples]).toEqual([0.6, 0.6, null])
  expect(report.macro.precision).toBe(0.5)
  expect(report.weighted).toEqual({
    precision: 0.7,
    recall: 0.6,
    f1: expect.closeTo(0.6133333333333333, 14),
    support: 5,
  })
  const confusion = new metrics.Confusion(3)
  confusion.add([0, 1, 2, 2, 2], [0, 0, 2, 2, 1])
  expect(String(await confusion.classificationReport({ targetNames: ['a', 'b', 'c'] }))).toBe(String(report))
  expect(String(await confusion.classificationReport({ micro: true }))).toBe(
    [
      '              precision    recall  f1-score   support',
      '',
      '           0       0.50      1.00      0.67         1',
      '           1       0.00      0.00      0.00         1',
      '           2       1.00      0.67      0.80         3',
      '',
      '   micro avg       0.60      0.60      0.60         5',
      '   macro avg       0.50      0.56      0.49         5',
      'weighted avg       0.70      0.60      0.61         5',
      '',
    ].join('\n'),
  )
  const part = await metrics.classificationReport([0, 1, 2], [0, 1, 1], { labels: [1, 2] })
  expect(part.accuracy).toBe(null)
})
