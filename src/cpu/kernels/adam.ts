/**
 * @file CPU twin of shaders/adam.wgsl and adam_amsgrad.wgsl (Kingma & Ba 2015; AdamW: Loshchilov & Hutter 2019;
 * AMSGrad: Reddi et al. 2018): m = β₁m + (1−β₁)g', v = β₂v + (1−β₂)g'², p −= rate·m/(√v/root + ε); s = max(s, v) in
 * place of v where there is an s.
 */
import type { Twin } from '../../core/kernel.ts'
import { type States, stepTwin } from './step.ts'

export const adam: Twin = /* @__PURE__ */ stepTwin(3, (p, g, size, state, start, numbers, { DECOUPLED }) => {
  const [m, v, s] = state as States
  const { rate, rest1, rest2, eps, decay, root, sign } = numbers
  const [coupled, decoupled] = DECOUPLED ? [0, decay] : [decay, 0]
  for (let i = 0; i < size; i++) {
    const at = start + i
    const grad = sign * g[i] + coupled * p[i]
    m[at] = (1 - rest1) * m[at] + rest1 * grad
    v[at] = (1 - rest2) * v[at] + rest2 * grad * grad
    let square = v[at]
    if (s) square = s[at] = Math.max(s[at], square)
    p[i] = p[i] - decoupled * p[i] - (rate * m[at]) / (Math.sqrt(square) / root + eps)
  }
})
