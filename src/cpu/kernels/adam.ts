/**
 * @file CPU twin of shaders/adam.wgsl (Kingma & Ba 2015; AdamW: Loshchilov & Hutter 2019):
 * m = β₁m + (1−β₁)g, v = β₂v + (1−β₂)g², p −= lr·(m/c₁)/(√(v/c₂) + ε) with cₙ = 1 − βₙᵗ.
 */
import type { Twin, TypedArray } from '../../core/kernel.ts'
import { stepTwin } from './step.ts'

export const adam: Twin = /* @__PURE__ */ stepTwin(2, (p, g, size, state, start, numbers, { DECOUPLED }) => {
  const [m, v] = state as readonly TypedArray[]
  const { lr, beta1, beta2, eps, decay, correction1, correction2 } = numbers
  for (let i = 0; i < size; i++) {
    const at = start + i
    const grad = DECOUPLED ? g[i] : g[i] + decay * p[i]
    const from = DECOUPLED ? p[i] - lr * decay * p[i] : p[i]
    m[at] = beta1 * m[at] + (1 - beta1) * grad
    v[at] = beta2 * v[at] + (1 - beta2) * grad * grad
    p[i] = from - (lr * (m[at] / correction1)) / (Math.sqrt(v[at] / correction2) + eps)
  }
})
