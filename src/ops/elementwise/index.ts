/** @file Elementwise: one result for each element, or for each pair that broadcasts. */
export type { Operand } from '../base/launches.ts'
export * from './activations.ts'
export * from './bitwise.ts'
export * from './cast.ts'
export * from './elementwise.ts'
export * from './pairs.ts'
export * from './shrink.ts'
export * from './special.ts'
