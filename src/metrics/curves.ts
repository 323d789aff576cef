/**
 * @file Measures of scores that rank: ROC and precision–recall curves, the areas under them, average precision. On the
 * host, since they sort; defined as scikit-learn defines them.
 */
import { describe, fail } from '../core/errors.ts'
import { optionsOf } from '../ops/base/options.ts'
import {
  checkLabels,
  checkSameWidth,
  column,
  distinct,
  mean,
  type Pair,
  pairOf,
  type Rows,
  rowsOf,
  type Values,
  type WeightOptions,
} from './given.ts'
import { checkWays, range, sum } from './measures.ts'

/** Options of measures of one class against the rest. */
export interface BinaryOptions extends WeightOptions {
  /** The label that scores speak for. Default: 1; must be said of labels other than 0, 1, −1. */
  posLabel?: number | null
}

type Numbers = ArrayLike<number>

/**
 * At each score that occurs, from the highest down: how much of the negatives and of the positives scores as high or
 * higher. Samples of weight 0 do not count.
 */
function ranked(positive: Numbers, scores: Numbers, weights: Numbers | null) {
  const weight = (i: number): number => weights?.[i] ?? 1
  const order = range(scores.length)
    .filter((i) => weight(i) !== 0)
    .sort((a, b) => scores[b] - scores[a])
  const [falses, trues, thresholds] = [[] as number[], [] as number[], [] as number[]]
  let [f, t] = [0, 0]
  order.forEach((i, n) => {
    if (positive[i]) t += weight(i)
    else f += weight(i)
    if (n + 1 < order.length && scores[order[n + 1]] === scores[i]) return
    falses.push(f)
    trues.push(t)
    thresholds.push(scores[i])
  })
  return { falses, trues, thresholds }
}

/** Of a sorted x, Σ (x₊ − x)·(y + y₊)/2. */
const area = (x: Numbers, y: Numbers): number =>
  sum(range(x.length - 1).map((i) => ((x[i + 1] - x[i]) * (y[i] + y[i + 1])) / 2))

const share = (parts: readonly number[]): number[] => parts.map((part) => part / parts[parts.length - 1])

/** The area under the ROC curve of one class. */
function aucOf(positive: Numbers, scores: Numbers, weights: Numbers | null): number {
  const { falses, trues } = ranked(positive, scores, weights)
  return area([0, ...share(falses)], [0, ...share(trues)])
}

/** Precision and recall from the highest score down; recall is 1 everywhere where nothing is positive. */
function precisionRecall(positive: Numbers, scores: Numbers, weights: Numbers | null) {
  const { falses, trues, thresholds } = ranked(positive, scores, weights)
  return {
    precision: trues.map((t, i) => t / (t + falses[i])),
    recall: trues[trues.length - 1] === 0 ? trues.map(() => 1) : share(trues),
    thresholds,
  }
}

/** AP = Σₙ (Rₙ − Rₙ₋₁)·Pₙ. */
function apOf(positive: Numbers, scores: Numbers, weights: Numbers | null): number {
  const { precision, recall } = precisionRecall(positive, scores, weights)
  return sum(precision.map((p, i) => p * (recall[i] - (recall[i - 1] ?? 0))))
}

/** One label and one score for each sample, and which of them are positive. */
async function binaryOf(op: string, truth: Values, scores: Values, options: Required<BinaryOptions>) {
  const pair = await pairOf(op, truth, scores, options.sampleWeight)
  if (pair.truth.wide || pair.predicted.wide)
    fail(op, 'the truth or the scores have two axes', 'give one column at a time')
  return { positive: positivesOf(op, pair.truth, options.posLabel), ...pair, scores: pair.predicted.data }
}

function positivesOf(op: string, truth: Rows, posLabel: number | null): Numbers {
  checkLabels(op, 'truth', truth)
  const labels = distinct(truth.data)
  const usual = [
    [0, 1],
    [-1, 1],
  ].some((pair) => labels.every((label) => pair.includes(label)))
  const name = labels.slice(0, 5).join(', ')
  if (posLabel === null && !usual) fail(op, `the labels are ${name}`, 'say which one the scores are for: posLabel')
  if (posLabel !== null && labels.length === 2 && !labels.includes(posLabel))
    fail(op, `posLabel is ${describe(posLabel)}, the labels are ${name}`)
  return Array.from(truth.data, (label) => Number(label === (posLabel ?? 1)))
}

const binary = { posLabel: null, sampleWeight: null } as const

