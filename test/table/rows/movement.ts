/** @file Rows of ops that move elements. */
import * as ops from '../../../src/ops/index.ts'
import { bools, ints, normal } from '../inputs.ts'
import { movement, type OpName, type Row } from '../row.ts'

export const movementRows = {
  clone: movement([
    { x: [normal(3, 4)] },
    { x: [normal()] },
    { x: [normal(0)] },
    { x: [normal(2, 3, 2, 2, 3)] },
    { x: [ints(0, 9, 4)] },
    { x: [bools(4)] },
  ]),
  contiguous: movement([
    { x: [normal(3, 4)], f: (x) => ops.contiguous(ops.transpose(x)) },
    { x: [normal(2, 3, 2, 2, 3)], f: (x) => ops.contiguous(ops.permute(x, [4, 2, 0, 3, 1])) },
  ]),
  reshape: movement([
    { x: [normal(3, 4)], f: (x) => ops.reshape(x, [2, 6]) },
    { x: [normal(3, 4)], f: (x) => ops.reshape(x, [-1]) },
    { x: [normal()], f: (x) => ops.reshape(x, [1, 1]) },
    { x: [normal(0, 3)], f: (x) => ops.reshape(x, [3, 0]) },
    { x: [normal(2, 3, 4)], f: (x) => ops.reshape(ops.transpose(x, 0, 1), [6, -1]), note: 'of a transposed view' },
    { x: [normal(4, 6)], f: (x) => ops.reshape(ops.slice(x, null, [0, 4]), [2, 2, 2, 2]), note: 'a view of a slice' },
  ]),
  flatten: movement([
    { x: [normal(2, 3, 4)], f: (x) => ops.flatten(x) },
    { x: [normal(2, 3, 4)], f: (x) => ops.flatten(x, 1) },
    { x: [normal()], f: (x) => ops.flatten(x) },
  ]),
  squeeze: movement([
    { x: [normal(1, 3, 1)], f: (x) => ops.squeeze(x) },
    { x: [normal(1, 3, 1)], f: (x) => ops.squeeze(x, 0) },
    { x: [normal(1, 3, 1)], f: (x) => ops.squeeze(x, [0, 1]) },
  ]),
  unsqueeze: movement([
    { x: [normal(3, 4)], f: (x) => ops.unsqueeze(x, 1) },
    { x: [normal(3)], f: (x) => ops.unsqueeze(x, -1) },
    { x: [normal()], f: (x) => ops.unsqueeze(x, 0) },
  ]),
  transpose: movement([
    { x: [normal(3, 4)], f: (x) => ops.transpose(x) },
    { x: [normal(2, 3, 4)], f: (x) => ops.transpose(x, 0, -1) },
    { x: [ints(0, 9, 2, 3)], f: (x) => ops.transpose(x, 0, 1) },
  ]),
  permute: movement([
    { x: [normal(2, 3, 4)], f: (x) => ops.permute(x, [2, 0, 1]) },
    { x: [normal(2, 3, 2, 2, 3)], f: (x) => ops.permute(x, [-1, 2, 0, 3, 1]) },
    { x: [normal()], f: (x) => ops.permute(x, []) },
  ]),
  expand: movement([
    { x: [normal(3, 1)], f: (x) => ops.expand(x, [3, 4]) },
    { x: [normal(4)], f: (x) => ops.expand(x, [2, 3, -1]) },
    { x: [normal()], f: (x) => ops.expand(x, [2, 2]) },
    { x: [normal(1, 3)], f: (x) => ops.expand(x, [0, 3]) },
  ]),
  slice: movement([
    { x: [normal(5, 6)], f: (x) => ops.slice(x, [1, 4]) },
    { x: [normal(5, 6)], f: (x) => ops.slice(x, null, [null, null, 2]) },
    { x: [normal(5, 6)], f: (x) => ops.slice(x, [-3, -1], [5, 1, -2]) },
    { x: [normal(5)], f: (x) => ops.slice(x, [null, null, -1]), note: 'reversed' },
    { x: [normal(5)], f: (x) => ops.slice(x, [3, 3]), note: 'empty' },
    { x: [normal(5)], f: (x) => ops.slice(x, [-99, 99]), note: 'clamped' },
    { x: [ints(0, 9, 5)], f: (x) => ops.slice(x, [2]) },
  ]),
  cat: movement([
    { x: [normal(2, 3), normal(4, 3)], f: (a, b) => ops.cat([a, b]) },
    { x: [normal(2, 3), normal(2, 1), normal(2, 2)], f: (...x) => ops.cat(x, 1) },
    { x: [normal(0, 3), normal(2, 3)], f: (...x) => ops.cat(x), note: 'an empty one' },
    { x: [normal(3)], f: (a) => ops.cat([a, a]), note: 'twice the same' },
    { x: [ints(0, 9, 2), ints(0, 9, 3)], f: (...x) => ops.cat(x) },
    {
      x: [2, 1, 3, 2, 1, 1, 2, 3, 1, 2, 1, 1].map((n) => normal(2, n)),
      f: (...x) => ops.cat(x, -1),
      note: 'more than a stage has buffers',
    },
  ]),
  stack: movement([
    { x: [normal(2, 3), normal(2, 3)], f: (...x) => ops.stack(x) },
    { x: [normal(2), normal(2), normal(2)], f: (...x) => ops.stack(x, -1) },
    { x: [normal(), normal()], f: (...x) => ops.stack(x) },
  ]),
} satisfies Partial<Record<OpName, Row>>
