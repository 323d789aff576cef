/**
 * @file CPU twin of shaders/rmsprop.wgsl, rmsprop_two.wgsl and rmsprop_three.wgsl (Tieleman & Hinton 2012; centred:
 * Graves 2013): m = αm + (1−α)g'², mean = α·mean + (1−α)g', d = g'/(√(m − mean²) + ε), b = momentum·b + d, p −= lr·b.
 */
import type { Twin } from '../../core/kernel.ts'
import { type States, stepTwin } from './step.ts'

export const rmsprop: Twin = /* @__PURE__ */ stepTwin(3, (p, g, size, state, start, numbers, { CENTERED }) => {
  const [m, v, s] = state as States
  const { lr, rest, eps, decay, momentum, sign } = numbers
  const mean = CENTERED ? v : undefined
  const buffer = CENTERED ? s : v
  for (let i = 0; i < size; i++) {
    const at = start + i
    const grad = sign * g[i] + decay * p[i]
    m[at] = (1 - rest) * m[at] + rest * grad * grad
    let square = m[at]
    if (mean) {
      mean[at] = (1 - rest) * mean[at] + rest * grad
      square = Math.max(square - mean[at] * mean[at], 0)
    }
    let step = grad / (Math.sqrt(square) + eps)
    if (buffer) step = buffer[at] = momentum * buffer[at] + step
    p[i] -= lr * step
  }
})
