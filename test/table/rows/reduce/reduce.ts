/** @file Rows of reductions. */

import type { Tensor } from '../../../../src/core/tensor.ts'
import * as ops from '../../../../src/ops/index.ts'
import {
  awayFromZero,
  bools,
  distinct,
  high,
  type Input,
  ints,
  intValues,
  normal,
  uniform,
  values,
} from '../../inputs.ts'
import { also, type Bound, type Case, type Draw, EXACT, noGradient, type OpName, type Row, range } from '../../row.ts'

const keepdim = { keepdim: true }
const SUM: Bound = { ulp: 2, ulpOfTerms: 8 }
/** Sums, whose error grows with the number of terms. */
function reduction(
  f: (x: Tensor, dims?: number | readonly number[] | null, options?: { keepdim?: boolean }) => Tensor,
  draw: Draw,
  bound: Bound,
  empty: boolean,
  order: Row['order'] = 2,
): Row {
  const cases: Case[] = [
    { x: [draw(3, 4)], f: (x) => f(x, 1) },
    { x: [draw()] },
    { x: [draw(1)] },
    { x: [draw(7)], f: (x) => f(x, -1, keepdim) },
    { x: [draw(3, 4, 5)] },
    { x: [draw(3, 4, 5)], f: (x) => f(x, 0) },
    { x: [draw(3, 4, 5)], f: (x) => f(x, [0, 2]) },
    { x: [draw(3, 4, 5)], f: (x) => f(x, [1], keepdim) },
    { x: [draw(2, 3, 2, 3, 2)], f: (x) => f(x, [0, 2, 4]), note: 'axes that do not merge' },
    { x: [draw(3, 700)], f: (x) => f(x, 1), note: 'long rows' },
    { x: [draw(2500)], note: 'in several passes' },
    { x: [draw(1100, 3)], f: (x) => f(x, 0), note: 'long columns' },
    { x: [draw(0, 3)], f: (x) => f(x, 1), note: 'no rows' },
    { x: [draw(260, 260)], f: (x) => f(x, 1), forward: true, note: 'large' },
  ]
  if (empty) cases.push({ x: [draw(0)] }, { x: [draw(3, 0)], f: (x) => f(x, 1) })
  return { cases: [cases[0], ...cases.slice(1)], order, bound }
}

const pick = (f: (x: Tensor, dim: number) => { values: Tensor; indices: Tensor }, dim: number) => (x: Tensor) => {
  const { values: v, indices } = f(x, dim)
  return [v, indices]
}
const TIES = values([1, 3, 3, 2, 3, 1, 2, 2], 2, 4)
const extremeCases = (f: typeof ops.max): readonly [Case, ...Case[]] => [
  { x: [distinct(3, 4)], f: (x) => f(x) },
  { x: [distinct(3, 4)], f: pick(f, 1) },
  { x: [distinct(3, 4)], f: pick(f, 0) },
  { x: [distinct(2, 3, 4)], f: pick(f, -2) },
  { x: [distinct(1)], f: (x) => f(x) },
  { x: [distinct()], f: pick(f, 0) },
  { x: [distinct(2, 3, 2, 2, 3)], f: pick(f, 2) },
  { x: [distinct(0, 3)], f: pick(f, 1), note: 'no rows' },
  { x: [distinct(3, 5)], f: pick(f, 1) },
  { x: [distinct(1500)], f: (x) => f(x), note: 'in several passes' },
  { x: [distinct(70_001)], f: (x) => f(x), forward: true, note: 'large' },
  { x: [distinct(2, 1300)], f: pick(f, 1), note: 'long rows' },
  { x: [TIES], f: pick(f, 1), kink: true, note: 'ties: the first' },
  { x: [TIES], f: (x) => f(x), kink: true, note: 'ties: shared' },
  { x: [ints(-9, 9, 4, 5)], f: pick(f, 1), note: 'int32' },
]
const positionCases = (f: (x: Tensor, dim?: number) => Tensor): readonly [Case, ...Case[]] => [
  { x: [distinct(3, 4)], f: (x) => f(x) },
  { x: [distinct(3, 4)], f: (x) => f(x, 1) },
  { x: [distinct(3, 4)], f: (x) => f(x, 0) },
  { x: [TIES], f: (x) => f(x, 1), note: 'ties: the first' },
  { x: [distinct()], f: (x) => f(x) },
  { x: [distinct(1)], f: (x) => f(x, 0) },
  { x: [distinct(0, 3)], f: (x) => f(x, 1), note: 'no rows' },
  { x: [distinct(3, 5)], f: (x) => f(x, 1) },
  { x: [distinct(2, 3, 2, 2, 3)], f: (x) => f(x, 2) },
  { x: [distinct(3000)], f: (x) => f(x), note: 'long' },
  { x: [distinct(260, 260)], f: (x) => f(x, 1), forward: true, note: 'large' },
  { x: [ints(-9, 9, 4, 5)], f: (x) => f(x, 1), note: 'int32' },
]

