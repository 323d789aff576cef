/** @file Rows of quantiles, of what is most frequent, and of what runs along an axis. */
import type { Tensor } from '../../../../src/core/tensor.ts'
import * as ops from '../../../../src/ops/index.ts'
import { bools, distinct, ints, intValues, normal, values } from '../../inputs.ts'
import { type Bound, type Case, EXACT, type OpName, type Row } from '../../row.ts'

const keepdim = { keepdim: true }
const NEAR: Bound = { ulp: 4, ulpOfMax: 4 }

const pair = (f: (x: Tensor) => Iterable<Tensor>) => (x: Tensor) => [...f(x)]
const HOLES = values([1, NaN, 2, NaN, NaN, NaN, 3, Infinity, -1, 4, 5, NaN], 3, 4)
const TIES = values([1, 3, 3, 2, 3, 1, 2, 2], 2, 4)

type Quantile = typeof ops.quantile
const quantiles = (f: Quantile, ...more: Case[]): readonly [Case, ...Case[]] => [
  { x: [distinct(3, 5)], f: (x) => f(x, 0.3) },
  { x: [distinct(3, 5)], f: (x) => f(x, 0.3, 1) },
  { x: [distinct(3, 5)], f: (x) => f(x, [0, 0.25, 0.9, 1], 0) },
  { x: [distinct(3, 5)], f: (x) => f(x, [0.1, 0.7], 1, keepdim) },
  { x: [distinct(3, 5)], f: (x) => f(x, 0.5, { keepdim: true }), note: 'the median' },
  ...(['lower', 'higher', 'midpoint', 'nearest'] as const).map(
    (interpolation): Case => ({
      x: [distinct(4, 6)],
      f: (x) => f(x, [0.15, 0.5, 0.8], { dim: 1, interpolation }),
      note: interpolation,
    }),
  ),
  { x: [distinct(2, 4, 3), values([0.2, 0.6, 0.95], 3)], f: (x, q) => f(x, q, 1), note: 'q a tensor' },
  { x: [distinct(7), values([0.35])], f: (x, q) => f(x, q), note: 'q 0-d' },
  { x: [distinct(4), values([-0.5, 0.5, 1.5, NaN], 4)], f: (x, q) => f(x, q), kink: true, note: 'q outside' },
  { x: [distinct()], f: (x) => f(x, 0.5, 0) },
  { x: [distinct(1)], f: (x) => f(x, [0.5]) },
  { x: [distinct(0, 3)], f: (x) => f(x, 0.5, 1), note: 'no rows' },
  { x: [distinct(2, 3, 2, 2, 3)], f: (x) => f(x, [0.5, 0.75], 2) },
  { x: [HOLES], f: (x) => f(x, [0.2, 0.5], 1), kink: true, note: 'NaN and infinity' },
  {
    x: [values([-Infinity, -Infinity, 1, 2, Infinity], 5)],
    f: (x) => f(x, [0, 0.1, 0.5, 1]),
    kink: true,
    note: 'infinities',
  },
  { x: [distinct(2, 33_000)], f: (x) => f(x, [0.1, 0.5], 1), forward: true, note: 'large' },
  ...more,
]

const ranks = (f: (x: Tensor, options?: ops.RankOptions) => ops.Extremes): readonly [Case, ...Case[]] => [
  { x: [distinct(3, 5)], f: pair(f) },
  { x: [distinct(3, 5)], f: pair((x) => f(x, { dim: 0 })) },
  { x: [distinct(2, 5, 3)], f: pair((x) => f(x, { dim: -2, keepdim: true })) },
  { x: [distinct()], f: pair((x) => f(x, { dim: 0 })) },
  { x: [distinct(1)], f: pair(f) },
  { x: [distinct(0, 3)], f: pair(f), note: 'no rows' },
  { x: [distinct(2, 3, 2, 2, 3)], f: pair((x) => f(x, { dim: 2 })) },
  { x: [distinct(2, 700)], f: pair(f), note: 'long rows' },
  { x: [ints(-4, 5, 4, 20)], f: pair(f), note: 'int32, ties' },
  { x: [TIES], f: pair(f), kink: true, note: 'ties' },
  { x: [HOLES], f: pair(f), kink: true, note: 'NaN and infinity' },
  { x: [distinct(2, 33_000)], f: pair(f), forward: true, note: 'large' },
]

const running = (f: typeof ops.cummax): readonly [Case, ...Case[]] => [
  { x: [distinct(3, 5)], f: pair((x) => f(x, 1)) },
  { x: [distinct(3, 5)], f: pair((x) => f(x, 0)) },
  { x: [distinct()], f: pair((x) => f(x, 0)) },
  { x: [distinct(0)], f: pair((x) => f(x, 0)) },
  { x: [distinct(1)], f: pair((x) => f(x, -1)) },
  { x: [distinct(2, 3, 2, 2, 3)], f: pair((x) => f(x, 2)) },
  { x: [distinct(3, 300)], f: pair((x) => f(x, 1)), note: 'long rows' },
  { x: [ints(-9, 9, 4, 30)], f: pair((x) => f(x, 1)), note: 'int32, ties' },
  { x: [TIES], f: pair((x) => f(x, 1)), kink: true, note: 'ties: the last' },
  { x: [HOLES], f: pair((x) => f(x, 1)), kink: true, note: 'NaN stays' },
  { x: [normal(70_001)], f: pair((x) => f(x, 0)), forward: true, note: 'large' },
]

export const orders = {
  quantile: { cases: quantiles(ops.quantile), order: 2, bound: NEAR },
  nanquantile: { cases: quantiles(ops.nanquantile), order: 2, bound: NEAR },
  kthvalue: { cases: ranks((x, options) => ops.kthvalue(x, 1, options)), order: 2, bound: EXACT },
  mode: { cases: ranks(ops.mode), order: 2, bound: EXACT },
  cummax: { cases: running(ops.cummax), order: 2, bound: EXACT },
  cummin: { cases: running(ops.cummin), order: 2, bound: EXACT },
  diff: {
    cases: [
      { x: [normal(3, 5)] },
      { x: [normal(4, 3)], f: (x) => ops.diff(x, 1, 0) },
      { x: [normal(3, 6)], f: (x) => ops.diff(x, { n: 3 }), note: 'n = 3' },
      { x: [normal(3, 6)], f: (x) => ops.diff(x, 0), note: 'n = 0' },
      { x: [normal(3, 2)], f: (x) => ops.diff(x, 4), note: 'more than there are' },
      {
        x: [normal(2, 3), normal(2, 1), normal(2, 2)],
        f: (x, prepend, append) => ops.diff(x, { prepend, append }),
        note: 'ends',
      },
      { x: [normal(1)] },
      { x: [normal(0)] },
      { x: [normal(2, 3, 2, 2, 3)], f: (x) => ops.diff(x, 1, 2) },
      { x: [intValues([2147483647, -2147483648, 5], 3)], note: 'int32 wraps' },
      { x: [bools(3, 5)], note: 'bool' },
      { x: [normal(70_001)], forward: true, note: 'large' },
    ],
    order: 2,
    bound: { ulp: 1, ulpOfTerms: 4 },
  },
} satisfies Partial<Record<OpName, Row>>
