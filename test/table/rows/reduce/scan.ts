/** @file Rows of scans and of sorting. */

import type { Tensor } from '../../../../src/core/tensor.ts'
import * as ops from '../../../../src/ops/index.ts'
import { awayFromZero, bools, distinct, type Input, ints, intValues, normal, values } from '../../inputs.ts'
import { type Bound, type Case, type Draw, EXACT, noGradient, type OpName, type Row, range } from '../../row.ts'

const pair = (f: (x: Tensor) => { values: Tensor; indices: Tensor }) => (x: Tensor) => {
  const { values: y, indices } = f(x)
  return [y, indices]
}

/** Infinities, NaN, signed zeros and tiny numbers in rows. */
const EXTREME = values(
  [
    [1, Infinity, 2, 3],
    [-Infinity, 1, 2, 3],
    [1, NaN, 2, -Infinity],
    [-Infinity, -Infinity, 0, 1e-37],
    [0, -0, -1e-37, -0],
    [Infinity, 1, Infinity, 2],
  ].flat(),
  6,
  4,
)
const UNORDERED = values([NaN, Infinity, -Infinity, 0, -0, 1, NaN, -1, 1e-40, -1e-40, 3, 3, -3, -0, 0, NaN], 2, 8)

const scanCases = (
  f: (x: Tensor, dim: number) => Tensor,
  draw: Draw,
  large: Input,
  long: Bound,
  ...more: Case[]
): readonly [Case, ...Case[]] => [
  { x: [draw(3, 4)], f: (x) => f(x, 1) },
  { x: [draw(3, 4)], f: (x) => f(x, 0) },
  { x: [draw()], f: (x) => f(x, 0) },
  { x: [draw(0)], f: (x) => f(x, 0) },
  { x: [draw(3, 0, 2)], f: (x) => f(x, 1) },
  { x: [draw(1)], f: (x) => f(x, -1) },
  { x: [draw(4, 1, 3)], f: (x) => f(x, 1) },
  { x: [draw(2, 5, 3)], f: (x) => f(x, -2) },
  { x: [draw(2, 3, 2, 2, 3)], f: (x) => f(x, 2) },
  { x: [draw(2, 1, 3, 1, 2, 2)], f: (x) => f(x, -1) },
  { x: [draw(3, 300)], f: (x) => f(x, 1), note: 'long rows' },
  { x: [draw(130, 4)], f: (x) => f(x, 0), bound: long, note: 'long columns' },
  { x: [large], f: (x) => f(x, 0), forward: true, note: 'large' },
  { x: [EXTREME], f: (x) => f(x, 1), kink: true, note: 'extreme' },
  { x: [EXTREME], f: (x) => f(x, 0), kink: true, note: 'extreme' },
  ...more,
]
/** Signs, now and then a 2 or a ½: products are exact, in any order. */
const signs = (rows: number, cols: number): Input => {
  const sign = (i: number): number => (i % 1000 === 0 ? 2 : i % 1000 === 500 ? 0.5 : (i * i) % 3 === 1 ? -1 : 1)
  const row = Array.from({ length: cols }, (_, i) => sign(i))
  return values(Array.from({ length: rows }, () => row).flat(), ...(rows > 1 ? [rows, cols] : [cols]))
}
/** A block of 64 equal numbers (expanded ones) may round the same way at each step. */
const SUM: Bound = { ulp: 2, ulpOfTerms: 16 }
const PRODUCT: Bound = { ulp: 24, ulpOfTerms: 24 }
/** 130 equal factors (expanded ones) may round the same way at each step, by half an ulp: 26 were seen on NVIDIA's. */
const LONG_PRODUCT: Bound = { ulp: 65, ulpOfTerms: 24 }
const LOGSUM: Bound = { ulp: 8, ulpOfMax: 8, abs: 1e-6 }

const sortCases = (
  f: (x: Tensor, dim?: number, options?: { descending?: boolean }) => Tensor | readonly Tensor[],
): readonly [Case, ...Case[]] => [
  { x: [distinct(3, 4)], f: (x) => f(x) },
  { x: [distinct(3, 4)], f: (x) => f(x, 0) },
  { x: [distinct(3, 5)], f: (x) => f(x, 1, { descending: true }) },
  { x: [distinct()], f: (x) => f(x, 0) },
  { x: [distinct(0)], f: (x) => f(x) },
  { x: [distinct(2, 0)], f: (x) => f(x) },
  { x: [distinct(1)], f: (x) => f(x) },
  { x: [distinct(2, 9, 3)], f: (x) => f(x, -2, { descending: true }) },
  { x: [distinct(2, 3, 2, 2, 3)], f: (x) => f(x, 2) },
  { x: [distinct(3, 333)], f: (x) => f(x), note: 'long rows' },
  { x: [ints(-9, 9, 4, 30)], f: (x) => f(x), note: 'int32, ties' },
  { x: [intValues([2147483647, -2147483648, 16777217, 16777216, -1], 5)], f: (x) => f(x, 0, { descending: true }) },
  { x: [normal(70_001)], f: (x) => f(x), forward: true, note: 'large' },
  { x: [UNORDERED], f: (x) => f(x), kink: true, note: 'NaN last, ties stable' },
  { x: [UNORDERED], f: (x) => f(x, 1, { descending: true }), kink: true, note: 'NaN first, ties stable' },
]
const sortPair = (x: Tensor, dim?: number, options?: { descending?: boolean }) =>
  pair((y) => ops.sort(y, dim, options))(x)
