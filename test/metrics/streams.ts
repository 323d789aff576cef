/** @file Every measure over batches, and what the function of its name says of all rows at once. */
import type { Device, DType } from '../../src/core/device.ts'
import { memory, scope, type Tensor, tap, tensor } from '../../src/index.ts'
import * as metrics from '../../src/metrics/index.ts'

const rows = 23
const every = Array.from({ length: rows }, (_, i) => i)
/** Eighths, which every dtype holds; no two of a row are equal. */
const wave = (i: number, c: number): number => Math.round(24 * Math.sin(3.1 * i + 2.3 * c + (i % 3) * c)) / 8 + c / 64
const logits = every.map((i) => [0, 1, 2, 3].map((c) => wave(i, c)))
const labels = every.map((i) => Math.floor(50 + 13 * Math.sin(7 * i)) % 4)
/** Class 3 never occurs, and is predicted. */
const lacking = labels.map((label) => label % 3)
const two = labels.map((label) => label % 2)
const score = every.map((i) => wave(i, 5))
const soft = logits.map((row) => {
  const exps = row.map(Math.exp)
  const all = exps.reduce((a, b) => a + b)
  return exps.map((x) => x / all)
})
const chance = score.map((x) => 1 / (1 + Math.exp(-x)))
const taken = logits.map((row) => row.indexOf(Math.max(...row)))
const several = labels.map((label, i) => [label % 2, i % 2, Number(i % 5 === 0)])
const numbers = score.map((x, i) => 1000 + x + (i % 3) / 8)
const wanted = every.map((i) => 1000 + wave(i, 2))
const pairs = every.map((i) => [wave(i, 0), wave(i, 1)])
const truths = every.map((i) => [wave(i, 2) + 50, wave(i, 3)])
const padded = labels.map((label, i) => (i % 4 === 0 ? -100 : label))

type Rows = readonly (number | readonly number[])[]
type Kind = 'float' | 'int32' | 'bool'
type Made = metrics.Metric<unknown> & {
  stateDict(): metrics.MetricState
  loadStateDict(state: metrics.MetricState): void
}

interface Stream {
  readonly name: string
  readonly make: () => Made
  readonly prediction: readonly [Rows, Kind]
  readonly target: readonly [Rows, Kind]
  /** The same of all rows, by a function. */
  readonly all: () => unknown
  /** It keeps what it is given. */
  readonly grows?: boolean
}

const ofLogits = { prediction: [logits, 'float'], target: [labels, 'int32'] } as const
const ofScores = { prediction: [score, 'float'], target: [two, 'int32'] } as const
const ofTaken = { prediction: [taken, 'int32'], target: [lacking, 'int32'] } as const
const ofSeveral = { prediction: [several.map(([a, b, c]) => [b, c, a]), 'int32'], target: [several, 'int32'] } as const
const swapped = several.map(([a, b, c]) => [b, c, a])

/** Each way of averaging, of each of the three. */
const averaged = (['Precision', 'Recall', 'F1Score'] as const).flatMap((name): Stream[] => {
  const f = { Precision: metrics.precision, Recall: metrics.recall, F1Score: metrics.f1Score }[name]
  return [
    ...(['micro', 'macro', 'weighted', null] as const).map((average) => ({
      name: `${name}, ${average}`,
      make: () => new metrics[name]({ classes: 4, average, zeroDivision: 1 }),
      ...ofTaken,
      all: () => f(lacking, taken, { classes: 4, average, zeroDivision: 1 }),
    })),
    {
      name: `${name}, of logits`,
      make: () => new metrics[name]({ classes: 4, average: 'macro' }),
      ...ofLogits,
      all: () => f(labels, taken, { average: 'macro' }),
    },
    {
      name: `${name}, binary`,
      make: () => new metrics[name]({ threshold: 0 }),
      ...ofScores,
      all: () =>
        f(
          two,
          score.map((x) => Number(x > 0)),
        ),
    },
    {
      name: `${name}, several labels`,
      make: () => new metrics[name]({ classes: 3, multilabel: true, average: 'macro' }),
      ...ofSeveral,
      all: () => f(several, swapped, { average: 'macro' }),
    },
  ]
})

const confusion = (truth: number[], predicted: number[], classes: number) => {
  const made = new metrics.Confusion(classes)
  made.add(truth, predicted)
  return made.counts
}