export async function rocCurve(
  truth: Values,
  scores: Values,
  options?: BinaryOptions & { dropIntermediate?: boolean },
): Promise<{ fpr: number[]; tpr: number[]; thresholds: number[] }> {
  const { dropIntermediate, ...given } = optionsOf('rocCurve', options, { dropIntermediate: true, ...binary })
  const { positive, scores: s, weights } = await binaryOf('rocCurve', truth, scores, given)
  const { falses, trues, thresholds } = ranked(positive, s, weights)
  const straight = (x: number[], i: number): boolean => x[i + 1] - x[i] === x[i] - x[i - 1]
  const kept = range(falses.length).filter(
    (i) => !(dropIntermediate && i > 0 && i + 1 < falses.length && straight(falses, i) && straight(trues, i)),
  )
  const [fs, ts] = [share(falses), share(trues)]
  return {
    fpr: [fs.every(Number.isNaN) ? Number.NaN : 0, ...kept.map((i) => fs[i])],
    tpr: [ts.every(Number.isNaN) ? Number.NaN : 0, ...kept.map((i) => ts[i])],
    thresholds: [Infinity, ...kept.map((i) => thresholds[i])],
  }
}

export async function precisionRecallCurve(
  truth: Values,
  scores: Values,
  options?: BinaryOptions,
): Promise<{ precision: number[]; recall: number[]; thresholds: number[] }> {
  const op = 'precisionRecallCurve'
  const { positive, scores: s, weights } = await binaryOf(op, truth, scores, optionsOf(op, options, binary))
  const { precision, recall, thresholds } = precisionRecall(positive, s, weights)
  return {
    precision: [...precision.reverse(), 1],
    recall: [...recall.reverse(), 0],
    thresholds: thresholds.reverse(),
  }
}

export async function auc(x: Values, y: Values): Promise<number> {
  const [{ data: xs }, { data: ys }] = await Promise.all([rowsOf('auc', 'x', x), rowsOf('auc', 'y', y)])
  if (xs.length !== ys.length || xs.length < 2)
    fail('auc', `${xs.length} of x, ${ys.length} of y`, 'give as many, two or more')
  const steps = range(xs.length - 1).map((i) => xs[i + 1] - xs[i])
  const down = steps.some((step) => step < 0)
  const turn = steps.findIndex((step) => (down ? step > 0 : step < 0))
  if (turn >= 0) fail('auc', `x goes up and down, from ${xs[turn]} to ${xs[turn + 1]}`, 'sort the points by x')
  return (down ? -1 : 1) * area(xs, ys)
}

/** How several classes become one area; null: a list of all. */
export type CurveAverage = 'macro' | 'micro' | 'weighted' | null

/** Options of {@link averagePrecision}. */
export interface AveragePrecisionOptions extends WeightOptions {
  /** Of several columns. Default: 'macro', their mean. */
  average?: CurveAverage
  /** Of one column. Default: 1. */
  posLabel?: number
}

/** Options of {@link rocAuc}. */
export interface RocAucOptions extends WeightOptions {
  /** Of several columns. Default: 'macro', their mean. */
  average?: CurveAverage
  /** Of three or more classes: each against the rest, or the mean over pairs of classes. Must be said for them. */
  multiClass?: 'ovr' | 'ovo' | null
}

type Of = (positive: Numbers, scores: Numbers, weights: Numbers | null) => number

/** A measure of each column, or of their average; `positive` says what column c wants of a sample. */
function byColumn(of: Of, pair: Pair, positive: (row: number, c: number) => number, average: CurveAverage) {
  const { predicted, weights } = pair
  const { rows, width } = predicted
  const all = range(width).map((c) => range(rows).map((row) => positive(row, c)))
  if (average === 'micro') {
    const cells = range(rows * width)
    const each = weights && cells.map((i) => weights[Math.floor(i / width)])
    return of(
      cells.map((i) => all[i % width][Math.floor(i / width)]),
      predicted.data,
      each,
    )
  }
  const values = all.map((own, c) => of(own, column(predicted, c), weights))
  if (average === null) return values
  // The part of each class among all, by weight.
  const parts = all.map((own) => sum(own.map((yes, row) => yes * (weights?.[row] ?? 1))))
  return average === 'weighted' ? (sum(parts) === 0 ? 0 : mean(values, parts)) : mean(values)
}

