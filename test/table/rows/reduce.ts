/** @file Rows of reductions. */
import * as ops from '../../../src/ops/index.ts'
import type { Tensor } from '../../../src/tensor.ts'
import { distinct, ints, normal, values } from '../inputs.ts'
import { type Bound, type Case, type Draw, EXACT, noGradient, type OpName, type Row } from '../row.ts'

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
  ]
  if (empty)
    cases.push({ x: [draw(0)] }, { x: [draw(3, 0)], f: (x) => f(x, 1) }, { x: [draw(0, 3)], f: (x) => f(x, 1) })
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
  { x: [distinct(1500)], f: (x) => f(x), note: 'in several passes' },
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
  { x: [distinct(3000)], f: (x) => f(x), note: 'long' },
  { x: [ints(-9, 9, 4, 5)], f: (x) => f(x, 1), note: 'int32' },
]

export const reduce = {
  sum: reduction(ops.sum, normal, SUM, true),
  mean: reduction(ops.mean, normal, SUM, false),
  amax: {
    ...reduction(ops.amax, distinct, EXACT, false),
    cases: [
      ...reduction(ops.amax, distinct, EXACT, false).cases,
      { x: [TIES], f: (x: Tensor) => ops.amax(x, 1), kink: true },
      { x: [ints(-9, 9, 4, 5)], f: (x: Tensor) => ops.amax(x, 0) },
    ],
  },
  amin: {
    ...reduction(ops.amin, distinct, EXACT, false),
    cases: [
      ...reduction(ops.amin, distinct, EXACT, false).cases,
      { x: [TIES], f: (x: Tensor) => ops.amin(x, 1), kink: true },
      { x: [ints(-9, 9, 4, 5)], f: (x: Tensor) => ops.amin(x, 0) },
    ],
  },
  max: { cases: extremeCases(ops.max), order: 2, bound: EXACT },
  min: { cases: extremeCases(ops.min), order: 2, bound: EXACT },
  argmax: { cases: positionCases(ops.argmax), order: noGradient, bound: EXACT },
  argmin: { cases: positionCases(ops.argmin), order: noGradient, bound: EXACT },
} satisfies Partial<Record<OpName, Row>>
