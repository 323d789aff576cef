/** @file RMSprop, on the fused kernel shaders/rmsprop.wgsl, rmsprop_two.wgsl and rmsprop_three.wgsl. */
import * as kernels from '../ops/base/kernels.generated.ts'
import type { OptimizerParams } from './group.ts'
import { Optimizer } from './optimizer.ts'
import { flagOption, maximizeOption, numberOption } from './options.ts'
import type { Rule } from './rule.ts'

/** Options of {@link RMSprop}. */
export interface RMSpropOptions {
  /** Learning rate η; default 1e-2. */
  lr?: number
  /** α in [0, 1): how slowly the mean of g² forgets; default 0.99. */
  alpha?: number
  /** ε, added to the square root; default 1e-8. */
  eps?: number
  /** λ, added to the gradient as λp; default 0. */
  weightDecay?: number
  /** μ in [0, 1); default 0. */
  momentum?: number
  /** Divide by an estimate of the deviation: the mean of g, squared, is taken off that of g²; default false. */
  centered?: boolean
  /** Ascend in place of descending; default false. */
  maximize?: boolean
}

const rule: Rule<RMSpropOptions> = {
  name: 'RMSprop',
  kernel: kernels.rmsprop,
  options: {
    lr: numberOption('lr', 1e-2),
    alpha: numberOption('alpha', 0.99, { below: 1 }),
    eps: numberOption('eps', 1e-8),
    weightDecay: numberOption('decay', 0),
    momentum: numberOption('momentum', 0, { below: 1, fixed: true }),
    centered: flagOption('CENTERED', false, { fixed: true }),
    maximize: maximizeOption,
  },
  states: ({ momentum, centered }) => [
    'square_avg',
    ...(centered ? ['grad_avg'] : []),
    ...(momentum > 0 ? ['momentum_buffer'] : []),
  ],
  byStep: ({ alpha }) => ({ rest: 1 - alpha }),
}

/**
 * g′ = g + λp; v ← αv + (1 − α)g′²; d = g′/(√v + ε), centered: g′/(√(v − a²) + ε) with a ← αa + (1 − α)g′; b ← μb + d;
 * p ← p − ηb. maximize: −g stands for g. A variance v − a² that rounding takes below 0 is 0.
 * @see Tieleman & Hinton 2012, lecture 6e; Graves 2013, eq. 38–40 (centered)
 */
export class RMSprop extends Optimizer<RMSpropOptions> {
  /** @throws HandgradError if an option is unknown or out of range, or a parameter is not a leaf */
  constructor(params: OptimizerParams<RMSpropOptions>, options: RMSpropOptions = {}) {
    super(rule, params, options)
  }
}
