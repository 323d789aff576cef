/** @file CPU twin of shaders/lstm_cell.wgsl: c' = σ(z_f)·c + σ(z_i)·tanh(z_g), h = σ(z_o)·tanh(c') with z = a + b. */
import type { Twin, TwinParams, TypedArray } from '../../core/kernel.ts'
import { sigmoid } from './special.ts'

export const lstm_cell: Twin = ([h, next, a, b, c], p) => {
  for (let e = 0; e < p.rows * p.cols; e++) {
    const { i, f, g, o } = lstmGates(e, a, b, p)
    const cell = f * c[p.c_offset + e] + i * g
    next[e] = cell
    h[e] = o * Math.tanh(cell)
  }
}

/** The gates of an element, and where its first one is in row-major rows of four. */
export function lstmGates(e: number, a: TypedArray, b: TypedArray, { cols, a_offset, b_offset }: TwinParams) {
  const at = Math.floor(e / cols) * 4 * cols + (e % cols)
  const [ia, ib] = [a_offset + at, b_offset + at]
  return {
    at,
    i: sigmoid(a[ia] + b[ib]),
    f: sigmoid(a[ia + cols] + b[ib + cols]),
    g: Math.tanh(a[ia + 2 * cols] + b[ib + 2 * cols]),
    o: sigmoid(a[ia + 3 * cols] + b[ib + 3 * cols]),
  }
}
