/** @file Rows of attention. */

import type { Tensor } from '../../../../src/core/tensor.ts'
import { manualSeed } from '../../../../src/ops/base/generator.ts'
import * as ops from '../../../../src/ops/index.ts'
import { bools, type Input, ints, normal, values } from '../../inputs.ts'
import type { Case, OpName, Row } from '../../row.ts'

type Options = Parameters<typeof ops.scaledDotProductAttention>[3]

/** Lengths, none of more keys than there are: empties.ts takes them all away. */
const within = (lengths: readonly number[], k: Tensor): number[] => lengths.map((n) => Math.min(n, k.shape[k.ndim - 2]))

const attend =
  ({ keyLengths, ...options }: Options & { keyLengths?: readonly number[] } = {}) =>
  (q: Tensor, k: Tensor, v: Tensor, attnMask?: Tensor): Tensor => {
    manualSeed(7)
    const lengths = keyLengths && { keyLengths: within(keyLengths, k) }
    return ops.scaledDotProductAttention(q, k, v, { ...options, ...(attnMask && { attnMask }), ...lengths })
  }

/** q, k and v for batch axes, L queries, S keys of E columns, values of Ev. */
const qkv = (batch: readonly number[], L: number, S: number, E: number, Ev = E): Input[] => [
  normal(...batch, L, E),
  normal(...batch, S, E),
  normal(...batch, S, Ev),
]

/** Zeros, and −Inf where a row of the mask says so. */
const bias = (rows: readonly string[], ...shape: number[]): Input =>
  values(
    [...rows.join('')].map((c) => (c === '#' ? -Infinity : c === '+' ? 1.5 : 0)),
    ...shape,
  )

/** Integers as floats: scores are exact. */
const whole = (low: number, high: number, ...shape: number[]): Input => ({
  ...ints(low, high, ...shape),
  kind: 'float',
})

/** Axis −2 of [B, T, H, D] to the front and back: heads are walked where they lie. */
const ofHeads =
  (f: ReturnType<typeof attend>) =>
  (q: Tensor, k: Tensor, v: Tensor, attnMask?: Tensor): Tensor => {
    const [a, b, c] = [q, k, v].map((x) => ops.transpose(x, 1, 2))
    return ops.transpose(f(a, b, c, attnMask), 1, 2)
  }

/** The same of q, k and v cut out of one tensor [B, T, 3·H·D], joined again to [B, T, H·D]. */
const ofOne =
  (heads: number, f: ReturnType<typeof attend>) =>
  (x: Tensor): Tensor => {
    const [B, T, all] = x.shape
    const [q, k, v] = ops.chunk(x, 3, 2).map((part) => ops.reshape(part, [B, T, heads, all / 3 / heads]))
    return ops.reshape(ofHeads(f)(q, k, v), [B, T, all / 3])
  }

/** Lengths of keys that are a tensor. */
const asTensor =
  (lengths: readonly number[], options?: Options) =>
  (q: Tensor, k: Tensor, v: Tensor): Tensor => {
    const keyLengths = ops.tensor(within(lengths, k), { dtype: 'int32', device: q.device })
    return ops.scaledDotProductAttention(q, k, v, { ...options, keyLengths })
  }

const f = attend()
const causal = attend({ isCausal: true })
const fromLast = attend({ causalFromLast: true })

