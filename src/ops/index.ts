/**
 * @file The registry: every differentiable op and its kin, by name. The test table (test/table) must have a row for each
 * function exported here, or it does not compile.
 */

export { cast } from './cast.ts'
export * from './elementwise.ts'
export { embedding, indexAdd, indexSelect } from './indexing.ts'
export { bceWithLogits, crossEntropy, mseLoss } from './loss.ts'
export { matmul } from './matmul.ts'
export {
  cat,
  clone,
  contiguous,
  expand,
  flatten,
  permute,
  reshape,
  slice,
  squeeze,
  stack,
  transpose,
  unsqueeze,
} from './movement.ts'
export { amax, amin, argmax, argmin, max, mean, min, sum } from './reduce.ts'
export { logSoftmax, softmax } from './softmax.ts'
