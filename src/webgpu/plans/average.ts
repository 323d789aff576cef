/** @file How to run shaders/average.wgsl. */
import { stepEntries, stepPlan } from './steps.ts'

const entries = stepEntries('average')
export const average = /* @__PURE__ */ stepPlan(0, () => entries)
