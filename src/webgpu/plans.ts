/**
 * @file The launch table: for each kernel of shaders/ the ways to run it, best first, chosen by adapter facts and shapes only,
 * so that the same inputs give bit-identical results. What a plan is, is in src/kernel.ts; plans/ has a file for each kernel.
 */
import type { Plan } from '../kernel.ts'
import type { KernelName } from '../shaders.generated.ts'
import { adam } from './plans/adam.ts'
import { copy } from './plans/copy.ts'
import { cross_entropy } from './plans/cross_entropy.ts'
import { cross_entropy_grad } from './plans/cross_entropy_grad.ts'
import { extremum } from './plans/extremum.ts'
import { fill } from './plans/fill.ts'
import { gather } from './plans/gather.ts'
import { matmul } from './plans/matmul.ts'
import { pointwise } from './plans/pointwise.ts'
import { random } from './plans/random.ts'
import { reduce } from './plans/reduce.ts'
import { scatter } from './plans/scatter.ts'
import { sgd } from './plans/sgd.ts'
import { softmax } from './plans/softmax.ts'

/** Plans by kernel. */
export const plans: { readonly [K in KernelName]: Plan } = {
  adam,
  copy,
  cross_entropy,
  cross_entropy_grad,
  extremum,
  fill,
  gather,
  matmul,
  pointwise,
  random,
  reduce,
  scatter,
  sgd,
  softmax,
}
