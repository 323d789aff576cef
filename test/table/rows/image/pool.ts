/** @file Rows of pooling and of resampling. */

import type { Tensor } from '../../../../src/core/tensor.ts'
import type { GridSampleOptions, InterpolateOptions } from '../../../../src/ops/image/resample.ts'
import * as ops from '../../../../src/ops/index.ts'
import { distinct, type Input, ints, normal, uniform, values } from '../../inputs.ts'
import { type Case, EXACT, movement, type OpName, type Row } from '../../row.ts'

type Call = (x: Tensor) => Tensor | readonly Tensor[]
type Draw = (...shape: number[]) => Input

/** A case of one input. */
const on = (draw: Draw, shape: readonly number[], f: Call, note?: string, more: Partial<Case> = {}): Case => ({
  x: [draw(...shape)],
  f,
  note,
  ...more,
})
const large = { forward: true }
const kink = { kink: true }

/** Values with their places. */
const both = ({ values, indices }: { values: Tensor; indices: Tensor }): Tensor[] => [values, indices]

const { NaN: nan, POSITIVE_INFINITY: inf } = Number
/** Ties, NaN next to infinity, nothing but −Inf, signed zeros. */
const extremes = (...shape: number[]): Input =>
  values([1, 1, nan, inf, -inf, -inf, -inf, -inf, 0, -0, -0, 0, 3e38, 1e-38, -3e38, nan], ...shape)

/** Means of few terms. */
const MEAN = { ulp: 2, ulpOfTerms: 4 }

