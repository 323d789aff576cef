/** @file Rows of losses of signs, of several labels, and of labels without places. */

import type { Tensor } from '../../../../src/core/tensor.ts'
import * as ops from '../../../../src/ops/index.ts'
import { bools, ints, intValues, normal, uniform, values } from '../../inputs.ts'
import type { Bound, Case, OpName, Row } from '../../row.ts'

const LOSS: Bound = { ulp: 8, ulpOfMax: 4 }
const NONE = { reduction: 'none' } as const
/** 1 or −1 from coin flips. */
const signs = (b: Tensor): Tensor => ops.sub(ops.mul(ops.cast(b, 'int32'), 2), 1)
/** Of scores, as layers give them. */
const ctc = (
  inputLengths: ops.Lengths,
  targetLengths: ops.Lengths,
  options: ops.CtcLossOptions = {},
): NonNullable<Case['f']> => {
  return (x, targets) => ops.ctcLoss(ops.logSoftmax(x), targets, inputLengths, targetLengths, options)
}

const shapes = [[], [1], [7], [4, 5], [0, 3], [2, 1, 3, 1, 2, 2]]

export const labelLosses = {
  marginRankingLoss: {
    cases: [
      { x: [normal(3, 4), normal(3, 4), bools(3, 4)], f: (a, b, t) => ops.marginRankingLoss(a, b, signs(t)) },
      ...shapes.map(
        (shape): Case => ({
          x: [normal(...shape), normal(...shape), bools(...shape)],
          f: (a, b, t) => ops.marginRankingLoss(a, b, signs(t), { ...NONE, margin: 0.3 }),
        }),
      ),
      {
        x: [normal(5), normal(5), values([1, -1, 1, 1, -1], 5)],
        f: (a, b, t) => ops.marginRankingLoss(a, b, t, { reduction: 'sum', margin: 1 }),
        note: 'floats, sum',
      },
      {
        x: [values([1, 2, 0, 3], 4), values([2, 2, -1, 5], 4), values([-1, 1, 1, -1], 4)],
        f: (a, b, t) => ops.marginRankingLoss(a, b, t, { margin: 1, reduction: 'sum' }),
        kink: true,
        note: 'at the bound',
      },
      {
        x: [normal(70_001), normal(70_001), bools(70_001)],
        f: (a, b, t) => ops.marginRankingLoss(a, b, signs(t), NONE),
        forward: true,
        note: 'large',
      },
    ],
    order: 2,
    bound: LOSS,
  },
  softMarginLoss: {
    cases: [
      { x: [normal(3, 4), bools(3, 4)], f: (x, t) => ops.softMarginLoss(x, signs(t)) },
      ...shapes.map(
        (shape): Case => ({
          x: [normal(...shape), bools(...shape)],
          f: (x, t) => ops.softMarginLoss(x, signs(t), NONE),
        }),
      ),
      {
        x: [values([80, -80, 300, -300, 3e38], 5), values([1, 1, -1, 1, 1], 5)],
        f: (x, t) => ops.softMarginLoss(x, t, NONE),
        kink: true,
        note: 'far from 0',
      },
      {
        x: [normal(70_001), bools(70_001)],
        f: (x, t) => ops.softMarginLoss(x, signs(t), NONE),
        forward: true,
        note: 'large',
      },
    ],
    order: 2,
    bound: LOSS,
  },
  multilabelMarginLoss: {
    cases: [
      { x: [normal(2, 4), intValues([2, 0, -1, 3, 1, -1, -1, 0], 2, 4)] },
      { x: [normal(4), intValues([0, 1, 2, 3], 4)], f: (x, t) => ops.multilabelMarginLoss(x, t, NONE), note: 'all' },
      { x: [normal(4), intValues([-1, 1, 2, 3], 4)], f: (x, t) => ops.multilabelMarginLoss(x, t, NONE), note: 'none' },
      { x: [normal(3, 5), ints(-1, 5, 3, 5)], f: (x, t) => ops.multilabelMarginLoss(x, t, NONE), note: 'twice one' },
      { x: [normal(3, 5), ints(-1, 5, 3, 5)], f: (x, t) => ops.multilabelMarginLoss(x, t, { reduction: 'sum' }) },
      { x: [normal(1), intValues([0], 1)] },
      { x: [normal(0, 3), ints(-1, 3, 0, 3)], f: (x, t) => ops.multilabelMarginLoss(x, t, NONE) },
      { x: [values([1, 0, 2, 1], 4), intValues([0, -1, 0, 0], 4)], kink: true, note: 'at the kink' },
      {
        x: [normal(7001, 10), ints(-1, 10, 7001, 10)],
        f: (x, t) => ops.multilabelMarginLoss(x, t, NONE),
        forward: true,
        note: 'large',
      },
    ],
    order: 2,
    bound: LOSS,
  },
  multilabelSoftMarginLoss: {
    cases: [
      { x: [normal(3, 4), uniform(0, 1, 3, 4)] },
      { x: [normal(3, 4), uniform(0, 1, 3, 4)], f: (x, t) => ops.multilabelSoftMarginLoss(x, t, NONE) },
      {
        x: [normal(3, 4), uniform(0, 1, 3, 4), uniform(0.5, 2, 4)],
        f: (x, t, weight) => ops.multilabelSoftMarginLoss(x, t, { weight, reduction: 'sum' }),
        note: 'weight, sum',
      },
      { x: [normal(7), uniform(0, 1, 7)] },
      { x: [normal(1), uniform(0, 1, 1)] },
      { x: [normal(0, 3), uniform(0, 1, 0, 3)], f: (x, t) => ops.multilabelSoftMarginLoss(x, t, NONE) },
      { x: [normal(2, 1, 2, 1, 3), uniform(0, 1, 2, 1, 2, 1, 3)] },
      {
        x: [values([90, -90, 300, -300], 2, 2), values([0, 1, 1, 0], 2, 2)],
        f: (x, t) => ops.multilabelSoftMarginLoss(x, t, NONE),
        kink: true,
        note: 'far from 0',
      },
      {
        x: [normal(7001, 10), uniform(0, 1, 7001, 10)],
        f: (x, t) => ops.multilabelSoftMarginLoss(x, t, NONE),
        forward: true,
        note: 'large',
      },
    ],
    order: 2,
    bound: LOSS,
  },
  ctcLoss: {
    cases: [
      { x: [normal(6, 2, 4), ints(1, 4, 2, 2)], f: ctc([6, 6], [2, 2]) },
      { x: [normal(7, 2, 4), ints(1, 4, 2, 3)], f: ctc([6, 7], [1, 3]), note: 'lengths' },
      { x: [normal(7, 3, 4), ints(1, 4, 4)], f: ctc([7, 7, 5], [1, 3, 0], { reduction: 'none' }), note: 'in a row' },
      { x: [normal(6, 3), ints(1, 3, 2)], f: ctc(6, 2), note: 'one sequence' },
      { x: [normal(6, 3), ints(1, 3, 2)], f: ctc([5], [2], { reduction: 'none' }), note: 'one sequence' },
      { x: [normal(6, 2, 4), ints(0, 3, 2, 2)], f: ctc([6, 6], [2, 2], { blank: 3, reduction: 'sum' }), note: 'blank' },
      { x: [normal(5, 1, 3), intValues([1, 1], 1, 2)], f: ctc([5], [2]), note: 'a label twice' },
      {
        x: [normal(6, 2, 4), ints(1, 4, 2, 3), intValues([6, 5], 2), intValues([2, 1], 2)],
        f: (x, t, steps, labels) => ops.ctcLoss(ops.logSoftmax(x), t, steps, labels),
        note: 'lengths on the device',
      },
      {
        x: [normal(2, 2, 4), intValues([1, 2, 3, 1], 2, 2)],
        f: ctc([1, 2], [2, 2], { reduction: 'none' }),
        kink: true,
        note: 'too short',
      },
      {
        x: [normal(2, 2, 4), intValues([1, 2, 3, 1], 2, 2)],
        f: ctc([1, 2], [2, 2], { zeroInfinity: true }),
        note: 'too short, as 0',
      },
      {
        x: [values([0, -Infinity, -1, -0.5, -Infinity, -2, -1, -1, -1], 3, 1, 3), intValues([2], 1, 1)],
        f: ctc([3], [1]),
        kink: true,
        note: 'impossible classes',
      },
      { x: [normal(1, 1, 2), intValues([1], 1, 1)], f: ctc([1], [1]) },
      { x: [normal(1, 1), ints(0, 1, 0)], f: ctc(1, 0), note: 'nothing but a blank' },
      { x: [normal(4, 0, 3), ints(1, 3, 0, 2)], f: ctc([], [], { reduction: 'none' }), note: 'no sequence' },
      { x: [normal(9, 3, 7), ints(1, 7, 3, 4)], f: ctc([9, 8, 9], [4, 4, 2]) },
      {
        x: [normal(30, 200, 12), ints(1, 12, 200, 4)],
        f: ctc(new Array(200).fill(30), new Array(200).fill(4)),
        forward: true,
      },
    ],
    order: 2,
    bound: { ulp: 16, ulpOfMax: 8 },
  },
} satisfies Partial<Record<OpName, Row>>
