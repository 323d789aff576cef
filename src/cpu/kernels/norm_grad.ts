/**
 * @file CPU twin of shaders/norm_grad.wgsl: dx = s·(h − A − z·B), h = g·w[k], z = (x − m)·s, A and B the row's means of
 * h and h·z; PART = 1: h·z.
 */
import type { Twin } from '../../core/kernel.ts'
import { inverseDeviation, unitFor } from './deviation.ts'
import { meanOf } from './norm.ts'

export const norm_grad: Twin = ([y, x, g, mean, spread, w], p, { RMS, WEIGHT, PART }) => {
  const { rows, cols, x_offset, g_offset, w_offset, groups, span, eps } = p
  for (let r = 0; r < rows; r++) {
    const row = x.subarray(x_offset + r * cols, x_offset + (r + 1) * cols)
    const first = w_offset + (r % groups) * (cols / span)
    const h = (c: number): number => g[g_offset + r * cols + c] * (WEIGHT ? w[first + Math.floor(c / span)] : 1)
    const m = RMS ? 0 : mean[r]
    // The variance, or −√variance where that may be out of range.
    const kept = spread[r]
    const unit = kept < 0 ? unitFor(kept ** 2 + eps, m) : 1
    const scale = inverseDeviation(kept < 0 ? (kept * unit) ** 2 : kept, eps, unit)
    const shift = RMS ? 0 : meanOf(cols, (c) => row[c] * unit - m * unit)
    const z = (c: number): number => (row[c] * unit - m * unit - shift) * scale
    const a = RMS ? 0 : meanOf(cols, h)
    const b = meanOf(cols, (c) => h(c) * z(c))
    for (let c = 0; c < cols; c++) y[r * cols + c] = PART ? h(c) * z(c) : scale * (h(c) - a - z(c) * b) * unit
  }
}