export async function averagePrecision(
  truth: Values,
  scores: Values,
  options?: AveragePrecisionOptions,
): Promise<number | number[]> {
  const op = 'averagePrecision'
  const { average, posLabel, sampleWeight } = optionsOf(op, options, {
    average: 'macro',
    posLabel: 1,
    sampleWeight: null,
  })
  checkWays(op, average)
  const pair = await pairOf(op, truth, scores, sampleWeight)
  if (pair.predicted.wide) return byColumn(apOf, pair, wanted(op, pair), average)
  checkSameWidth(op, pair)
  return apOf(positivesOf(op, pair.truth, posLabel), pair.predicted.data, pair.weights)
}

/** What columns of scores want of the truth: rows of 0 and 1, or classes. */
function wanted(op: string, pair: Pair): (row: number, c: number) => number {
  const { data, width, wide } = pair.truth
  checkLabels(op, 'truth', pair.truth, wide ? 2 : pair.predicted.width)
  if (wide) checkSameWidth(op, pair)
  return (row, c) => (wide ? data[row * width + c] : Number(data[row] === c))
}

export async function rocAuc(truth: Values, scores: Values, options?: RocAucOptions): Promise<number | number[]> {
  const op = 'rocAuc'
  const { average, multiClass, sampleWeight } = optionsOf(op, options, {
    average: 'macro',
    multiClass: null,
    sampleWeight: null,
  })
  checkWays(op, average, multiClass)
  const pair = await pairOf(op, truth, scores, sampleWeight)
  const { truth: t, predicted: p, weights } = pair
  const both: Of = (positive, s, w) => {
    const yes = sum(positive)
    if (yes === 0 || yes === positive.length)
      fail(op, `all ${positive.length} samples are ${yes ? 'positive' : 'negative'}`, 'the area needs both')
    return aucOf(positive, s, w)
  }
  if (t.wide) return byColumn(both, pair, wanted(op, pair), average)
  if (!p.wide || p.width === 2) {
    const labels = distinct(t.data)
    checkLabels(op, 'truth', t, p.wide ? 2 : undefined)
    if (labels.length > 2) fail(op, `${labels.length} classes and one score each`, 'give scores [n, classes]')
    if (labels.length < 2) fail(op, `all ${t.rows} samples are of class ${labels[0]}`, 'the area needs two')
    return both(
      Array.from(t.data, (label) => Number(label === labels[1])),
      column(p, p.width - 1),
      weights,
    )
  }
  if (multiClass === null)
    fail(op, `scores of ${p.width} classes`, "say how they become one: multiClass 'ovr' or 'ovo'")
  const is = wanted(op, pair)
  const missing = range(p.width).find((c) => !range(t.rows).some((row) => is(row, c)))
  if (missing !== undefined) fail(op, `class ${missing} does not occur in the truth`, 'the area needs all of them')
  checkProbabilities(op, p)
  if (multiClass === 'ovr') return byColumn(both, pair, is, average)
  if (weights) fail(op, "sampleWeight with multiClass 'ovo'", "leave it out, or take 'ovr'")
  if (average !== 'macro' && average !== 'weighted')
    fail(op, `average is ${describe(average)} with multiClass 'ovo'`, "'macro' or 'weighted'")
  // Of each pair of classes: only its samples, by the scores of either one.
  const pairs = range(p.width).flatMap((b) => range(b).map((a) => [a, b]))
  const rowsIn = pairs.map(([a, b]) => range(t.rows).filter((row) => is(row, a) || is(row, b)))
  const values = pairs.map((two, n) =>
    mean(
      two.map((c) =>
        aucOf(
          rowsIn[n].map((row) => is(row, c)),
          rowsIn[n].map((row) => p.data[row * p.width + c]),
          null,
        ),
      ),
    ),
  )
  return mean(values, average === 'weighted' ? rowsIn.map((rows) => rows.length) : null)
}

/** Refuse rows that are not probabilities. */
export function checkProbabilities(op: string, { data, rows, width }: Rows): void {
  for (let row = 0; row < rows; row++) {
    let total = 0
    for (let i = row * width; i < (row + 1) * width; i++) {
      if (!(data[i] >= 0 && data[i] <= 1)) fail(op, `row ${row} has the probability ${data[i]}`, 'softmax logits first')
      total += data[i]
    }
    // What float32 rounds in a row of many classes.
    if (width > 1 && Math.abs(total - 1) > 1e-4)
      fail(op, `the probabilities of row ${row} add up to ${total}`, 'softmax logits first')
  }
}
