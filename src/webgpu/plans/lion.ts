/** @file How to run shaders/lion.wgsl. */
import { stepEntries, stepPlan } from './steps.ts'

const entries = stepEntries('lion')
export const lion = /* @__PURE__ */ stepPlan(1, () => entries)
