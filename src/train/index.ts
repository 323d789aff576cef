/** @file What training loops use besides a model, data and an optimizer. */
export { Confusion } from '../metrics/confusion.ts'
export type { ClassReport } from '../metrics/measures.ts'
export { Series } from '../metrics/series.ts'
export { type EvaluateOptions, evaluate, type Measured } from './evaluate.ts'
export type { Callback, TrainEvent } from './events.ts'
export type { EpochRecord, History } from './history.ts'
export { fit, lrRange } from './loaded.ts'
export { csv, jsonLines, tensorBoard } from './logs.ts'
export type { CheckpointOptions, EarlyStopOptions, FitOptions, ShowOptions } from './options.ts'
export type { Range, RangeOptions } from './range.ts'
export {
  type Batches,
  type Loss,
  type StepOptions,
  type Stepped,
  type Stepping,
  type Trainable,
  type TrainStep,
  trainSteps,
  type Weight,
} from './steps.ts'
