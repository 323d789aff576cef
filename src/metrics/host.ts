/** @file What `metrics` does on the host, loaded when it is asked for: functions.ts, and the ends of batches. */
export {
  accuracy,
  balancedAccuracy,
  confusionMatrix,
  f1Score,
  fBeta,
  matthewsCorrcoef,
  precision,
  recall,
} from './classification.ts'
export { averageOf } from './counts.ts'
export { auc, averagePrecision, precisionRecallCurve, rocAuc, rocCurve } from './curves.ts'
export { logLoss, perplexity } from './likelihood.ts'
export {
  explained,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanSquaredError,
  r2Score,
  rootMeanSquaredError,
} from './regression.ts'
export { classificationReport, reportOf } from './report.ts'
