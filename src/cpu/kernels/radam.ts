/**
 * @file CPU twin of shaders/radam.wgsl (Liu et al. 2020): m = β₁m + (1−β₁)g', v = β₂v + (1−β₂)g'²,
 * p −= rate·m/(rectified ? √v + ε : 1).
 */
import type { Twin } from '../../core/kernel.ts'
import { type States, stepTwin } from './step.ts'

export const radam: Twin = /* @__PURE__ */ stepTwin(2, (p, g, size, state, start, numbers, { DECOUPLED }) => {
  const [m, v] = state as States
  const { rate, rectified, rest1, rest2, eps, decay, sign } = numbers
  const [coupled, decoupled] = DECOUPLED ? [0, decay] : [decay, 0]
  for (let i = 0; i < size; i++) {
    const at = start + i
    const grad = sign * g[i] + coupled * p[i]
    m[at] = (1 - rest1) * m[at] + rest1 * grad
    v[at] = (1 - rest2) * v[at] + rest2 * grad * grad
    p[i] = p[i] - decoupled * p[i] - (rate * m[at]) / (rectified ? Math.sqrt(v[at]) + eps : 1)
  }
})
