/** @file How to run shaders/nadam.wgsl. */
import { stepEntries, stepPlan } from './steps.ts'

const entries = stepEntries('nadam')
export const nadam = /* @__PURE__ */ stepPlan(2, () => entries)
