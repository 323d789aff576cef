/** @file `metrics`: how good predictions are, of lists (functions) and over batches on a device (classes). */
export {
  LogLoss,
  type LogLossOptions,
  Mean,
  MeanAbsoluteError,
  type MeanOptions,
  MeanSquaredError,
  Perplexity,
  R2Score,
} from './averaging.ts'
export type { Averaged, ConfusionMatrixOptions } from './classification.ts'
export { Confusion } from './confusion.ts'
export {
  Accuracy,
  type AccuracyOptions,
  ConfusionMatrix,
  F1Score,
  type MatrixOptions,
  Precision,
  Recall,
  type RunningAverageOptions,
  type ThresholdOptions,
} from './counting.ts'
export type { AverageOptions, ClassOptions, ZeroDivisionOptions } from './counts.ts'
export type { AveragePrecisionOptions, BinaryOptions, CurveAverage, RocAucOptions } from './curves.ts'
export * from './functions.ts'
export { AveragePrecision, type GatheredOptions, RocAuc } from './gathering.ts'
export type { Values, WeightOptions } from './given.ts'
export type { Average, ClassReport } from './measures.ts'
export type { Metric } from './metric.ts'
export type { RegressionOptions } from './regression.ts'
export type { ClassificationReport, ClassificationReportOptions, ReportOptions } from './report.ts'
export type { MetricState } from './streaming.ts'
