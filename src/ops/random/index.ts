/** @file Random tensors, and what is random in a graph: dropout and its relatives. */
export { getRandomState, manualSeed, type RandomState, setRandomState } from '../base/generator.ts'
export * from './dropout.ts'
export * from './gumbel.ts'
export * from './random.ts'
export { type RReluOptions, rrelu } from './rrelu.ts'
export { type SampleOptions, sample } from './sample.ts'
