/** @file Creation: tensors from numbers, shapes and other tensors. */
export * from './create.ts'
export * from './indices.ts'
export * from './like.ts'
export type { TensorOptions } from './making.ts'
