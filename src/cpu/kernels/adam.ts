/**
 * @file CPU twin of shaders/adam.wgsl, up to three tensors a call (Kingma & Ba 2015; AdamW: Loshchilov & Hutter 2019):
 * m = β₁m + (1−β₁)g, v = β₂v + (1−β₂)g², p −= lr·(m/c₁)/(√(v/c₂) + ε) with cₙ = 1 − βₙᵗ.
 */
import type { Twin } from '../../core/kernel.ts'

export const adam: Twin = ([m, v, ...pairs], s, { DECOUPLED }) => {
  const { sizes, starts, lr, beta1, beta2, eps, decay, correction1, correction2 } = s
  for (let t = 0; t < 3; t++) {
    const [p, g] = [pairs[2 * t], pairs[2 * t + 1]]
    if (!p) continue
    for (let i = 0; i < sizes[t]; i++) {
      const at = starts[t] + i
      const grad = DECOUPLED ? g[i] : g[i] + decay * p[i]
      const from = DECOUPLED ? p[i] - lr * decay * p[i] : p[i]
      m[at] = beta1 * m[at] + (1 - beta1) * grad
      v[at] = beta2 * v[at] + (1 - beta2) * grad * grad
      p[i] = from - (lr * (m[at] / correction1)) / (Math.sqrt(v[at] / correction2) + eps)
    }
  }
}
