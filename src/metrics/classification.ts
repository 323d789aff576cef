/** @file Measures of predicted classes, on the host; defined as scikit-learn defines them. */
import { fail } from '../core/errors.ts'
import { optionsOf } from '../ops/base/options.ts'
import { type AverageOptions, type ClassOptions, labelsOf, measured, tallyOf } from './counts.ts'
import { checkLabels, mean, type Pair, pairOf, type Values, type WeightOptions } from './given.ts'
import { type Average, checkTopK, checkWord, range, ratio, sum } from './measures.ts'

const everyClass = { classes: null, labels: null, sampleWeight: null } as const
const averaged = { average: 'binary', posLabel: 1, zeroDivision: 0, ...everyClass } as const

/** Several numbers where classes are not averaged. */
export type Averaged<A extends Average> = A extends null ? number[] : number

async function by<A extends Average>(
  op: string,
  of: 'precision' | 'recall' | 'f1',
  beta: number,
  data: readonly [Values, Values],
  options: AverageOptions<A> | undefined,
): Promise<Averaged<A>> {
  const given = optionsOf<AverageOptions, typeof averaged>(op, options, averaged)
  // A list for null, a number for the others: `measured` goes by the value, the type by the option's.
  return (await measured(op, of, beta, data, given as Required<AverageOptions>)) as Averaged<A>
}

export async function precision<A extends Average = 'binary'>(
  truth: Values,
  predicted: Values,
  options?: AverageOptions<A>,
): Promise<Averaged<A>> {
  return by('precision', 'precision', 1, [truth, predicted], options)
}

export async function recall<A extends Average = 'binary'>(
  truth: Values,
  predicted: Values,
  options?: AverageOptions<A>,
): Promise<Averaged<A>> {
  return by('recall', 'recall', 1, [truth, predicted], options)
}

export async function f1Score<A extends Average = 'binary'>(
  truth: Values,
  predicted: Values,
  options?: AverageOptions<A>,
): Promise<Averaged<A>> {
  return by('f1Score', 'f1', 1, [truth, predicted], options)
}

export async function fBeta<A extends Average = 'binary'>(
  truth: Values,
  predicted: Values,
  beta: number,
  options?: AverageOptions<A>,
): Promise<Averaged<A>> {
  return by('fBeta', 'f1', beta, [truth, predicted], options)
}

export async function accuracy(
  truth: Values,
  predicted: Values,
  options?: WeightOptions & { topK?: number },
): Promise<number> {
  const op = 'accuracy'
  const { topK, sampleWeight } = optionsOf(op, options, { topK: 1, sampleWeight: null })
  checkTopK(op, topK)
  const pair = await pairOf(op, truth, predicted, sampleWeight)
  return mean(hitsOf(op, pair, topK), pair.weights)
}

/** 1 for each sample that is right. */
function hitsOf(op: string, pair: Pair, topK: number): number[] {
  const { truth, predicted } = pair
  const { data: t } = truth
  const { data: p, width } = predicted
  if (predicted.wide && !truth.wide) {
    checkLabels(op, 'truth', truth, width)
    return Array.from(t, (label, i) => {
      const own = p[i * width + label]
      const above = range(width).filter((c) => {
        const score = p[i * width + c]
        return score > own || (score === own && c < label)
      })
      return Number(above.length < topK)
    })
  }
  if (topK > 1) fail(op, `topK is ${topK}, of labels`, 'give scores [n, classes] as predictions')
  labelsOf(op, pair, { classes: null })
  return range(truth.rows).map((i) => Number(range(width).every((c) => t[i * width + c] === p[i * width + c])))
}

/** Options of {@link confusionMatrix}. */
export interface ConfusionMatrixOptions extends ClassOptions {
  /** Divide by the sum of each row ('true'), of each column ('pred') or of all ('all'). Default, or null: counts. */
  normalize?: 'true' | 'pred' | 'all' | null
}

export async function confusionMatrix(
  truth: Values,
  predicted: Values,
  options?: ConfusionMatrixOptions,
): Promise<number[][]> {
  const op = 'confusionMatrix'
  const { normalize, ...given } = optionsOf(op, options, { normalize: null, ...everyClass })
  checkWord(op, 'normalize', normalize, ['true', 'pred', 'all', null])
  const pair = await pairOf(op, truth, predicted, given.sampleWeight)
  const { labels, multilabel } = labelsOf(op, pair, given)
  if (multilabel) fail(op, 'the samples have several labels', 'give one for each')
  const place = new Map(labels.map((label, i) => [label, i]))
  const counts = labels.map(() => labels.map(() => 0))
  for (let i = 0; i < pair.truth.rows; i++) {
    const [t, p] = [place.get(pair.truth.data[i]), place.get(pair.predicted.data[i])]
    if (t !== undefined && p !== undefined) counts[t][p] += pair.weights?.[i] ?? 1
  }
  if (normalize === null) return counts
  const rows = counts.map(sum)
  const columns = counts.map((_, c) => sum(counts.map((row) => row[c])))
  const whole = (t: number, p: number) =>
    normalize === 'true' ? rows[t] : normalize === 'pred' ? columns[p] : sum(rows)
  return counts.map((row, t) => row.map((n, p) => ratio(n, whole(t, p))))
}

export async function balancedAccuracy(
  truth: Values,
  predicted: Values,
  options?: WeightOptions & { adjusted?: boolean },
): Promise<number> {
  const op = 'balancedAccuracy'
  const { adjusted, sampleWeight } = optionsOf(op, options, { adjusted: false, sampleWeight: null })
  const { right, support } = await oneLabel(op, truth, predicted, sampleWeight)
  const recalls = right.flatMap((n, i) => (support[i] === 0 ? [] : [n / support[i]]))
  const chance = 1 / recalls.length
  return adjusted ? (mean(recalls) - chance) / (1 - chance) : mean(recalls)
}

export async function matthewsCorrcoef(truth: Values, predicted: Values, options?: WeightOptions): Promise<number> {
  const op = 'matthewsCorrcoef'
  const { sampleWeight } = optionsOf(op, options, { sampleWeight: null })
  const { right, predicted: p, support: t } = await oneLabel(op, truth, predicted, sampleWeight)
  const dot = (a: number[], b: number[]): number => sum(a.map((x, i) => x * b[i]))
  const all = sum(t)
  return ratio(sum(right) * all - dot(p, t), Math.sqrt((all ** 2 - dot(p, p)) * (all ** 2 - dot(t, t))))
}

async function oneLabel(op: string, truth: Values, predicted: Values, sampleWeight: Values | null) {
  const tally = await tallyOf(op, truth, predicted, { ...everyClass, sampleWeight })
  if (tally.multilabel) fail(op, 'the samples have several labels', 'give one for each')
  return tally
}
