/**
 * @file CPU twin of shaders/search.wgsl: how many elements of a sorted row are less than (RIGHT: not greater than) each
 * value.
 */
import type { Twin } from '../../core/kernel.ts'
import { order } from './order.ts'

export const search: Twin = ([y, x, s], { size, per, cols, x_offset, s_offset }, { RIGHT, SHARED }) => {
  for (let e = 0; e < size; e++) {
    const row = s_offset + (SHARED ? 0 : Math.floor(e / per) * cols)
    let low = 0
    let high = cols
    while (low < high) {
      const middle = (low + high) >> 1
      if (order(s[row + middle], x[x_offset + e]) < RIGHT) low = middle + 1
      else high = middle
    }
    y[e] = low
  }
}
