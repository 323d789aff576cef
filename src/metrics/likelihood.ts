/** @file Measures of predicted probabilities, on the host. */

import { fail } from '../core/errors.ts'
import { Tensor } from '../core/tensor.ts'
import { optionsOf } from '../ops/base/options.ts'
import { checkProbabilities } from './curves.ts'
import { checkLabels, mean, pairOf, type Values, type WeightOptions } from './given.ts'
import { range, sum } from './measures.ts'

/** The least probability: what float32 or float64 cannot tell from 0 beside 1. */
const leastOf = (x: unknown): number =>
  x instanceof Float32Array || (x instanceof Tensor && x.dtype === 'float32') ? 2 ** -23 : Number.EPSILON

export async function logLoss(
  truth: Values,
  probabilities: Values,
  options?: WeightOptions & { normalize?: boolean },
): Promise<number> {
  const op = 'logLoss'
  const { normalize, sampleWeight } = optionsOf(op, options, { normalize: true, sampleWeight: null })
  const { truth: t, predicted: p, weights } = await pairOf(op, truth, probabilities, sampleWeight)
  checkLabels(op, 'truth', t, p.wide ? p.width : 2)
  checkProbabilities(op, p)
  const least = leastOf(probabilities)
  const nats = Array.from(t.data, (label, i) => {
    const own = p.wide ? p.data[i * p.width + label] : label ? p.data[i] : 1 - p.data[i]
    return -Math.log(Math.min(Math.max(own, least), 1 - least))
  })
  return normalize ? mean(nats, weights) : sum(nats.map((x, i) => x * (weights?.[i] ?? 1)))
}

export async function perplexity(
  truth: Values,
  logits: Values,
  options?: WeightOptions & { ignoreIndex?: number },
): Promise<number> {
  const op = 'perplexity'
  const { ignoreIndex, sampleWeight } = optionsOf(op, options, { ignoreIndex: -100, sampleWeight: null })
  const { truth: t, predicted: z, weights } = await pairOf(op, truth, logits, sampleWeight)
  const rows = range(t.rows).filter((row) => t.data[row] !== ignoreIndex)
  if (rows.length === 0) fail(op, `all ${t.rows} rows are of class ${ignoreIndex}, which does not count`)
  checkLabels(op, 'truth', { ...t, data: Array.from(t.data, (c) => (c === ignoreIndex ? 0 : c)) }, z.width)
  const nats = rows.map((row) => {
    const own = range(z.width).map((c) => z.data[row * z.width + c])
    const most = own.reduce((a, b) => Math.max(a, b))
    return Math.log(sum(own.map((x) => Math.exp(x - most)))) + most - own[t.data[row]]
  })
  return Math.exp(mean(nats, weights && rows.map((row) => weights[row])))
}