/** Rows of extreme values: what WebGPU and the CPU must agree on. */
const EXTREME = values([Infinity, 1, 2, -Infinity, 1, 2, NaN, 1, 2, Infinity, -Infinity, 0, 0, -0, 0], 5, 3)
/** Too small to be squared. */
const TINY = values([0, 1e-38, -1e-38, 1e-30, 0, 0], 2, 3)
const along = (f: (x: Tensor, dims: number) => Tensor, x: Input, note?: string): Case => ({
  x: [x],
  f: (y) => f(y, 1),
  kink: true,
  note,
})
/** Signs, now and then a 2 or a ½: products are exact, in any order. */
const signs = values(
  Array.from({ length: 70_001 }, (_, i) => (i % 1000 === 0 ? 2 : i % 1000 === 500 ? 0.5 : (i * i) % 3 === 1 ? -1 : 1)),
  70_001,
)
/** Products of up to 2,500 factors: each rounds once. */
const PRODUCT: Bound = { ulp: 24, ulpOfTerms: 8 }
const VARIANCE: Bound = { ulp: 4, ulpOfMax: 2 }
/** |x|ᵖ, a sum, a root: pow's 6 + 4·|y·log₂ x| ulp twice. */
const NORM: Bound = { ulp: 24 }
const LOGSUM: Bound = { ulp: 4, abs: 1e-6 }

/** The first axis is not reduced alone: expanded, it would have no spread, and all that is left is rounding. */
const varianceCases = (f: typeof ops.var): [Case, ...Case[]] => [
  { x: [normal(3, 4)], f: (x) => f(x, 1) },
  { x: [normal(3, 4)], f: (x) => f(x) },
  { x: [normal(7)], f: (x) => f(x, -1, keepdim), kink: true },
  { x: [normal(1, 7)], f: (x) => f(x, -1, keepdim) },
  { x: [normal(1, 3, 4, 5)], f: (x) => f(x, 1) },
  { x: [normal(3, 4, 5)], f: (x) => f(x, [0, 2]) },
  { x: [normal(2, 3, 2, 3, 2)], f: (x) => f(x, [0, 2, 4]), note: 'axes that do not merge' },
  { x: [normal(3, 5)], f: (x) => f(x, 1, { correction: 0 }) },
  { x: [normal(1)], f: (x) => f(x, 0), kink: true, note: 'one element: NaN' },
  { x: [normal(1, 3, 5)], f: (x) => f(x, 1, { correction: 0.5, keepdim: true }) },
  { x: [normal(3, 700)], f: (x) => f(x, 1), note: 'long rows' },
  { x: [normal(1, 1100, 3)], f: (x) => f(x, 1), note: 'long columns' },
  { x: [normal(70_001)], f: (x) => f(x), forward: true, note: 'large' },
  { x: [high(4, 512)], f: (x) => f(x, 1), note: 'mean 1000, σ 0.01' },
  { x: [normal()], f: (x) => f(x), kink: true, note: 'one element: NaN' },
  { x: [normal(4, 1)], f: (x) => f(x, 1), kink: true, note: 'one element: NaN' },
  { x: [normal(2, 0)], f: (x) => f(x, 1), note: 'of nothing: NaN' },
  { x: [EXTREME], f: (x) => f(x, 1), kink: true, note: 'extreme' },
]

const normCases = (p: number): Case[] => [
  { x: [awayFromZero(0.2, 3, 4)], f: (x) => ops.norm(x, p, 1), note: `p = ${p}` },
  { x: [awayFromZero(0.2, 2, 3, 4)], f: (x) => ops.norm(x, p, [0, 2], keepdim), note: `p = ${p}` },
  { x: [values([0, 0, 0, 1, 0, -2], 2, 3)], f: (x) => ops.norm(x, p, 1), kink: true, note: `zeros, p = ${p}` },
  { x: [EXTREME], f: (x) => ops.norm(x, p, 1), kink: true, note: `extreme, p = ${p}` },
]

