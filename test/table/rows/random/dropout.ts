/**
 * @file Rows of dropout. The seed is set before each call: a function that is checked by differences must not change.
 */

import type { Tensor } from '../../../../src/core/tensor.ts'
import { manualSeed } from '../../../../src/ops/base/generator.ts'
import * as ops from '../../../../src/ops/index.ts'
import { normal, values } from '../../inputs.ts'
import type { Case, OpName, Row } from '../../row.ts'

type Dropout = typeof ops.dropout

/** The same mask at every call, on every device. */
const seeded =
  (op: Dropout, options?: Parameters<Dropout>[1], seed = 7) =>
  (x: Tensor) => {
    manualSeed(seed)
    return op(x, options)
  }

const row = (op: Dropout): Row => {
  const shapes = [[], [0], [1], [7], [3, 5], [2, 0, 3], [4, 1, 6], [1027], [2, 3, 2, 2, 3], [2, 1, 2, 3, 1, 2]]
  const cases = shapes.map((shape, i): Case => ({ x: [normal(...shape)], f: seeded(op, { p: 0.1 * i }, 2 ** 40 + i) }))
  const special = values([Infinity, -Infinity, NaN, 3e38, -3e38, 2e-38, -0, 0], 8)
  return {
    cases: [
      cases[0],
      ...cases.slice(1),
      { x: [normal(70_001)], f: seeded(op), forward: true, note: 'large' },
      { x: [normal(300, 256)], f: seeded(op), forward: true, note: 'large, by fours' },
      { x: [normal(3, 4)], f: seeded(op, { p: 0 }), note: 'p = 0' },
      { x: [normal(3, 4)], f: seeded(op, { p: 1 }), note: 'p = 1' },
      { x: [normal(3, 4)], f: seeded(op, { p: 1 - 2 ** -20 }), note: 'p near 1' },
      { x: [normal(3, 4)], f: seeded(op, { training: false }), note: 'not training' },
      { x: [special], f: seeded(op, { p: 0.3 }), kink: true, note: 'extreme values' },
      { x: [special], f: seeded(op, { p: 1 }), kink: true, note: 'extreme values dropped' },
    ],
    order: 2,
    bound: { ulp: 2, abs: 2e-7 },
  }
}

const channels = (op: Dropout, shapes: readonly [number[], ...number[][]], large: number[]): Row => {
  const of = (shape: number[], p = 0.5, i = 0): Case => ({ x: [normal(...shape)], f: seeded(op, { p }, 2 ** 40 + i) })
  const special = values([Infinity, -Infinity, NaN, 3e38, -3e38, 2e-38, -0, 0], ...shapes[0])
  return {
    cases: [
      of(shapes[0]),
      ...shapes.map((shape, i) => of(shape, 0.1 * i, i)),
      { ...of(shapes[0], 0), note: 'p = 0' },
      { ...of(shapes[0], 1), note: 'p = 1' },
      { x: [normal(...shapes[0])], f: seeded(op, { training: false }), note: 'not training' },
      { x: [special], f: seeded(op, { p: 0.3 }), kink: true, note: 'extreme values' },
      { x: [special], f: seeded(op, { p: 1 }), kink: true, note: 'extreme values dropped' },
      { ...of(large), forward: true, note: 'large' },
    ],
    order: 2,
    bound: { ulp: 1 },
  }
}

export const dropouts = {
  dropout1d: channels(
    ops.dropout1d,
    [
      [2, 2, 2],
      [4, 2],
      [3, 5, 7],
      [0, 3, 2],
      [1, 1],
    ],
    [2, 300, 120],
  ),
  dropout2d: channels(
    ops.dropout2d,
    [
      [2, 2, 1, 2],
      [1, 4, 2, 1],
      [3, 5, 7, 1],
      [0, 3, 2, 2],
      [1, 1, 1, 1],
    ],
    [2, 300, 12, 10],
  ),
  dropout: { ...row(ops.dropout), bound: { ulp: 1 } },
  alphaDropout: row(ops.alphaDropout),
} satisfies Partial<Record<OpName, Row>>
