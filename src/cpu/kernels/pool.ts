/** @file CPU twin of shaders/pool.wgsl: the largest of each window with its position, or the mean. */
import type { Twin } from '../../core/kernel.ts'
import { rangesOf } from './ranges.ts'

export const pool: Twin = ([y, index, x], { rows, cols, steps, images, x_offset, divisor }, c) => {
  const [paddingY, paddingX, dilationY, dilationX] = steps
  const [, height] = rows
  const [, width] = cols
  const vertical = rangesOf(rows, paddingY, dilationY, c)
  const horizontal = rangesOf(cols, paddingX, dilationX, c)
  let e = 0
  for (let m = 0; m < images; m++) {
    const image = x_offset + m * height * width
    for (const v of vertical) {
      for (const h of horizontal) {
        let best = v.pixels[0] * width + h.pixels[0]
        let sum = 0
        for (const iy of v.pixels) {
          for (const ix of h.pixels) {
            const value = x[image + iy * width + ix]
            sum += value
            const now = x[image + best]
            // Greater, or the first NaN.
            if (!(value <= now) && !Number.isNaN(now)) best = iy * width + ix
          }
        }
        y[e] = index ? x[image + best] : sum / (divisor || v.extent * h.extent)
        if (index) index[e] = best
        e++
      }
    }
  }
}
