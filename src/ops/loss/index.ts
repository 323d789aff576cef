/** @file Losses. */
export * from './classification.ts'
export * from './ctc.ts'
export * from './margins.ts'
export * from './multilabel.ts'
export * from './probability.ts'
export type { LossOptions, Reduction, WeightedLossOptions } from './reduction.ts'
export * from './regression.ts'
export * from './vectors.ts'
