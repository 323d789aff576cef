/** @file CPU twin of shaders/pool_grad.wgsl: each window gives its g to its largest pixel, or a share of it to all. */
import type { Twin } from '../../core/kernel.ts'
import { rangesOf } from './ranges.ts'

export const pool_grad: Twin = ([y, g, index], { rows, cols, steps, images, g_offset, index_offset, divisor }, c) => {
  const [paddingY, paddingX, dilationY, dilationX] = steps
  const [, height] = rows
  const [, width] = cols
  const vertical = rangesOf(rows, paddingY, dilationY, c)
  const horizontal = rangesOf(cols, paddingX, dilationX, c)
  const image = new Float64Array(height * width)
  let e = 0
  for (let m = 0; m < images; m++) {
    image.fill(0)
    for (const v of vertical) {
      for (const h of horizontal) {
        if (index) image[index[index_offset + e]] += g[g_offset + e]
        else {
          const share = g[g_offset + e] / (divisor || v.extent * h.extent)
          for (const iy of v.pixels) for (const ix of h.pixels) image[iy * width + ix] += share
        }
        e++
      }
    }
    y.set(image, m * image.length)
  }
}
