/** @file How to run shaders/sgd.wgsl and sgd_momentum.wgsl. */
import { numberOf } from './common.ts'
import { stepEntries, stepPlan } from './steps.ts'

const plain = stepEntries('sgd')
const momentum = stepEntries('sgd_momentum')
export const sgd = /* @__PURE__ */ stepPlan(1, (p) => (numberOf(p.momentum) === 0 ? plain : momentum))
