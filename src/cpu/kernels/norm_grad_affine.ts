/**
 * @file CPU twin of shaders/norm_grad_affine.wgsl: dw[k] = Σ g·z, db[k] = Σ g over the elements of channel k, z of
 * norm_grad.ts.
 */
import type { Twin } from '../../core/kernel.ts'
import { standardised } from './norm_grad.ts'

export const norm_grad_affine: Twin = ([dw, db, x, g, kept], p) => {
  const { rows, cols, x_offset, g_offset, groups, span } = p
  const [weights, biases] = [new Float64Array(dw.length), new Float64Array(db.length)]
  for (let r = 0; r < rows; r++) {
    const z = standardised(x, x_offset + r * cols, kept, r)
    const first = (r % groups) * (cols / span)
    for (let c = 0; c < cols; c++) {
      const value = g[g_offset + r * cols + c]
      const k = first + Math.floor(c / span)
      weights[k] += value * z(c)
      biases[k] += value
    }
  }
  dw.set(weights)
  db.set(biases)
}
