/** @file CPU twin of shaders/gru_cell_grad.wgsl: gradients by a, b and h, from that of the output. */
import type { Twin } from '../../core/kernel.ts'
import { gruGates } from './gru_cell.ts'

export const gru_cell_grad: Twin = ([da, db, dh, a, b, h, g], p) => {
  const { rows, cols, h_offset, g_offset } = p
  for (let e = 0; e < rows * cols; e++) {
    const { at, r, z, bn, n } = gruGates(e, a, b, p)
    const gy = g[g_offset + e]
    const s = gy * (1 - z) * (1 - n * n)
    da[at] = db[at] = s * bn * r * (1 - r)
    da[at + cols] = db[at + cols] = gy * (h[h_offset + e] - n) * z * (1 - z)
    da[at + 2 * cols] = s
    db[at + 2 * cols] = s * r
    dh[e] = gy * z
  }
}
