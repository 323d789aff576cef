/** @file Rows of softmax and losses. */
import * as ops from '../../../src/ops/index.ts'
import type { Tensor } from '../../../src/tensor.ts'
import { constant, type Input, ints, intValues, normal, uniform, values } from '../inputs.ts'
import type { Bound, OpName, Row } from '../row.ts'

const LOSS: Bound = { ulp: 16, abs: 2e-6 }
const bce = (x: Tensor, t: Tensor) => ops.bceWithLogits(x, t)
const targets = (classes: number, ...shape: number[]): Input => ints(0, classes, ...shape)

export const losses = {
  softmax: {
    cases: [
      { x: [normal(3, 5)] },
      { x: [normal(3, 5)], f: (x) => ops.softmax(x, 0) },
      { x: [normal()] },
      { x: [normal(1)] },
      { x: [normal(0, 3)] },
      { x: [normal(2, 3, 4)], f: (x) => ops.softmax(x, 1) },
      { x: [normal(2, 1000)], note: 'more columns than lanes' },
      { x: [normal(600, 3)], note: 'more rows than lanes' },
      { x: [constant(100, 1, 4)], note: 'no overflow' },
      { x: [values([-200, 0, 200, 1e30, -1e30, 0], 2, 3)], kink: true, note: 'far apart' },
    ],
    order: 2,
    bound: { ulp: 16, abs: 1e-7 },
  },
  logSoftmax: {
    cases: [
      { x: [normal(3, 5)] },
      { x: [normal(3, 5)], f: (x) => ops.logSoftmax(x, 0) },
      { x: [normal()] },
      { x: [normal(2, 3, 4)], f: (x) => ops.logSoftmax(x, 1) },
      { x: [normal(2, 1000)], note: 'more columns than lanes' },
      { x: [normal(600, 3)] },
      { x: [values([-200, 0, 200, 80, -80, 0], 2, 3)], kink: true, note: 'far apart' },
    ],
    order: 2,
    bound: { ulp: 16, abs: 1e-6 },
  },
  crossEntropy: {
    cases: [
      { x: [normal(4, 5), targets(5, 4)] },
      { x: [normal(4, 5), targets(5, 4)], f: (x, t) => ops.crossEntropy(x, t, { labelSmoothing: 0.1 }) },
      { x: [normal(4, 5), targets(5, 4)], f: (x, t) => ops.crossEntropy(x, t, { reduction: 'none' }) },
      { x: [normal(4, 5), targets(5, 4)], f: (x, t) => ops.crossEntropy(x, t, { reduction: 'sum' }) },
      {
        x: [normal(4, 5), intValues([1, -100, 0, -100], 4)],
        f: (x, t) => ops.crossEntropy(x, t, { ignoreIndex: -100, labelSmoothing: 0.2 }),
        note: 'ignored rows',
      },
      { x: [normal(5), targets(5)], note: 'one sample' },
      { x: [normal(2, 5, 3), targets(5, 2, 3)], note: 'classes on axis 1' },
      { x: [normal(3, 1000), targets(1000, 3)], note: 'more classes than lanes' },
      { x: [normal(600, 3), targets(3, 600)], note: 'more rows than lanes' },
      { x: [values([200, 0, -200, 0, 90, -90], 2, 3), intValues([2, 1], 2)], note: 'far apart' },
    ],
    order: 2,
    bound: LOSS,
  },
  mseLoss: {
    cases: [
      { x: [normal(4, 5), normal(4, 5)] },
      { x: [normal(4), normal(4)], f: (x, t) => ops.mseLoss(x, t, { reduction: 'none' }) },
      { x: [normal(4), normal(4)], f: (x, t) => ops.mseLoss(x, t, { reduction: 'sum' }) },
    ],
    order: 2,
    bound: LOSS,
  },
  bceWithLogits: {
    cases: [
      { x: [normal(4, 5), uniform(0, 1, 4, 5)], f: bce },
      { x: [values([0, 100, -100, 20], 4), values([0, 1, 0, 0], 4)], f: bce, note: 'zero and far logits' },
      { x: [normal(4), uniform(0, 1, 4)], f: (x, t) => ops.bceWithLogits(x, t, { reduction: 'none', posWeight: 3 }) },
    ],
    order: 2,
    bound: LOSS,
  },
} satisfies Partial<Record<OpName, Row>>
