/** @file `optim`: optimizers. Their formulas are in their docs, what they share in optimizer.ts. */
export { Adam, type AdamOptions, AdamW } from './adam.ts'
export { Optimizer, type OptimizerState } from './optimizer.ts'
export { SGD, type SGDOptions } from './sgd.ts'
