/** @file Learning rate schedules: PyTorch's classes, and a warm-up with a cosine. */
export { ChainedScheduler, SequentialLR, type SequentialLROptions } from './compose.ts'
export {
  CosineAnnealingLR,
  type CosineAnnealingLROptions,
  CosineAnnealingWarmRestarts,
  type CosineAnnealingWarmRestartsOptions,
  SWALR,
  type SWALROptions,
  WarmupCosineLR,
  type WarmupCosineLROptions,
} from './cosine.ts'
export { CyclicLR, type CyclicLROptions, OneCycleLR, type OneCycleLROptions } from './cycles.ts'
export {
  ConstantLR,
  type ConstantLROptions,
  ExponentialLR,
  LambdaLR,
  type LambdaLROptions,
  LinearLR,
  type LinearLROptions,
  MultiplicativeLR,
  MultiStepLR,
  type MultiStepLROptions,
  PolynomialLR,
  type PolynomialLROptions,
  StepLR,
  type StepLROptions,
} from './factors.ts'
export type { Factor, PerGroup, ScheduledGroup, ScheduledOptimizer } from './given.ts'
export { ReduceLROnPlateau, type ReduceLROnPlateauOptions } from './plateau.ts'
export { LRScheduler, Scheduler, type ScheduleState } from './schedule.ts'
