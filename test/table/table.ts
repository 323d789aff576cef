/**
 * @file The op table: for every public op its cases, its order of differentiation, and how far float32 may be from
 * float64. Exhaustive by type: an op of src/ops/index.ts without a row here does not compile. run.ts puts each row
 * through everything.
 */
import * as ops from '../../src/ops/index.ts'
import type { OpName, Row } from './row.ts'
import { activations } from './rows/elementwise/activations.ts'
import { elementwise } from './rows/elementwise/elementwise.ts'
import { specials } from './rows/elementwise/special.ts'
import { convolutions } from './rows/image/conv.ts'
import { pooling, resampling } from './rows/image/pool.ts'
import { folding } from './rows/indexing/folding.ts'
import { indexing } from './rows/indexing/indexing.ts'
import { losses } from './rows/loss/loss.ts'
import { labelLosses } from './rows/loss/sequences.ts'
import { contractions } from './rows/matrix/matmul.ts'
import { vectors } from './rows/matrix/vectors.ts'
import { arrangements } from './rows/movement/arrange.ts'
import { movementRows } from './rows/movement/movement.ts'
import { norms } from './rows/norm/norm.ts'
import { orders } from './rows/order/order.ts'
import { dropouts } from './rows/random/dropout.ts'
import { slopes } from './rows/random/rrelu.ts'
import { samples } from './rows/random/sample.ts'
import { reduce } from './rows/reduce/reduce.ts'
import { scans } from './rows/reduce/scan.ts'
import { severalRows } from './rows/reduce/several.ts'
import { attention } from './rows/sequence/attention.ts'
import { recurrent } from './rows/sequence/recurrent.ts'
import { rope } from './rows/sequence/rope.ts'

export type { Bound, Case, OpName, Row } from './row.ts'

const table: { readonly [K in OpName]: Row } = {
  ...elementwise,
  ...activations,
  ...specials,
  ...movementRows,
  ...arrangements,
  ...recurrent,
  ...reduce,
  ...scans,
  ...orders,
  ...severalRows,
  ...contractions,
  ...vectors,
  ...indexing,
  ...folding,
  ...losses,
  ...labelLosses,
  ...norms,
  ...convolutions,
  ...pooling,
  ...resampling,
  ...dropouts,
  ...slopes,
  ...samples,
  ...attention,
  ...rope,
}

export { ops, table }
