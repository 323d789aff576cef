/**
 * @file CPU twin of shaders/gather.wgsl: y[i, c] = x[index[i], c]. All indices are checked before anything is written.
 */
import type { Twin } from '../../core/kernel.ts'
import { checkIndices, fromStart } from './scatter.ts'

export const gather: Twin = ([y, x, index], { count, cols, rows, x_offset, index_offset }, _, label) => {
  checkIndices(label, index, index_offset, count, rows, -rows)
  if (cols === 1) {
    for (let i = 0; i < count; i++) y[i] = x[x_offset + fromStart(index[index_offset + i], rows)]
    return
  }
  for (let i = 0; i < count; i++) {
    const from = x_offset + fromStart(index[index_offset + i], rows) * cols
    y.set(x.subarray(from, from + cols), i * cols)
  }
}
