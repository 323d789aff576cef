/**
 * @file CPU twin of shaders/cross_entropy.wgsl. Per row with target t, smoothing σ, m = max and s = Σ e^(x − m):
 * loss = m + log s − (1−σ)·x[t] − σ·mean(x), stats = (m, 1/s); with NLL = 1 m = 0 and s = 1. Ignored rows have loss 0.
 */
import type { Twin } from '../../core/kernel.ts'
import { checkIndices } from './scatter.ts'
import { expSum } from './softmax.ts'

export const cross_entropy: Twin = ([loss, stats, x, target], p, { IGNORE, NLL }, label) => {
  const { rows, cols, x_offset, target_offset, smoothing, ignore } = p
  checkIndices(label, target, target_offset, rows, cols, 0, IGNORE ? ignore : undefined, p.first)
  const powers = new Float64Array(cols)
  for (let r = 0; r < rows; r++) {
    const from = x_offset + r * cols
    const { max, sum } = NLL ? { max: 0, sum: 1 } : expSum(powers, x, from, cols)
    const total = max + Math.log(sum)
    stats[2 * r] = max
    stats[2 * r + 1] = sum === 0 ? 0 : 1 / sum
    const t = target[target_offset + r]
    if (IGNORE && t === ignore) {
      loss[r] = 0
      continue
    }
    let mean = 0
    if (smoothing > 0) for (let c = 0; c < cols; c++) mean += x[from + c] / cols
    // With smoothing 0 the mean has no part, not even 0 · Inf.
    const own = total - (1 - smoothing) * x[from + t] - (smoothing > 0 ? smoothing * mean : 0)
    // A masked target is impossible, in a row that is masked as a whole too.
    loss[r] = x[from + t] === -Infinity ? Infinity : own
  }
}
