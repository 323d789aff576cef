/** @file Matrices: products of every kind, and distances of rows. */
export * from './distance.ts'
export * from './einsum.ts'
export * from './matmul.ts'
export * from './products.ts'
