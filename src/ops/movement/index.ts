/**
 * @file Movement: views and copies that arrange elements anew. The views themselves are in base, where every family
 * uses them.
 */

export { cat, stack } from '../base/joining.ts'
export type { Slice } from '../base/slices.ts'
export * from './diagembed.ts'
export * from './diagonals.ts'
export * from './interleave.ts'
export * from './joins.ts'
export * from './pad.ts'
export * from './rearrange.ts'
export * from './split.ts'
export * from './turns.ts'
export * from './unfold.ts'
export * from './views.ts'
