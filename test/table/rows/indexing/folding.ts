/** @file Rows of what folds, replaces and finds elements by integers. */

import type { Tensor } from '../../../../src/core/tensor.ts'
import type { EmbeddingBagOptions, ScatterReduceOptions, ScatterReduction } from '../../../../src/ops/index.ts'
import * as ops from '../../../../src/ops/index.ts'
import { awayFromZero, bools, distinct, ints, intValues, normal, values } from '../../inputs.ts'
import { type Case, EXACT, movement, noGradient, type OpName, type Row } from '../../row.ts'

const SUMS = { ulp: 4, ulpOfMax: 2 }

const reduced = (dim: number, how: ScatterReduction, options?: ScatterReduceOptions) => ({
  f: (x: Tensor, i: Tensor, s: Tensor) => ops.scatterReduce(x, dim, i, s, how, options),
  note: `${how}${options ? ', without its own' : ''}`,
})
const alone = { includeSelf: false }
const kinds = ['sum', 'prod', 'mean', 'amax', 'amin'] as const
/** Values of which none is met twice: ties are kinks. */
const apart = (how: ScatterReduction) => (how === 'prod' ? (...s: number[]) => awayFromZero(0.4, ...s) : distinct)

const bags = (options: EmbeddingBagOptions, more: Partial<Case> = {}): Partial<Case> => ({
  f: (w, i) => ops.embeddingBag(w, i, options),
  note: Object.entries(options)
    .map(([key, value]) => `${key} ${value}`)
    .join(', '),
  ...more,
})