const top = (k: number, dim?: number, options?: { largest?: boolean }) => pair((x) => ops.topk(x, k, dim, options))

const SEQUENCE = values([-3, -1, -0, 0, 0, 2, 2, 5, Infinity, NaN], 10)
const SOUGHT = values([-Infinity, -3, -2, 0, -0, 2, 5.5, Infinity, NaN, 1e-40], 2, 5)
const right = { right: true }

export const scans = {
  cumsum: {
    cases: scanCases(
      ops.cumsum,
      normal,
      normal(70_001),
      SUM,
      { x: [normal(3, 9001)], f: (x) => ops.cumsum(x, 1), forward: true, note: 'rows in segments' },
      { x: [ints(-9, 9, 4, 70)], f: (x) => ops.cumsum(x, 1), note: 'int32' },
      { x: [intValues([2147483647, 1, 1], 3)], f: (x) => ops.cumsum(x, 0), note: 'int32 wraps' },
      { x: [bools(3, 5)], f: (x) => ops.cumsum(x, 1), note: 'bool' },
    ),
    order: 2,
    bound: SUM,
  },
  cumprod: {
    cases: scanCases(
      ops.cumprod,
      range(0.6, 1.5),
      signs(1, 70_001),
      LONG_PRODUCT,
      { x: [signs(2, 9001)], f: (x) => ops.cumprod(x, 1), note: 'rows in segments, also of gradients' },
      { x: [values([2, 0, 3, 0, 4, 1, -1, 0], 2, 4)], f: (x) => ops.cumprod(x, 1), note: 'zeros' },
      { x: [awayFromZero(0.5, 3, 4)], f: (x) => ops.cumprod(x, 0), note: 'signs' },
      { x: [ints(-3, 4, 4, 7)], f: (x) => ops.cumprod(x, 1), note: 'int32' },
      { x: [bools(3, 5)], f: (x) => ops.cumprod(x, 1), note: 'bool' },
    ),
    order: 2,
    bound: PRODUCT,
  },
  logcumsumexp: {
    cases: scanCases(
      ops.logcumsumexp,
      normal,
      normal(70_001),
      LOGSUM,
      { x: [normal(2, 9001)], f: (x) => ops.logcumsumexp(x, 1), note: 'rows in segments, also of gradients' },
      { x: [range(-100, 100)(5, 6)], f: (x) => ops.logcumsumexp(x, 1) },
      {
        x: [values([-1e4, 0, 1e4, 1e4, 0, -1e4], 2, 3)],
        f: (x) => ops.logcumsumexp(x, 1),
        kink: true,
        note: 'far out',
      },
      {
        x: [values([-Infinity, 1, 2, 3, -Infinity, -Infinity, 0, 5], 2, 4)],
        f: (x) => ops.logcumsumexp(x, 1),
        kink: true,
        note: 'begins with nothing',
      },
    ),
    order: 2,
    bound: LOGSUM,
  },
  sort: { cases: sortCases(sortPair), order: 2, bound: EXACT },
  argsort: { cases: sortCases(ops.argsort), order: noGradient, bound: EXACT },
  topk: {
    cases: [
      { x: [distinct(3, 5)], f: top(2) },
      { x: [distinct(5, 3)], f: top(3, 0) },
      { x: [distinct(3, 5)], f: top(2, -1, { largest: false }) },
      { x: [distinct()], f: top(1) },
      { x: [distinct(4)], f: top(0) },
      { x: [distinct(4)], f: top(4) },
      { x: [distinct(0)], f: top(0) },
      { x: [distinct(2, 3, 4)], f: top(2, 1) },
      { x: [distinct(2, 3, 2, 2, 3)], f: top(1, 4) },
      { x: [distinct(2, 300)], f: top(5), note: 'long rows' },
      { x: [normal(70_001)], f: top(9), forward: true, note: 'large' },
      { x: [ints(-4, 5, 3, 20)], f: top(6), note: 'int32, ties' },
      { x: [UNORDERED], f: top(4), kink: true, note: 'NaN, ties' },
      { x: [distinct(1)], f: (x) => ops.topk(x, 1).values },
    ],
    order: 2,
    bound: EXACT,
  },
  searchsorted: {
    cases: [
      { x: [SEQUENCE, SOUGHT] },
      { x: [SEQUENCE, SOUGHT], f: (s, x) => ops.searchsorted(s, x, right) },
      { x: [values([1, 3, 5, 0, 4, 9], 2, 3), values([3, 4, 5, 9], 2, 2)] },
      { x: [values([1, 3, 5, 0, 4, 9], 2, 3), values([3, 4, 5, 9], 2, 2)], f: (s, x) => ops.searchsorted(s, x, right) },
      { x: [SEQUENCE, normal()] },
      { x: [SEQUENCE, normal(0)] },
      { x: [values([], 0), normal(3)], note: 'in nothing' },
      { x: [values([2], 1), normal(4, 2, 1)] },
      { x: [SEQUENCE, normal(2, 3, 2, 2, 3)] },
      { x: [intValues([-5, 0, 0, 16777216, 16777217], 5), intValues([16777217, 0, 7], 3)], note: 'int32' },
      { x: [SEQUENCE, normal(70_001)], f: (s, x) => ops.searchsorted(s, x, right), forward: true, note: 'large' },
    ],
    order: noGradient,
    bound: EXACT,
  },
} satisfies Partial<Record<OpName, Row>>
