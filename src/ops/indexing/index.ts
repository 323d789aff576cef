/** @file Indexing by integers: elements and slices are picked, put, folded and added. */
export * from './at.ts'
export * from './bags.ts'
export * from './gather.ts'
export * from './indexing.ts'
export * from './replace.ts'
export * from './scatterreduce.ts'