export const folding = {
  scatterReduce: {
    cases: [
      { x: [normal(3, 5), ints(-4, 5, 3, 2), normal(3, 2)], ...reduced(1, 'sum') },
      ...kinds.flatMap((how): Case[] => [
        { x: [apart(how)(4, 3), ints(0, 4, 7, 3), awayFromZero(0.5, 7, 3)], ...reduced(0, how) },
        { x: [apart(how)(4, 3), ints(-4, 4, 3, 3), awayFromZero(0.5, 4, 4)], ...reduced(0, how, alone) },
        {
          x: [apart(how)(2, 4, 4), ints(0, 4, 2, 5, 3), awayFromZero(0.5, 2, 5, 4)],
          ...reduced(1, how),
          note: `${how}, an index smaller than x`,
        },
      ]),
      {
        x: [normal(), intValues([0]), normal()],
        f: (x, i, s) => ops.scatterReduce(x, 0, ops.reshape(i, []), s, 'mean'),
      },
      { x: [normal(1), ints(0, 1, 6), awayFromZero(0.8, 6)], ...reduced(0, 'prod') },
      { x: [normal(3, 2), ints(0, 2, 3, 0), normal(3, 1)], ...reduced(1, 'prod'), note: 'nothing' },
      {
        x: [normal(2, 2, 1, 3, 2), ints(0, 3, 2, 2, 1, 2, 2), normal(2, 2, 1, 2, 2)],
        ...reduced(3, 'mean'),
      },
      {
        x: [values([2, 3, 0, 5], 4), intValues([0, 0, 1, 1, 1, 2, 3], 7), values([0, 4, 0, 0, 3, 7, 2], 7)],
        ...reduced(0, 'prod'),
        note: 'product with zeros',
      },
      {
        x: [values([1, NaN, -3, 5, -2], 5), intValues([0, 0, 1, 2, 2, 3], 6), values([1, 1, 4, NaN, 2, -Infinity], 6)],
        ...reduced(0, 'amax'),
        kink: true,
        note: 'ties, NaN and infinities',
      },
      {
        x: [values([1, 2, -3, 5, -2], 5), intValues([0, 0, 1, 2, 2, 3], 6), values([1, 1, 4, NaN, 2, Infinity], 6)],
        ...reduced(0, 'amin', alone),
        kink: true,
        note: 'ties, NaN and infinities',
      },
      { x: [normal(3, 40), ints(0, 40, 3, 900), distinct(3, 900)], ...reduced(1, 'amax'), kink: true, note: 'long' },
      {
        x: [normal(9, 8000), ints(0, 9, 9, 8000), awayFromZero(0.9, 9, 8000)],
        ...reduced(0, 'prod'),
        forward: true,
        note: 'large',
      },
      { x: [normal(8, 4), ints(0, 8, 700, 4), awayFromZero(0.95, 700, 4)], ...reduced(0, 'amin'), forward: true },
    ],
    order: 2,
    bound: { ulp: 8, ulpOfMax: 4 },
  },
  indexCopy: movement([
    { x: [normal(5, 3), ints(-4, 5, 7), normal(7, 3)], f: (x, i, s) => ops.indexCopy(x, 0, i, s), note: 'last wins' },
    { x: [normal(3, 5), ints(0, 5, 4), normal(3, 4)], f: (x, i, s) => ops.indexCopy(x, 1, i, s) },
    { x: [normal(5), normal(3)], f: (x, s) => ops.indexCopy(x, 0, [1, -2, 4], s), note: 'host indices' },
    { x: [normal(1), ints(0, 1, 5), normal(5)], f: (x, i, s) => ops.indexCopy(x, 0, i, s) },
    { x: [normal(5, 3), ints(0, 5, 0), normal(0, 3)], f: (x, i, s) => ops.indexCopy(x, 0, i, s), note: 'nothing' },
    { x: [normal(2, 3, 1, 2, 2), ints(0, 3, 4), normal(2, 4, 1, 2, 2)], f: (x, i, s) => ops.indexCopy(x, 1, i, s) },
    { x: [ints(0, 9, 4), ints(0, 4, 2), ints(0, 9, 2)], f: (x, i, s) => ops.indexCopy(x, 0, i, s), note: 'int32' },
    { x: [bools(4, 2), ints(0, 4, 2), bools(2, 2)], f: (x, i, s) => ops.indexCopy(x, 0, i, s), note: 'bool' },
    {
      x: [normal(300, 250), ints(0, 300, 90), normal(90, 250)],
      f: (x, i, s) => ops.indexCopy(x, 0, i, s),
      forward: true,
      note: 'large',
    },
  ]),
  indexFill: {
    cases: [
      { x: [normal(5, 3), ints(-4, 5, 4)], f: (x, i) => ops.indexFill(x, 0, i, 2.5) },
      { x: [normal(3, 5), ints(0, 5, 4), normal()], f: (x, i, v) => ops.indexFill(x, -1, i, v), note: 'a tensor' },
      { x: [normal(5)], f: (x) => ops.indexFill(x, 0, [0, -1], 0), note: 'host indices' },
      { x: [normal(1), ints(0, 1)], f: (x, i) => ops.indexFill(x, 0, i, -1) },
      { x: [normal(0, 3), ints(0, 3, 2)], f: (x, i) => ops.indexFill(x, 1, i, 1) },
      { x: [normal(2, 3, 1, 2, 2), ints(0, 3, 2)], f: (x, i) => ops.indexFill(x, 1, i, 1) },
      { x: [ints(0, 9, 4, 2), ints(0, 4, 2)], f: (x, i) => ops.indexFill(x, 0, i, 7), note: 'int32' },
      { x: [bools(6), ints(0, 6, 3)], f: (x, i) => ops.indexFill(x, 0, i, 1), note: 'bool' },
      { x: [normal(300, 250), ints(0, 300, 90)], f: (x, i) => ops.indexFill(x, 0, i, 0), forward: true, note: 'large' },
    ],
    order: 2,
    bound: SUMS,
  },
  maskedScatter: movement([
    { x: [normal(3, 5), bools(3, 5), normal(15)] },
    { x: [normal(3, 5), bools(5), normal(4, 4)], note: 'the mask broadcasts' },
    { x: [normal(5), bools(3, 1), normal(15)], note: 'x broadcasts' },
    { x: [normal(), bools(), normal(1)] },
    { x: [normal(2, 3, 2, 1, 3), bools(2, 3, 2, 1, 3), normal(36)] },
    { x: [normal(0, 3), bools(0, 3), normal(2)] },
    {
      x: [normal(3), normal(0)],
      f: (x, s) => ops.maskedScatter(x, ops.ne(x, x), s),
      note: 'nothing taken from nothing',
    },
    { x: [ints(0, 9, 7), bools(7), ints(0, 9, 7)], note: 'int32' },
    { x: [bools(7), bools(7), bools(7)], note: 'bool' },
    { x: [normal(70_001), bools(70_001), normal(70_001)], forward: true, note: 'large' },
  ]),
  isin: {
    cases: [
      { x: [ints(0, 9, 3, 5), ints(0, 9, 4)] },
      { x: [ints(0, 9, 3, 5), ints(0, 9, 2, 2)], f: (x, t) => ops.isin(x, t, { invert: true }) },
      { x: [ints(0, 3), ints(0, 3)] },
      { x: [ints(0, 9, 7), ints(0, 9, 0)], note: 'among nothing' },
      { x: [ints(0, 9, 0), ints(0, 9, 3)] },
      { x: [ints(0, 9, 2, 3, 1, 2, 2), ints(0, 9, 1)] },
      {
        x: [values([0, NaN, Infinity, 2, -0.5], 5), values([-0, NaN, Infinity, 3], 4)],
        kink: true,
        note: 'zeros are one, NaN equals nothing',
      },
      { x: [ints(-999, 999, 70_001), ints(-999, 999, 300)], forward: true, note: 'large' },
    ],
    order: noGradient,
    bound: EXACT,
  },
  bucketize: {
    cases: [
      { x: [normal(3, 5), values([-1, 0, 0.5, 2], 4)] },
      {
        x: [values([-2, -1, 0, 2, 3], 5), values([-1, 0, 0, 2], 4)],
        f: (x, b) => ops.bucketize(x, b, { right: true }),
      },
      { x: [normal(), values([0], 1)] },
      { x: [normal(0), values([0], 1)] },
      { x: [normal(4), normal(0)], note: 'no boundary' },
      { x: [normal(1), values([-1, 1], 2)] },
      { x: [normal(2, 1, 3, 1, 2), values([-1, 1], 2)] },
      { x: [ints(-3, 4, 7), intValues([-1, 2], 2)], note: 'int32' },
      { x: [values([NaN, Infinity, -Infinity], 3), values([-1, 1], 2)], kink: true, note: 'NaN is the greatest' },
      { x: [normal(70_001), values([-1, 0, 1], 3)], forward: true, note: 'large' },
    ],
    order: noGradient,
    bound: EXACT,
  },
  embeddingBag: {
    cases: [
      { x: [normal(6, 4), ints(-5, 6, 2, 5)] },
      { x: [normal(6, 4), ints(0, 6, 2, 5)], ...bags({ mode: 'sum' }) },
      { x: [distinct(6, 4), ints(0, 6, 3, 5)], ...bags({ mode: 'max' }, { kink: true }) },
      { x: [ints(0, 6, 3, 2), normal(6, 4)], note: 'the index first' },
      { x: [normal(6, 4), ints(0, 6, 7)], ...bags({ offsets: [0, 2, 2, 5], mode: 'sum' }) },
      { x: [normal(6, 4), ints(0, 6, 7)], ...bags({ offsets: [0, 0, 3, 7], mode: 'mean' }) },
      {
        x: [distinct(6, 4), ints(0, 6, 7)],
        ...bags({ offsets: Int32Array.of(0, 2, 2, 5), mode: 'max' }, { kink: true }),
      },
      { x: [normal(6, 4), ints(0, 6, 7)], ...bags({ offsets: [0, 3, 7], includeLastOffset: true }) },
      {
        x: [normal(6, 4), ints(0, 6, 7), intValues([0, 2, 2, 5], 4)],
        f: (w, i, offsets) => ops.embeddingBag(w, i, { offsets, mode: 'sum' }),
        note: 'offsets on the device',
      },
      {
        x: [normal(6, 4), ints(0, 6, 7), intValues([0, 4, 7], 3)],
        f: (w, i, offsets) => ops.embeddingBag(w, i, { offsets, includeLastOffset: true }),
        kink: true,
        note: 'offsets on the device, and the end',
      },
      {
        x: [normal(6, 4), ints(0, 6, 3, 3), normal(3, 3)],
        f: (w, i, perSampleWeights) => ops.embeddingBag(w, i, { mode: 'sum', perSampleWeights }),
        note: 'weighted',
      },
      ...(['sum', 'mean', 'max'] as const).map(
        (mode): Case => ({
          x: [distinct(3, 4), intValues([1, 2, -2, 1, 1, 1], 2, 3)],
          ...bags({ mode, paddingIdx: -2 }, { kink: true }),
        }),
      ),
      {
        x: [values([1, 1, NaN, 2, -Infinity, 0], 3, 2), intValues([0, 1, 2, 2, 1, 1], 3, 2)],
        ...bags({ mode: 'max' }, { kink: true, note: 'NaN, infinities and ties' }),
      },
      { x: [normal(3, 4), ints(0, 3, 0)], ...bags({ offsets: [0, 0], mode: 'max' }, { note: 'empty bags' }) },
      { x: [normal(3, 4), ints(0, 3, 0)], ...bags({ offsets: [] }, { note: 'no bag' }) },
      { x: [normal(1, 1), ints(0, 1, 1, 1)] },
      { x: [normal(5, 3), ints(0, 5, 3, 7)] },
      { x: [normal(7001, 10), ints(0, 7001, 99, 5)], forward: true, note: 'large' },
    ],
    order: 2,
    bound: SUMS,
  },
} satisfies Partial<Record<OpName, Row>>
