/**
 * @file CPU twin of shaders/sgd.wgsl and sgd_momentum.wgsl: g' = sign·g + decay·p; b = momentum·b + gain·g';
 * p −= lr·(nesterov ? g' + momentum·b : b), or lr·g' without momentum.
 */
import type { Twin } from '../../core/kernel.ts'
import { stepTwin } from './step.ts'

export const sgd: Twin = /* @__PURE__ */ stepTwin(1, (p, g, size, [m], start, numbers, { NESTEROV }) => {
  const { lr, momentum, decay, gain, sign } = numbers
  for (let i = 0; i < size; i++) {
    const grad = sign * g[i] + decay * p[i]
    let step = grad
    if (m) {
      const at = start + i
      m[at] = momentum * m[at] + gain * grad
      step = NESTEROV ? grad + momentum * m[at] : m[at]
    }
    p[i] -= lr * step
  }
})
