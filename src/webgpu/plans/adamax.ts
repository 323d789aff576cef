/** @file How to run shaders/adamax.wgsl. */
import { stepEntries, stepPlan } from './steps.ts'

const entries = stepEntries('adamax')
export const adamax = /* @__PURE__ */ stepPlan(2, () => entries)
