/** @file How to run shaders/muon.wgsl. */
import { stepEntries, stepPlan } from './steps.ts'

const entries = stepEntries('muon')
export const muon = /* @__PURE__ */ stepPlan(1, () => entries)
