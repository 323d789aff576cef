/** @file `optim`: optimizers. Their formulas are in their docs, what they share in optimizer.ts and grouped.ts. */
export { Adadelta, type AdadeltaOptions } from './adadelta.ts'
export { Adagrad, type AdagradOptions } from './adagrad.ts'
export { Adam, type AdamOptions, AdamW, type AdamWOptions } from './adam.ts'
export { Adamax, type AdamaxOptions } from './adamax.ts'
export { type Averaged, type AverageState, EMA, type EMAOptions, SWA } from './average.ts'
export { type ClipGradNormOptions, clipGradNorm, clipGradValue, scaleGrad } from './clip.ts'
export type { Group, GroupOptions, OptimizerParams } from './group.ts'
export { Grouped } from './grouped.ts'
export { LBFGS, type LBFGSMemory, type LBFGSOptions, type LBFGSState } from './lbfgs.ts'
export { Lion, type LionOptions } from './lion.ts'
export { Muon, type MuonOptions } from './muon.ts'
export { NAdam, type NAdamOptions } from './nadam.ts'
export { Optimizer } from './optimizer.ts'
export {
  flagOption,
  integerOption,
  maximizeOption,
  numberOption,
  type Option,
  type OptionLimits,
  type OptionTable,
  pairOption,
  type Values,
  type Word,
  wordOption,
} from './options.ts'
export { l1Penalty, l2Penalty } from './penalties.ts'
export { RAdam, type RAdamOptions } from './radam.ts'
export { RMSprop, type RMSpropOptions } from './rmsprop.ts'
export type { OptionRule, Rule } from './rule.ts'
export {
  joinState,
  type OptimizerState,
  type ParameterState,
  type SavedGroup,
  type StateNumbers,
  splitState,
} from './saved.ts'
export { GradScaler, type GradScalerOptions, type GradScalerState, type Scaled } from './scaler.ts'
export * from './schedules/index.ts'
export { SGD, type SGDOptions } from './sgd.ts'
