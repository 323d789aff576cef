/** @file Rows of normalisations. */

import type { Tensor } from '../../../../src/core/tensor.ts'
import * as ops from '../../../../src/ops/index.ts'
import { constant, high, type Input, normal, uniform, values } from '../../inputs.ts'
import type { Bound, OpName, Row } from '../../row.ts'

/** 5e-6 of the largest element is 42; rows of our inputs are well-conditioned. */
const NORM: Bound = { ulpOfMax: 16 }

const weight = (...shape: number[]): Input => uniform(0.5, 1.5, ...shape)
const last = (x: Tensor): number => x.shape[x.ndim - 1]
const layer = (x: Tensor, w?: Tensor, b?: Tensor) => ops.layerNorm(x, last(x), w, b)
// The default of eps is the dtype's, and we compare dtypes.
const rms = (x: Tensor, w?: Tensor) => ops.rmsNorm(x, last(x), w, { eps: 1e-6 })
const batch = (x: Tensor, w?: Tensor, b?: Tensor) =>
  ops.batchNorm(x, null, null, { weight: w, bias: b, training: true })
const instance = (x: Tensor, w?: Tensor, b?: Tensor) => ops.instanceNorm(x, { weight: w, bias: b })
const HIGH = high(2, 64)

export const norms = {
  layerNorm: {
    cases: [
      { x: [normal(3, 5), weight(5), normal(5)], f: layer },
      { x: [normal(3, 5)], f: layer, note: 'no weight' },
      { x: [normal(3, 5), weight(5)], f: layer, note: 'no bias' },
      { x: [normal(3, 5), normal(5)], f: (x, b) => ops.layerNorm(x, 5, null, b), note: 'no weight, a bias' },
      { x: [normal(7)], f: layer, note: 'one row' },
      { x: [normal(2, 3, 4), weight(3, 4), normal(3, 4)], f: (x, w, b) => ops.layerNorm(x, [3, 4], w, b) },
      { x: [normal(2, 1, 2, 1, 2, 4), weight(2, 4)], f: (x, w) => ops.layerNorm(x, [2, 4], w), note: 'rank 6' },
      { x: [normal(0, 4), weight(4), normal(4)], f: layer, note: 'no rows' },
      { x: [normal(3, 0), weight(0), normal(0)], f: layer, note: 'no columns' },
      { x: [normal(2, 1), weight(1), normal(1)], f: layer, kink: true, note: 'rows of one' },
      { x: [normal(3, 4)], f: (x) => ops.layerNorm(x, 4, null, null, { eps: 0.1 }), note: 'eps' },
      { x: [normal(2, 1000), weight(1000), normal(1000)], f: layer, note: 'more columns than lanes' },
      { x: [normal(2, 1100), weight(1100), normal(1100)], f: layer, note: 'more fours than a block' },
      { x: [normal(600, 3), weight(3), normal(3)], f: layer, note: 'more rows than lanes' },
      { x: [normal(260, 260), weight(260), normal(260)], f: layer, forward: true, note: 'large' },
      { x: [HIGH, weight(64), normal(64)], f: layer, kink: true, note: 'mean 1000, σ 0.01' },
      { x: [constant(3, 2, 4), weight(4)], f: layer, kink: true, note: 'variance 0' },
      { x: [values([NaN, 1, 2, 0, 3, 1], 2, 3)], f: layer, kink: true, note: 'NaN' },
      { x: [values([Infinity, 1, 2, 0, -Infinity, 1], 2, 3)], f: layer, kink: true, note: 'infinities' },
    ],
    order: 2,
    bound: NORM,
  },
  rmsNorm: {
    cases: [
      { x: [normal(3, 5), weight(5)], f: rms },
      { x: [normal(3, 5)], f: rms, note: 'no weight' },
      { x: [normal(7)], f: rms, note: 'one row' },
      { x: [normal(2, 3, 4), weight(3, 4)], f: (x, w) => ops.rmsNorm(x, [3, 4], w) },
      { x: [normal(2, 1, 2, 1, 2, 4), weight(2, 4)], f: (x, w) => ops.rmsNorm(x, [2, 4], w), note: 'rank 6' },
      { x: [normal(0, 4), weight(4)], f: rms, note: 'no rows' },
      { x: [normal(3, 0), weight(0)], f: rms, note: 'no columns' },
      { x: [normal(2, 1), weight(1)], f: (x, w) => ops.rmsNorm(x, 1, w, { eps: 0.1 }), note: 'rows of one' },
      { x: [normal(3, 33), weight(33)], f: (x, w) => ops.rmsNorm(x, 33, w), note: 'default eps' },
      { x: [normal(2, 1000), weight(1000)], f: rms, note: 'more columns than lanes' },
      { x: [normal(2, 1100), weight(1100)], f: rms, note: 'more fours than a block' },
      { x: [normal(600, 3), weight(3)], f: rms, note: 'more rows than lanes' },
      { x: [normal(260, 260), weight(260)], f: rms, forward: true, note: 'large' },
      { x: [HIGH, weight(64)], f: rms, kink: true, note: 'mean 1000, σ 0.01' },
      { x: [constant(0, 2, 4)], f: (x) => ops.rmsNorm(x, 4, null, { eps: 0.1 }), kink: true, note: 'zeros' },
      { x: [values([NaN, 1, 2, 0, 3, 1], 2, 3)], f: rms, kink: true, note: 'NaN' },
    ],
    order: 2,
    bound: NORM,
  },
  groupNorm: {
    cases: [
      { x: [normal(2, 4, 3), weight(4), normal(4)], f: (x, w, b) => ops.groupNorm(x, 2, w, b) },
      { x: [normal(2, 4, 3)], f: (x) => ops.groupNorm(x, 4), note: 'no weight' },
      { x: [normal(2, 4, 3), normal(4)], f: (x, b) => ops.groupNorm(x, 1, null, b), note: 'one group, a bias' },
      {
        x: [normal(3, 6), weight(6), normal(6)],
        f: (x, w, b) => ops.groupNorm(x, 2, w, b),
        note: 'no axes after the channels',
      },
      { x: [normal(2, 4, 2, 4), weight(4), normal(4)], f: (x, w, b) => ops.groupNorm(x, 2, w, b, { eps: 0.1 }) },
      {
        x: [normal(1, 2, 1, 3, 1, 2), weight(2), normal(2)],
        f: (x, w, b) => ops.groupNorm(x, 1, w, b),
        note: 'rank 6',
      },
      { x: [normal(0, 4, 3), weight(4), normal(4)], f: (x, w, b) => ops.groupNorm(x, 2, w, b), note: 'no samples' },
      { x: [normal(2, 4, 0), weight(4), normal(4)], f: (x, w, b) => ops.groupNorm(x, 2, w, b), note: 'no pixels' },
      {
        x: [normal(1, 2, 1), weight(2), normal(2)],
        f: (x, w, b) => ops.groupNorm(x, 2, w, b),
        kink: true,
        note: 'rows of one',
      },
      { x: [normal(2, 6, 10, 9), weight(6), normal(6)], f: (x, w, b) => ops.groupNorm(x, 3, w, b) },
      { x: [normal(150, 4, 2), weight(4), normal(4)], f: (x, w, b) => ops.groupNorm(x, 2, w, b), note: 'many rows' },
      {
        x: [normal(4, 16, 33, 33), weight(16), normal(16)],
        f: (x, w, b) => ops.groupNorm(x, 4, w, b),
        forward: true,
        note: 'large',
      },
      { x: [normal(1, 1, 1)], f: (x) => ops.groupNorm(x, 1), kink: true, note: 'one element' },
      { x: [normal(3, 3, 5)], f: (x) => ops.groupNorm(x, 3) },
    ],
    order: 2,
    bound: NORM,
  },
  batchNorm: {
    cases: [
      { x: [normal(4, 3), weight(3), normal(3)], f: batch },
      { x: [normal(4, 3)], f: batch, note: 'no weight' },
      { x: [normal(4, 3, 2), weight(3), normal(3)], f: batch },
      { x: [normal(2, 3, 2, 4), weight(3), normal(3)], f: batch },
      { x: [normal(2, 2, 1, 3, 1, 2), weight(2), normal(2)], f: batch, note: 'rank 6' },
      { x: [normal(1, 3, 4), weight(3), normal(3)], f: batch, note: 'one sample' },
      { x: [normal(5, 1), weight(1), normal(1)], f: batch, note: 'one channel' },
      { x: [normal(0, 3), weight(3), normal(3)], f: batch, note: 'no samples' },
      { x: [normal(600, 3), weight(3), normal(3)], f: batch, note: 'more samples than lanes' },
      { x: [normal(3, 300), weight(300), normal(300)], f: batch, note: 'more channels than lanes' },
      { x: [normal(40, 8, 15, 15), weight(8), normal(8)], f: batch, forward: true, note: 'large' },
      {
        x: [normal(4, 3, 2), normal(3), uniform(0.5, 2, 3), weight(3), normal(3)],
        f: (x, m, v, w, b) => ops.batchNorm(x, m, v, { weight: w, bias: b }),
        note: 'by running statistics',
      },
      {
        x: [normal(4, 3), normal(3), uniform(0.5, 2, 3)],
        f: (x, m, v) => ops.batchNorm(x, m, v, { eps: 0.1 }),
        note: 'by running statistics, no weight',
      },
    ],
    order: 2,
    bound: NORM,
  },
  instanceNorm: {
    cases: [
      { x: [normal(2, 3, 4), weight(3), normal(3)], f: instance },
      { x: [normal(2, 3, 4)], f: instance, note: 'no weight' },
      { x: [normal(2, 3, 2, 4), weight(3), normal(3)], f: instance },
      { x: [normal(2, 2, 1, 3, 1, 2), weight(2), normal(2)], f: instance, note: 'rank 6' },
      { x: [normal(1, 3, 4), weight(3), normal(3)], f: instance, note: 'one sample' },
      { x: [normal(5, 1, 3), weight(1), normal(1)], f: instance, note: 'one channel' },
      { x: [normal(0, 3, 2), weight(3), normal(3)], f: instance, note: 'no samples' },
      { x: [normal(2, 3, 17, 19), weight(3), normal(3)], f: instance, note: 'more pixels than lanes' },
      {
        x: [normal(100, 3, 2), weight(3), normal(3)],
        f: (x, w, b) => ops.instanceNorm(x, { weight: w, bias: b, eps: 1 }),
        note: 'more rows than lanes',
      },
      { x: [normal(4, 16, 33, 33), weight(16), normal(16)], f: instance, forward: true, note: 'large' },
      {
        x: [normal(4, 3, 2), normal(3), uniform(0.5, 2, 3), weight(3), normal(3)],
        f: (x, m, v, w, b) =>
          ops.instanceNorm(x, { runningMean: m, runningVar: v, weight: w, bias: b, useInputStats: false }),
        note: 'by running statistics',
      },
    ],
    order: 2,
    bound: NORM,
  },
  localResponseNorm: {
    cases: [
      { x: [normal(2, 5, 3)], f: (x) => ops.localResponseNorm(x, 2, { alpha: 2 }) },
      { x: [normal(2, 5, 2, 3)], f: (x) => ops.localResponseNorm(x, 3, { alpha: 1.5, beta: 0.5, k: 2 }) },
      { x: [normal(2, 4, 3)], f: (x) => ops.localResponseNorm(x, 5), note: 'wider than the channels' },
      { x: [normal(2, 4, 3)], f: (x) => ops.localResponseNorm(x, 1, { alpha: 3 }), note: 'each by itself' },
      { x: [normal(1, 1)], f: (x) => ops.localResponseNorm(x, 2) },
      { x: [normal(3, 7)], f: (x) => ops.localResponseNorm(x, 4, { alpha: 1 }) },
      { x: [normal(0, 3, 2)], f: (x) => ops.localResponseNorm(x, 2) },
      { x: [normal(2, 3, 2, 1, 3)], f: (x) => ops.localResponseNorm(x, 2, { alpha: 1, beta: 1 }) },
      { x: [normal(2, 64, 25, 25)], f: (x) => ops.localResponseNorm(x, 5), forward: true, note: 'large' },
    ],
    order: 2,
    bound: { ulp: 24, ulpOfMax: 4 },
  },
  normalize: {
    cases: [
      { x: [normal(3, 5)] },
      { x: [normal(3, 5)], f: (x) => ops.normalize(x, { dim: 0 }) },
      { x: [normal(3, 5)], f: (x) => ops.normalize(x, { p: 1 }), note: 'p = 1' },
      { x: [normal(3, 5)], f: (x) => ops.normalize(x, { p: Infinity }), note: 'p = ∞' },
      { x: [normal(3, 5)], f: (x) => ops.normalize(x, { p: 3, dim: -1 }), note: 'p = 3' },
      { x: [normal(3, 5)], f: (x) => ops.normalize(x, { eps: 100 }), note: 'eps' },
      { x: [normal(7)], f: (x) => ops.normalize(x, { dim: 0 }) },
      { x: [normal()], f: (x) => ops.normalize(x, { dim: 0 }), kink: true },
      { x: [normal(2, 3, 4)] },
      { x: [normal(2, 1, 2, 2, 1, 3)], f: (x) => ops.normalize(x, { dim: -3 }), note: 'rank 6' },
      { x: [normal(0, 3)] },
      { x: [normal(3, 0)] },
      { x: [normal(2, 300)] },
      { x: [normal(260, 260)], forward: true, note: 'large' },
      { x: [values([0, 0, 3, 4], 2, 2)], f: (x) => ops.normalize(x, { eps: 0.5 }), kink: true, note: 'length 0' },
      { x: [normal(1)], f: (x) => ops.normalize(x, { dim: 0 }), kink: true },
    ],
    order: 2,
    bound: { ulp: 16, ulpOfMax: 4, abs: 1e-7 },
  },
} satisfies Partial<Record<OpName, Row>>
