/**
 * @file CPU twin of shaders/nadam.wgsl (Dozat 2016): m = β₁m + (1−β₁)g', v = β₂v + (1−β₂)g'²,
 * p −= (rate_grad·g' + rate_mean·m)/(√v/root + ε).
 */
import type { Twin } from '../../core/kernel.ts'
import { type States, stepTwin } from './step.ts'

export const nadam: Twin = /* @__PURE__ */ stepTwin(2, (p, g, size, state, start, numbers, { DECOUPLED }) => {
  const [m, v] = state as States
  const { rate_grad, rate_mean, rest1, rest2, eps, decay, root, sign } = numbers
  const [coupled, decoupled] = DECOUPLED ? [0, decay] : [decay, 0]
  for (let i = 0; i < size; i++) {
    const at = start + i
    const grad = sign * g[i] + coupled * p[i]
    m[at] = (1 - rest1) * m[at] + rest1 * grad
    v[at] = (1 - rest2) * v[at] + rest2 * grad * grad
    p[i] = p[i] - decoupled * p[i] - (rate_grad * grad + rate_mean * m[at]) / (Math.sqrt(v[at]) / root + eps)
  }
})