export const pooling = {
  maxPool2d: {
    cases: [
      on(distinct, [1, 1, 4, 4], (x) => ops.maxPool2d(x, 2)),
      on(distinct, [2, 3, 5, 4], (x) => ops.maxPool2d(x, [2, 3], { stride: 1 }), 'windows overlap'),
      on(distinct, [2, 2, 5, 6], (x) => ops.maxPool2d(x, 3, { stride: 2, padding: 1 })),
      on(distinct, [1, 2, 7, 6], (x) => ops.maxPool2d(x, [3, 2], { dilation: 2, stride: [1, 2], padding: [1, 0] })),
      on(distinct, [1, 2, 5, 6], (x) => ops.maxPool2d(x, 2, { ceilMode: true }), 'ceilMode'),
      on(distinct, [1, 2, 5, 5], (x) => ops.maxPool2d(x, 3, { stride: 3, padding: 1, ceilMode: true })),
      on(distinct, [2, 2, 4, 5], (x) => both(ops.maxPool2d(x, 2, { returnIndices: true })), 'indices'),
      on(distinct, [3, 4, 5], (x) => both(ops.maxPool2d(x, 2, { stride: 1, returnIndices: true })), 'one image'),
      on(distinct, [2, 2, 3, 4], (x) => ops.maxPool2d(x, 1), 'one tap'),
      on(distinct, [2, 2, 3, 4], (x) => ops.maxPool2d(x, [3, 4]), 'one window'),
      on(distinct, [0, 2, 4, 4], (x) => ops.maxPool2d(x, 2), 'no images'),
      on(distinct, [1, 1, 7, 8], (x) => ops.maxPool2d(x, 2, { stride: 3 }), 'pixels that no window sees'),
      on(
        normal,
        [3, 4, 150, 151],
        (x) => both(ops.maxPool2d(x, 3, { stride: 1, returnIndices: true })),
        'large',
        large,
      ),
      on(extremes, [1, 1, 4, 4], (x) => both(ops.maxPool2d(x, 2, { returnIndices: true })), 'extremes', kink),
      on(
        extremes,
        [1, 2, 2, 4],
        (x) => both(ops.maxPool2d(x, 2, { stride: 1, padding: 1, returnIndices: true })),
        'ties',
        kink,
      ),
      on(distinct, [1, 1, 1, 1], (x) => ops.maxPool2d(x, 1)),
      on(distinct, [3, 1, 5, 7], (x) => ops.maxPool2d(x, 3)),
    ],
    order: 2,
    bound: EXACT,
  },
  maxPool1d: {
    cases: [
      on(distinct, [1, 1, 6], (x) => ops.maxPool1d(x, 2)),
      on(distinct, [2, 3, 7], (x) => ops.maxPool1d(x, 3, { stride: 2, padding: 1 })),
      on(distinct, [2, 3, 9], (x) => ops.maxPool1d(x, 3, { dilation: 2, stride: 1 })),
      on(distinct, [2, 3, 8], (x) => ops.maxPool1d(x, 3, { ceilMode: true })),
      on(distinct, [2, 3, 8], (x) => both(ops.maxPool1d(x, [3], { stride: [2], returnIndices: true })), 'indices'),
      on(distinct, [3, 5], (x) => ops.maxPool1d(x, 2), 'one signal'),
      on(distinct, [2, 3, 4], (x) => ops.maxPool1d(x, 4), 'one window'),
      on(distinct, [2, 3, 4], (x) => ops.maxPool1d(x, 1), 'one tap'),
      on(distinct, [0, 2, 4], (x) => ops.maxPool1d(x, 2), 'no signals'),
      on(normal, [2, 3, 20_000], (x) => ops.maxPool1d(x, 5, { stride: 1, padding: 2 }), 'large', large),
      on(extremes, [1, 2, 8], (x) => both(ops.maxPool1d(x, 2, { stride: 1, returnIndices: true })), 'extremes', kink),
      on(distinct, [1, 1, 1], (x) => ops.maxPool1d(x, 1)),
    ],
    order: 2,
    bound: EXACT,
  },
  avgPool2d: {
    cases: [
      on(normal, [1, 1, 4, 4], (x) => ops.avgPool2d(x, 2)),
      on(normal, [2, 3, 5, 4], (x) => ops.avgPool2d(x, [2, 3], { stride: 1 }), 'windows overlap'),
      on(normal, [2, 2, 5, 6], (x) => ops.avgPool2d(x, 3, { stride: 2, padding: 1 }), 'padding counts'),
      on(normal, [2, 2, 5, 6], (x) => ops.avgPool2d(x, 3, { stride: 2, padding: 1, countIncludePad: false })),
      on(normal, [1, 2, 5, 6], (x) => ops.avgPool2d(x, 3, { stride: 3, padding: [0, 1], ceilMode: true }), 'ceilMode'),
      on(normal, [1, 2, 6, 5], (x) => ops.avgPool2d(x, 4, { padding: 1, ceilMode: true, countIncludePad: false })),
      on(normal, [1, 2, 4, 4], (x) => ops.avgPool2d(x, 2, { divisorOverride: 3 }), 'divisor'),
      on(normal, [3, 4, 5], (x) => ops.avgPool2d(x, 2), 'one image'),
      on(normal, [2, 2, 3, 4], (x) => ops.avgPool2d(x, 1), 'one tap'),
      on(normal, [2, 2, 3, 4], (x) => ops.avgPool2d(x, [3, 4]), 'one window'),
      on(normal, [0, 2, 4, 4], (x) => ops.avgPool2d(x, 2), 'no images'),
      on(normal, [1, 1, 7, 8], (x) => ops.avgPool2d(x, 2, { stride: 3 }), 'pixels that no window sees'),
      on(normal, [3, 4, 150, 151], (x) => ops.avgPool2d(x, 3, { stride: 1 }), 'large', large),
      on(extremes, [1, 1, 4, 4], (x) => ops.avgPool2d(x, 2, { padding: 1 }), 'extremes', kink),
      on(normal, [1, 1, 1, 1], (x) => ops.avgPool2d(x, 1)),
      on(normal, [3, 1, 5, 7], (x) => ops.avgPool2d(x, 3)),
    ],
    order: 2,
    bound: MEAN,
  },
  avgPool1d: {
    cases: [
      on(normal, [1, 1, 6], (x) => ops.avgPool1d(x, 2)),
      on(normal, [2, 3, 7], (x) => ops.avgPool1d(x, 3, { stride: 2, padding: 1 })),
      on(normal, [2, 3, 7], (x) => ops.avgPool1d(x, 3, { stride: 1, padding: 1, countIncludePad: false })),
      on(normal, [2, 3, 8], (x) => ops.avgPool1d(x, 3, { ceilMode: true })),
      on(normal, [2, 3, 8], (x) => ops.avgPool1d(x, [3], { stride: [1] }), 'windows overlap'),
      on(normal, [3, 5], (x) => ops.avgPool1d(x, 2), 'one signal'),
      on(normal, [2, 3, 4], (x) => ops.avgPool1d(x, 4), 'one window'),
      on(normal, [2, 3, 4], (x) => ops.avgPool1d(x, 1), 'one tap'),
      on(normal, [0, 2, 4], (x) => ops.avgPool1d(x, 2), 'no signals'),
      on(normal, [2, 3, 20_000], (x) => ops.avgPool1d(x, 5, { stride: 1, padding: 2 }), 'large', large),
      on(extremes, [1, 2, 8], (x) => ops.avgPool1d(x, 2), 'extremes', kink),
      on(normal, [1, 1, 1], (x) => ops.avgPool1d(x, 1)),
    ],
    order: 2,
    bound: MEAN,
  },
  adaptiveAvgPool2d: {
    cases: [
      on(normal, [1, 1, 4, 4], (x) => ops.adaptiveAvgPool2d(x, 2)),
      on(normal, [2, 2, 5, 7], (x) => ops.adaptiveAvgPool2d(x, [2, 3]), 'windows overlap'),
      on(normal, [2, 2, 5, 7], (x) => ops.adaptiveAvgPool2d(x, [4, 5])),
      on(normal, [2, 2, 3, 2], (x) => ops.adaptiveAvgPool2d(x, [5, 4]), 'more windows than pixels'),
      on(normal, [2, 3, 5, 4], (x) => ops.adaptiveAvgPool2d(x, 1), 'the mean of all'),
      on(normal, [2, 2, 5, 4], (x) => ops.adaptiveAvgPool2d(x, [null, 2]), 'height kept'),
      on(normal, [3, 4, 5], (x) => ops.adaptiveAvgPool2d(x, [1, 3]), 'one image'),
      on(normal, [0, 2, 4, 4], (x) => ops.adaptiveAvgPool2d(x, 3), 'no images'),
      on(normal, [2, 1, 1, 1], (x) => ops.adaptiveAvgPool2d(x, 1), 'one pixel'),
      on(normal, [2, 3, 160, 170], (x) => ops.adaptiveAvgPool2d(x, [120, 101]), 'large', large),
      on(extremes, [1, 1, 4, 4], (x) => ops.adaptiveAvgPool2d(x, 3), 'extremes', kink),
      on(normal, [1, 1, 1, 1], (x) => ops.adaptiveAvgPool2d(x, 1)),
      on(normal, [3, 1, 5, 7], (x) => ops.adaptiveAvgPool2d(x, 3)),
    ],
    order: 2,
    bound: MEAN,
  },
  adaptiveAvgPool1d: {
    cases: [
      on(normal, [1, 1, 6], (x) => ops.adaptiveAvgPool1d(x, 2)),
      on(normal, [2, 3, 7], (x) => ops.adaptiveAvgPool1d(x, 3), 'windows overlap'),
      on(normal, [2, 3, 7], (x) => ops.adaptiveAvgPool1d(x, [5])),
      on(normal, [2, 3, 3], (x) => ops.adaptiveAvgPool1d(x, 5), 'more windows than elements'),
      on(normal, [2, 3, 7], (x) => ops.adaptiveAvgPool1d(x, 1), 'the mean of all'),
      on(normal, [2, 3, 4], (x) => ops.adaptiveAvgPool1d(x, 4), 'itself'),
      on(normal, [3, 5], (x) => ops.adaptiveAvgPool1d(x, 2), 'one signal'),
      on(normal, [0, 2, 4], (x) => ops.adaptiveAvgPool1d(x, 2), 'no signals'),
      on(normal, [2, 3, 30_000], (x) => ops.adaptiveAvgPool1d(x, 11_000), 'large', large),
      on(extremes, [1, 2, 8], (x) => ops.adaptiveAvgPool1d(x, 3), 'extremes', kink),
      on(normal, [1, 1, 1], (x) => ops.adaptiveAvgPool1d(x, 1)),
    ],
    order: 2,
    bound: MEAN,
  },
  adaptiveMaxPool2d: {
    cases: [
      on(distinct, [1, 1, 4, 4], (x) => ops.adaptiveMaxPool2d(x, 2)),
      on(distinct, [2, 2, 5, 7], (x) => both(ops.adaptiveMaxPool2d(x, [2, 3], { returnIndices: true })), 'indices'),
      on(distinct, [2, 2, 5, 7], (x) => ops.adaptiveMaxPool2d(x, [4, 5]), 'windows overlap'),
      on(distinct, [2, 2, 3, 2], (x) => ops.adaptiveMaxPool2d(x, [5, 4]), 'more windows than pixels'),
      on(distinct, [2, 3, 5, 4], (x) => ops.adaptiveMaxPool2d(x, 1), 'the largest of all'),
      on(distinct, [2, 2, 5, 4], (x) => ops.adaptiveMaxPool2d(x, [null, 2]), 'height kept'),
      on(distinct, [3, 4, 5], (x) => ops.adaptiveMaxPool2d(x, [1, 3]), 'one image'),
      on(distinct, [0, 2, 4, 4], (x) => ops.adaptiveMaxPool2d(x, 3), 'no images'),
      on(distinct, [2, 1, 1, 1], (x) => ops.adaptiveMaxPool2d(x, 1), 'one pixel'),
      on(normal, [2, 3, 160, 170], (x) => ops.adaptiveMaxPool2d(x, [120, 101]), 'large', large),
      on(extremes, [1, 1, 4, 4], (x) => both(ops.adaptiveMaxPool2d(x, 3, { returnIndices: true })), 'extremes', kink),
      on(distinct, [1, 1, 1, 1], (x) => ops.adaptiveMaxPool2d(x, 1)),
      on(distinct, [3, 1, 5, 7], (x) => ops.adaptiveMaxPool2d(x, 3)),
    ],
    order: 2,
    bound: EXACT,
  },
  adaptiveMaxPool1d: {
    cases: [
      on(distinct, [1, 1, 6], (x) => ops.adaptiveMaxPool1d(x, 2)),
      on(distinct, [2, 3, 7], (x) => both(ops.adaptiveMaxPool1d(x, 3, { returnIndices: true })), 'indices'),
      on(distinct, [2, 3, 7], (x) => ops.adaptiveMaxPool1d(x, [5]), 'windows overlap'),
      on(distinct, [2, 3, 3], (x) => ops.adaptiveMaxPool1d(x, 5), 'more windows than elements'),
      on(distinct, [2, 3, 7], (x) => ops.adaptiveMaxPool1d(x, 1), 'the largest of all'),
      on(distinct, [2, 3, 4], (x) => ops.adaptiveMaxPool1d(x, 4), 'itself'),
      on(distinct, [3, 5], (x) => ops.adaptiveMaxPool1d(x, 2), 'one signal'),
      on(distinct, [0, 2, 4], (x) => ops.adaptiveMaxPool1d(x, 2), 'no signals'),
      on(normal, [2, 3, 30_000], (x) => ops.adaptiveMaxPool1d(x, 11_000), 'large', large),
      on(extremes, [1, 2, 8], (x) => ops.adaptiveMaxPool1d(x, 3), 'extremes', kink),
      on(distinct, [1, 1, 1], (x) => ops.adaptiveMaxPool1d(x, 1)),
    ],
    order: 2,
    bound: EXACT,
  },
} satisfies Partial<Record<OpName, Row>>

