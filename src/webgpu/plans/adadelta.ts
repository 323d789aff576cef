/** @file How to run shaders/adadelta.wgsl. */
import { stepEntries, stepPlan } from './steps.ts'

const entries = stepEntries('adadelta')
export const adadelta = /* @__PURE__ */ stepPlan(2, () => entries)
