/** @file CPU twin of shaders/fill.wgsl: y[i] = value. */
import type { Twin } from '../../core/kernel.ts'

export const fill: Twin = ([y], { size, value }) => {
  y.fill(value, 0, size)
}