/** A case of interpolate. */
const resize = (shape: readonly number[], options: InterpolateOptions, more: Partial<Case> = {}): Case => ({
  x: [normal(...shape)],
  f: (x) => ops.interpolate(x, options),
  note: Object.entries(options)
    .map(([key, value]) => `${key} ${value}`)
    .join(', '),
  ...more,
})

/** A case of gridSample: places a little beyond the image, none on a pixel. */
const sample = (
  shape: readonly number[],
  size: readonly number[],
  options: GridSampleOptions = {},
  more: Partial<Case> = {},
): Case => ({
  x: [normal(...shape), uniform(-1.4, 1.4, shape[0], ...size, 2)],
  f: (x, grid) => ops.gridSample(x, grid, options),
  note: Object.entries(options)
    .map(([key, value]) => `${key} ${value}`)
    .join(', '),
  ...more,
})
const aligned = { alignCorners: true }
/** A case of affineGrid. */
const turned = (n: number, size: number[], options = {}, more: Partial<Case> = {}): Case => ({
  x: [normal(n, 2, 3)],
  f: (theta) => ops.affineGrid(theta, size, options),
  note: `${size}${'alignCorners' in options ? ', aligned' : ''}`,
  ...more,
})

/** Some weights of cubic convolution are negative: terms cancel, and are at most 1.5² times the largest element. */
const CUBIC = { ulp: 2, ulpOfMax: 8 }

