/**
 * @file Movement: views and copies that arrange elements anew. The views themselves are in base, where every family
 * uses them.
 */
export type { Slice } from '../base/slices.ts'
export {
  broadcastTo,
  cat,
  clone,
  contiguous,
  detach,
  expand,
  flatten,
  permute,
  reshape,
  slice,
  squeeze,
  stack,
  transpose,
  unsqueeze,
  view,
} from '../base/views.ts'
export * from './diagonals.ts'
export * from './pad.ts'
export * from './rearrange.ts'
export * from './split.ts'
export * from './unfold.ts'
