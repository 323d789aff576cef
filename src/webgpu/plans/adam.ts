/** @file How to run shaders/adam.wgsl and adam_amsgrad.wgsl. */
import { stepEntries, stepPlan } from './steps.ts'

const plain = stepEntries('adam')
const amsgrad = stepEntries('adam_amsgrad')
export const adam = /* @__PURE__ */ stepPlan(3, (_, { AMSGRAD }) => (AMSGRAD === 1 ? amsgrad : plain))
