/** @file Predictions counted by class, and how classes become one number, as scikit-learn has it. */
import { describe, fail } from '../core/errors.ts'
import { checkBoth, checkSameWidth, distinct, mean, type Pair, pairOf, type WeightOptions } from './given.ts'
import {
  type Average,
  type ClassReport,
  type Counts,
  checkAverage,
  checkBinary,
  checkClasses,
  checkZeroDivision,
  measuresOf,
  range,
  sum,
} from './measures.ts'

/** Options of measures of classes. */
export interface ClassOptions extends WeightOptions {
  /** Labels are 0 … classes − 1, and all of them count. Default, or null: those that occur, any integers. */
  classes?: number | null
  /** The labels that count, in this order. Default, or null: all. */
  labels?: readonly number[] | null
}

/** What a ratio of nothing to nothing is. */
export interface ZeroDivisionOptions {
  /** What a ratio with nothing to divide by is: 0 (default) or 1. */
  zeroDivision?: 0 | 1
}

/** Options of precision, recall and their means. */
export interface AverageOptions<A extends Average = Average> extends ClassOptions, ZeroDivisionOptions {
  /** Default: 'binary', of two classes. */
  average?: A
  /** The class that 'binary' is about. Default: 1. */
  posLabel?: number
}

/** {@link Counts} of labels, and what they were counted of. */
export interface Tally extends Counts {
  readonly labels: readonly number[]
  /** Every label that occurs is one of `labels`. */
  readonly complete: boolean
  /** Several labels for each sample. */
  readonly multilabel: boolean
  readonly pair: Pair
  /** All labels that occur. */
  readonly present: readonly number[]
}

const kinds = ['precision', 'recall', 'f1'] as const

/** One row of measures for all: 'micro', 'macro' or 'weighted'. */
export function averageOf(counts: Counts, average: Average, zero = 0, beta = 1): ClassReport {
  const { right, predicted, support } = counts
  const all = sum(support)
  if (average === 'micro')
    return measuresOf({ right: [sum(right)], predicted: [sum(predicted)], support: [all] }, zero, beta)[0]
  return meanOf(measuresOf(counts, zero, beta), average === 'weighted' ? support : null, all)
}

function meanOf(rows: readonly ClassReport[], weights: ArrayLike<number> | null, support: number): ClassReport {
  const [precision, recall, f1] = kinds.map((kind) =>
    mean(
      rows.map((row) => row[kind]),
      weights,
    ),
  )
  return { precision, recall, f1, support }
}

/** The mean over samples of several labels. */
export function samplesOf({ pair, labels, support }: Tally, zero = 0, beta = 1): ClassReport {
  const { truth, predicted, weights } = pair
  const rows = { right: [] as number[], predicted: [] as number[], support: [] as number[] }
  for (let i = 0; i < truth.rows; i++) {
    const at = (c: number): number => i * truth.width + c
    rows.right.push(sum(labels.map((c) => truth.data[at(c)] * predicted.data[at(c)])))
    rows.predicted.push(sum(labels.map((c) => predicted.data[at(c)])))
    rows.support.push(sum(labels.map((c) => truth.data[at(c)])))
  }
  return meanOf(measuresOf(rows, zero, beta), weights, sum(support))
}

/** The labels that count: those asked for, 0 … classes − 1, or all that occur. */
export function labelsOf(op: string, pair: Pair, { classes, labels }: ClassOptions) {
  const { truth, predicted } = pair
  checkSameWidth(op, pair)
  const multilabel = truth.wide
  if (classes !== null && !multilabel) checkClasses(op, classes)
  checkBoth(op, pair, multilabel ? 2 : (classes ?? undefined))
  const present = multilabel ? range(truth.width) : distinct(truth.data, predicted.data)
  const known = classes === null || classes === undefined ? present : range(multilabel ? truth.width : classes)
  const chosen = labels ?? known
  const far = chosen.findIndex?.((label) => !Number.isInteger(label) || (multilabel && !present.includes(label)))
  if (!(Array.isArray(chosen) && chosen.length > 0 && far === -1))
    fail(op, `labels is ${chosen?.[far] ?? describe(chosen)}`, 'give a list of the labels that count')
  return { labels: chosen, present, multilabel }
}

/** Count by class; several labels for each sample are counted label by label. */
export async function tallyOf(op: string, truth: unknown, given: unknown, options: ClassOptions): Promise<Tally> {
  const pair = await pairOf(op, truth, given, options.sampleWeight)
  const { labels, present, multilabel } = labelsOf(op, pair, options)
  const { data: t, width } = pair.truth
  const { data: p } = pair.predicted
  const place = new Map(labels.map((label, i) => [label, i]))
  const [right, predicted, support] = [0, 1, 2].map(() => new Array<number>(labels.length).fill(0))
  const add = (to: number[], label: number, weight: number): void => {
    const at = place.get(label)
    if (at !== undefined) to[at] += weight
  }
  for (let i = 0; i < t.length; i++) {
    const weight = pair.weights?.[Math.floor(i / width)] ?? 1
    // Of one label each, the labels are the classes; of several, their columns, where 1 says yes.
    const [own, taken] = multilabel ? [t[i] ? i % width : -1, p[i] ? i % width : -1] : [t[i], p[i]]
    if (!multilabel || own >= 0) add(support, own, weight)
    if (!multilabel || taken >= 0) add(predicted, taken, weight)
    if (own === taken && (!multilabel || own >= 0)) add(right, own, weight)
  }
  const complete = present.every((label) => place.has(label))
  return { right, predicted, support, labels, complete, multilabel, pair, present }
}

/** The measure of kind `of`, by `average`. */
export async function measured(
  op: string,
  of: (typeof kinds)[number],
  beta: number,
  data: readonly [unknown, unknown],
  options: Required<AverageOptions>,
): Promise<number | number[]> {
  const { average, posLabel, zeroDivision: zero } = options
  checkAverage(op, average)
  checkZeroDivision(op, zero)
  if (!(beta >= 0 && beta < Infinity)) fail(op, `beta is ${describe(beta)}`, 'give a number from 0 up')
  const tally = await tallyOf(op, ...data, average === 'binary' ? { ...options, labels: null } : options)
  const { multilabel, labels, present } = tally
  if (average === null) return measuresOf(tally, zero, beta).map((row) => row[of])
  if (average === 'samples') {
    if (!multilabel) fail(op, "average is 'samples', of one label each", 'it is for rows of labels, 0 or 1')
    return samplesOf(tally, zero, beta)[of]
  }
  if (average !== 'binary') return averageOf(tally, average, zero, beta)[of]
  if (multilabel) fail(op, "average is 'binary', of several labels each", "'micro', 'macro', 'weighted' or 'samples'")
  checkBinary(op, present.length)
  const at = labels.indexOf(posLabel)
  if (at < 0 && present.length === 2)
    fail(op, `posLabel is ${describe(posLabel)}, the labels are ${present.join(' and ')}`)
  const one = (list: number[]): number[] => [at < 0 ? 0 : list[at]]
  const { right, predicted, support } = tally
  return measuresOf({ right: one(right), predicted: one(predicted), support: one(support) }, zero, beta)[0][of]
}
