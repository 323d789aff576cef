/** @file CPU twin of shaders/muon.wgsl (Jordan et al. 2024): m = μm + (1−μ)g, p = nesterov ? μm + (1−μ)g : m. */
import type { Twin } from '../../core/kernel.ts'
import { type States, stepTwin } from './step.ts'

export const muon: Twin = /* @__PURE__ */ stepTwin(1, (p, g, size, state, start, numbers, { NESTEROV }) => {
  const [m] = state as States
  const { momentum, rest } = numbers
  for (let i = 0; i < size; i++) {
    const at = start + i
    m[at] = momentum * m[at] + rest * g[i]
    p[i] = NESTEROV ? momentum * m[at] + rest * g[i] : m[at]
  }
})
