/**
 * @file CPU twin of shaders/cross_entropy_grad.wgsl: dx[r, c] = g[r]·(e^(x − lse) − (1−s)·[c = t] − s/cols); ignored
 * rows 0. NLL = 1: without e^(…).
 */
import type { Twin } from '../../kernel.ts'

export const cross_entropy_grad: Twin = ([y, x, target, lse, g], p, { IGNORE, NLL }) => {
  const { rows, cols, x_offset, target_offset, g_offset, g_stride, smoothing, ignore } = p
  for (let r = 0; r < rows; r++) {
    const t = target[target_offset + r]
    const gr = IGNORE && t === ignore ? 0 : g[g_offset + r * g_stride]
    for (let c = 0; c < cols; c++) {
      const hit = c === t ? 1 - smoothing : 0
      const at = r * cols + c
      const logit = x[x_offset + at]
      y[at] = gr === 0 ? 0 : gr * ((NLL || logit === -Infinity ? 0 : Math.exp(logit - lse[r])) - hit - smoothing / cols)
    }
  }
}
