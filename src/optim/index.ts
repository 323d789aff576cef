/** @file `optim`: optimizers. Their formulas are in their docs, what they share in optimizer.ts. */
export { Adam, type AdamOptions, AdamW } from './adam.ts'
export { type Averaged, type AverageState, EMA, type EMAOptions, SWA } from './average.ts'
export { type ClipGradNormOptions, clipGradNorm, clipGradValue } from './clip.ts'
export type { Group, GroupOptions, OptimizerParams } from './group.ts'
export { Optimizer, type OptimizerState, type SavedOptions } from './optimizer.ts'
export {
  flagOption,
  numberOption,
  type Option,
  type OptionLimits,
  type OptionTable,
  pairOption,
  type Values,
} from './options.ts'
export { l1Penalty, l2Penalty } from './penalties.ts'
export type { Rule } from './rule.ts'
export { GradScaler, type GradScalerOptions, type GradScalerState, type Scaled } from './scaler.ts'
export * from './schedules/index.ts'
export { SGD, type SGDOptions } from './sgd.ts'
