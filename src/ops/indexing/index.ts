/** @file Indexing by integers: elements and slices are picked, put and added. */
export * from './at.ts'
export * from './gather.ts'
export * from './indexing.ts'
