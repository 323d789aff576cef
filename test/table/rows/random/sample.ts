/** @file The row of sample: ids that every device draws, their log-probabilities, and what becomes of `seen`. */
import type { Tensor } from '../../../../src/core/tensor.ts'
import * as ops from '../../../../src/ops/index.ts'
import { bools, constant, intValues, normal, uniform } from '../../inputs.ts'
import type { Case, OpName, Row } from '../../row.ts'

const drawn =
  (options?: ops.SampleOptions) =>
  (x: Tensor): readonly Tensor[] =>
    Object.values(ops.sample(x, options))

/** With what was there already, of which the given tensor stays as it is. */
const penalised =
  (options?: ops.SampleOptions) =>
  (x: Tensor, marks: Tensor): readonly Tensor[] => {
    const seen = ops.contiguous(ops.clone(marks))
    return [...Object.values<Tensor>(ops.sample(x, { repetitionPenalty: 1.4, seen, ...options })), seen]
  }

const named: Readonly<Record<string, ops.SampleOptions>> = {
  greedy: { temperature: 0 },
  cold: { temperature: 0.3, seed: 2 ** 40 + 3, position: 7 },
  hot: { temperature: 20 },
  topK: { topK: 5, seed: 3 },
  'all but one': { topK: 36, seed: 4 },
  topP: { topP: 0.7, seed: 5 },
  'a small topP': { topP: 1e-9, seed: 6 },
  minP: { minP: 0.2, seed: 7 },
  'all three': { topK: 9, topP: 0.9, minP: 0.05, temperature: 0.7, seed: [1, 2 ** 50, 3, 4, 2 ** 32] },
  unused: { unused: [36, 35, 0, 3], seed: 8 },
}

const cases: Case[] = [
  ...Object.entries(named).map(([note, options]): Case => ({ x: [normal(5, 37)], f: drawn(options), note })),
  { x: [normal(1, 1)], f: drawn() },
  { x: [normal(0, 3)], f: drawn() },
  { x: [constant(0.5, 3, 300)], f: drawn({ topK: 7, topP: 0.5, seed: [1, 2, 3] }), note: 'ties' },
  { x: [normal(3, 129), bools(3, 129)], f: penalised(), note: 'what was there' },
  { x: [normal(3, 129), bools(3, 129)], f: penalised({ repetitionPenalty: 1, topP: 0.6 }), note: 'marked only' },
  {
    x: [normal(3, 70), bools(3, 70)],
    f: penalised({ temperature: 0, unused: [1, 69] }),
    note: 'what was there, greedy',
  },
  {
    x: [normal(4, 33), intValues([5, 1, 2 ** 31 - 1, 0], 4), intValues([3, 0, 9, 2 ** 31 - 1], 4)],
    f: (x, seed, position) => Object.values(ops.sample(x, { seed, position })),
    note: 'seeds and positions of rows',
  },
  { x: [uniform(-8, 8, 2, 70_001)], f: drawn({ topK: 300, topP: 0.9 }), forward: true, note: 'large' },
]

export const samples = {
  sample: {
    cases: [{ x: [normal(4, 50)], f: drawn() }, ...cases],
    order: { upTo: 0, reason: 'which token is drawn is a step function of the logits' },
    bound: { ulp: 8, abs: 1e-5 },
  },
} satisfies Partial<Record<OpName, Row>>
