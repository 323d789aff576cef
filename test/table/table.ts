/**
 * @file The op table: for every public op its cases, its order of differentiation, and how far float32 may be from float64.
 * Exhaustive by type: an op of src/ops/index.ts without a row here does not compile. run.ts puts each row through everything.
 */
import * as ops from '../../src/ops/index.ts'
import type { OpName, Row } from './row.ts'
import { elementwise } from './rows/elementwise.ts'
import { indexing } from './rows/indexing.ts'
import { losses } from './rows/loss.ts'
import { contractions } from './rows/matmul.ts'
import { movementRows } from './rows/movement.ts'
import { reduce } from './rows/reduce.ts'

export type { Bound, Case, OpName, Row } from './row.ts'

const table: { readonly [K in OpName]: Row } = {
  ...elementwise,
  ...movementRows,
  ...reduce,
  ...contractions,
  ...indexing,
  ...losses,
}

/** Ops that between them launch every kernel in its views: what depends on kernels, not on op codes, is tried on these. */
export const eachKernel: readonly OpName[] = [
  'add',
  'where',
  'clone',
  'slice',
  'cat',
  'sum',
  'amax',
  'max',
  'matmul',
  'indexSelect',
  'embedding',
  'indexAdd',
  'softmax',
  'logSoftmax',
  'crossEntropy',
]

export { ops, table }
