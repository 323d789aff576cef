/** @file CPU twin of shaders/last_index.wgsl: y[r] = the last i with index[i] = r, −1 where there is none. */
import type { Twin } from '../../core/kernel.ts'

export const last_index: Twin = ([y, index], { rows, count, index_offset }) => {
  y.fill(-1, 0, rows)
  for (let i = 0; i < count; i++) y[index[index_offset + i]] = i
}
