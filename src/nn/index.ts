/** @file `nn`: what models are made of. */
export * as functional from '../ops/functional.ts'
export * from './activations.ts'
export { type AttendOptions, causalMask, MultiheadAttention, type MultiheadAttentionOptions } from './attention.ts'
export { Identity, Lambda, ModuleDict, ModuleList, ParameterList, Sequential } from './containers.ts'
export * from './conv.ts'
export * from './dropout.ts'
export * from './embedding.ts'
export * as init from './init.ts'
export type { Layer, LayerOptions } from './layer.ts'
export { Bilinear, Linear } from './linear.ts'
export * from './losses.ts'
export {
  buffer,
  type ForwardHook,
  type ForwardPreHook,
  type LoadResult,
  Module,
  type NamePattern,
  parameter,
  type StateDict,
} from './module.ts'
export * from './norm.ts'
export * from './pool.ts'
export * from './recurrent.ts'
export * from './resample.ts'
export * from './reshape.ts'
export { type Summary, type SummaryRow, summary } from './summary.ts'
export * from './transformer.ts'
