/** @file Rows of softmax and losses. */

import { sizeOf } from '../../../../src/core/shape.ts'
import type { Tensor } from '../../../../src/core/tensor.ts'
import * as ops from '../../../../src/ops/index.ts'
import type { Reduction } from '../../../../src/ops/loss/reduction.ts'
import { constant, type Input, ints, intValues, normal, uniform, values } from '../../inputs.ts'
import type { Bound, Case, OpName, Row } from '../../row.ts'

/** Twice what is measured. */
const LOSS: Bound = { ulp: 8 }
/** Differences of logarithms or of lengths: what cancels is measured by the largest. */
const CANCELS: Bound = { ...LOSS, ulpOfMax: 4 }
/** Where one element is so large that it would hide the others. */
const FAR_APART: Bound = { ulp: 16, abs: 2e-6 }
const targets = (classes: number, ...shape: number[]): Input => ints(0, classes, ...shape)
const chances = (...shape: number[]): Input => uniform(0.05, 0.95, ...shape)

type Loss = (x: Tensor, target: Tensor, options?: { reduction?: Reduction }) => Tensor
type Draw = (...shape: number[]) => Input

const cosineDistance = (a: Tensor, b: Tensor): Tensor => ops.sub(1, ops.cosineSimilarity(a, b, -1))

/** The shapes every loss of input and target is tried at. */
function pairs(loss: Loss, x: Draw, target: Draw, extra: readonly Case[] = []): Row {
  const none: Case['f'] = (a, b) => loss(a, b, { reduction: 'none' })
  const shapes = [[], [1], [7], [4, 5], [2, 3, 4], [2, 1, 3, 1, 2, 2]]
  return {
    cases: [
      { x: [x(3, 4), target(3, 4)], f: (a, b) => loss(a, b) },
      ...shapes.map((shape): Case => ({ x: [x(...shape), target(...shape)], f: none, note: 'none' })),
      { x: [x(4, 5), target(4, 5)], f: (a, b) => loss(a, b, { reduction: 'sum' }), note: 'sum' },
      { x: [x(0, 3), target(0, 3)], f: none, note: 'nothing' },
      { x: [x(0, 3), target(0, 3)], f: (a, b) => loss(a, b), note: 'the mean of nothing' },
      { x: [x(1027), target(1027)], f: (a, b) => loss(a, b) },
      { x: [x(70_001), target(70_001)], f: none, forward: true, note: 'large' },
      ...extra,
    ],
    order: 2,
    bound: LOSS,
  }
}

const FAR = [0, -0, 1e38, -1e38, Infinity, -Infinity, NaN, 89]
const far = (f: Case['f'], ...target: number[]): Case => ({
  x: [values(FAR, 8), values(target.length === 1 ? FAR.map(() => target[0]) : target, 8)],
  f,
  kink: true,
  note: `far ${target}`,
})

/** Cross-entropy of five rows through a map to seven classes. */
const projected = (options: ops.LinearCrossEntropyOptions, note: string): Case => ({
  x: [normal(5, 4), normal(7, 4), intValues([3, 0, 6, 1, 0], 5)],
  f: (h, w, t) => ops.linearCrossEntropy(h, w, t, options),
  note,
})

/** Each place of a group of four has the largest value of some row, and neighbours that would overflow next to it. */
const FAR_BY_FOURS = values(
  [
    [200, -200, 0, 90, -90, 100, 50, 1],
    [-200, 200, 0, 90, 100, -90, 50, 1],
    [0, -200, 200, 90, -90, 100, 1, 50],
    [90, -200, 0, 200, -90, 50, 100, 1],
    [1e30, -1e30, 0, 1, 2, 3, 4, 5],
  ].flat(),
  5,
  8,
)
/** Rows with a masked class, without any, at the ends of float32, with what is not a number. */
const EXTREMES = values(
  [
    [-Infinity, 0, 1],
    [-Infinity, -Infinity, -Infinity],
    [3e38, -3e38, 0],
    [NaN, 0, 1],
    [89, -89, 104],
    [Infinity, 0, 1],
  ].flat(),
  6,
  3,
)

/** 1 or −1. */
const signs = (...shape: number[]): Input => ({
  shape,
  kind: 'int32',
  draw: (random) => Float64Array.from({ length: sizeOf(shape) }, () => 2 * random.int(2) - 1),
})
const NONE = { reduction: 'none' } as const

