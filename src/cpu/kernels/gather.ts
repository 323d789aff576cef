/**
 * @file CPU twin of shaders/gather.wgsl: y[i, c] = x[index[i] − first, c], where x has that row. All indices are
 * checked before anything is written.
 */
import type { Twin } from '../../core/kernel.ts'
import { checkIndices, fromStart } from './scatter.ts'

export const gather: Twin = ([y, x, index], p, _, label) => {
  const { count, cols, first, rows, limit, x_offset, index_offset } = p
  checkIndices(label, index, index_offset, count, limit, -limit)
  if (cols === 1 && rows === limit) {
    for (let i = 0; i < count; i++) y[i] = x[x_offset + fromStart(index[index_offset + i], limit)]
    return
  }
  for (let i = 0; i < count; i++) {
    const row = fromStart(index[index_offset + i], limit) - first
    if (row < 0 || row >= rows) continue
    const from = x_offset + row * cols
    y.set(x.subarray(from, from + cols), i * cols)
  }
}
