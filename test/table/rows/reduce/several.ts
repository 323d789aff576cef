/** @file Rows of reductions that leave NaN out, and of those that give two results. */
import type { Tensor } from '../../../../src/core/tensor.ts'
import * as ops from '../../../../src/ops/index.ts'
import { bools, distinct, ints, normal, values } from '../../inputs.ts'
import { type Bound, type Case, EXACT, type OpName, type Row } from '../../row.ts'

const keepdim = { keepdim: true }
const SUM: Bound = { ulp: 2, ulpOfTerms: 8 }
const VARIANCE: Bound = { ulp: 16, abs: 1e-36 }

const pair = (f: (x: Tensor) => Iterable<Tensor>) => (x: Tensor) => [...f(x)]
const HOLES = values([1, NaN, 2, NaN, NaN, NaN, 3, Infinity, -1, 4, 5, NaN], 3, 4)

const several = (
  f: (x: Tensor, dim: number | null, keep?: boolean) => Iterable<Tensor>,
): readonly [Case, ...Case[]] => [
  { x: [distinct(3, 5)], f: pair((x) => f(x, null)) },
  { x: [distinct(3, 5)], f: pair((x) => f(x, 1)) },
  { x: [distinct(2, 3, 2, 2, 3)], f: pair((x) => f(x, 2, true)) },
  { x: [distinct(7)], f: pair((x) => f(x, -1)) },
  { x: [distinct(0, 3)], f: pair((x) => f(x, 1)), note: 'no rows' },
  { x: [distinct()], f: pair((x) => f(x, 0)), kink: true, note: '0-d' },
  { x: [distinct(1)], f: pair((x) => f(x, null)), kink: true, note: 'one element' },
  { x: [normal(70_001)], f: pair((x) => f(x, null)), forward: true, note: 'large' },
]

const nanCases = (f: typeof ops.nansum): readonly [Case, ...Case[]] => [
  { x: [normal(3, 4)], f: (x) => f(x) },
  { x: [normal(3, 4)], f: (x) => f(x, 1) },
  { x: [normal(2, 3, 2, 1, 3)], f: (x) => f(x, [0, 2, 4], keepdim) },
  { x: [normal()], f: (x) => f(x, 0) },
  { x: [normal(1)], f: (x) => f(x) },
  { x: [normal(0)], f: (x) => f(x), note: 'of nothing' },
  { x: [normal(7)], f: (x) => f(x, -1, keepdim) },
  { x: [HOLES], f: (x) => f(x, 1), kink: true, note: 'NaN and infinity' },
  { x: [HOLES], f: (x) => f(x), kink: true, note: 'NaN and infinity' },
  { x: [normal(70_001)], f: (x) => f(x), forward: true, note: 'large' },
]

export const severalRows = {
  nansum: {
    cases: [
      ...nanCases(ops.nansum),
      { x: [ints(-9, 9, 3, 4)], f: (x) => ops.nansum(x, 0), note: 'int32' },
      { x: [bools(3, 4)], f: (x) => ops.nansum(x, 0), note: 'bool' },
    ],
    order: 2,
    bound: SUM,
  },
  nanmean: { cases: nanCases(ops.nanmean), order: 2, bound: SUM },
  varMean: {
    cases: several((x, dim, keep = false) => ops.varMean(x, dim, { keepdim: keep })),
    order: 2,
    bound: { ...VARIANCE, ...SUM },
  },
  stdMean: {
    cases: several((x, dim, keep = false) => ops.stdMean(x, dim, { keepdim: keep, correction: 0 })),
    order: 2,
    bound: { ...VARIANCE, ...SUM },
  },
  aminmax: { cases: several((x, dim, keep = false) => ops.aminmax(x, { dim, keepdim: keep })), order: 2, bound: EXACT },
} satisfies Partial<Record<OpName, Row>>
