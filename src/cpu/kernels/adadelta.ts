/**
 * @file CPU twin of shaders/adadelta.wgsl (Zeiler 2012): m = ρm + (1−ρ)g'², d = g'·√(v + ε)/√(m + ε),
 * v = ρv + (1−ρ)d², p −= lr·d.
 */
import type { Twin } from '../../core/kernel.ts'
import { type States, stepTwin } from './step.ts'

export const adadelta: Twin = /* @__PURE__ */ stepTwin(2, (p, g, size, state, start, numbers) => {
  const [m, v] = state as States
  const { lr, rest, eps, decay, sign } = numbers
  for (let i = 0; i < size; i++) {
    const at = start + i
    const grad = sign * g[i] + decay * p[i]
    m[at] = (1 - rest) * m[at] + rest * grad * grad
    const delta = (Math.sqrt(v[at] + eps) / Math.sqrt(m[at] + eps)) * grad
    v[at] = (1 - rest) * v[at] + rest * delta * delta
    p[i] -= lr * delta
  }
})
