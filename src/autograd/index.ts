/** @file Gradients: backward passes, derivatives of functions, their checks, and rules of your own for compositions. */
export { enableGrad, gradEnabled, type Hook, noGrad } from '../core/graph.ts'
export type { BackwardOptions, GradOptions, Outputs } from '../core/walk.ts'
export { type CustomRule, customGrad } from '../ops/base/custom.ts'
export { type AutocastDType, autocast } from './autocast.ts'
export { backward, grad } from './backward.ts'
export { checkpoint } from './checkpoint.ts'
export * from './derivatives.ts'
export * from './gradcheck.ts'
