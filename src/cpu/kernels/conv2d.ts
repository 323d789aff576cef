/**
 * @file CPU twin of shaders/conv2d.wgsl: a matrix product for each image and group, of the weights with the columns of pixels under
 * the taps of three places of y at a time. A bias is one more pair: b and 1. Sums are float64.
 */
import type { Twin } from '../../core/kernel.ts'
import { type Floats, panels, TILE, tile } from './matmul.ts'
import { placesOf } from './places.ts'

/** A name of this file's own: loaders that turn imports into getters would call one in the inner loops. */
const LANES = TILE

export const conv2d: Twin = ([y, x, w, b], p, { TRANSPOSED, BIAS }) => {
  const { rows, cols, w_offset, b_offset } = p
  const [batch, groups, inner, outer] = p.counts
  const [of, other] = TRANSPOSED ? ([1, 0] as const) : ([0, 1] as const)
  const places = placesOf(of, rows, cols, p.steps)
  const taps = rows[2] * cols[2]
  const [width, plane] = [rows[of] * cols[of], rows[other] * cols[other]]
  const [step_y, step_x] = TRANSPOSED ? [taps, outer * taps] : [inner * taps, taps]
  const depth = inner * taps + (BIAS ? 1 : 0)
  const weights = panels(w, outer, depth)
  const [column] = panels(x, 1, depth)
  if (BIAS) column.fill(1, LANES * (depth - 1))
  for (let t = 0; t < groups; t++) {
    for (let k = 0; k < outer; k++) {
      const lane = k % LANES
      const panel = weights[(k - lane) / LANES]
      const from = w_offset + t * outer * inner * taps + k * step_y
      for (let e = 0; e < inner * taps; e++)
        panel[LANES * e + lane] = w[from + Math.floor(e / taps) * step_x + (e % taps)]
      if (BIAS) panel[LANES * (depth - 1) + lane] = b[b_offset + t * outer + k]
    }
    for (let n = 0; n < batch; n++) {
      const image = p.x_offset + (n * groups + t) * inner * plane
      const to = (n * groups + t) * outer * width
      if (outer === 1) {
        // Depthwise: nothing is shared, so no columns are laid out.
        const bias = BIAS ? weights[0][LANES * (depth - 1)] : 0
        for (let j = 0; j < width; j++)
          y[to + j] = bias + under(x, image, plane, inner, places, j * taps, taps, weights[0])
        continue
      }
      for (let j = 0; j < width; j += LANES) {
        for (let lane = 0; lane < LANES && j + lane < width; lane++) {
          let e = lane
          for (let c = 0; c < inner; c++) {
            const from = image + c * plane
            for (let tap = (j + lane) * taps; tap < (j + lane + 1) * taps; tap++) {
              const at = places[tap]
              column[e] = at < 0 ? 0 : x[from + at]
              e += LANES
            }
          }
        }
        for (let k = 0; k < outer; k += LANES)
          tile(y, to + k * width + j, width, outer - k, width - j, weights[k / LANES], column)
      }
    }
  }
}

/** Σ over channels and taps of weight times pixel, for one place. */
function under(
  x: Floats,
  image: number,
  plane: number,
  inner: number,
  places: Int32Array,
  first: number,
  taps: number,
  weights: Floats,
): number {
  let sum = 0
  let e = 0
  for (let c = 0; c < inner; c++) {
    for (let tap = first; tap < first + taps; tap++) {
      const at = places[tap]
      if (at >= 0) sum += weights[e] * x[image + c * plane + at]
      e += LANES
    }
  }
  return sum
}