export const streams: readonly Stream[] = [
  { name: 'Accuracy', make: () => new metrics.Accuracy(), ...ofLogits, all: () => metrics.accuracy(labels, taken) },
  {
    name: 'Accuracy, top 2',
    make: () => new metrics.Accuracy({ topK: 2 }),
    ...ofLogits,
    all: () => metrics.accuracy(labels, logits, { topK: 2 }),
  },
  {
    name: 'Accuracy of ties, top 2',
    make: () => new metrics.Accuracy({ topK: 2 }),
    prediction: [logits.map((row) => row.map(Math.sign)), 'float'],
    target: [labels, 'int32'],
    all: () =>
      metrics.accuracy(
        labels,
        logits.map((row) => row.map(Math.sign)),
        { topK: 2 },
      ),
  },
  {
    name: 'Accuracy of classes',
    make: () => new metrics.Accuracy(),
    ...ofTaken,
    all: () => metrics.accuracy(lacking, taken),
  },
  {
    name: 'Accuracy of probabilities',
    make: () => new metrics.Accuracy(),
    prediction: [chance, 'float'],
    target: [two.map((x) => x), 'bool'],
    all: () =>
      metrics.accuracy(
        two,
        chance.map((x) => Number(x > 0.5)),
      ),
  },
  {
    name: 'ConfusionMatrix',
    make: () => new metrics.ConfusionMatrix({ classes: 4 }),
    prediction: [logits, 'float'],
    target: [lacking, 'int32'],
    all: () => confusion(lacking, taken, 4),
  },
  {
    name: 'ConfusionMatrix, binary',
    make: () => new metrics.ConfusionMatrix({ threshold: 0 }),
    ...ofScores,
    all: () =>
      confusion(
        two,
        score.map((x) => Number(x > 0)),
        2,
      ),
  },
  ...averaged,
  {
    name: 'MeanSquaredError',
    make: () => new metrics.MeanSquaredError(),
    prediction: [numbers, 'float'],
    target: [wanted, 'float'],
    all: () => metrics.meanSquaredError(wanted, numbers),
  },
  {
    name: 'MeanSquaredError, root, of columns',
    make: () => new metrics.MeanSquaredError({ squared: false }),
    prediction: [pairs, 'float'],
    target: [truths, 'float'],
    all: () => metrics.rootMeanSquaredError(truths.flat(), pairs.flat()),
  },
  {
    name: 'MeanAbsoluteError',
    make: () => new metrics.MeanAbsoluteError(),
    prediction: [pairs, 'float'],
    target: [truths, 'float'],
    all: () => metrics.meanAbsoluteError(truths, pairs),
  },
  {
    name: 'R2Score, far from 0',
    make: () => new metrics.R2Score(),
    prediction: [numbers, 'float'],
    target: [wanted, 'float'],
    all: () => metrics.r2Score(wanted, numbers),
  },
  {
    name: 'R2Score, of columns',
    make: () => new metrics.R2Score(),
    prediction: [pairs, 'float'],
    target: [truths, 'float'],
    all: () => metrics.r2Score(truths, pairs),
  },
  {
    name: 'R2Score of a truth that does not vary',
    make: () => new metrics.R2Score(),
    prediction: [every.map((i) => [0.1, i]), 'float'],
    target: [every.map(() => [0.1, 0.3]), 'float'],
    all: () => 0.5,
  },
  {
    name: 'LogLoss of logits',
    make: () => new metrics.LogLoss(),
    ...ofLogits,
    all: () => metrics.logLoss(labels, soft),
  },
  {
    name: 'LogLoss of probabilities',
    make: () => new metrics.LogLoss({ logits: false }),
    prediction: [soft, 'float'],
    target: [labels, 'int32'],
    all: () => metrics.logLoss(labels, soft),
  },
  {
    name: 'LogLoss of two classes',
    make: () => new metrics.LogLoss(),
    ...ofScores,
    all: () => metrics.logLoss(two, chance),
  },
  {
    name: 'LogLoss of two classes, probabilities',
    make: () => new metrics.LogLoss({ logits: false }),
    prediction: [chance, 'float'],
    target: [two, 'int32'],
    all: () => metrics.logLoss(two, chance),
  },
  {
    name: 'Perplexity',
    make: () => new metrics.Perplexity(),
    prediction: [logits, 'float'],
    target: [padded, 'int32'],
    all: () => metrics.perplexity(padded, logits),
  },
  {
    name: 'Mean',
    make: () => new metrics.Mean(),
    prediction: [pairs, 'float'],
    target: [pairs, 'float'],
    all: () => pairs.flat().reduce((a, b) => a + b) / (2 * rows),
  },
  {
    name: 'Mean of a function',
    make: () => new metrics.Mean({ of: (x: Tensor, t: Tensor) => x.sub(t).abs().amax(1) }),
    prediction: [pairs, 'float'],
    target: [truths, 'float'],
    all: () =>
      pairs
        .map(([a, b], i) => Math.max(Math.abs(a - truths[i][0]), Math.abs(b - truths[i][1])))
        .reduce((a, b) => a + b) / rows,
  },
  { name: 'RocAuc', make: () => new metrics.RocAuc(), ...ofScores, all: () => metrics.rocAuc(two, score), grows: true },
  {
    name: 'RocAuc of classes',
    make: () => new metrics.RocAuc({ multiClass: 'ovr' }),
    ...ofLogits,
    all: () => metrics.rocAuc(labels, soft, { multiClass: 'ovr' }),
    grows: true,
  },
  {
    name: 'AveragePrecision',
    make: () => new metrics.AveragePrecision(),
    ...ofScores,
    all: () => metrics.averagePrecision(two, score),
    grows: true,
  },
  {
    name: 'AveragePrecision of several labels',
    make: () => new metrics.AveragePrecision({ average: null }),
    prediction: [every.map((i) => [0, 1, 2].map((c) => wave(i, c))), 'float'],
    target: [several, 'int32'],
    all: () =>
      metrics.averagePrecision(
        several,
        every.map((i) => [0, 1, 2].map((c) => wave(i, c))),
        { average: null },
      ),
    grows: true,
  },
]

