/** @file Rows of indexing. */
import * as ops from '../../../src/ops/index.ts'
import { ints, normal } from '../inputs.ts'
import { EXACT, movement, type OpName, type Row } from '../row.ts'

export const indexing = {
  indexSelect: movement([
    { x: [normal(5, 3), ints(0, 5, 7)], f: (x, i) => ops.indexSelect(x, 0, i), note: 'with repeats' },
    { x: [normal(3, 5), ints(0, 5, 4)], f: (x, i) => ops.indexSelect(x, 1, i) },
    { x: [normal(2, 5, 3), ints(0, 5, 4)], f: (x, i) => ops.indexSelect(x, -2, i) },
    { x: [normal(5)], f: (x) => ops.indexSelect(x, 0, [4, 0, 4]), note: 'host indices' },
    { x: [normal(5, 3), ints(0, 5, 0)], f: (x, i) => ops.indexSelect(x, 0, i), note: 'none' },
    { x: [ints(0, 9, 5, 2), ints(0, 5, 3)], f: (x, i) => ops.indexSelect(x, 0, i), note: 'int32' },
  ]),
  embedding: {
    cases: [
      { x: [normal(6, 4), ints(0, 6, 2, 5)] },
      { x: [normal(6, 4), ints(0, 6)] },
      { x: [normal(3, 70), ints(0, 3, 300)], note: 'many repeats' },
    ],
    order: 2,
    bound: EXACT,
  },
  indexAdd: {
    cases: [
      { x: [normal(5, 3), ints(0, 5, 7), normal(7, 3)], f: (x, i, s) => ops.indexAdd(x, 0, i, s) },
      { x: [normal(3, 5), ints(0, 5, 4), normal(3, 4)], f: (x, i, s) => ops.indexAdd(x, 1, i, s) },
      { x: [normal(5), normal(3)], f: (x, s) => ops.indexAdd(x, 0, [1, 1, 4], s), note: 'host indices' },
    ],
    order: 2,
    bound: { ulp: 4, ulpOfMax: 2 },
  },
} satisfies Partial<Record<OpName, Row>>
