/** @file What is loaded when a training is looked into. */
export { watched } from './anomaly.ts'
export { diagnose } from './diagnose.ts'
export { tellOf } from './diagnosing.ts'
export { activations, gradientFlow } from './flow.ts'
