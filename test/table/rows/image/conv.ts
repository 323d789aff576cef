/** @file Rows of convolutions, and of windows as columns. */

import type { Tensor } from '../../../../src/core/tensor.ts'
import type { ConvOptions, ConvTransposeOptions } from '../../../../src/ops/image/conv.ts'
import * as ops from '../../../../src/ops/index.ts'
import { type Input, normal, values } from '../../inputs.ts'
import type { Bound, Case, OpName, Row } from '../../row.ts'

/** Products over K terms: 2·√K·u·Σ|a||b|. */
const CONV: Bound = { ulp: 2, ulpOfTerms: 8 }

type Options = ConvOptions & Omit<ConvTransposeOptions, keyof ConvOptions>
type Conv = (x: Tensor, weight: Tensor, bias?: Tensor | null, options?: Options) => Tensor

/** Cases of one function: shapes of x, weight and perhaps bias, and options. */
const cases = (conv: Conv) => {
  const make = (shapes: readonly number[][], options: Options = {}, more: Partial<Case> = {}): Case => ({
    x: shapes.map((shape): Input => normal(...shape)),
    f: (x, weight, bias) => conv(x, weight, bias ?? null, options),
    note: Object.entries(options)
      .map(([key, value]) => `${key} ${value}`)
      .join(', '),
    ...more,
  })
  return make
}

const conv2d = cases(ops.conv2d as Conv)
const conv1d = cases(ops.conv1d as Conv)
const back2d = cases(ops.convTranspose2d as Conv)
const back1d = cases(ops.convTranspose1d as Conv)

/** NaN and infinities spread to the windows that see them, and no further. */
const extremes = (conv: Conv, x: number[], weight: number[]): Case => ({
  x: [values([1, Number.NaN, 2, 3, Number.POSITIVE_INFINITY, -1e38, 0, 1, 4, -3, 1e-30, -0], ...x), normal(...weight)],
  f: (a, w) => conv(a, w),
  kink: true,
  note: 'extreme values',
})

