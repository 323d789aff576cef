/** @file Ops that are methods of Tensor too (src/methods.ts installs them); their first argument is the tensor. */
export * from './elementwise.ts'
export { indexAdd, indexSelect } from './indexing.ts'
export { matmul } from './matmul.ts'
export {
  clone,
  contiguous,
  expand,
  flatten,
  permute,
  reshape,
  slice,
  squeeze,
  transpose,
  unsqueeze,
} from './movement.ts'
export { amax, amin, argmax, argmin, max, mean, min, sum } from './reduce.ts'
export { logSoftmax, softmax } from './softmax.ts'
