/** @file The CPU twin of every kernel in shaders/, by name. A kernel without a twin does not compile. */
import type { Twin } from '../kernel.ts'
import type { KernelName } from '../shaders.generated.ts'
import { adam } from './kernels/adam.ts'
import { copy } from './kernels/copy.ts'
import { cross_entropy } from './kernels/cross_entropy.ts'
import { cross_entropy_grad } from './kernels/cross_entropy_grad.ts'
import { extremum } from './kernels/extremum.ts'
import { fill } from './kernels/fill.ts'
import { gather } from './kernels/gather.ts'
import { matmul } from './kernels/matmul.ts'
import { pointwise } from './kernels/pointwise.ts'
import { random } from './kernels/random.ts'
import { reduce } from './kernels/reduce.ts'
import { scatter } from './kernels/scatter.ts'
import { sgd } from './kernels/sgd.ts'
import { softmax } from './kernels/softmax.ts'

export const twins: { readonly [K in KernelName]: Twin } = {
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
