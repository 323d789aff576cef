/** @file Sequences: attention and recurrent networks. */
export * from './attention.ts'
export type { LstmState, LstmStates, Nonlinearity } from './cells.ts'
export * from './recurrent.ts'
export * from './rope.ts'
export * from './steps.ts'
