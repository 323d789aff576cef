/** @file CPU twin of shaders/sort.wgsl: each row's values in order, equal ones as they were, and where they were. */
import type { Twin } from '../../core/kernel.ts'
import { order } from './order.ts'

export const sort: Twin = ([y, index, x], { rows, cols, offset }, { DESCENDING }) => {
  const sign = DESCENDING ? -1 : 1
  const positions = new Uint32Array(cols)
  for (let r = 0; r < rows; r++) {
    const row = x.subarray(offset + r * cols, offset + (r + 1) * cols)
    for (let c = 0; c < cols; c++) positions[c] = c
    positions.sort((i, j) => sign * order(row[i], row[j]) || i - j)
    index.set(positions, r * cols)
    for (let c = 0; c < cols; c++) y[r * cols + c] = row[positions[c]]
  }
}