/** Channels as pixels, or back, by 2: of an image, of batches, of the least image. */
const shuffled = (image: number[], least: number[], f: (x: Tensor) => Tensor): Row =>
  movement([
    { x: [normal(...image)], f },
    { x: [normal(3, ...image)], f },
    { x: [normal(2, 1, 3, ...image)], f },
    { x: [normal(0, ...image)], f },
    { x: [normal(1, 1, 1)], f: (x) => ops.pixelUnshuffle(ops.pixelShuffle(x, 1), 1), note: 'one pixel' },
    { x: [normal(3, 5, 7)], f: (x) => ops.pixelUnshuffle(ops.pixelShuffle(x, 1), 1), note: 'as they are' },
    { x: [ints(0, 9, ...least)], f },
    { x: [normal(3, 16, 62, 62)], f, forward: true, note: 'large' },
  ])

export const resampling = {
  interpolate: {
    cases: [
      resize([1, 1, 2, 3], { size: 4 }),
      resize([2, 3, 2, 3], { scaleFactor: 2 }),
      resize([2, 2, 5, 4], { size: [3, 7] }),
      resize([1, 2, 5, 4], { scaleFactor: [1.5, 0.5] }),
      resize([2, 2, 5], { scaleFactor: 1.7 }),
      resize([2, 2, 3], { size: 7, mode: 'linear' }),
      resize([2, 2, 3], { size: 5, mode: 'linear', ...aligned }),
      resize([2, 2, 7], { scaleFactor: 0.5, mode: 'linear' }),
      resize([2, 2, 3, 4], { size: [5, 2], mode: 'bilinear' }),
      resize([2, 2, 3, 4], { size: [5, 2], mode: 'bilinear', ...aligned }),
      resize([1, 1, 3, 2], { scaleFactor: [2, 3], mode: 'bilinear' }),
      resize([1, 2, 3, 3], { size: 1, mode: 'bilinear', ...aligned }, { note: 'one pixel' }),
      resize([1, 2, 3, 3], { size: 3, mode: 'bilinear' }, { note: 'the same size' }),
      resize([0, 2, 3, 3], { size: 2 }, { note: 'no images' }),
      resize([2, 3, 50, 61], { scaleFactor: 2, mode: 'bilinear' }, large),
      on(extremes, [1, 1, 4, 4], (x) => ops.interpolate(x, { size: 3, mode: 'bilinear' }), 'extremes', kink),
      resize([1, 1, 1, 1], { size: 2 }, { note: 'one pixel' }),
      resize([1, 3, 3, 5], { scaleFactor: 2, mode: 'bilinear' }),
      resize([2, 2, 3, 4], { size: [7, 3], mode: 'bicubic' }, { bound: CUBIC }),
      resize([2, 2, 3, 4], { size: [5, 2], mode: 'bicubic', ...aligned }, { bound: CUBIC }),
      resize([1, 2, 4, 3], { scaleFactor: [1.5, 2.5], mode: 'bicubic' }, { bound: CUBIC }),
      resize([1, 1, 1, 1], { size: [1, 3], mode: 'bicubic', ...aligned }, { note: 'bicubic, one pixel' }),
      resize([2, 3, 50, 61], { scaleFactor: 2, mode: 'bicubic' }, { ...large, bound: CUBIC }),
      on(extremes, [1, 1, 4, 4], (x) => ops.interpolate(x, { size: 3, mode: 'bicubic' }), 'bicubic, extremes', kink),
      resize([2, 2, 5, 4], { size: [3, 7], mode: 'area' }),
      resize([2, 2, 7], { scaleFactor: 0.5, mode: 'area' }),
      resize([2, 3, 100, 122], { size: [60, 70], mode: 'area' }, large),
    ],
    order: 2,
    bound: { ulp: 2, ulpOfTerms: 4 },
  },
  pixelShuffle: shuffled([8, 2, 3], [4, 1, 1], (x) => ops.pixelShuffle(x, 2)),
  pixelUnshuffle: shuffled([2, 4, 6], [1, 2, 2], (x) => ops.pixelUnshuffle(x, 2)),
  affineGrid: {
    cases: [
      turned(2, [2, 3, 3, 4]),
      turned(2, [2, 1, 3, 4], aligned),
      turned(1, [1, 1, 5, 1], aligned),
      turned(1, [1, 2, 1, 1]),
      turned(0, [0, 1, 3, 3]),
      turned(2, [2, 1, 0, 3]),
      turned(3, [3, 1, 110, 120], {}, large),
    ],
    bound: { ulp: 3, abs: 2 ** -21 },
    order: 2,
  },
  gridSample: {
    cases: [
      sample([1, 1, 3, 3], [2, 2]),
      sample([2, 3, 4, 5], [3, 2]),
      sample([2, 3, 4, 5], [3, 2], aligned),
      sample([2, 2, 4, 5], [3, 2], { paddingMode: 'border' }),
      sample([2, 2, 4, 5], [3, 2], { paddingMode: 'border', ...aligned }),
      sample([2, 2, 4, 5], [3, 2], { paddingMode: 'reflection' }),
      sample([2, 2, 4, 5], [3, 2], { paddingMode: 'reflection', ...aligned }),
      sample([2, 3, 4, 5], [3, 2], { mode: 'nearest' }),
      sample([2, 2, 4, 5], [3, 2], { mode: 'nearest', paddingMode: 'reflection' }),
      sample([1, 2, 1, 1], [2, 3], { paddingMode: 'reflection', ...aligned }, { note: 'one pixel' }),
      sample([0, 2, 3, 3], [2, 2], {}, { note: 'no images' }),
      sample([2, 2, 3, 3], [0, 2], {}, { note: 'no places' }),
      sample([2, 3, 12, 10], [110, 120], {}, large),
      {
        x: [normal(1, 1, 3, 3), values([-1, -1, 0, 0, 1, 1, nan, 0.1, inf, -inf, 3, 0], 1, 2, 3, 2)],
        f: (x, grid) => ops.gridSample(x, grid, { alignCorners: true }),
        kink: true,
        note: 'on pixels, and nowhere',
      },
      {
        x: [values([1, nan, 2, inf, 3, 4, 5, 6, 7], 1, 1, 3, 3), uniform(-1.4, 1.4, 1, 4, 3, 2)],
        f: (x, grid) => ops.gridSample(x, grid),
        kink: true,
        note: 'extremes',
      },
      sample([1, 1, 1, 1], [1, 1]),
    ],
    order: 2,
    // Places up to 16 are known to 2⁻²⁰ in float32, and neighbours differ by 4.
    bound: { ulp: 4, abs: 2 ** -18 },
  },
} satisfies Partial<Record<OpName, Row>>
