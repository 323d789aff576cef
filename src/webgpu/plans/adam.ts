/** @file How to run shaders/adam.wgsl. */
import { stepEntries, stepPlan } from './steps.ts'

const entries = stepEntries('adam')
export const adam = /* @__PURE__ */ stepPlan(2, () => entries)
