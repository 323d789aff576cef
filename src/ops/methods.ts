/** @file Ops that are methods of Tensor too (src/methods.ts installs them); their first argument is the tensor. */
export { at, indexPut } from './at.ts'
export { addmm, bmm, dot, kron, mm, mv, outer } from './contract.ts'
export { chunk, split, unbind } from './cutting.ts'
export { diag, diagonal, trace, tril, triu } from './diagonals.ts'
export * from './elementwise.ts'
export { gather, scatter, scatterAdd, take, takeAlongDim } from './gather.ts'
export { indexAdd, indexSelect } from './indexing.ts'
export { matmul } from './matmul.ts'
export {
  broadcastTo,
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
  view,
} from './movement.ts'
export { flip, movedim, narrow, repeat, repeatInterleave, roll, select, tile, unflatten } from './rearrange.ts'
export { amax, amin, argmax, argmin, max, mean, min, sum } from './reduce.ts'
export { cumprod, cumsum, logcumsumexp } from './scan.ts'
export { unfold } from './sliding.ts'
export { logSoftmax, softmax } from './softmax.ts'
export { argsort, histc, median, sort, topk } from './sort.ts'
export { all, any, countNonzero, logsumexp, norm, prod, std, variance as var } from './statistics.ts'
