/** @file Ops that are methods of Tensor too (src/methods.ts installs them); their first argument is the tensor. */

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
} from './base/views.ts'
export * from './elementwise/elementwise.ts'
export { at, indexPut } from './indexing/at.ts'
export { gather, scatter, scatterAdd, take, takeAlongDim } from './indexing/gather.ts'
export { indexAdd, indexSelect } from './indexing/indexing.ts'
export { matmul } from './matrix/matmul.ts'
export { addmm, bmm, dot, kron, mm, mv, outer } from './matrix/products.ts'
export { diag, diagonal, trace, tril, triu } from './movement/diagonals.ts'
export { flip, movedim, narrow, repeat, repeatInterleave, roll, select, tile, unflatten } from './movement/rearrange.ts'
export { chunk, split, unbind } from './movement/split.ts'
export { unfold } from './movement/unfold.ts'
export { amax, amin, argmax, argmin, max, mean, min, sum } from './reduce/reduce.ts'
export { cumprod, cumsum, logcumsumexp } from './reduce/scan.ts'
export { logSoftmax, softmax } from './reduce/softmax.ts'
export { argsort, histc, median, sort, topk } from './reduce/sort.ts'
export { all, any, countNonzero, logsumexp, norm, prod, std, variance as var } from './reduce/statistics.ts'
