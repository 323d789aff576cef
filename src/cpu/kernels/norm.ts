/**
 * @file CPU twin of shaders/norm.wgsl: y = (x − mean)/√(variance + ε)·w[k] + b[k] by rows; RMS: without the mean,
 * variance = the mean of x².
 */
import type { Twin } from '../../core/kernel.ts'

export const norm: Twin = ([y, mean, variance, x, w, b], p, { RMS, WEIGHT, BIAS }) => {
  const { rows, cols, x_offset, w_offset, b_offset, groups, span, eps } = p
  for (let r = 0; r < rows; r++) {
    const row = x.subarray(x_offset + r * cols, x_offset + (r + 1) * cols)
    const m = RMS ? 0 : meanOf(cols, (c) => row[c])
    // The mean of the differences takes back the rounding of m.
    const shift = RMS ? 0 : meanOf(cols, (c) => row[c] - m)
    const v = meanOf(cols, (c) => (row[c] - m - shift) ** 2)
    mean[r] = m + shift
    variance[r] = v
    const scale = 1 / Math.sqrt(v + eps)
    const first = (r % groups) * (cols / span)
    for (let c = 0; c < cols; c++) {
      const k = first + Math.floor(c / span)
      const z = (row[c] - m - shift) * scale
      y[r * cols + c] = (WEIGHT ? z * w[w_offset + k] : z) + (BIAS ? b[b_offset + k] : 0)
    }
  }
}

export function meanOf(n: number, value: (i: number) => number): number {
  let sum = 0
  for (let i = 0; i < n; i++) sum += value(i)
  return sum / n
}
