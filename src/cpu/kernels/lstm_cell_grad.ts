/**
 * @file CPU twin of shaders/lstm_cell_grad.wgsl: gradients by the gates and by c, from those of h and of the next c.
 */
import type { Twin } from '../../core/kernel.ts'
import { lstmGates } from './lstm_cell.ts'

export const lstm_cell_grad: Twin = ([gates, dc, a, b, c, dh, dn], p, { GIVEN }) => {
  const { rows, cols, c_offset, dh_offset, dn_offset } = p
  for (let e = 0; e < rows * cols; e++) {
    const { at, i, f, g, o } = lstmGates(e, a, b, p)
    const before = c[c_offset + e]
    const t = Math.tanh(f * before + i * g)
    const gh = GIVEN & 1 ? dh[dh_offset + e] : 0
    const s = (GIVEN & 2 ? dn[dn_offset + e] : 0) + gh * o * (1 - t * t)
    gates[at] = s * g * i * (1 - i)
    gates[at + cols] = s * before * f * (1 - f)
    gates[at + 2 * cols] = s * i * (1 - g * g)
    gates[at + 3 * cols] = gh * t * o * (1 - o)
    dc[e] = s * f
  }
}
