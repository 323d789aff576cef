/**
 * @file CPU twin of shaders/lion.wgsl (Chen et al. 2023): p −= lr·(sgn(β₁m + (1−β₁)g') + decay·p), m = β₂m + (1−β₂)g'.
 */
import type { Twin } from '../../core/kernel.ts'
import { type States, stepTwin } from './step.ts'

export const lion: Twin = /* @__PURE__ */ stepTwin(1, (p, g, size, state, start, numbers) => {
  const [m] = state as States
  const { lr, rest1, rest2, decay, sign } = numbers
  for (let i = 0; i < size; i++) {
    const at = start + i
    const grad = sign * g[i]
    p[i] -= lr * (Math.sign((1 - rest1) * m[at] + rest1 * grad) + decay * p[i])
    m[at] = (1 - rest2) * m[at] + rest2 * grad
  }
})
