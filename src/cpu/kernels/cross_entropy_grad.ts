/**
 * @file CPU twin of shaders/cross_entropy_grad.wgsl: dx[r, c] = g[r]·(e^(x − m)/s − (1−σ)·[c = t] − σ/cols), with
 * stats[r] = (m, 1/s); ignored rows 0. NLL = 1: without e^(…). MEAN = 1: g / count.
 */
import type { Twin } from '../../core/kernel.ts'

export const cross_entropy_grad: Twin = ([y, x, target, stats, g, count], p, { IGNORE, NLL, MEAN }) => {
  const { rows, cols, x_offset, target_offset, g_offset, g_stride, smoothing, ignore } = p
  for (let r = 0; r < rows; r++) {
    const t = target[target_offset + r]
    const gr = IGNORE && t === ignore ? 0 : g[g_offset + r * g_stride] / (MEAN ? count[0] : 1)
    const [max, by] = [stats[2 * r], stats[2 * r + 1]]
    for (let c = 0; c < cols; c++) {
      const hit = c === t ? 1 - smoothing : 0
      const at = r * cols + c
      const logit = x[x_offset + at]
      y[at] =
        gr === 0 ? 0 : gr * ((NLL || logit === -Infinity ? 0 : Math.exp(logit - max) * by) - hit - smoothing / cols)
    }
  }
}