export const convolutions = {
  conv2d: {
    cases: [
      { x: [normal(1, 1, 4, 4), normal(1, 1, 3, 3)] },
      conv2d([[2, 3, 5, 4], [4, 3, 3, 2], [4]]),
      conv2d([[1, 2, 6, 7], [3, 2, 3, 3], [3]], { stride: [2, 1], padding: [1, 2] }),
      conv2d([[2, 1, 6, 7], [2, 1, 3, 2], [2]], { dilation: 2, padding: 2 }),
      conv2d([[2, 4, 4, 3], [6, 2, 2, 2], [6]], { groups: 2 }),
      conv2d([[2, 3, 5, 4], [6, 1, 3, 3], [6]], { groups: 3, padding: 1 }, { note: 'depthwise, two for each' }),
      conv2d(
        [
          [2, 3, 4, 4],
          [3, 1, 3, 3],
        ],
        { groups: 3, padding: 1, stride: 2 },
        { note: 'depthwise' },
      ),
      conv2d([[2, 5, 3, 4], [3, 5, 1, 1], [3]], {}, { note: '1 × 1' }),
      conv2d(
        [
          [1, 2, 5, 5],
          [2, 2, 4, 2],
        ],
        { padding: 'same', dilation: [1, 2] },
      ),
      conv2d(
        [[1, 1, 7, 6], [1, 1, 2, 2], [1]],
        { stride: 3, padding: 'valid' },
        { note: 'pixels that no window sees' },
      ),
      conv2d([[0, 2, 4, 4], [3, 2, 3, 3], [3]], {}, { note: 'no images' }),
      conv2d([[2, 4, 5], [3, 2, 2, 3], [3]], {}, { note: 'one image' }),
      conv2d([[3, 2, 3, 4], [2, 2, 3, 4], [2]], {}, { note: 'the kernel covers the image' }),
      conv2d([[2, 34, 9, 9], [132, 17, 2, 2], [132]], { groups: 2, padding: 1 }, { note: 'more than a tile' }),
      conv2d([[1, 16, 3, 3], [16, 16, 2, 2], [16]], {}, { note: 'whole tiles, two of them' }),
      conv2d(
        [
          [5, 16, 16, 16],
          [5, 16, 3, 3],
        ],
        {},
        { note: 'more windows than a chunk' },
      ),
      conv2d([[2, 3, 140, 130], [9, 3, 3, 3], [9]], {}, { forward: true, note: 'large' }),
      extremes(ops.conv2d, [1, 1, 3, 4], [2, 1, 2, 2]),
    ],
    order: 2,
    bound: CONV,
  },
  conv1d: {
    cases: [
      { x: [normal(1, 1, 5), normal(1, 1, 3)] },
      conv1d([[2, 3, 9], [4, 3, 3], [4]]),
      conv1d([[2, 3, 9], [4, 3, 3], [4]], { stride: 2, padding: 1 }),
      conv1d([[1, 2, 11], [2, 2, 3], [2]], { dilation: 3, padding: 4 }),
      conv1d([[2, 4, 7], [6, 2, 2], [6]], { groups: 2, stride: 3 }),
      conv1d(
        [
          [2, 4, 7],
          [4, 1, 3],
        ],
        { groups: 4, padding: 'same' },
      ),
      conv1d([[2, 5, 6], [3, 5, 1], [3]], {}, { note: 'one tap' }),
      conv1d([[3, 7], [2, 3, 2], [2]], {}, { note: 'one signal' }),
      conv1d(
        [
          [0, 2, 5],
          [3, 2, 2],
        ],
        {},
        { note: 'no signals' },
      ),
      conv1d([[2, 2, 4], [3, 2, 4], [3]], {}, { note: 'the kernel covers the signal' }),
      conv1d([[1, 9, 300], [20, 9, 5], [20]], { padding: 2 }, { note: 'long' }),
      conv1d([[2, 2, 10_000], [4, 2, 7], [4]], { stride: 1 }, { forward: true, note: 'large' }),
      extremes(ops.conv1d, [1, 2, 6], [2, 2, 2]),
      { x: [normal(1, 1, 1), normal(1, 1, 1)] },
    ],
    order: 2,
    bound: CONV,
  },
  convTranspose2d: {
    cases: [
      { x: [normal(1, 1, 3, 3), normal(1, 1, 2, 2)] },
      back2d([[2, 3, 3, 4], [3, 4, 3, 2], [4]]),
      back2d([[1, 2, 4, 3], [2, 3, 3, 3], [3]], { stride: [2, 1], padding: [1, 2] }),
      back2d([[2, 1, 4, 3], [1, 2, 3, 2], [2]], { stride: 2, outputPadding: 1 }),
      back2d([[1, 2, 3, 3], [2, 2, 2, 3], [2]], { dilation: [2, 1], outputPadding: [1, 0] }),
      back2d([[2, 4, 3, 3], [4, 3, 2, 2], [6]], { groups: 2 }),
      back2d([[2, 3, 3, 3], [3, 1, 3, 3], [3]], { groups: 3, padding: 1, stride: 2 }, { note: 'depthwise' }),
      back2d([[2, 3, 3, 4], [3, 2, 1, 1], [2]], {}, { note: '1 × 1' }),
      back2d(
        [
          [1, 2, 3, 3],
          [2, 2, 2, 2],
        ],
        { stride: 3 },
        { note: 'pixels that no window sees' },
      ),
      back2d([[0, 2, 4, 4], [2, 3, 3, 3], [3]], {}, { note: 'no images' }),
      back2d([[2, 3, 4], [2, 3, 2, 3], [3]], {}, { note: 'one image' }),
      back2d([[2, 17, 6, 6], [17, 70, 3, 3], [70]], { stride: 2 }, { note: 'more than a tile' }),
      back2d([[2, 3, 80, 75], [3, 4, 4, 4], [4]], { stride: 2, padding: 1 }, { forward: true, note: 'large' }),
      extremes(ops.convTranspose2d as Conv, [1, 1, 3, 4], [1, 2, 2, 2]),
      { x: [normal(1, 1, 1, 1), normal(1, 1, 1, 1)] },
    ],
    order: 2,
    bound: CONV,
  },
  convTranspose1d: {
    cases: [
      { x: [normal(1, 1, 4), normal(1, 1, 3)] },
      back1d([[2, 3, 5], [3, 4, 3], [4]]),
      back1d([[2, 3, 5], [3, 4, 3], [4]], { stride: 2, padding: 1, outputPadding: 1 }),
      back1d([[1, 2, 5], [2, 2, 3], [2]], { dilation: 3, padding: 2 }),
      back1d([[2, 4, 3], [4, 3, 2], [6]], { groups: 2, stride: 3 }),
      back1d(
        [
          [2, 4, 5],
          [4, 1, 3],
        ],
        { groups: 4, padding: 1 },
      ),
      back1d([[2, 5, 6], [5, 3, 1], [3]], {}, { note: 'one tap' }),
      back1d([[3, 5], [3, 2, 2], [2]], {}, { note: 'one signal' }),
      back1d(
        [
          [0, 2, 5],
          [2, 3, 2],
        ],
        {},
        { note: 'no signals' },
      ),
      back1d([[2, 2, 1], [2, 3, 4], [3]], {}, { note: 'one window' }),
      back1d([[2, 2, 9000], [2, 4, 4], [4]], { stride: 2 }, { forward: true, note: 'large' }),
      extremes(ops.convTranspose1d as Conv, [1, 2, 6], [2, 2, 2]),
      { x: [normal(1, 1, 1), normal(1, 1, 1)] },
    ],
    order: 2,
    bound: CONV,
  },
  im2col: {
    cases: [
      { x: [normal(1, 1, 3, 3)], f: (x) => ops.im2col(x, 2) },
      { x: [normal(2, 3, 4, 5)], f: (x) => ops.im2col(x, [2, 3]) },
      { x: [normal(2, 3, 5, 4)], f: (x) => ops.im2col(x, 3, { padding: 1 }) },
      { x: [normal(1, 2, 5, 6)], f: (x) => ops.im2col(x, 2, { stride: [2, 3], padding: [0, 1] }) },
      { x: [normal(1, 2, 6, 5)], f: (x) => ops.im2col(x, [3, 2], { dilation: 2, padding: 1, stride: 2 }) },
      { x: [normal(2, 3, 2, 4)], f: (x) => ops.im2col(x, 1), note: 'one tap' },
      { x: [normal(2, 2, 3, 3)], f: (x) => ops.im2col(x, 3), note: 'one window' },
      { x: [normal(3, 4, 5)], f: (x) => ops.im2col(x, 2), note: 'one image' },
      { x: [normal(0, 2, 4, 4)], f: (x) => ops.im2col(x, 2), note: 'no images' },
      { x: [normal(2, 1, 7, 6)], f: (x) => ops.im2col(x, 2, { stride: 3 }), note: 'pixels that no window sees' },
      { x: [normal(2, 3, 60, 61)], f: (x) => ops.im2col(x, 3, { padding: 1 }), forward: true, note: 'large' },
      {
        x: [values([Number.NaN, Number.POSITIVE_INFINITY, -0, 1e-38], 1, 1, 2, 2)],
        f: (x) => ops.im2col(x, 2, { padding: 1 }),
        kink: true,
      },
      { x: [normal(1, 1, 1, 1)], f: (x) => ops.im2col(x, 1) },
    ],
    order: 2,
    bound: {},
  },
  fold: {
    cases: [
      { x: [normal(1, 4, 4)], f: (x) => ops.fold(x, 3, 2) },
      { x: [normal(2, 18, 9)], f: (x) => ops.fold(x, [4, 5], [2, 3]) },
      { x: [normal(1, 18, 20)], f: (x) => ops.fold(x, [5, 4], 3, { padding: 1 }) },
      { x: [normal(1, 8, 6)], f: (x) => ops.fold(x, [5, 6], 2, { stride: [2, 3], padding: [0, 1] }) },
      { x: [normal(1, 12, 6)], f: (x) => ops.fold(x, [6, 5], [3, 2], { dilation: 2, padding: 1, stride: 2 }) },
      { x: [normal(2, 3, 8)], f: (x) => ops.fold(x, [2, 4], 1), note: 'one tap' },
      { x: [normal(2, 18, 1)], f: (x) => ops.fold(x, 3, 3), note: 'one window' },
      { x: [normal(12, 12)], f: (x) => ops.fold(x, [4, 5], 2), note: 'one image' },
      { x: [normal(0, 8, 9)], f: (x) => ops.fold(x, 4, 2), note: 'no images' },
      { x: [normal(2, 4, 4)], f: (x) => ops.fold(x, [7, 6], 2, { stride: 3 }), note: 'pixels that no window sees' },
      { x: [normal(2, 27, 3660)], f: (x) => ops.fold(x, [60, 61], 3, { padding: 1 }), forward: true, note: 'large' },
      {
        x: [values([Number.NaN, Number.POSITIVE_INFINITY, 3e38, 3e38], 1, 4, 1)],
        f: (x) => ops.fold(x, 2, 2),
        kink: true,
      },
      { x: [normal(1, 1, 1)], f: (x) => ops.fold(x, 1, 1) },
      { x: [normal(3, 9, 5)], f: (x) => ops.fold(x, [3, 7], 3) },
    ],
    order: 2,
    bound: { ulp: 1, ulpOfTerms: 4 },
  },
} satisfies Partial<Record<OpName, Row>>
