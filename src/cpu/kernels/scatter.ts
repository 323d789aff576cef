/** @file CPU twin of shaders/scatter.wgsl: y[r, c] = Σ g[i, c] over the i with index[i] = r, in the order of i. */
import type { Twin } from '../../core/kernel.ts'
import { reportError } from '../../core/reports.ts'

export const scatter: Twin = ([y, g, index], { rows, cols, count, g_offset, index_offset }, _, label) => {
  checkIndices(label, index, index_offset, count, rows)
  // The first i of each row, and for each i the next one of its row; −1 ends a chain. So one row at a time is summed in
  // float64.
  const first = new Int32Array(rows).fill(-1)
  const next = new Int32Array(count)
  for (let i = count - 1; i >= 0; i--) {
    const r = index[index_offset + i]
    next[i] = first[r]
    first[r] = i
  }
  const sum = new Float64Array(cols)
  for (let r = 0; r < rows; r++) {
    sum.fill(0)
    for (let i = first[r]; i !== -1; i = next[i]) {
      const from = g_offset + i * cols
      for (let c = 0; c < cols; c++) sum[c] += g[from + c]
    }
    for (let c = 0; c < cols; c++) y[r * cols + c] = sum[c]
  }
}

/** Refuse an index outside [0, limit). @throws IndexError with the first one and its position */
export function checkIndices(
  label: string,
  index: Int32Array,
  offset: number,
  count: number,
  limit: number,
  ignore?: number,
): void {
  for (let i = 0; i < count; i++) {
    const value = index[offset + i]
    if ((value < 0 || value >= limit) && value !== ignore)
      throw reportError(label, { kind: 0, position: i, value, limit })
  }
}
