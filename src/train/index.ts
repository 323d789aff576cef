/** @file What training loops use besides a model, data and an optimizer. */
export { Confusion } from '../metrics/confusion.ts'
export type { ClassReport } from '../metrics/measures.ts'
export { Series } from '../metrics/series.ts'
export {
  type Batches,
  type EpochOptions,
  type EpochResult,
  type StepFigures,
  type Stepped,
  trainEpoch,
} from './epoch.ts'
export { type Evaluation, evaluate } from './evaluate.ts'
