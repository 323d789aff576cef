/** @file Measures of predicted numbers, on the host; defined as scikit-learn defines them. */
import { fail } from '../core/errors.ts'
import { optionsOf } from '../ops/base/options.ts'
import { checkSameWidth, column, mean, type Pair, pairOf, type Values, type WeightOptions } from './given.ts'
import { checkWord, range, sum } from './measures.ts'

/** Options of measures of numbers. */
export interface RegressionOptions extends WeightOptions {
  /** Of rows of several numbers: their mean ('uniformAverage', default), null for a list, or weights of the columns. */
  multioutput?: 'uniformAverage' | null | readonly number[]
}

const defaults = { multioutput: 'uniformAverage', sampleWeight: null } as const

type Of = (truth: Float64Array, predicted: Float64Array, weights: ArrayLike<number> | null) => number

async function columnsOf(op: string, truth: Values, predicted: Values, sampleWeight: Values | null): Promise<Pair> {
  const pair = await pairOf(op, truth, predicted, sampleWeight)
  checkSameWidth(op, pair)
  return pair
}

const perColumn = ({ truth, predicted, weights }: Pair, of: Of): number[] =>
  range(truth.width).map((c) => of(column(truth, c), column(predicted, c), weights))

/** Refuse what is not a way to merge columns. */
function checkMerge(op: string, how: unknown): void {
  if (!Array.isArray(how)) checkWord(op, 'multioutput', how, ['uniformAverage', null])
}

/** Numbers of columns as one, or as they are. */
function merged(op: string, values: number[], how: RegressionOptions['multioutput']): number | number[] {
  if (!Array.isArray(how)) return how === null ? values : mean(values)
  if (how.length !== values.length || !how.every(Number.isFinite) || sum(how) === 0)
    fail(op, `multioutput has the weights [${how.join(', ')}]`, `give ${values.length} that do not add up to 0`)
  return mean(values, how)
}

async function measured(op: string, of: Of, data: [Values, Values], options: RegressionOptions | undefined) {
  const { multioutput, sampleWeight } = optionsOf<RegressionOptions, typeof defaults>(op, options, defaults)
  checkMerge(op, multioutput)
  return merged(op, perColumn(await columnsOf(op, ...data, sampleWeight), of), multioutput)
}

/** The weighted mean of a term of each sample. */
const meanOf =
  (term: (truth: number, predicted: number) => number): Of =>
  (t, p, weights) =>
    mean(
      t.map((x, i) => term(x, p[i])),
      weights,
    )

const squares = meanOf((t, p) => (t - p) ** 2)
const distances = meanOf((t, p) => Math.abs(t - p))
const parts = meanOf((t, p) => Math.abs(t - p) / Math.max(Math.abs(t), Number.EPSILON))

export async function meanSquaredError(
  truth: Values,
  predicted: Values,
  options?: RegressionOptions,
): Promise<number | number[]> {
  return measured('meanSquaredError', squares, [truth, predicted], options)
}

export async function rootMeanSquaredError(
  truth: Values,
  predicted: Values,
  options?: RegressionOptions,
): Promise<number | number[]> {
  return measured('rootMeanSquaredError', (...of) => Math.sqrt(squares(...of)), [truth, predicted], options)
}

export async function meanAbsoluteError(
  truth: Values,
  predicted: Values,
  options?: RegressionOptions,
): Promise<number | number[]> {
  return measured('meanAbsoluteError', distances, [truth, predicted], options)
}

export async function meanAbsolutePercentageError(
  truth: Values,
  predicted: Values,
  options?: RegressionOptions,
): Promise<number | number[]> {
  return measured('meanAbsolutePercentageError', parts, [truth, predicted], options)
}

/** 1 − u/v; of a truth that does not vary 1 where it is met, else 0. */
export const explained = (u: number, v: number): number => (v === 0 ? Number(u === 0) : 1 - u / v)

export async function r2Score(
  truth: Values,
  predicted: Values,
  options?: WeightOptions & { multioutput?: RegressionOptions['multioutput'] | 'varianceWeighted' },
): Promise<number | number[]> {
  const op = 'r2Score'
  const { multioutput, sampleWeight } = optionsOf(op, options, {
    ...defaults,
    multioutput: 'uniformAverage' as RegressionOptions['multioutput'] | 'varianceWeighted',
  })
  if (multioutput !== 'varianceWeighted') checkMerge(op, multioutput)
  const pair = await columnsOf(op, truth, predicted, sampleWeight)
  if (pair.truth.rows < 2) fail(op, '1 sample', 'give two or more')
  const residual = perColumn(pair, squares)
  const total = perColumn(pair, (t, _, weights) => {
    const middle = mean(t, weights)
    return squares(
      t,
      t.map(() => middle),
      weights,
    )
  })
  const values = residual.map((u, c) => explained(u, total[c]))
  return multioutput === 'varianceWeighted' ? mean(values, total) : merged(op, values, multioutput)
}
