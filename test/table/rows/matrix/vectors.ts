/** @file Rows of products and distances of vectors, norms of matrices, and covariances. */
import * as ops from '../../../../src/ops/index.ts'
import { awayFromZero, distinct, type Input, ints, normal, values } from '../../inputs.ts'
import type { Bound, Case, OpName, Row } from '../../row.ts'

const MATMUL: Bound = { ulp: 2, ulpOfTerms: 8 }
const NORM: Bound = { ulp: 12 }
const away = (...shape: number[]): Input => awayFromZero(0.2, ...shape)

const norms = (ord: ops.MatrixOrder): Case[] => [
  { x: [away(3, 4)], f: (x) => ops.matrixNorm(x, ord), note: `ord ${ord}` },
  { x: [away(2, 3, 4)], f: (x) => ops.matrixNorm(x, { ord, dim: [0, 2], keepdim: true }), note: `ord ${ord}, dim` },
  { x: [away(2, 3, 4)], f: (x) => ops.matrixNorm(x, ord, [2, 1]), note: `ord ${ord}, turned` },
]

export const vectors = {
  cross: {
    cases: [
      { x: [normal(3), normal(3)] },
      { x: [normal(2, 3), normal(3)] },
      { x: [normal(3, 2), normal(3, 2)], f: (a, b) => ops.cross(a, b, 0) },
      { x: [normal(2, 1, 3, 1), normal(1, 4, 3, 2)], f: (a, b) => ops.cross(a, b, { dim: -2 }) },
      { x: [normal(0, 3), normal(3)], note: 'none' },
      { x: [normal(2, 1, 2, 2, 3), normal(3)] },
      { x: [ints(-9, 9, 4, 3), ints(-9, 9, 4, 3)], note: 'int32' },
      { x: [normal(23_000, 3), normal(23_000, 3)], forward: true, note: 'large' },
    ],
    order: 2,
    bound: { ulp: 2, ulpOfMax: 4 },
  },
  inner: {
    cases: [
      { x: [normal(4), normal(4)] },
      { x: [normal(2, 4), normal(3, 4)] },
      { x: [normal(2, 3, 4), normal(4)] },
      { x: [normal(), normal(3)], note: '0-d' },
      { x: [normal(1, 1), normal(1)] },
      { x: [normal(2, 0), normal(3, 0)], note: 'k = 0' },
      { x: [normal(0, 2), normal(2)], note: 'none' },
      { x: [normal(2, 1, 2, 1, 3), normal(2, 3)] },
      { x: [ints(-9, 9, 2, 4), ints(-9, 9, 3, 4)], note: 'int32' },
      { x: [normal(260, 9), normal(260, 9)], forward: true, note: 'large' },
    ],
    order: 2,
    bound: MATMUL,
  },
  dist: {
    cases: [
      { x: [normal(3, 4), normal(3, 4)] },
      { x: [normal(3, 4), normal(4)], f: (a, b) => ops.dist(a, b, 1) },
      { x: [normal(3, 4), normal(4)], f: (a, b) => ops.dist(a, b, { p: 3 }) },
      { x: [distinct(3, 4), values([100])], f: (a, b) => ops.dist(a, b, Infinity) },
      { x: [normal(), normal()] },
      { x: [normal(1), normal(1)] },
      { x: [normal(0), normal(0)] },
      { x: [normal(2, 1, 3, 1, 2), normal(2, 1, 3, 1, 2)] },
      { x: [values([1, 2], 2), values([1, 2], 2)], kink: true, note: 'no distance' },
      { x: [normal(70_001), normal(70_001)], forward: true, note: 'large' },
    ],
    order: 2,
    bound: NORM,
  },
  matrixNorm: {
    cases: [
      { x: [away(3, 5)] },
      ...norms('fro'),
      ...norms(1),
      ...norms(-1),
      ...norms(Infinity),
      ...norms(-Infinity),
      { x: [away(1, 1)] },
      { x: [away(0, 3)], note: 'of nothing' },
      { x: [away(0, 3)], f: (x) => ops.matrixNorm(x, 1), note: 'of columns without elements' },
      { x: [away(2, 1, 2, 3, 2)], f: (x) => ops.matrixNorm(x, 1, [1, 3]) },
      { x: [values([0, 0, 0, 0], 2, 2)], kink: true, note: 'zeros' },
      { x: [values([1, NaN, 2, 0], 2, 2)], f: (x) => ops.matrixNorm(x, 1), kink: true, note: 'NaN' },
      { x: [normal(260, 260)], forward: true, note: 'large' },
    ],
    order: 2,
    bound: NORM,
  },
  cov: {
    cases: [
      { x: [normal(3, 6)] },
      { x: [normal(3, 6)], f: (x) => ops.cov(x, { correction: 0 }), note: 'correction' },
      { x: [normal(2, 5), ints(1, 4, 5)], f: (x, fweights) => ops.cov(x, { fweights }), note: 'fweights' },
      {
        x: [normal(2, 5), values([0.5, 1, 2, 1.5, 0.25], 5)],
        f: (x, aweights) => ops.cov(x, { aweights }),
        note: 'aweights',
      },
      {
        x: [normal(2, 5), ints(1, 4, 5), values([0.5, 1, 2, 1.5, 0.25], 5)],
        f: (x, fweights, aweights) => ops.cov(x, { fweights, aweights }),
        note: 'both',
      },
      { x: [normal(7)], note: 'one variable' },
      { x: [normal()], kink: true, note: '0-d: NaN' },
      { x: [normal(2, 1)], kink: true, note: 'one observation: NaN' },
      { x: [normal(0, 3)], note: 'no variables' },
      { x: [normal(1)], kink: true, note: 'one number: NaN' },
      { x: [normal(260, 20)], forward: true, note: 'large' },
    ],
    order: 2,
    bound: { ulp: 4, ulpOfMax: 8 },
  },
  corrcoef: {
    cases: [
      { x: [normal(3, 6)] },
      { x: [normal(2, 5)] },
      { x: [normal(1, 7)], note: 'one variable' },
      // Repeated along its only axis it does not vary: NaN.
      { x: [normal(7)], kink: true, note: 'one variable, one axis' },
      { x: [normal()], kink: true, note: '0-d: NaN' },
      { x: [normal(1)], kink: true, note: 'one number: NaN' },
      { x: [normal(0, 3)], note: 'no variables' },
      { x: [values([1, 1, 1, 1, 2, 4], 2, 3)], kink: true, note: 'one that does not vary: NaN' },
      { x: [normal(260, 20)], forward: true, note: 'large' },
    ],
    order: 2,
    bound: { ulp: 8, abs: 1e-6 },
  },
} satisfies Partial<Record<OpName, Row>>
