/**
 * @file CPU twin of shaders/conv2d.wgsl: a matrix product for each image and group, of the weights with the columns of
 * pixels under the taps of three positions of y at a time. A bias is one more pair: b and 1. Sums are float64.
 */
import type { Twin, TypedArray } from '../../core/kernel.ts'
import { panels, TILE, tile } from './matmul.ts'
import { tapsPer } from './taps.ts'

/** A name of this file's own: loaders that turn imports into getters would call one in the inner loops. */
const LANES = TILE

export const conv2d: Twin = ([y, x, w, b], p, { TRANSPOSED, BIAS }) => {
  const { rows, cols, steps, x_offset, w_offset, b_offset } = p
  // Inputs and outputs are the channels of x and of y in a group.
  const [batch, groups, inputs, outputs] = p.counts
  const [windowRows, pixelRows, tapRows] = rows
  const [windowCols, pixelCols, tapCols] = cols
  const under = tapsPer(TRANSPOSED ? 'pixel' : 'window', rows, cols, steps)
  const taps = tapRows * tapCols
  const [windows, pixels] = [windowRows * windowCols, pixelRows * pixelCols]
  // Elements of a channel of y and of x.
  const [positions, plane] = TRANSPOSED ? [pixels, windows] : [windows, pixels]
  const [stepOutput, stepInput] = TRANSPOSED ? [taps, outputs * taps] : [inputs * taps, taps]
  const weightsPerOutput = inputs * taps
  const depth = weightsPerOutput + (BIAS ? 1 : 0)
  const weights = panels(outputs, depth)
  const [column] = panels(1, depth)
  if (BIAS) column.fill(1, LANES * (depth - 1))
  for (let t = 0; t < groups; t++) {
    for (let k = 0; k < outputs; k++) {
      const lane = k % LANES
      const panel = weights[(k - lane) / LANES]
      const from = w_offset + t * outputs * weightsPerOutput + k * stepOutput
      for (let e = 0; e < weightsPerOutput; e++)
        panel[LANES * e + lane] = w[from + Math.floor(e / taps) * stepInput + (e % taps)]
      if (BIAS) panel[LANES * (depth - 1) + lane] = b[b_offset + t * outputs + k]
    }
    for (let n = 0; n < batch; n++) {
      const image = x_offset + (n * groups + t) * inputs * plane
      const to = (n * groups + t) * outputs * positions
      if (outputs === 1) {
        // Depthwise: nothing is shared, so no columns are laid out.
        const bias = BIAS ? weights[0][LANES * (depth - 1)] : 0
        for (let j = 0; j < positions; j++)
          y[to + j] = bias + dotUnder(x, image, plane, inputs, under, j * taps, taps, weights[0])
        continue
      }
      for (let j = 0; j < positions; j += LANES) {
        for (let lane = 0; lane < LANES && j + lane < positions; lane++) {
          let e = lane
          for (let c = 0; c < inputs; c++) {
            const from = image + c * plane
            for (let tap = (j + lane) * taps; tap < (j + lane + 1) * taps; tap++) {
              const at = under[tap]
              column[e] = at < 0 ? 0 : x[from + at]
              e += LANES
            }
          }
        }
        for (let k = 0; k < outputs; k += LANES)
          tile(y, to + k * positions + j, positions, outputs - k, positions - j, weights[k / LANES], column)
      }
    }
  }
}

/** Σ over channels and taps of weight times pixel, for one position of y. */
function dotUnder(
  x: TypedArray,
  image: number,
  plane: number,
  inputs: number,
  under: Int32Array,
  first: number,
  taps: number,
  weights: TypedArray,
): number {
  let sum = 0
  let e = 0
  for (let c = 0; c < inputs; c++) {
    for (let tap = first; tap < first + taps; tap++) {
      const at = under[tap]
      if (at >= 0) sum += weights[e] * x[image + c * plane + at]
      e += LANES
    }
  }
  return sum
}
