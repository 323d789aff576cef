/** @file CPU twin of shaders/adagrad.wgsl (Duchi et al. 2011): m = m + g'², p −= rate·g'/(√m + ε). */
import type { Twin } from '../../core/kernel.ts'
import { type States, stepTwin } from './step.ts'

export const adagrad: Twin = /* @__PURE__ */ stepTwin(1, (p, g, size, state, start, numbers) => {
  const [m] = state as States
  const { rate, eps, decay, sign } = numbers
  for (let i = 0; i < size; i++) {
    const at = start + i
    const grad = sign * g[i] + decay * p[i]
    m[at] += grad * grad
    p[i] -= (rate * grad) / (Math.sqrt(m[at]) + eps)
  }
})