/** Batches of 7, 7, 0 and 9 rows. */
const cuts = [
  [0, 7],
  [7, 14],
  [14, 14],
  [14, rows],
]

const plain = (x: unknown): unknown => (x instanceof metrics.Confusion ? x.counts : x)

/** Whether numbers, or lists of them, are equal to the tolerance. */
const near = (got: unknown, want: unknown, most: number): boolean =>
  Array.isArray(want)
    ? Array.isArray(got) && got.length === want.length && want.every((x, i) => near(got[i], x, most))
    : Math.abs(Number(got) - Number(want)) <= most * Math.max(1, Math.abs(Number(want)))

/** What is wrong with a stream on a device: nothing. */
export async function faultsOf(stream: Stream, device: Device, float: 'float32' | 'float64'): Promise<string[]> {
  const { name, make, prediction, target, all, grows } = stream
  const faults: string[] = []
  const expect = (good: boolean, what: string): void => {
    if (!good) faults.push(`${name}: ${what}`)
  }
  const dtype = (kind: Kind): DType => (kind === 'float' ? float : kind)
  const part = ([values, kind]: readonly [Rows, Kind], from: number, to: number): Tensor => {
    const list = values.slice(from, to) as number[]
    const empty = list.length === 0 && Array.isArray(values[0]) ? [0, (values[0] as number[]).length] : null
    const made = tensor((empty ? [] : list) as number[], { device, dtype: dtype(kind) })
    return empty ? made.reshape(empty) : made
  }
  let reads = 0
  const undo = tap(device, {
    read: (next, ...args) => {
      reads++
      return next(...args)
    },
  })
  const before = memory(device)
  const metric = make()
  const want = await all()
  for (const round of [1, 2]) {
    const held: number[] = []
    reads = 0
    for (const [from, to] of cuts) {
      scope(() => metric.update(part(prediction, from, to), part(target, from, to)))
      held.push(memory(device).live)
    }
    expect(reads === 0, `${reads} reads before compute, round ${round}`)
    if (!grows)
      expect(
        held.every((live) => live === held[0]),
        `holds ${held} bytes after each batch`,
      )
    const got = plain(await metric.compute())
    expect(reads === 1, `${reads} reads by compute`)
    const whole = Array.isArray(want) && Array.isArray(want[0])
    // Counts are exact; float32 rounds what it adds.
    expect(
      near(got, want, whole ? 0 : float === 'float64' ? 1e-12 : 3e-6),
      `gave ${JSON.stringify(got)}, not ${JSON.stringify(want)}`,
    )
    metric.reset()
  }
  metric.dispose()
  undo()
  // Half of the batches here, then by another one that takes the state over: the same number, to the bit.
  const [whole, first, second] = [make(), make(), make()]
  const update = (to: Made, list: typeof cuts) =>
    scope(() => {
      for (const [from, end] of list) to.update(part(prediction, from, end), part(target, from, end))
    })
  for (const at of [0, 2]) {
    update(whole, cuts)
    update(first, cuts.slice(0, at))
    // What was counted before goes.
    update(second, cuts.slice(2))
    scope(() => second.loadStateDict(first.stateDict()))
    update(second, cuts.slice(at))
    const [got, want] = [plain(await second.compute()), plain(await whole.compute())]
    expect(
      JSON.stringify(got) === JSON.stringify(want),
      `gave ${JSON.stringify(got)} from a state, not ${JSON.stringify(want)}`,
    )
    for (const metric of [whole, first, second]) metric.reset()
  }
  const after = memory(device)
  expect(after.live === before.live && after.tensors === before.tensors, 'holds memory after dispose')
  return faults
}
