/**
 * @file CPU twin of shaders/gru_cell.wgsl: r = σ(a_r + b_r), z = σ(a_z + b_z), n = tanh(a_n + r·b_n), y = (1 − z)·n +
 * z·h.
 */
import type { Twin, TwinParams, TypedArray } from '../../core/kernel.ts'
import { sigmoid } from './special.ts'

export const gru_cell: Twin = ([y, a, b, h], p) => {
  for (let e = 0; e < p.rows * p.cols; e++) {
    const { z, n } = gruGates(e, a, b, p)
    y[e] = (1 - z) * n + z * h[p.h_offset + e]
  }
}

/** The gates of an element, b's part of n, and where its first one is in row-major rows of three. */
export function gruGates(e: number, a: TypedArray, b: TypedArray, { cols, a_offset, b_offset }: TwinParams) {
  const at = Math.floor(e / cols) * 3 * cols + (e % cols)
  const [ia, ib] = [a_offset + at, b_offset + at]
  const r = sigmoid(a[ia] + b[ib])
  const bn = b[ib + 2 * cols]
  return { at, r, z: sigmoid(a[ia + cols] + b[ib + cols]), bn, n: Math.tanh(a[ia + 2 * cols] + r * bn) }
}