export const attention = {
  scaledDotProductAttention: {
    cases: [
      { x: qkv([], 3, 5, 4), f },
      { x: qkv([], 1, 1, 1), f, note: 'one of each' },
      { x: qkv([2], 0, 3, 4), f, note: 'no queries' },
      { x: qkv([2], 3, 0, 4), f, note: 'no keys' },
      { x: qkv([0], 3, 2, 4), f, note: 'no matrices' },
      { x: qkv([2], 2, 3, 0, 2), f, note: 'no columns' },
      { x: qkv([2], 34, 35, 3, 0), f, note: 'no columns of values' },
      { x: qkv([3, 1], 4, 3, 2, 3), f },
      { x: qkv([1, 1, 2, 1], 3, 2, 3), f, note: 'rank 6' },
      { x: [normal(2, 1, 3, 4), normal(2, 2, 4), normal(1, 2, 3)], f, note: 'broadcast' },
      { x: qkv([2], 5, 5, 3), f: causal, note: 'causal' },
      { x: qkv([2], 3, 6, 3), f: causal, note: 'causal, more keys' },
      { x: qkv([2], 6, 3, 3), f: causal, note: 'causal, more queries' },
      { x: qkv([2], 3, 6, 3), f: fromLast, note: 'causal from the last, more keys' },
      { x: qkv([2], 6, 3, 3), f: fromLast, note: 'causal from the last, more queries' },
      { x: qkv([1], 34, 70, 4), f: fromLast, note: 'causal from the last, tiles' },
      { x: qkv([1], 70, 5, 4), f: fromLast, note: 'causal from the last, tiles without keys' },
      { x: qkv([2], 3, 4, 2), f: attend({ scale: 0.3 }), note: 'scale' },
      { x: [...qkv([2], 3, 4, 4), bools(3, 4)], f, note: 'bool mask' },
      { x: [...qkv([2, 2], 3, 4, 2), bools(2, 1, 1, 4)], f, note: 'bool mask of keys' },
      { x: [...qkv([2], 3, 3, 2), bools(2, 3, 3)], f: causal, note: 'bool mask and causal' },
      { x: [...qkv([2], 3, 4, 2), normal(3, 4)], f, note: 'float mask' },
      { x: [...qkv([2, 2], 3, 4, 4), normal(2, 1, 3, 1)], f, note: 'float mask, broadcast' },
      { x: [...qkv([2, 2, 2], 2, 3, 2), normal(2, 1, 2, 2, 3)], f, note: 'float mask that does not fold' },
      { x: qkv([2], 5, 6, 4), f: attend({ dropoutP: 0.4 }), note: 'dropout' },
      { x: [...qkv([2], 3, 5, 2), normal(2, 1, 5)], f: attend({ dropoutP: 0.4, isCausal: true }), note: 'all of it' },
      { x: qkv([2], 3, 4, 2), f: attend({ dropoutP: 1 }), note: 'dropout of all' },
      {
        x: [normal(1, 4, 3, 4), normal(1, 2, 5, 4), normal(1, 2, 5, 8)],
        f: attend({ enableGqa: true }),
        note: 'grouped',
      },
      {
        x: [normal(3, 3, 4), normal(1, 5, 4), normal(1, 5, 4), bools(3, 1, 5)],
        f: attend({ enableGqa: true, dropoutP: 0.2, isCausal: true }),
        note: 'one head of keys, mask, causal, dropout',
      },
      { x: [normal(2, 5, 24)], f: ofOne(2, causal), note: 'heads of one tensor' },
      { x: [normal(2, 3, 18)], f: ofOne(3, f), note: 'heads of one tensor, columns of no vec4' },
      {
        x: [normal(2, 3, 4, 4), normal(2, 5, 2, 4), normal(2, 5, 2, 8), bools(2, 1, 3, 5)],
        f: ofHeads(attend({ enableGqa: true, dropoutP: 0.3 })),
        note: 'heads where they lie, grouped, mask, dropout',
      },
      {
        x: [normal(2, 34, 4, 4), normal(2, 35, 1, 4), normal(2, 35, 1, 3), normal(4, 34, 1)],
        f: ofHeads(attend({ enableGqa: true, isCausal: true })),
        note: 'heads where they lie, one of keys, more than a tile',
      },
      {
        x: qkv([2, 2, 3], 3, 2, 4),
        f: (q, k, v) =>
          ops.permute(
            f(...([q, k, v].map((x) => ops.permute(x, 2, 1, 0, 3, 4)) as [Tensor, Tensor, Tensor])),
            2,
            1,
            0,
            3,
            4,
          ),
        note: 'batch axes that do not fold',
      },
      {
        x: [normal(2, 4, 3), normal(2, 4, 5), normal(2, 2, 5)],
        f: (q, k, v) => f(...([q, k, v].map((x) => ops.transpose(x)) as [Tensor, Tensor, Tensor])),
        note: 'columns that follow each other',
      },
      {
        x: qkv([2, 3], 3, 4, 4),
        f: (q, k, v) => f(ops.flip(q, [0, 2]), ops.slice(k, [null, null, -1], null, [null, null, -1]), v),
        note: 'backwards',
      },
      { x: qkv([1], 70, 67, 20), f, note: 'more rows than a tile' },
      { x: qkv([1], 40, 130, 70, 33), f: causal, note: 'more columns than half a tile' },
      {
        x: [...qkv([1], 33, 65, 5, 128), normal(33, 65)],
        f: attend({ dropoutP: 0.3, isCausal: true }),
        note: 'widest tile',
      },
      {
        x: [normal(2, 66, 8), normal(1, 35, 8), normal(1, 35, 8)],
        f: attend({ enableGqa: true }),
        note: 'grouped tiles',
      },
      {
        x: [normal(2, 0, 3, 4), normal(2, 2, 5, 4), normal(2, 2, 5, 3)],
        f: attend({ enableGqa: true }),
        note: 'no heads of queries',
      },
      { x: qkv([1], 5, 7, 130, 129), f, note: 'wider than a tile' },
      { x: qkv([1], 9, 300, 3), f, note: 'more keys than lanes' },
      { x: qkv([1], 1030, 6, 64), f: causal, forward: true, note: 'large' },
      { x: [...qkv([1, 2], 3, 3, 2), bias(['0##', '###', '+0#'], 3, 3)], f, kink: true, note: 'rows without keys' },
      {
        x: [whole(-60, 60, 2, 3, 4), whole(-60, 60, 2, 3, 4), normal(2, 3, 4), bias(['0##', '###', '+0#'], 3, 3)],
        f: causal,
        kink: true,
        note: 'scores past 1000',
      },
      { x: [values([1, NaN, 1, 1], 2, 2), normal(3, 2), normal(3, 2)], f, kink: true, note: 'NaN stays in its row' },
      { x: qkv([2], 3, 4, 5), f, note: 'columns of no vec4' },
      { x: qkv([3, 2], 3, 5, 4), f: attend({ keyLengths: [5, 0, 2] }), note: 'lengths of keys' },
      { x: qkv([3], 3, 7, 3), f: asTensor([7, 1, 5], { isCausal: true }), note: 'lengths as a tensor, causal' },
      {
        x: qkv([3], 2, 6, 4),
        f: attend({ keyLengths: [6, 1, 4], causalFromLast: true }),
        note: 'lengths, from the last',
      },
      {
        x: [normal(2, 3, 4, 4), normal(2, 7, 2, 4), normal(2, 7, 2, 8), bools(2, 1, 3, 7)],
        f: ofHeads(attend({ enableGqa: true, dropoutP: 0.3, causalFromLast: true, keyLengths: [6, 3] })),
        note: 'lengths, heads where they lie, grouped, mask, dropout, from the last',
      },
      {
        x: [...qkv([2, 2], 2, 5, 2), normal(2, 1, 1, 5)],
        f: attend({ keyLengths: [3, 5] }),
        note: 'lengths and a float mask',
      },
      {
        x: qkv([2], 34, 70, 4),
        f: attend({ causalFromLast: true, keyLengths: [66, 33] }),
        note: 'lengths, tiles, from the last',
      },
      { x: qkv([2], 2, 2100, 4), f: causal, forward: true, note: 'few queries, causal' },
      { x: qkv([2], 2, 2100, 4), f: fromLast, forward: true, note: 'few queries, more keys than a chunk' },
      { x: qkv([3], 2, 67, 3), f: attend({ keyLengths: [67, 64, 0] }), note: 'lengths, tiles with and without keys' },
    ] as [Case, ...Case[]],
    order: 2,
    bound: { ulp: 16, abs: 2e-6 },
  },
} satisfies Partial<Record<OpName, Row>>
