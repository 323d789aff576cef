/** @file CPU twin of shaders/class_mean.wgsl: the mean of the losses whose label counts, and how many these are. */
import type { Twin } from '../../core/kernel.ts'

export const class_mean: Twin = ([y, count, loss, target], { rows, target_offset, ignore }) => {
  let sum = 0
  let counted = 0
  for (let r = 0; r < rows; r++) {
    sum += loss[r]
    if (target[target_offset + r] !== ignore) counted++
  }
  count[0] = counted
  y[0] = sum / counted
}
