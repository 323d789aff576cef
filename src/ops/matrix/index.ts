/** @file Matrices: products of every kind, distances of rows, norms, and what varies together. */
export * from './distance.ts'
export * from './einsum.ts'
export * from './linear.ts'
export { matmul } from './matmul.ts'
export * from './products.ts'
export * from './statistics.ts'
export * from './vectors.ts'
