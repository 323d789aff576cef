/** @file `metrics`: how good predictions are, of lists on the host (functions) and over batches on a device (classes). */
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
export {
  type Averaged,
  accuracy,
  balancedAccuracy,
  type ConfusionMatrixOptions,
  confusionMatrix,
  f1Score,
  fBeta,
  matthewsCorrcoef,
  precision,
  recall,
} from './classification.ts'
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
export type { Average, AverageOptions, ClassOptions, ClassReport, ZeroDivisionOptions } from './counts.ts'
export {
  type AveragePrecisionOptions,
  auc,
  averagePrecision,
  type BinaryOptions,
  type CurveAverage,
  precisionRecallCurve,
  type RocAucOptions,
  rocAuc,
  rocCurve,
} from './curves.ts'
export { AveragePrecision, type GatheredOptions, RocAuc } from './gathering.ts'
export type { Values, WeightOptions } from './given.ts'
export { logLoss, perplexity } from './likelihood.ts'
export type { Metric } from './metric.ts'
export {
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanSquaredError,
  type RegressionOptions,
  r2Score,
  rootMeanSquaredError,
} from './regression.ts'
export {
  ClassificationReport,
  type ClassificationReportOptions,
  classificationReport,
  type ReportOptions,
} from './report.ts'