const truthCases = (f: typeof ops.all): readonly [Case, ...Case[]] => [
  { x: [bools(3, 4)], f: (x) => f(x) },
  { x: [bools(3, 4)], f: (x) => f(x, 1) },
  { x: [bools()], f: (x) => f(x) },
  { x: [bools(1)], f: (x) => f(x) },
  { x: [bools(0)], f: (x) => f(x), note: 'of nothing' },
  { x: [bools(3, 0)], f: (x) => f(x, 1) },
  { x: [bools(0, 3)], f: (x) => f(x, 1) },
  { x: [bools(2, 3, 2, 1, 3)], f: (x) => f(x, [0, 2, 4], keepdim) },
  { x: [ints(0, 2, 5, 3)], f: (x) => f(x, 0), note: 'int32' },
  { x: [EXTREME], f: (x) => f(x, 1), note: 'floats, NaN is true' },
  { x: [TINY], f: (x) => f(x, 1), note: 'tiny is true' },
  { x: [values([1, 2, 0, 0, 1, 1], 2, 3)], f: (x) => f(x, -1) },
  { x: [bools(70_001)], f: (x) => f(x), forward: true, note: 'large' },
]
const medianCases: readonly [Case, ...Case[]] = [
  { x: [distinct(7)], f: (x) => ops.median(x) },
  { x: [distinct(3, 4)], f: (x) => ops.median(x), note: 'even: the lower' },
  { x: [distinct(3, 4)], f: pick(ops.median, 1) },
  { x: [distinct(3, 4)], f: pick(ops.median, 0) },
  { x: [distinct(2, 5, 3)], f: pick((x, dim) => ops.median(x, dim, keepdim), -2) },
  { x: [distinct()], f: pick(ops.median, 0) },
  { x: [distinct(1)], f: (x) => ops.median(x) },
  { x: [distinct(2, 3, 2, 2, 3)], f: pick(ops.median, 2) },
  { x: [distinct(2, 700)], f: pick(ops.median, 1), note: 'long rows' },
  { x: [ints(-9, 9, 4, 5)], f: pick(ops.median, 1), note: 'int32' },
  { x: [TIES], f: (x) => ops.median(x), kink: true, note: 'ties: shared' },
  { x: [TIES], f: pick(ops.median, 1), kink: true, note: 'ties' },
  { x: [distinct(0, 3)], f: pick(ops.median, 1), note: 'no rows' },
  { x: [distinct(2, 33_000)], f: pick(ops.median, 1), forward: true, note: 'large' },
  { x: [EXTREME], f: pick(ops.median, 1), kink: true, note: 'extreme' },
  { x: [EXTREME], f: (x) => ops.median(x), kink: true, note: 'extreme' },
  { x: [distinct(0, 3)], f: (x) => ops.median(x), note: 'of nothing' },
]

