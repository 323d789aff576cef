/**
 * @file The op table: for every public op its cases, its order of differentiation, and how far float32 may be from float64.
 * Exhaustive by type: an op of src/ops/index.ts without a row here does not compile. run.ts puts each row through everything.
 */
import * as ops from '../../src/ops/index.ts'
import type { OpName, Row } from './row.ts'
import { activations } from './rows/activations.ts'
import { attention } from './rows/attention.ts'
import { convolutions } from './rows/conv.ts'
import { dropouts } from './rows/dropout.ts'
import { elementwise } from './rows/elementwise.ts'
import { indexing } from './rows/indexing.ts'
import { losses } from './rows/loss.ts'
import { contractions } from './rows/matmul.ts'
import { movementRows } from './rows/movement.ts'
import { norms } from './rows/norm.ts'
import { pooling, resampling } from './rows/pool.ts'
import { recurrent } from './rows/recurrent.ts'
import { reduce } from './rows/reduce.ts'
import { scans } from './rows/scan.ts'

export type { Bound, Case, OpName, Row } from './row.ts'

const table: { readonly [K in OpName]: Row } = {
  ...elementwise,
  ...activations,
  ...movementRows,
  ...recurrent,
  ...reduce,
  ...scans,
  ...contractions,
  ...indexing,
  ...losses,
  ...norms,
  ...convolutions,
  ...pooling,
  ...resampling,
  ...dropouts,
  ...attention,
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
  'cumsum',
  'cumprod',
  'logcumsumexp',
  'argsort',
  'searchsorted',
  'matmul',
  'indexSelect',
  'embedding',
  'indexAdd',
  'scatter',
  'scatterAdd',
  'softmax',
  'logSoftmax',
  'crossEntropy',
  'lstmCell',
  'gruCell',
  'nllLoss',
  'layerNorm',
  'rmsNorm',
  'groupNorm',
  'conv2d',
  'fold',
  'maxPool2d',
  'avgPool2d',
  'dropout',
  'scaledDotProductAttention',
]

export { ops, table }
