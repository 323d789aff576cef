/** @file CPU twin of shaders/bounds.wgsl: refuses integers that are outside of their bounds. */
import type { Twin } from '../../core/kernel.ts'
import { reportError } from '../../core/reports.ts'

export const bounds: Twin = ([x], { size, start, low, high, x_offset }, { KIND, RISING }, label) => {
  for (let e = 0; e < size; e++) {
    const value = x[x_offset + e]
    const least = RISING && e > 0 ? Math.max(low, x[x_offset + e - 1]) : low
    const most = RISING && e === 0 ? low : high
    if (value < least || value > most) throw reportError(label, { kind: KIND, position: start + e, value, limit: high })
  }
}
