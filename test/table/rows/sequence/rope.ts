/** @file The row of rope. */
import type { Tensor } from '../../../../src/core/tensor.ts'
import * as ops from '../../../../src/ops/index.ts'
import { type Input, normal } from '../../inputs.ts'
import type { Case, OpName, Row } from '../../row.ts'

/** Turned by the tables of 40 positions, or `count`, from one of them on where they are cut out of longer ones. */
const turn =
  (positions?: readonly number[], { count = 40, from = 0 } = {}) =>
  (x: Tensor): Tensor => {
    const [batch, pairs] = [x.shape[0], Math.floor(x.shape[x.ndim - 1] / 2)]
    const like = { dtype: x.dtype === 'float64' ? x.dtype : 'float32', device: x.device } as const
    const angles = Float64Array.from({ length: (count + from) * pairs }, (_, i) => {
      return Math.floor(i / pairs) * 30 ** (-(i % pairs) / pairs)
    })
    const [cos, sin] = [Math.cos, Math.sin].map((f) =>
      ops.slice(ops.tensor(angles.map(f), { shape: [count + from, pairs], ...like }), [from, null]),
    )
    if (!positions) return ops.rope(x, cos, sin)
    // Those of a row; or where each row begins. What is emptied has as many of them fewer.
    const rows = x.shape[x.ndim - 2]
    const shape = positions.length > 3 ? [batch, rows] : [batch]
    const length = shape.reduce((a, b) => a * b, 1)
    const own = Int32Array.from(positions.slice(0, length))
    return ops.rope(x, cos, sin, ops.tensor(own, { shape, device: x.device }))
  }

/** Heads where they lie in [B, T, H·D], turned and joined again. */
const ofHeads =
  (heads: number, f: ReturnType<typeof turn>) =>
  (x: Tensor): Tensor => {
    const [B, T, all] = x.shape
    const parts = ops.transpose(ops.reshape(x, [B, T, heads, all / heads]), 1, 2)
    return ops.reshape(ops.transpose(f(parts), 1, 2), [B, T, all])
  }

const one = (f: ReturnType<typeof turn>, note: string, ...x: Input[]): Case => ({ x, f, note })

export const rope = {
  rope: {
    cases: [
      one(turn(), 'row-major', normal(2, 3, 5, 8)),
      one(turn(), 'pairs of no vec4', normal(2, 2, 3, 6)),
      one(turn(), 'one pair of one token', normal(1, 2)),
      one(turn(), 'no axis before tokens', normal(7, 4)),
      one(turn(), 'rank 6', normal(2, 1, 2, 2, 3, 4)),
      one(turn(), 'no tokens', normal(2, 3, 0, 4)),
      one(turn(), 'no channels', normal(2, 3, 4, 0)),
      one(turn(), 'no matrices', normal(0, 3, 4, 2)),
      one(ofHeads(2, turn()), 'heads where they lie', normal(2, 5, 16)),
      one(ofHeads(3, turn()), 'heads where they lie, pairs of no vec4', normal(2, 3, 18)),
      one(turn([3, 0, 35]), 'positions from a start on', normal(3, 2, 5, 8)),
      one(turn([0, 39, 1, 1, 7, 2]), 'positions of each', normal(2, 3, 3, 8)),
      one(ofHeads(2, turn([4, 9, 0, 39, 1, 1, 7, 2])), 'positions of each, heads where they lie', normal(2, 4, 12)),
      one(turn([3, 0], { count: 9, from: 1 }), 'tables cut out of longer ones, no vec4', normal(2, 1, 5, 6)),
      one(turn([3, 0], { count: 9, from: 4 }), 'tables cut out of longer ones', normal(2, 1, 5, 8)),
      one((x) => turn()(ops.transpose(x)), 'channels that do not follow each other', normal(2, 4, 3)),
      one((x) => turn()(ops.flip(x, [0, 1])), 'backwards', normal(2, 3, 4)),
      { x: [normal(3, 2, 120, 100)], f: turn([7, 0, 130], { count: 250 }), forward: true, note: 'large' },
      {
        x: [normal(33, 50, 48)],
        f: ofHeads(2, turn(undefined, { count: 50 })),
        forward: true,
        note: 'large, heads where they lie',
      },
    ] as [Case, ...Case[]],
    order: 2,
    bound: { ulpOfMax: 4 },
  },
} satisfies Partial<Record<OpName, Row>>
