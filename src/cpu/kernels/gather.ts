/**
 * @file CPU twin of shaders/gather.wgsl: y[i, c] = x[index[i], c]. All indices are checked before anything is written.
 */
import type { Twin } from '../../core/kernel.ts'
import { checkIndices } from './scatter.ts'

export const gather: Twin = ([y, x, index], { count, cols, rows, x_offset, index_offset }, _, label) => {
  checkIndices(label, index, index_offset, count, rows)
  if (cols === 1) {
    for (let i = 0; i < count; i++) y[i] = x[x_offset + index[index_offset + i]]
    return
  }
  for (let i = 0; i < count; i++) {
    const from = x_offset + index[index_offset + i] * cols
    y.set(x.subarray(from, from + cols), i * cols)
  }
}
