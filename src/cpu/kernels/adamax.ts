/**
 * @file CPU twin of shaders/adamax.wgsl (Kingma & Ba 2015, algorithm 2): m = β₁m + (1−β₁)g', v = max(β₂v, |g'| + ε),
 * p −= rate·m/v.
 */
import type { Twin } from '../../core/kernel.ts'
import { type States, stepTwin } from './step.ts'

export const adamax: Twin = /* @__PURE__ */ stepTwin(2, (p, g, size, state, start, numbers) => {
  const [m, v] = state as States
  const { rate, rest1, beta2, eps, decay, sign } = numbers
  for (let i = 0; i < size; i++) {
    const at = start + i
    const grad = sign * g[i] + decay * p[i]
    m[at] = (1 - rest1) * m[at] + rest1 * grad
    v[at] = Math.max(beta2 * v[at], Math.abs(grad) + eps)
    p[i] -= (rate * m[at]) / v[at]
  }
})
