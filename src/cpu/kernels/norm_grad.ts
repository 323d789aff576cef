/**
 * @file CPU twin of shaders/norm_grad.wgsl: dx = s·(h − A − z·B), h = g·w[k], z = (x − m)·s, A and B the row's means of
 * h and h·z.
 */
import type { Twin, TypedArray } from '../../core/kernel.ts'
import { rangeOf } from './deviation.ts'
import { meanOf } from './norm.ts'

export const norm_grad: Twin = ([y, x, g, kept, w], p, { RMS, WEIGHT }) => {
  const { rows, cols, x_offset, g_offset, w_offset, groups, span } = p
  for (let r = 0; r < rows; r++) {
    const first = w_offset + (r % groups) * (cols / span)
    const h = (c: number): number => g[g_offset + r * cols + c] * (WEIGHT ? w[first + Math.floor(c / span)] : 1)
    const z = standardised(x, x_offset + r * cols, kept, r)
    const a = RMS ? 0 : meanOf(cols, h)
    const b = meanOf(cols, (c) => h(c) * z(c))
    const [scale, unit] = [kept[4 * r + 3], unitOf(kept, r)]
    for (let c = 0; c < cols; c++) y[r * cols + c] = scale * (h(c) - a - z(c) * b) * unit
  }
}

/** By what row r was multiplied. */
const unitOf = (kept: TypedArray, r: number): number => 2 ** (kept[4 * r + 2] * rangeOf(kept).power)

/** (x − m)·s at column c of row r, which begins at `from`. */
export function standardised(x: TypedArray, from: number, kept: TypedArray, r: number): (c: number) => number {
  const [m, shift, , scale] = kept.subarray(4 * r, 4 * r + 4)
  const unit = unitOf(kept, r)
  return (c) => (x[from + c] * unit - m * unit - shift) * scale
}
