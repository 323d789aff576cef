/**
 * @file CPU twin of shaders/scatter.wgsl: y[r, c] = Σ g[i, c] over the i with index[i] = first + r, in the order of i;
 * or their product, or the greatest.
 */
import * as shaders from '../../core/contracts.generated.ts'
import { indexError } from '../../core/errors.ts'
import type { Twin } from '../../core/kernel.ts'

const { PROD, MAX } = shaders.scatter.consts

export const scatter: Twin = ([y, g, index], p, { OP }, label) => {
  const { first, rows, limit, cols, count, g_offset, index_offset } = p
  checkIndices(label, index, index_offset, count, limit, -limit)
  // The first i of each row, and for each i the next one of its row; −1 ends a chain. So one row at a time is summed in
  // float64.
  const heads = new Int32Array(rows).fill(-1)
  const next = new Int32Array(count)
  for (let i = count - 1; i >= 0; i--) {
    const r = fromStart(index[index_offset + i], limit) - first
    if (r < 0 || r >= rows) continue
    next[i] = heads[r]
    heads[r] = i
  }
  const sum = new Float64Array(cols)
  for (let r = 0; r < rows; r++) {
    sum.fill(OP === PROD ? 1 : OP === MAX && heads[r] !== -1 ? -Infinity : 0)
    for (let i = heads[r]; i !== -1; i = next[i]) {
      const from = g_offset + i * cols
      if (OP === PROD) for (let c = 0; c < cols; c++) sum[c] *= g[from + c]
      else if (OP === MAX) for (let c = 0; c < cols; c++) sum[c] = Math.max(sum[c], g[from + c])
      else for (let c = 0; c < cols; c++) sum[c] += g[from + c]
    }
    for (let c = 0; c < cols; c++) y[r * cols + c] = sum[c]
  }
}

/** An index of an axis of n elements, counted from its start. */
export const fromStart = (index: number, n: number): number => (index < 0 ? index + n : index)

/**
 * Refuse an index outside [low, limit).
 * @param first  the position of index 0
 * @throws IndexError with the first one and its position
 */
export function checkIndices(
  label: string,
  index: Int32Array,
  offset: number,
  count: number,
  limit: number,
  low: number,
  ignore?: number,
  first = 0,
): void {
  for (let i = 0; i < count; i++) {
    const value = index[offset + i]
    if ((value < low || value >= limit) && value !== ignore) throw indexError(label, first + i, value, limit, low)
  }
}
