/** @file Gradients: backward passes, derivatives of functions, their checks, and rules of your own for compositions. */
export {
  type BackwardOptions,
  enableGrad,
  type GradOptions,
  gradEnabled,
  type Hook,
  noGrad,
  type Outputs,
} from '../core/graph.ts'
export { type CustomRule, customGrad } from '../ops/base/custom.ts'
export { backward, grad } from './backward.ts'
export * from './derivatives.ts'
export * from './gradcheck.ts'
