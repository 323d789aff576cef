/** @file Rows of contractions. */
import * as ops from '../../../src/ops/index.ts'
import { normal } from '../inputs.ts'
import type { Bound, OpName, Row } from '../row.ts'

const MATMUL: Bound = { ulp: 2, ulpOfTerms: 8 }

export const contractions = {
  matmul: {
    cases: [
      { x: [normal(3, 4), normal(4, 5)] },
      { x: [normal(1, 1), normal(1, 1)] },
      { x: [normal(17, 33), normal(33, 9)], note: 'no multiple of any tile' },
      { x: [normal(64, 64), normal(64, 64)], note: 'whole tiles' },
      { x: [normal(70, 20), normal(20, 132)], note: 'more than one tile' },
      { x: [normal(4), normal(4)], note: 'dot' },
      { x: [normal(4), normal(4, 3)], note: 'row' },
      { x: [normal(3, 4), normal(4)], note: 'column' },
      { x: [normal(2, 3, 4), normal(2, 4, 5)], note: 'batch' },
      { x: [normal(2, 1, 3, 4), normal(3, 4, 2)], note: 'broadcast batch' },
      { x: [normal(5, 3, 4), normal(4)] },
      { x: [normal(2, 3, 2, 2, 3, 4), normal(2, 1, 2, 1, 4, 2)], note: 'batch axes that do not merge' },
      { x: [normal(3, 0), normal(0, 4)], note: 'k = 0' },
      { x: [normal(0, 3), normal(3, 4)], note: 'no rows' },
      { x: [normal(3, 5), normal(4, 5)], f: (a, b) => ops.matmul(a, ops.transpose(b)), note: 'NT' },
      { x: [normal(5, 3), normal(5, 4)], f: (a, b) => ops.matmul(ops.transpose(a), b), note: 'TN' },
      {
        x: [normal(2, 3, 2, 4), normal(2, 5, 2, 4)],
        f: (q, k) => ops.matmul(ops.transpose(q, 1, 2), ops.permute(k, [0, 2, 3, 1])),
        note: 'heads of attention',
      },
    ],
    order: 2,
    bound: MATMUL,
  },
} satisfies Partial<Record<OpName, Row>>
