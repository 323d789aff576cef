/** @file How to run shaders/adagrad.wgsl. */
import { stepEntries, stepPlan } from './steps.ts'

const entries = stepEntries('adagrad')
export const adagrad = /* @__PURE__ */ stepPlan(1, () => entries)
