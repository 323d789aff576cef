/** @file CPU twin of shaders/cat.wgsl: matrices beside each other. */
import type { Twin } from '../../core/kernel.ts'

export const cat: Twin = ([y, ...xs], p) => {
  const ends = [...p.ends_lo, ...p.ends_hi]
  const ats = [...p.at_lo, ...p.at_hi]
  const steps = [...p.step_lo, ...p.step_hi]
  for (let k = 0, start = 0; k < xs.length; start = ends[k], k++) {
    for (let r = 0; r < p.rows && ends[k] > start; r++) {
      const at = ats[k] + r * steps[k]
      y.set(xs[k].subarray(at + start, at + ends[k]), p.begin + r * p.row + start)
    }
  }
}
