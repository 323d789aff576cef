/**
 * @file CPU twin of shaders/sgd.wgsl, up to three tensors a call: g' = g + decay·p; b = momentum·b + g';
 * p −= lr·(nesterov ? g' + momentum·b : b), or lr·g' without momentum.
 */
import type { Twin } from '../../core/kernel.ts'

export const sgd: Twin = ([m, ...pairs], { sizes, starts, lr, momentum, decay }, { NESTEROV }) => {
  for (let t = 0; t < 3; t++) {
    const [p, g] = [pairs[2 * t], pairs[2 * t + 1]]
    if (!p) continue
    for (let i = 0; i < sizes[t]; i++) {
      const grad = g[i] + decay * p[i]
      let step = grad
      if (m) {
        const at = starts[t] + i
        m[at] = momentum * m[at] + grad
        step = NESTEROV ? grad + momentum * m[at] : m[at]
      }
      p[i] -= lr * step
    }
  }
}
