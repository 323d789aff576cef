/**
 * @file Which functions are methods of Tensor too (src/methods.ts installs them; their first argument is the tensor):
 * what PyTorch has as methods, and is not a function of a list, a layer or a loss. Methods are in every bundle; other
 * functions are in those that import them. Some are methods only: changes in place, and `to`.
 */
export * from './dynamic/dynamic.ts'
export * from './elementwise/elementwise.ts'
export * from './elementwise/to.ts'
export * from './indexing/at.ts'
export { gather, scatter, scatterAdd, take, takeAlongDim } from './indexing/gather.ts'
export { indexAdd, indexSelect } from './indexing/indexing.ts'
export * from './inplace/index.ts'
export { matmul } from './matrix/matmul.ts'
export { bmm, dot, mm, mv } from './matrix/products.ts'
export { repeatInterleave } from './movement/copies.ts'
export * from './movement/diagonals.ts'
export { flip, movedim, narrow, repeat, roll, select, tile, unflatten } from './movement/rearrange.ts'
export * from './movement/split.ts'
export * from './movement/views.ts'
export * from './reduce/compare.ts'
export * from './reduce/reduce.ts'
export * from './reduce/scan.ts'
export { logSoftmax, softmax } from './reduce/softmax.ts'
export { argsort, median, sort, topk } from './reduce/sort.ts'
export * from './reduce/statistics.ts'