export const reduce = {
  prod: also(
    reduction(ops.prod, range(0.5, 1.5), PRODUCT, true),
    { x: [values([1, 0, 2, 0, 3, 0, 1, 2, 3], 3, 3)], f: (x) => ops.prod(x, 1), note: 'zeros' },
    { x: [values([1, 0, 2, 0, 3, -1], 2, 3)], f: (x) => ops.prod(x), note: 'two zeros' },
    { x: [awayFromZero(0.5, 2, 3, 4)], f: (x) => ops.prod(x, [0, 2]) },
    { x: [ints(-3, 4, 5, 6)], f: (x) => ops.prod(x, 0), note: 'int32' },
    { x: [bools(4, 3)], f: (x) => ops.prod(x, 0), note: 'bool' },
    { x: [signs], forward: true, note: 'large' },
    along(ops.prod, EXTREME, 'extreme'),
    along(ops.prod, TINY, 'tiny'),
  ),
  var: { cases: varianceCases(ops.var), order: 2, bound: VARIANCE },
  std: {
    cases: [
      ...varianceCases(ops.std),
      { x: [values([2, 2, 2, 1, 2, 3], 2, 3)], f: (x) => ops.std(x, 1), kink: true, note: 'no spread: gradient 0' },
    ],
    order: 2,
    bound: VARIANCE,
  },
  norm: also(
    reduction((x, dims, options) => ops.norm(x, 2, dims, options), normal, NORM, false),
    ...[1, 2, 3, 0.5, -1, Infinity, -Infinity].flatMap(normCases),
    { x: [values([0, 1, -2, 0, 0, 0], 2, 3)], f: (x) => ops.norm(x, 0, 1), kink: true, note: 'p = 0' },
    { x: [normal(0, 3)], f: (x) => ops.norm(x, 2, 1) },
    { x: [normal(2, 3)], f: (x) => ops.norm(x, { p: 3, dim: 0, keepdim: true }), note: 'by name' },
    { x: [normal(70_001)], forward: true, note: 'large' },
  ),
  logsumexp: also(
    reduction(ops.logsumexp, normal, LOGSUM, true),
    { x: [uniform(-100, 100, 5, 6)], f: (x) => ops.logsumexp(x, 0) },
    along(ops.logsumexp, values([-Infinity, -Infinity, 1e4, 1e4, -1e4, -1e4, -Infinity, 3], 4, 2), 'far out'),
    { x: [normal(70_001)], forward: true, note: 'large' },
    along(ops.logsumexp, EXTREME, 'extreme'),
    along(ops.logsumexp, TINY, 'tiny'),
  ),
  all: { cases: truthCases(ops.all), order: noGradient, bound: EXACT },
  any: { cases: truthCases(ops.any), order: noGradient, bound: EXACT },
  countNonzero: { cases: truthCases(ops.countNonzero), order: noGradient, bound: EXACT },
  median: { cases: medianCases, order: 2, bound: EXACT },
  histc: {
    cases: [
      { x: [uniform(-1, 3, 50)], f: (x) => ops.histc(x, { bins: 7, min: 0, max: 2 }) },
      { x: [normal(50)], f: (x) => ops.histc(x, { bins: 7 }), note: 'its own range' },
      { x: [normal(4, 5, 6)], f: (x) => ops.histc(x) },
      {
        x: [values([0, 1, 1, 2, 3, 4], 2, 3)],
        f: (x) => ops.histc(x, { bins: 4, min: 0, max: 4 }),
        note: 'on the edges',
      },
      { x: [values([3, 3], 2)], f: (x) => ops.histc(x, { bins: 3 }), note: 'no range' },
      { x: [normal(0)], f: (x) => ops.histc(x, { bins: 3 }), note: 'of nothing' },
      { x: [normal()], f: (x) => ops.histc(x, { bins: 1 }) },
      { x: [normal(1)], f: (x) => ops.histc(x, { bins: 3 }) },
      { x: [EXTREME], f: (x) => ops.histc(x, { bins: 2, min: -2, max: 2 }), note: 'NaN and infinities are outside' },
      { x: [EXTREME], f: (x) => ops.histc(x, { bins: 2 }), note: 'its own range is that of what is finite' },
      { x: [values([3e38, -3e38, 0, 1e38], 4)], f: (x) => ops.histc(x, { bins: 4 }), note: 'the widest range' },
      { x: [normal(2, 1, 3, 1, 2, 2)], f: (x) => ops.histc(x, { bins: 5, min: -3, max: 3 }) },
      { x: [normal(70_001)], f: (x) => ops.histc(x, { bins: 10, min: -2, max: 2 }), forward: true, note: 'large' },
    ],
    order: { upTo: 0, reason: 'counts do not change smoothly' },
    bound: EXACT,
  },
  sum: reduction(ops.sum, normal, SUM, true),
  mean: reduction(ops.mean, normal, SUM, false),
  amax: {
    ...reduction(ops.amax, distinct, EXACT, false),
    cases: [
      ...reduction(ops.amax, distinct, EXACT, false).cases,
      { x: [TIES], f: (x: Tensor) => ops.amax(x, 1), kink: true },
      { x: [EXTREME], f: (x: Tensor) => ops.amax(x, 1), kink: true, note: 'extreme' },
      { x: [ints(-9, 9, 4, 5)], f: (x: Tensor) => ops.amax(x, 0) },
      { x: [intValues([-(2 ** 31), -(2 ** 31)], 2)], note: 'the least integer' },
    ],
  },
  amin: {
    ...reduction(ops.amin, distinct, EXACT, false),
    cases: [
      ...reduction(ops.amin, distinct, EXACT, false).cases,
      { x: [TIES], f: (x: Tensor) => ops.amin(x, 1), kink: true },
      { x: [EXTREME], f: (x: Tensor) => ops.amin(x, 1), kink: true, note: 'extreme' },
      { x: [ints(-9, 9, 4, 5)], f: (x: Tensor) => ops.amin(x, 0) },
      { x: [intValues([2 ** 31 - 1, 2 ** 31 - 1], 2)], note: 'the greatest integer' },
    ],
  },
  max: { cases: extremeCases(ops.max), order: 2, bound: EXACT },
  min: { cases: extremeCases(ops.min), order: 2, bound: EXACT },
  argmax: { cases: positionCases(ops.argmax), order: noGradient, bound: EXACT },
  argmin: { cases: positionCases(ops.argmin), order: noGradient, bound: EXACT },
} satisfies Partial<Record<OpName, Row>>
