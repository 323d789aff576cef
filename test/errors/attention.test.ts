/** @file What attention and dropout refuse, before any work, and by which text. */
import { describe, expect, it } from 'vitest'
import { manualSeed, rand } from '../../src/index.ts'
import { doubles, ints, loose, type Refusal, refuse, zeros } from '../support/refusals.ts'

const { alphaDropout, dropout, scaledDotProductAttention: attend } = loose
const [q, k, v, heads] = [zeros(2, 3, 4), zeros(2, 5, 4), zeros(2, 5, 6), zeros(4, 3, 4)]
const integers = ints(2, 3, 4)
const known = 'it takes { attnMask, dropoutP, isCausal, scale, enableGqa, causalFromLast, keyLengths }'

const cases: readonly Refusal[] = [
  [() => dropout([1, 2]), 'dropout: x is an array, not a tensor (make it with tensor(…))'],
  [
    () => dropout(integers),
    "dropout: x is int32, not float32 or float64 or float16 or bfloat16 (cast with x.to('float32'))",
  ],
  [() => dropout(q, { rate: 0.3 }), 'dropout: there is no option rate (it takes { p, training })'],
  [() => dropout(q, { p: 1.5 }), 'dropout: p is 1.5 (give a probability from 0 to 1)'],
  [() => dropout(q, { p: NaN }), 'dropout: p is NaN (give a probability from 0 to 1)'],
  [() => dropout(q, { p: '0.5' }), "dropout: p is '0.5' (give a probability from 0 to 1)"],
  [() => alphaDropout(q, { p: -0.1 }), 'alphaDropout: p is -0.1 (give a probability from 0 to 1)'],
  [
    () => alphaDropout(integers),
    "alphaDropout: x is int32, not float32 or float64 or float16 or bfloat16 (cast with x.to('float32'))",
  ],
  [() => attend(q, k), 'scaledDotProductAttention: v is undefined, not a tensor (make it with tensor(…))'],
  [
    () => attend(integers, k, v),
    "scaledDotProductAttention: q is int32, not float32 or float64 or float16 or bfloat16 (cast with x.to('float32'))",
  ],
  [
    () => attend(q, doubles(2, 3, 4), v),
    "scaledDotProductAttention: inputs are float32 and float64 (cast with x.to('float32'))",
  ],
  [
    () => attend(q, k, v, { causal: true }),
    `scaledDotProductAttention: there is no option causal (did you mean isCausal? ${known})`,
  ],
  [() => attend(q, k, v, { dropoutP: 2 }), 'scaledDotProductAttention: dropoutP is 2 (give a probability from 0 to 1)'],
  [() => attend(q, k, v, { scale: NaN }), 'scaledDotProductAttention: scale is NaN (give a finite number)'],
  [
    () => attend(zeros(4), k, v),
    'scaledDotProductAttention: q [4], k [2, 5, 4], v [2, 5, 6] (give [..., rows, columns])',
  ],
  [
    () => attend(q, k.transpose(), v),
    'scaledDotProductAttention: q [2, 3, 4], k [2, 4, 5], v [2, 5, 6]: q has 4 columns, k 5 (they are multiplied: give as many)',
  ],
  [
    () => attend(q, k, q),
    'scaledDotProductAttention: q [2, 3, 4], k [2, 5, 4], v [2, 3, 4]: k has 5 rows, v 3 (each key has one value)',
  ],
  [
    () => attend(heads, k, v),
    'scaledDotProductAttention: [4] and [2] and [2] do not broadcast, axis -1 is 4 and 2 (reshape or unsqueeze one)',
  ],
  [
    () => attend(zeros(3, 4), zeros(5, 4), zeros(5, 6), { enableGqa: true }),
    'scaledDotProductAttention: q [3, 4], k [5, 4], v [5, 6] (give [..., heads, rows, columns])',
  ],
  [
    () => attend(zeros(3, 3, 4), k, v, { enableGqa: true }),
    'scaledDotProductAttention: q [3, 3, 4], k [2, 5, 4], v [2, 5, 6]: 3 heads of q do not share 2 of k evenly (give a multiple)',
  ],
  [
    () => attend(heads, k, zeros(4, 5, 6), { enableGqa: true }),
    'scaledDotProductAttention: q [4, 3, 4], k [2, 5, 4], v [4, 5, 6]: k has 2 heads, v 4 (give as many)',
  ],
  [
    () => attend(q, k, v, { attnMask: zeros(3, 4) }),
    'scaledDotProductAttention: [3, 4] does not expand to [2, 3, 5] (only axes of size 1 stretch)',
  ],
  [
    () => attend(q, k, v, { attnMask: ints(3, 5) }),
    "scaledDotProductAttention: inputs are float32 and int32 (cast with x.to('float32'))",
  ],
  [
    () => attend(q, k, v, { keyLengths: [1, 6] }),
    'scaledDotProductAttention: keyLengths[1] is 6 of 5 keys (give integers from 0 to 5)',
  ],
  [
    () => attend(q, k, v, { keyLengths: [0.5, 1] }),
    'scaledDotProductAttention: keyLengths[0] is 0.5 of 5 keys (give integers from 0 to 5)',
  ],
  [
    () => attend(q, k, v, { keyLengths: [1] }),
    'scaledDotProductAttention: keyLengths is [1], the batch 2 (give [2], a length for each row)',
  ],
  [
    () => attend(q, k, v, { keyLengths: zeros(2) }),
    "scaledDotProductAttention: keyLengths is float32, not int32 (cast with x.to('int32'))",
  ],
  [
    () => attend(q, k, v, { keyLengths: 3 }),
    'scaledDotProductAttention: keyLengths is 3, not a tensor (make it with tensor(…))',
  ],
  [
    () => attend(zeros(3, 4), zeros(5, 4), zeros(5, 6), { keyLengths: [1] }),
    'scaledDotProductAttention: keyLengths without a batch (give q, k and v an axis before heads and rows)',
  ],
  [
    () => attend(q, k, v, { attnMask: [[true]] }),
    'scaledDotProductAttention: attnMask is an array, not a tensor (make it with tensor(…))',
  ],
]

describe('refusals', () => refuse(cases))

it('draws no random numbers for what it refuses, or does not need', async () => {
  const next = async (...calls: (() => unknown)[]): Promise<number> => {
    manualSeed(3)
    for (const call of calls) {
      try {
        call()
      } catch {
        // refused
      }
    }
    return rand([]).item()
  }
  const first = await next()
  expect(
    await next(
      () => dropout(q, { p: 2 }),
      () => attend(q, q, v, { dropoutP: 0.5 }),
    ),
  ).toBe(first)
  expect(
    await next(
      () => dropout(q, { p: 0 }),
      () => dropout(q, { training: false }),
      () => attend(q, k, v),
    ),
  ).toBe(first)
  expect(await next(() => dropout(q))).not.toBe(first)
})
