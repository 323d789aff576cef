/** @file CPU twin of shaders/scatter.wgsl: y[r, c] = Σ g[i, c] over the i with index[i] = r, in the order of i. */
import { failIndex } from '../../errors.ts'
import type { Twin } from '../../kernel.ts'

export const scatter: Twin = ([y, g, index], { rows, cols, count, g_offset, index_offset }, _, label) => {
  checkIndices(label, index, index_offset, count, rows)
  y.fill(0, 0, rows * cols)
  for (let i = 0; i < count; i++) {
    const to = index[index_offset + i] * cols
    const from = g_offset + i * cols
    for (let c = 0; c < cols; c++) y[to + c] += g[from + c]
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
    const at = index[offset + i]
    if ((at < 0 || at >= limit) && at !== ignore)
      failIndex(label, `index ${at} at position ${i} is outside [0, ${limit})`)
  }
}
