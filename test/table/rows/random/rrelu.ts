/** @file The row of rrelu, with the same slopes at every call, on every device. */
import type { Tensor } from '../../../../src/core/tensor.ts'
import { manualSeed } from '../../../../src/ops/base/generator.ts'
import * as ops from '../../../../src/ops/index.ts'
import { normal, values } from '../../inputs.ts'
import type { Case, OpName, Row } from '../../row.ts'

const seeded =
  (options?: ops.RReluOptions, seed = 7) =>
  (x: Tensor) => {
    manualSeed(seed)
    return ops.rrelu(x, options)
  }
const drawn = (shape: number[], i: number): Case => ({ x: [normal(...shape)], f: seeded({ training: true }, i) })

export const slopes = {
  rrelu: {
    cases: [
      drawn([7], 1),
      ...[[], [0], [1], [3, 5], [2, 0, 3], [2, 3, 2, 2, 3], [2, 1, 2, 3, 1, 2]].map(drawn),
      { x: [normal(3, 4)], f: seeded(), note: 'not training' },
      { x: [normal(3, 4)], f: seeded({ lower: -1, upper: 2, training: true }), note: 'other slopes' },
      { x: [normal(3, 4)], f: seeded({ lower: 0.5, upper: 0.5, training: true }), note: 'one slope' },
      {
        x: [values([Infinity, -Infinity, NaN, 3e38, -3e38, 2e-38, -0, 0], 8)],
        f: seeded({ training: true }),
        kink: true,
        note: 'extreme values',
      },
      { x: [normal(70_001)], f: seeded({ training: true }), forward: true, note: 'large' },
    ],
    order: 2,
    bound: { ulp: 4, abs: 2e-7 },
  },
} satisfies Partial<Record<OpName, Row>>
