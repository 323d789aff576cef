/** @file CPU twin of shaders/dropout.wgsl: scale·x + shift where Philox keeps the element, else `drop`. */
import type { Twin, TwinParams } from '../../core/kernel.ts'
import { philox } from '../../core/philox.ts'

export const dropout: Twin = ([y, x], p) => {
  const { rows, cols, x_offset, threshold, scale, shift, drop } = p
  const keeps = keeper(p)
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) {
      const at = r * cols + c
      y[at] = keeps(r, c) >= threshold ? scale * x[x_offset + at] + shift : drop
    }
  }
}

/** The 24 random bits of an element; it is kept where they reach the threshold p·2²⁴. */
export function keeper({ seed_lo, seed_hi, offset_lo, offset_hi }: TwinParams): (r: number, c: number) => number {
  const start = { seed_lo, seed_hi, offset_lo, offset_hi }
  const words = new Uint32Array(4)
  let [row, block] = [-1, -1]
  return (r, c) => {
    if (r !== row || c >>> 2 !== block) {
      row = r
      block = c >>> 2
      philox(start, block, row, words)
    }
    return words[c & 3] >>> 8
  }
}
