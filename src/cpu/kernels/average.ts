/** @file CPU twin of shaders/average.wgsl: a running average in place, p = keep·p + rate·g. */
import type { Twin } from '../../core/kernel.ts'
import { stepTwin } from './step.ts'

export const average: Twin = /* @__PURE__ */ stepTwin(0, (p, g, size, _state, _start, { keep, rate }) => {
  for (let i = 0; i < size; i++) p[i] = keep * p[i] + rate * g[i]
})
