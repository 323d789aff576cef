/** @file What measures are given, labels and scores from the host or a device, looked at once for all of them. */
import { describe, fail } from '../core/errors.ts'
import { numbersOf } from '../core/half.ts'
import { showShape } from '../core/shape.ts'
import { Tensor } from '../core/tensor.ts'
import { checkTensor } from '../ops/base/arguments.ts'
import { sum } from './measures.ts'

/** Labels, scores or numbers: a tensor of one or two axes, a list, or a list of rows. */
export type Values = Tensor | ArrayLike<number> | readonly ArrayLike<number>[]

/** Options of every measure that counts samples. */
export interface WeightOptions {
  /** How much each sample counts. Default, or null: 1. */
  sampleWeight?: Values | null
}

/** Rows of `width` numbers each. */
export interface Rows {
  readonly data: ArrayLike<number>
  readonly rows: number
  readonly width: number
  /** True of two axes, the second one longer than 1. */
  readonly wide: boolean
}

/** Two lists of as many rows, and the weight of each row. */
export interface Pair {
  readonly truth: Rows
  readonly predicted: Rows
  /** Null: 1 each. */
  readonly weights: ArrayLike<number> | null
}

/** Names of what is looked at, for errors. */
const [TRUTH, PREDICTED] = ['truth', 'predictions']

/** Values as rows; an axis of length 1 after the first is none. */
export async function rowsOf(op: string, name: string, x: unknown): Promise<Rows> {
  const remedy = 'give a tensor of one or two axes, a list of numbers, or a list of rows'
  let data: ArrayLike<number>
  let shape: readonly number[]
  if (x instanceof Tensor) {
    checkTensor(op, name, x)
    shape = x.shape
    if (shape.length < 1 || shape.length > 2) fail(op, `the ${name}: ${showShape(shape)}`, remedy)
    data = await numbersOf(x)
  } else {
    const list = x as readonly (number | ArrayLike<number>)[] | null | undefined
    if (typeof list !== 'object' || typeof list?.length !== 'number') fail(op, `the ${name}: ${describe(x)}`, remedy)
    const width = typeof list[0] === 'object' ? list[0]?.length : undefined
    shape = width === undefined ? [list.length] : [list.length, width]
    data =
      width === undefined
        ? (list as ArrayLike<number>)
        : list.flatMap((row, i) => {
            const cells = typeof row === 'object' ? Array.from(row) : []
            if (cells.length !== width) fail(op, `row ${i} of the ${name} has ${cells.length} of ${width} numbers`)
            return cells
          })
  }
  const [rows, width = 1] = shape
  for (let i = 0; i < data.length; i++)
    if (typeof data[i] !== 'number' || Number.isNaN(data[i]))
      fail(op, `row ${Math.floor(i / width)} of the ${name} has ${describe(data[i])}`, 'give numbers')
  return { data, rows, width, wide: width !== 1 && shape.length > 1 }
}

/** Both lists and the weights, of one length from 1 up. */
export async function pairOf(op: string, truth: unknown, predicted: unknown, sampleWeight: unknown): Promise<Pair> {
  const [t, p, w] = await Promise.all([
    rowsOf(op, TRUTH, truth),
    rowsOf(op, PREDICTED, predicted),
    sampleWeight === null ? null : rowsOf(op, 'weights', sampleWeight),
  ])
  if (t.rows !== p.rows) fail(op, `${t.rows} true values and ${p.rows} predictions`, 'give one of each per sample')
  if (t.rows === 0 || t.width * p.width === 0) fail(op, 'there are no samples', 'give at least one')
  if (w && (w.wide || w.rows !== t.rows)) fail(op, `${w.data.length} weights for ${t.rows} samples`, 'one for each')
  if (w && sum(w.data) === 0) fail(op, 'the weights add up to 0', 'at least one sample must count')
  return { truth: t, predicted: p, weights: w ? w.data : null }
}

/** Refuse pairs whose rows differ in length. */
export function checkSameWidth(op: string, { truth, predicted }: Pair): void {
  const text = ({ rows, width, wide }: Rows) => showShape(wide ? [rows, width] : [rows])
  if (truth.width !== predicted.width)
    fail(op, `the truth is ${text(truth)}, the predictions ${text(predicted)}`, 'give both one shape')
}

/** Refuse labels that are not integers, of `classes` classes other ones than 0 … classes − 1. */
export function checkLabels(op: string, name: string, { data, width }: Rows, classes?: number): void {
  for (let i = 0; i < data.length; i++) {
    const bad = !Number.isInteger(data[i]) || (classes !== undefined && (data[i] < 0 || data[i] >= classes))
    if (bad) {
      const range = classes === undefined ? '' : `, of ${classes} classes`
      fail(op, `row ${Math.floor(i / width)} of the ${name} is class ${data[i]}${range}`, 'labels are integers')
    }
  }
}

/** Labels of both lists, as {@link checkLabels}. */
export function checkBoth(op: string, { truth, predicted }: Pair, classes?: number): void {
  checkLabels(op, TRUTH, truth, classes)
  checkLabels(op, PREDICTED, predicted, classes)
}

/** Column c of rows. */
export const column = ({ data, rows, width }: Rows, c: number): Float64Array =>
  Float64Array.from({ length: rows }, (_, i) => data[i * width + c])

/** Σ w·x / Σ w; without weights, or where all of them are 0, the plain mean. */
export function mean(list: ArrayLike<number>, weights: ArrayLike<number> | null = null): number {
  const whole = weights ? sum(weights) : 0
  if (!weights || whole === 0) return sum(list) / list.length
  let total = 0
  for (let i = 0; i < list.length; i++) total += list[i] * weights[i]
  return total / whole
}

/** The values that occur, ascending. */
export const distinct = (...lists: ArrayLike<number>[]): number[] =>
  [...new Set(lists.flatMap((list) => Array.from(list)))].sort((a, b) => a - b)