export const losses = {
  softmax: {
    cases: [
      { x: [normal(3, 5)] },
      { x: [normal(3, 5)], f: (x) => ops.softmax(x, 0) },
      { x: [normal()] },
      { x: [normal(1)] },
      { x: [normal(0, 3)] },
      { x: [normal(2, 0)], note: 'along an axis of size 0' },
      { x: [normal(2, 3, 4)], f: (x) => ops.softmax(x, 1) },
      { x: [normal(2, 1, 2, 2, 1, 3)], f: (x) => ops.softmax(x, -3), note: 'rank 6' },
      { x: [normal(2, 1000)], note: 'more columns than lanes' },
      { x: [normal(600, 3)], note: 'more rows than lanes' },
      { x: [normal(260, 260)], forward: true, note: 'large' },
      { x: [constant(100, 1, 4)], note: 'no overflow' },
      { x: [values([-200, 0, 200, 1e30, -1e30, 0], 2, 3)], kink: true, note: 'far apart' },
      { x: [FAR_BY_FOURS], kink: true, note: 'far apart, by fours' },
      { x: [EXTREMES], kink: true, note: 'extremes' },
    ],
    order: 2,
    // exp is the built-in one, 3 + 2|x| ulp: far below the largest, shares are good to 1e-7 of the whole
    bound: { ulp: 16, abs: 1e-7 },
  },
  logSoftmax: {
    cases: [
      { x: [normal(3, 5)] },
      { x: [normal(3, 5)], f: (x) => ops.logSoftmax(x, 0) },
      { x: [normal()] },
      { x: [normal(1)] },
      { x: [normal(0, 3)] },
      { x: [normal(2, 0)], note: 'along an axis of size 0' },
      { x: [normal(2, 3, 4)], f: (x) => ops.logSoftmax(x, 1) },
      { x: [normal(2, 1, 2, 2, 1, 3)], f: (x) => ops.logSoftmax(x, -3), note: 'rank 6' },
      { x: [normal(2, 1000)], note: 'more columns than lanes' },
      { x: [normal(600, 3)] },
      { x: [normal(260, 260)], forward: true, note: 'large' },
      { x: [values([-200, 0, 200, 80, -80, 0], 2, 3)], kink: true, note: 'far apart' },
      { x: [FAR_BY_FOURS], kink: true, note: 'far apart, by fours' },
      { x: [EXTREMES], kink: true, note: 'extremes' },
    ],
    order: 2,
    bound: { ulp: 8, abs: 3e-7 },
  },
  softmin: {
    cases: [
      { x: [normal(3, 5)] },
      { x: [normal(3, 5)], f: (x) => ops.softmin(x, 0) },
      { x: [normal()] },
      { x: [normal(1)] },
      { x: [normal(0, 3)] },
      { x: [normal(2, 3, 4)], f: (x) => ops.softmin(x, 1) },
      { x: [normal(2, 1, 2, 2, 1, 3)], f: (x) => ops.softmin(x, -3), note: 'rank 6' },
      { x: [normal(2, 100)] },
      { x: [normal(260, 3)] },
      { x: [normal(260, 260)], forward: true, note: 'large' },
      { x: [values([-200, 0, 200, 1e30, -1e30, 0], 2, 3)], kink: true, note: 'far apart' },
      { x: [FAR_BY_FOURS], kink: true, note: 'far apart, by fours' },
    ],
    order: 2,
    // exp is the built-in one, 3 + 2|x| ulp: far below the largest, shares are good to 1e-7 of the whole
    bound: { ulp: 16, abs: 1e-7 },
  },
  linearCrossEntropy: {
    cases: [
      { x: [normal(5, 4), normal(7, 4), targets(7, 5)] },
      ...[1, 2, 4, 5].map((chunk) => projected({ chunk }, `chunks of ${chunk}`)),
      projected({ chunk: 2, reduction: 'sum' }, 'sum'),
      projected({ chunk: 2, reduction: 'none' }, 'none'),
      projected({ reduction: 'none' }, 'none, one chunk'),
      projected({ chunk: 2, labelSmoothing: 0.2 }, 'smoothing'),
      projected({ chunk: 2, labelSmoothing: 0.2, reduction: 'none', ignoreIndex: 1 }, 'smoothing, ignored rows'),
      projected({ chunk: 3, ignoreIndex: 0 }, 'ignored rows'),
      {
        x: [normal(2, 3, 4), normal(8, 4), targets(8, 2, 3)],
        f: (h, w, t) => ops.linearCrossEntropy(h, w, t, { chunk: 4, reduction: 'none' }),
        note: 'a batch of texts, four columns',
      },
      { x: [normal(2, 1, 3, 1, 2, 3), normal(3, 3), targets(3, 2, 1, 3, 1, 2)], note: 'rank 6' },
      { x: [normal(3), normal(4, 3), targets(4)], note: 'one row' },
      { x: [normal(1, 1), normal(1, 1), targets(1, 1)] },
      { x: [normal(0, 3), normal(4, 3), targets(4, 0)], note: 'no rows' },
      {
        x: [normal(3, 0), normal(4, 0), targets(4, 3)],
        f: (h, w, t) => ops.linearCrossEntropy(h, w, t, { chunk: 2 }),
        note: 'no channels',
      },
      {
        x: [normal(2, 3), normal(4, 3), intValues([-1, -1], 2)],
        f: (h, w, t) => ops.linearCrossEntropy(h, w, t, { ignoreIndex: -1, chunk: 1 }),
        kink: true,
        note: 'all ignored: NaN',
      },
      {
        x: [normal(9, 65), normal(70, 65), targets(70, 9)],
        f: (h, w, t) => ops.linearCrossEntropy(h, w, t, { chunk: 4 }),
      },
      {
        x: [normal(24_000, 3), normal(5, 3), targets(5, 24_000)],
        f: (h, w, t) => ops.linearCrossEntropy(h, w, t, { reduction: 'none' }),
        forward: true,
        note: 'large',
      },
    ],
    order: 2,
    // What products round is multiplied by what the softmax of far logits makes of it.
    bound: { ulp: 16, ulpOfMax: 8, abs: 2e-6 },
  },
  crossEntropy: {
    cases: [
      { x: [normal(4, 5), targets(5, 4)] },
      { x: [normal(4, 5), targets(5, 4)], f: (x, t) => ops.crossEntropy(x, t, { labelSmoothing: 0.1 }) },
      { x: [normal(4, 5), targets(5, 4)], f: (x, t) => ops.crossEntropy(x, t, { reduction: 'none' }) },
      { x: [normal(4, 5), targets(5, 4)], f: (x, t) => ops.crossEntropy(x, t, { reduction: 'sum' }) },
      {
        x: [normal(4, 5), intValues([1, -100, 0, -100], 4)],
        f: (x, t) => ops.crossEntropy(x, t, { labelSmoothing: 0.2 }),
        note: 'ignored rows',
      },
      { x: [normal(5), targets(5)], note: 'one sample' },
      { x: [normal(1, 1), targets(1, 1)] },
      { x: [normal(0, 3), targets(3, 0)], note: 'no samples' },
      { x: [normal(2, 5, 3), targets(5, 2, 3)], note: 'classes on axis 1' },
      { x: [normal(2, 3, 1, 2, 1, 2), targets(3, 2, 1, 2, 1, 2)], note: 'rank 6' },
      { x: [normal(3, 1000), targets(1000, 3)], note: 'more classes than lanes' },
      { x: [normal(600, 3), targets(3, 600)], note: 'more rows than lanes' },
      {
        x: [normal(4, 3), targets(3, 4), uniform(0.2, 2, 3)],
        f: (x, t, weight) => ops.crossEntropy(x, t, { weight }),
        note: 'weights',
      },
      {
        x: [normal(2, 3, 2), intValues([1, 0, 2, -1], 2, 2), uniform(0.2, 2, 3)],
        f: (x, t, weight) => ops.crossEntropy(x, t, { weight, labelSmoothing: 0.3, ignoreIndex: -1 }),
        note: 'weights, smoothing, ignored rows',
      },
      {
        x: [normal(3, 3), intValues([1, 0, 2], 3), uniform(0.2, 2, 3)],
        f: (x, t, weight) => ops.crossEntropy(x, t, { weight, reduction: 'none', labelSmoothing: 0.3 }),
      },
      { x: [normal(4, 5), chances(4, 5)], note: 'probabilities' },
      { x: [normal(5), chances(5)], note: 'probabilities of one sample' },
      {
        x: [normal(2, 3, 2), chances(2, 3, 2), uniform(0.2, 2, 3)],
        f: (x, t, weight) => ops.crossEntropy(x, t, { weight, labelSmoothing: 0.3 }),
        note: 'probabilities, weights, smoothing',
      },
      {
        x: [normal(2, 3, 2), chances(2, 3, 2)],
        f: (x, t) => ops.crossEntropy(x, t, { reduction: 'none' }),
        note: 'probabilities, none',
      },
      { x: [normal(5000, 15), targets(15, 5000)], forward: true, note: 'large' },
      { x: [values([200, 0, -200, 0, 90, -90], 2, 3), intValues([2, 1], 2)], note: 'far apart' },
      {
        x: [values([0, 0.5, 0, 0, 0, -1], 2, 3), intValues([0, 1], 2)],
        f: (x, t) => ops.crossEntropy(ops.add(x, 2048), t, NONE),
        note: 'far from 0',
      },
      // Here the steps of differences, a part of x, are too wide.
      { x: [values([1e4, 1e4], 1, 2), intValues([0], 1)], kink: true, note: 'farther from 0' },
      { x: [values([-Infinity, 0, 1, 2, -Infinity, 1], 2, 3), intValues([2, 0], 2)], kink: true, note: 'masked class' },
      { x: [EXTREMES, intValues([2, 0, 0, 1, 0, 1], 6)], f: (x, t) => ops.crossEntropy(x, t, NONE), kink: true },
      {
        x: [values([-Infinity, 0, 1, 2, -Infinity, 1], 2, 3), values([0, 1, 0, 0.5, 0, 0.5], 2, 3)],
        kink: true,
        note: 'masked class of probability 0',
      },
      {
        x: [normal(2, 3), intValues([-1, -1], 2)],
        f: (x, t) => ops.crossEntropy(x, t, { ignoreIndex: -1 }),
        kink: true,
        note: 'all ignored: NaN',
      },
      ...[3, 4].map(
        (classes): Case => ({
          x: [values([NaN, 1, Infinity, 1, 2, 3, 4, -1].slice(0, 2 * classes), 2, classes), intValues([-100, 1], 2)],
          f: (x, t) => ops.crossEntropy(x, t),
          kink: true,
          note: 'an ignored row of no numbers',
        }),
      ),
    ],
    order: 2,
    bound: CANCELS,
  },
  nllLoss: {
    cases: [
      { x: [normal(4, 5), targets(5, 4)] },
      { x: [normal(4, 5), targets(5, 4)], f: (x, t) => ops.nllLoss(x, t, { reduction: 'none' }) },
      { x: [normal(4, 5), targets(5, 4)], f: (x, t) => ops.nllLoss(x, t, { reduction: 'sum' }) },
      { x: [normal(4, 5), targets(5, 4)], f: (x, t) => ops.nllLoss(ops.logSoftmax(x), t), note: 'of logSoftmax' },
      {
        x: [normal(4, 5), intValues([1, -100, 0, -100], 4)],
        note: 'ignored rows',
      },
      {
        x: [normal(4, 3), intValues([1, 7, 0, 7], 4), uniform(0.2, 2, 3)],
        f: (x, t, weight) => ops.nllLoss(x, t, { ignoreIndex: 7, weight }),
        note: 'ignored rows, weights',
      },
      {
        x: [normal(4, 3), targets(3, 4), uniform(0.2, 2, 3)],
        f: (x, t, weight) => ops.nllLoss(x, t, { weight, reduction: 'none' }),
        note: 'weights',
      },
      { x: [normal(5), targets(5)], note: 'one sample' },
      { x: [normal(1, 1), targets(1, 1)] },
      { x: [normal(0, 3), targets(3, 0)], note: 'no samples' },
      { x: [normal(2, 5, 3), targets(5, 2, 3)], note: 'classes on axis 1' },
      { x: [normal(2, 3, 1, 2, 1, 2), targets(3, 2, 1, 2, 1, 2)], note: 'rank 6' },
      { x: [normal(3, 300), targets(300, 3)], note: 'more classes than lanes' },
      { x: [normal(600, 3), targets(3, 600)], note: 'more rows than lanes' },
      { x: [normal(5000, 15), targets(15, 5000)], forward: true, note: 'large' },
      {
        x: [values([-Infinity, 0, NaN, 2, -Infinity, 1e38], 2, 3), intValues([1, 0], 2)],
        kink: true,
        note: 'extremes',
      },
    ],
    order: 2,
    bound: LOSS,
  },
  multiMarginLoss: {
    cases: [
      { x: [normal(4, 5), targets(5, 4)] },
      { x: [normal(4, 5), targets(5, 4)], f: (x, t) => ops.multiMarginLoss(x, t, { reduction: 'none', p: 2 }) },
      { x: [normal(4, 5), targets(5, 4)], f: (x, t) => ops.multiMarginLoss(x, t, { reduction: 'sum', margin: 0.3 }) },
      {
        x: [normal(4, 3), targets(3, 4), uniform(0.2, 2, 3)],
        f: (x, t, weight) => ops.multiMarginLoss(x, t, { weight }),
        note: 'weights',
      },
      { x: [normal(5), targets(5)], note: 'one sample' },
      { x: [normal(1, 1), targets(1, 1)], note: 'one class' },
      { x: [normal(0, 3), targets(3, 0)], note: 'no samples' },
      { x: [normal(2, 2), targets(2, 2)], f: (x, t) => ops.multiMarginLoss(x, t, { margin: -0.1, p: 2 }) },
      { x: [normal(7, 33), targets(33, 7)] },
      { x: [normal(600, 3), targets(3, 600)] },
      { x: [normal(5000, 15), targets(15, 5000)], forward: true, note: 'large' },
      { x: [values([1, 0, 2, 0], 2, 2), intValues([0, 1], 2)], kink: true, note: 'at the margin' },
    ],
    order: 2,
    bound: LOSS,
  },
  mseLoss: pairs(ops.mseLoss, normal, normal, [far((x, t) => ops.mseLoss(x, t, { reduction: 'none' }), 1)]),
  l1Loss: pairs(ops.l1Loss, normal, normal, [
    far((x, t) => ops.l1Loss(x, t, { reduction: 'none' }), 1),
    far((x, t) => ops.l1Loss(x, t, { reduction: 'none' }), 0),
  ]),
  smoothL1Loss: pairs(ops.smoothL1Loss, normal, normal, [
    { x: [normal(3, 4), normal(3, 4)], f: (x, t) => ops.smoothL1Loss(x, t, { beta: 0.3 }) },
    { x: [normal(3, 4), normal(3, 4)], f: (x, t) => ops.smoothL1Loss(x, t, { beta: 0 }) },
    far((x, t) => ops.smoothL1Loss(x, t, { reduction: 'none' }), 1),
    { x: [values([0, 1, -1, 2], 4), values([0, 0, 0, 1], 4)], kink: true, note: 'where the pieces meet' },
  ]),
  huberLoss: pairs(ops.huberLoss, normal, normal, [
    { x: [normal(3, 4), normal(3, 4)], f: (x, t) => ops.huberLoss(x, t, { delta: 0.3 }) },
    far((x, t) => ops.huberLoss(x, t, { reduction: 'none', delta: 2 }), 1),
    { x: [values([0, 1, -1, 2], 4), values([0, 0, 0, 1], 4)], kink: true, note: 'where the pieces meet' },
  ]),
  bceLoss: pairs(ops.bceLoss, chances, chances, [
    {
      x: [chances(3, 4), chances(3, 4), uniform(0.2, 2, 4)],
      f: (p, t, weight) => ops.bceLoss(p, t, { weight }),
      note: 'weights',
    },
    {
      x: [values([0, 0, 1, 1, 0.5, NaN], 6), values([0, 1, 0, 1, 0, 1], 6)],
      f: (p, t) => ops.bceLoss(p, t, { reduction: 'none' }),
      kink: true,
      note: 'certain',
    },
  ]),
  bceWithLogits: pairs(ops.bceWithLogits, normal, (...shape) => uniform(0, 1, ...shape), [
    { x: [values([0, 100, -100, 20], 4), values([0, 1, 0, 0], 4)], note: 'zero and far logits' },
    { x: [normal(4), uniform(0, 1, 4)], f: (x, t) => ops.bceWithLogits(x, t, { reduction: 'none', posWeight: 3 }) },
    {
      x: [normal(3, 4), uniform(0, 1, 3, 4), uniform(0.2, 2, 4), uniform(0.2, 2, 3, 1)],
      f: (x, t, posWeight, weight) => ops.bceWithLogits(x, t, { posWeight, weight }),
      note: 'posWeight and weight',
    },
    far((x, t) => ops.bceWithLogits(x, t, { reduction: 'none' }), 0.25),
  ]),
  klDiv: {
    ...pairs(ops.klDiv, normal, chances, [
      { x: [normal(3, 4), chances(3, 4)], f: (x, t) => ops.klDiv(x, t, { reduction: 'batchmean' }) },
      { x: [normal(), chances()], f: (x, t) => ops.klDiv(x, t, { reduction: 'batchmean' }) },
      { x: [normal(3, 4), normal(3, 4)], f: (x, t) => ops.klDiv(x, t, { logTarget: true }) },
      {
        x: [values([-Infinity, -1, -2, -Infinity, 0], 5), values([0, 0, 1, 0.5, NaN], 5)],
        f: (x, t) => ops.klDiv(x, t, { reduction: 'none' }),
        kink: true,
        note: 'impossible',
      },
      {
        x: [values([-Infinity, -1, -2, -Infinity], 4), values([-Infinity, -Infinity, 0, -0.5], 4)],
        f: (x, t) => ops.klDiv(x, t, { reduction: 'none', logTarget: true }),
        kink: true,
        note: 'impossible, by logarithms',
      },
    ]),
    bound: CANCELS,
  },
  gaussianNllLoss: {
    ...pairs((x, t, options) => ops.gaussianNllLoss(x, t, ops.add(ops.square(t), 0.5), options), normal, normal, [
      { x: [normal(3, 4), normal(3, 4), uniform(0.2, 2, 3, 4)] },
      { x: [normal(3, 4), normal(3, 4), uniform(0.2, 2, 3)], note: 'a variance for each row' },
      {
        x: [normal(3, 4), normal(3, 4), uniform(0.2, 2, 3, 1)],
        f: (x, t, v) => ops.gaussianNllLoss(x, t, v, { full: true, reduction: 'none' }),
        note: 'full',
      },
      {
        x: [values([1, 2, 0, 1e18], 4), values([0, 2, 0, 0], 4), values([0, 1e-9, 1e30, 1], 4)],
        f: (x, t, v) => ops.gaussianNllLoss(x, t, v, { reduction: 'none' }),
        kink: true,
        bound: FAR_APART,
        note: 'bounded variance',
      },
    ]),
    bound: CANCELS,
  },
  poissonNllLoss: {
    ...pairs(ops.poissonNllLoss, normal, (...shape) => uniform(0, 4, ...shape), [
      { x: [normal(3, 4), uniform(1.1, 9, 3, 4)], f: (x, t) => ops.poissonNllLoss(x, t, { full: true }), note: 'full' },
      {
        x: [normal(3, 4), uniform(0, 0.9, 3, 4)],
        f: (x, t) => ops.poissonNllLoss(x, t, { full: true }),
        note: 'small',
      },
      { x: [uniform(0.2, 4, 3, 4), uniform(0, 9, 3, 4)], f: (x, t) => ops.poissonNllLoss(x, t, { logInput: false }) },
      {
        x: [values([0, 0, 3, 90], 4), values([0, 1, 1, 200], 4)],
        f: (x, t) => ops.poissonNllLoss(x, t, { logInput: false, full: true, reduction: 'none' }),
        kink: true,
        note: 'rate 0',
      },
      {
        x: [values([-Infinity, Infinity, NaN, 88, 1e38, -1e38], 6), values([1, 2, 1, 3, 1, 1], 6)],
        f: (x, t) => ops.poissonNllLoss(x, t, { reduction: 'none' }),
        kink: true,
        bound: FAR_APART,
        note: 'far',
      },
    ]),
    bound: { ...CANCELS, ulp: 16 },
  },
  hingeEmbeddingLoss: pairs(ops.hingeEmbeddingLoss, (...shape) => uniform(0, 3, ...shape), signs, [
    { x: [uniform(0, 3, 3, 4), signs(3, 4)], f: (x, t) => ops.hingeEmbeddingLoss(x, t, { margin: 2.5 }) },
    { x: [values([1, 1, 0, -1], 4), intValues([-1, 1, -1, -1], 4)], kink: true, note: 'at the margin' },
  ]),
  cosineEmbeddingLoss: {
    cases: [
      { x: [normal(4, 3), normal(4, 3), signs(4)] },
      { x: [normal(4, 3), normal(4, 3), signs(4)], f: (a, b, t) => ops.cosineEmbeddingLoss(a, b, t, NONE) },
      {
        x: [normal(4, 3), normal(4, 3), signs(4)],
        f: (a, b, t) => ops.cosineEmbeddingLoss(a, b, t, { reduction: 'sum', margin: 0.2 }),
      },
      { x: [normal(3), normal(3), signs()], note: 'one pair' },
      { x: [normal(1, 1), normal(1, 1), signs(1)], kink: true },
      { x: [normal(0, 3), normal(0, 3), signs(0)], f: (a, b, t) => ops.cosineEmbeddingLoss(a, b, t, NONE) },
      { x: [normal(7, 33), normal(7, 33), signs(7)] },
      { x: [normal(2, 2, 1, 2, 1, 3), normal(2, 2, 1, 2, 1, 3), signs(2, 2, 1, 2, 1)], note: 'rank 6' },
      { x: [normal(300, 2), normal(300, 2), signs(300)] },
      { x: [normal(3, 2), normal(3, 2), values([1, -1, 1], 3)], kink: true, note: 'float targets' },
      {
        x: [normal(700, 100), normal(700, 100), signs(700)],
        f: (a, b, t) => ops.cosineEmbeddingLoss(a, b, t, NONE),
        forward: true,
      },
      {
        x: [values([0, 0, 1, 0], 2, 2), values([1, 2, 2, 0], 2, 2), signs(2)],
        kink: true,
        note: 'no direction, one direction',
      },
    ],
    order: 2,
    bound: CANCELS,
  },
  tripletMarginLoss: {
    cases: [
      { x: [normal(4, 3), normal(4, 3), normal(4, 3)] },
      { x: [normal(4, 3), normal(4, 3), normal(4, 3)], f: (a, p, n) => ops.tripletMarginLoss(a, p, n, NONE) },
      {
        x: [normal(4, 3), normal(4, 3), normal(4, 3)],
        f: (a, p, n) => ops.tripletMarginLoss(a, p, n, { reduction: 'sum', margin: 3, p: 1 }),
      },
      {
        x: [normal(4, 3), normal(4, 3), normal(4, 3)],
        f: (a, p, n) => ops.tripletMarginLoss(a, p, n, { margin: 2, swap: true }),
        note: 'swap',
      },
      { x: [normal(3), normal(3), normal(3)], note: 'one triplet' },
      { x: [normal(1, 1), normal(1, 1), normal(1, 1)] },
      { x: [normal(0, 3), normal(0, 3), normal(0, 3)], f: (a, p, n) => ops.tripletMarginLoss(a, p, n, NONE) },
      { x: [normal(7, 33), normal(7, 33), normal(7, 33)] },
      { x: [normal(2, 2, 1, 2, 1, 3), normal(2, 2, 1, 2, 1, 3), normal(2, 2, 1, 2, 1, 3)], note: 'rank 6' },
      { x: [normal(300, 2), normal(300, 2), normal(300, 2)] },
      {
        x: [normal(700, 100), normal(700, 100), normal(700, 100)],
        f: (a, p, n) => ops.tripletMarginLoss(a, p, n, NONE),
        forward: true,
        note: 'large',
      },
      { x: [values([0, 0], 1, 2), values([0, 0], 1, 2), values([3, 4], 1, 2)], kink: true, note: 'at the anchor' },
    ],
    order: 2,
    bound: CANCELS,
  },
  tripletMarginWithDistanceLoss: {
    cases: [
      { x: [normal(4, 3), normal(4, 3), normal(4, 3)] },
      {
        x: [normal(4, 3), normal(4, 3), normal(4, 3)],
        f: (a, p, n) =>
          ops.tripletMarginWithDistanceLoss(a, p, n, { distanceFunction: cosineDistance, reduction: 'sum', margin: 3 }),
        note: 'by angles',
      },
      {
        x: [normal(4, 3), normal(4, 3), normal(4, 3)],
        f: (a, p, n) => ops.tripletMarginWithDistanceLoss(a, p, n, { margin: 2, swap: true, ...NONE }),
        note: 'swap',
      },
      { x: [normal(3), normal(3), normal(3)], note: 'one triplet' },
      { x: [normal(1, 1), normal(1, 1), normal(1, 1)] },
      {
        x: [normal(0, 3), normal(0, 3), normal(0, 3)],
        f: (a, p, n) => ops.tripletMarginWithDistanceLoss(a, p, n, NONE),
      },
      { x: [normal(7, 33), normal(7, 33), normal(7, 33)] },
      { x: [normal(2, 2, 1, 2, 1, 3), normal(2, 2, 1, 2, 1, 3), normal(2, 2, 1, 2, 1, 3)], note: 'rank 6' },
      {
        x: [normal(700, 100), normal(700, 100), normal(700, 100)],
        f: (a, p, n) => ops.tripletMarginWithDistanceLoss(a, p, n, NONE),
        forward: true,
        note: 'large',
      },
    ],
    order: 2,
    bound: CANCELS,
  },
  pairwiseDistance: {
    cases: [
      { x: [normal(4, 3), normal(4, 3)] },
      { x: [normal(4, 3), normal(4, 3)], f: (a, b) => ops.pairwiseDistance(a, b, { p: 1, keepdim: true }) },
      { x: [normal(4, 3), normal(4, 3)], f: (a, b) => ops.pairwiseDistance(a, b, { p: Infinity }) },
      { x: [normal(4, 3), normal(4, 3)], f: (a, b) => ops.pairwiseDistance(a, b, { p: 3, eps: 0 }) },
      { x: [normal(3), normal(4, 3)], note: 'broadcast' },
      { x: [normal(3), normal(3)] },
      { x: [normal(1), normal(1)] },
      { x: [normal(0, 3), normal(3)] },
      { x: [normal(3, 0), normal(3, 0)], note: 'no coordinates' },
      { x: [normal(2, 1, 2, 1, 2, 3), normal(2, 3)], note: 'rank 6' },
      { x: [normal(7, 33), normal(7, 33)] },
      { x: [normal(700, 100), normal(700, 100)], forward: true, note: 'large' },
      { x: [values([1, 2], 2), values([1, 2], 2)], f: (a, b) => ops.pairwiseDistance(a, b, { eps: 0 }), kink: true },
    ],
    order: 2,
    bound: LOSS,
  },
  cosineSimilarity: {
    cases: [
      { x: [normal(4, 3), normal(4, 3)] },
      { x: [normal(4, 3), normal(4, 3)], f: (a, b) => ops.cosineSimilarity(a, b, { dim: 0 }) },
      { x: [normal(3), normal(3)], f: (a, b) => ops.cosineSimilarity(a, b, { dim: -1 }) },
      { x: [normal(3), normal(4, 3)], note: 'broadcast' },
      { x: [normal(5, 1, 3), normal(2, 3)], f: (a, b) => ops.cosineSimilarity(a, b, { dim: -1 }), note: 'broadcast' },
      { x: [normal(1, 1), normal(1, 1)] },
      { x: [normal(), normal()], f: (a, b) => ops.cosineSimilarity(a, b, { dim: 0 }) },
      { x: [normal(0, 3), normal(0, 3)] },
      { x: [normal(3, 0), normal(3, 0)], note: 'no coordinates' },
      { x: [normal(2, 1, 2, 1, 2, 3), normal(2, 3)], f: (a, b) => ops.cosineSimilarity(a, b, { dim: -2 }) },
      { x: [normal(7, 33), normal(7, 33)] },
      { x: [normal(700, 100), normal(700, 100)], forward: true, note: 'large' },
      { x: [values([0, 0, 1, 0], 2, 2), values([1, 2, 2, 0], 2, 2)], kink: true, note: 'no direction, one direction' },
    ],
    order: 2,
    bound: CANCELS,
  },
} satisfies Partial<Record<OpName, Row>>
