/** @file How to run shaders/radam.wgsl. */
import { stepEntries, stepPlan } from './steps.ts'

const entries = stepEntries('radam')
export const radam = /* @__PURE__ */ stepPlan(2, () => entries)
