/** @file CPU twin of shaders/fold.wgsl: each pixel is the sum of the windows' taps that lie on it. */
import type { Twin } from '../../core/kernel.ts'
import { tapsPer } from './taps.ts'

export const fold: Twin = ([y, x], { rows, cols, steps, images, x_offset }) => {
  const [windowRows, pixelRows, tapRows] = rows
  const [windowCols, pixelCols, tapCols] = cols
  const [windows, pixels, taps] = [windowRows * windowCols, pixelRows * pixelCols, tapRows * tapCols]
  const windowsOn = tapsPer('pixel', rows, cols, steps)
  for (let m = 0; m < images; m++) {
    for (let i = 0; i < pixels; i++) {
      let sum = 0
      for (let tap = 0; tap < taps; tap++) {
        const at = windowsOn[i * taps + tap]
        if (at >= 0) sum += x[x_offset + (m * taps + tap) * windows + at]
      }
      y[m * pixels + i] = sum
    }
  }
}
