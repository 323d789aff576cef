/** @file CPU twin of shaders/fold.wgsl: each pixel is the sum of the windows' taps that lie on it. */
import type { Twin } from '../../core/kernel.ts'
import { placesOf } from './places.ts'

export const fold: Twin = ([y, x], { rows, cols, steps, images, x_offset }) => {
  const places = placesOf(1, rows, cols, steps)
  const [windows, pixels, taps] = [0, 1, 2].map((i) => rows[i] * cols[i])
  for (let m = 0; m < images; m++) {
    for (let i = 0; i < pixels; i++) {
      let sum = 0
      for (let tap = 0; tap < taps; tap++) {
        const at = places[i * taps + tap]
        if (at >= 0) sum += x[x_offset + (m * taps + tap) * windows + at]
      }
      y[m * pixels + i] = sum
    }
  }
}
