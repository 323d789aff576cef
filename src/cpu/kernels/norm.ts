/**
 * @file CPU twin of shaders/norm.wgsl: y = (x − mean)/√(variance + ε)·w[k] + b[k] by rows; RMS: without the mean,
 * variance = the mean of x².
 */
import type { Twin, TypedArray } from '../../core/kernel.ts'
import { inverseDeviation, rangeOf, signFor } from './deviation.ts'

export const norm: Twin = ([y, mean, spread, kept, x, w, b], p, { RMS, WEIGHT, BIAS }) => {
  const { rows, cols, x_offset, w_offset, b_offset, groups, span, eps } = p
  const range = rangeOf(x)
  for (let r = 0; r < rows; r++) {
    const row = x.subarray(x_offset + r * cols, x_offset + (r + 1) * cols)
    let { m, shift, v } = moments(row, 1, RMS)
    const sign = signFor(v + eps, m, range)
    const unit = 2 ** (sign * range.power)
    if (sign !== 0) ({ m, shift, v } = moments(row, unit, RMS))
    mean[r] = (m + shift) / unit
    spread[r] = sign === 0 ? v : -Math.sqrt(v) / unit
    const scale = inverseDeviation(v, eps, unit, range)
    // What rounding m to the dtype takes away goes into the shift.
    kept[4 * r] = m / unit
    kept.set([m - kept[4 * r] * unit + shift, sign, scale], 4 * r + 1)
    const first = (r % groups) * (cols / span)
    for (let c = 0; c < cols; c++) {
      const k = first + Math.floor(c / span)
      const z = (row[c] * unit - m - shift) * scale
      y[r * cols + c] = (WEIGHT ? z * w[w_offset + k] : z) + (BIAS ? b[b_offset + k] : 0)
    }
  }
}

/** Of a row times `unit`: its mean m, the mean of the differences, which takes back the rounding of m; its variance. */
function moments(row: TypedArray, unit: number, RMS: number) {
  const m = RMS ? 0 : meanOf(row.length, (c) => row[c] * unit)
  const shift = RMS ? 0 : meanOf(row.length, (c) => row[c] * unit - m)
  const v = meanOf(row.length, (c) => (row[c] * unit - m - shift) ** 2)
  return { m, shift, v }
}

export function meanOf(n: number, value: (i: number) => number): number {
  let sum = 0
  for (let i = 0; i < n; i++) sum += value(i)
  return sum / n
}
