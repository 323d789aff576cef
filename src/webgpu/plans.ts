/**
 * @file The launch table: for each kernel of shaders/ the ways to run it, best first, chosen by adapter facts and shapes only,
 * so that the same inputs give bit-identical results. What a plan is, is in src/core/kernel.ts; plans/ has a file for each kernel.
 */

import type { KernelName } from '../core/contracts.generated.ts'
import type { Plan } from '../core/kernel.ts'
import { adam } from './plans/adam.ts'
import { attention } from './plans/attention.ts'
import { attention_grad_kv } from './plans/attention_grad_kv.ts'
import { attention_grad_q } from './plans/attention_grad_q.ts'
import { conv2d } from './plans/conv2d.ts'
import { conv2d_grad_weight } from './plans/conv2d_grad_weight.ts'
import { copy } from './plans/copy.ts'
import { cross_entropy } from './plans/cross_entropy.ts'
import { cross_entropy_grad } from './plans/cross_entropy_grad.ts'
import { dropout } from './plans/dropout.ts'
import { extremum } from './plans/extremum.ts'
import { fill } from './plans/fill.ts'
import { flat_index } from './plans/flat_index.ts'
import { fold } from './plans/fold.ts'
import { gather } from './plans/gather.ts'
import { gru_cell } from './plans/gru_cell.ts'
import { gru_cell_grad } from './plans/gru_cell_grad.ts'
import { last_index } from './plans/last_index.ts'
import { lstm_cell } from './plans/lstm_cell.ts'
import { lstm_cell_grad } from './plans/lstm_cell_grad.ts'
import { matmul } from './plans/matmul.ts'
import { norm } from './plans/norm.ts'
import { norm_grad } from './plans/norm_grad.ts'
import { pointwise } from './plans/pointwise.ts'
import { pool } from './plans/pool.ts'
import { pool_grad } from './plans/pool_grad.ts'
import { random } from './plans/random.ts'
import { reduce } from './plans/reduce.ts'
import { scan } from './plans/scan.ts'
import { scatter } from './plans/scatter.ts'
import { search } from './plans/search.ts'
import { sgd } from './plans/sgd.ts'
import { softmax } from './plans/softmax.ts'
import { sort } from './plans/sort.ts'

/** Plans by kernel. */
export const plans: { readonly [K in KernelName]: Plan } = {
  adam,
  attention,
  attention_grad_kv,
  attention_grad_q,
  conv2d,
  conv2d_grad_weight,
  copy,
  cross_entropy,
  cross_entropy_grad,
  dropout,
  extremum,
  fill,
  flat_index,
  fold,
  gather,
  gru_cell,
  gru_cell_grad,
  last_index,
  lstm_cell,
  lstm_cell_grad,
  matmul,
  norm,
  norm_grad,
  pointwise,
  pool,
  pool_grad,
  random,
  reduce,
  scan,
  scatter,
  search,
  sgd,
  softmax,
  sort,
}
