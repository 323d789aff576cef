/**
 * @file CPU twin of shaders/conv2d_grad_weight.wgsl: a matrix product for each group, of the channels of g with what three taps see
 * in all windows of the batch. Sums are float64.
 */
import type { Twin } from '../../core/kernel.ts'
import { panels, TILE, tile } from './matmul.ts'
import { placesOf } from './places.ts'

/** A name of this file's own: loaders that turn imports into getters would call one in the inner loops. */
const LANES = TILE

export const conv2d_grad_weight: Twin = ([y, x, g], p) => {
  const { rows, cols } = p
  const [batch, groups, inner, outer] = p.counts
  const places = placesOf(0, rows, cols, p.steps)
  const taps = rows[2] * cols[2]
  const [windows, plane] = [rows[0] * cols[0], rows[1] * cols[1]]
  const columns = inner * taps
  const cotangents = panels(g, outer, batch * windows)
  const [column] = panels(x, 1, batch * windows)
  for (let t = 0; t < groups; t++) {
    for (let k = 0; k < outer; k++) {
      const lane = k % LANES
      const panel = cotangents[(k - lane) / LANES]
      for (let n = 0; n < batch; n++) {
        const from = p.g_offset + ((n * groups + t) * outer + k) * windows
        for (let i = 0; i < windows; i++) panel[LANES * (n * windows + i) + lane] = g[from + i]
      }
    }
    for (let j = 0; j < columns; j += LANES) {
      for (let lane = 0; lane < LANES && j + lane < columns; lane++) {
        const tap = (j + lane) % taps
        const c = (j + lane - tap) / taps
        let e = lane
        for (let n = 0; n < batch; n++) {
          const from = p.x_offset + ((n * groups + t) * inner + c) * plane
          for (let i = tap; i < windows * taps; i += taps) {
            const at = places[i]
            column[e] = at < 0 ? 0 : x[from + at]
            e += LANES
          }
        }
      }
      for (let k = 0; k < outer; k += LANES) {
        tile(y, (t * outer + k) * columns + j, columns, outer - k, columns - j, cotangents[k / LANES], column)
      }
    }
  }
}
