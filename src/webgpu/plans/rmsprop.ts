/** @file How to run shaders/rmsprop.wgsl, rmsprop_two.wgsl and rmsprop_three.wgsl: by what is kept of an element. */
import { numberOf } from './common.ts'
import { stepEntries, stepPlan } from './steps.ts'

const entries = ['rmsprop', 'rmsprop_two', 'rmsprop_three'].map((name) => stepEntries(name))
export const rmsprop = /* @__PURE__ */ stepPlan(3, ({ momentum }, { CENTERED }) => {
  return entries[(numberOf(momentum) === 0 ? 0 : 1) + (CENTERED === 1 ? 1 : 0)]
})
