/**
 * @file Ops that are functions only, as in PyTorch: they take lists, or belong to layers and losses. They are no methods, so a
 * bundle has those it imports.
 */
export { cast } from './cast.ts'
export { embedding } from './indexing.ts'
export { bceWithLogits, crossEntropy, mseLoss } from './loss.ts'
export { cat, stack } from './movement.ts'
