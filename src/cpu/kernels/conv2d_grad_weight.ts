/**
 * @file CPU twin of shaders/conv2d_grad_weight.wgsl: a matrix product for each group, of the channels of g with what
 * three taps see in all windows of the batch. Sums are float64.
 */
import type { Twin } from '../../core/kernel.ts'
import { panels, TILE, tile } from './matmul.ts'
import { tapsPer } from './taps.ts'

/** A name of this file's own: loaders that turn imports into getters would call one in the inner loops. */
const LANES = TILE

export const conv2d_grad_weight: Twin = ([y, x, g], p) => {
  const { rows, cols, steps, x_offset, g_offset } = p
  // Inputs and outputs are the channels of x and of g in a group.
  const [batch, groups, inputs, outputs] = p.counts
  const [windowRows, pixelRows, tapRows] = rows
  const [windowCols, pixelCols, tapCols] = cols
  const under = tapsPer('window', rows, cols, steps)
  const taps = tapRows * tapCols
  const [windows, plane] = [windowRows * windowCols, pixelRows * pixelCols]
  const columns = inputs * taps
  const cotangents = panels(outputs, batch * windows)
  const [column] = panels(1, batch * windows)
  for (let t = 0; t < groups; t++) {
    for (let k = 0; k < outputs; k++) {
      const lane = k % LANES
      const panel = cotangents[(k - lane) / LANES]
      for (let n = 0; n < batch; n++) {
        const from = g_offset + ((n * groups + t) * outputs + k) * windows
        for (let i = 0; i < windows; i++) panel[LANES * (n * windows + i) + lane] = g[from + i]
      }
    }
    for (let j = 0; j < columns; j += LANES) {
      for (let lane = 0; lane < LANES && j + lane < columns; lane++) {
        const tap = (j + lane) % taps
        const c = (j + lane - tap) / taps
        let e = lane
        for (let n = 0; n < batch; n++) {
          const from = x_offset + ((n * groups + t) * inputs + c) * plane
          for (let i = tap; i < windows * taps; i += taps) {
            const at = under[i]
            column[e] = at < 0 ? 0 : x[from + at]
            e += LANES
          }
        }
      }
      for (let k = 0; k < outputs; k += LANES) {
        tile(y, (t * outputs + k) * columns + j, columns, outputs - k, columns - j, cotangents[k / LANES], column)
      }
    }
  }
}
