/** @file Adadelta, on the fused kernel shaders/adadelta.wgsl. */
import * as kernels from '../ops/base/kernels.generated.ts'
import type { OptimizerParams } from './group.ts'
import { Optimizer } from './optimizer.ts'
import { maximizeOption, numberOption } from './options.ts'
import type { Rule } from './rule.ts'

/** Options of {@link Adadelta}. */
export interface AdadeltaOptions {
  /** Learning rate η; default 1. */
  lr?: number
  /** ρ in [0, 1): how slowly the means of g² and d² forget; default 0.9. */
  rho?: number
  /** ε, added under the square roots; default 1e-6. */
  eps?: number
  /** λ, added to the gradient as λp; default 0. */
  weightDecay?: number
  /** Ascend in place of descending; default false. */
  maximize?: boolean
}

const rule: Rule<AdadeltaOptions> = {
  name: 'Adadelta',
  kernel: kernels.adadelta,
  options: {
    lr: numberOption('lr', 1),
    rho: numberOption('rho', 0.9, { below: 1 }),
    eps: numberOption('eps', 1e-6),
    weightDecay: numberOption('decay', 0),
    maximize: maximizeOption,
  },
  states: () => ['square_avg', 'acc_delta'],
  byStep: ({ rho }) => ({ rest: 1 - rho }),
}

/**
 * g′ = g + λp; v ← ρv + (1 − ρ)g′²; d = g′·√(u + ε)/√(v + ε); u ← ρu + (1 − ρ)d²; p ← p − ηd. maximize: −g stands
 * for g.
 * @see Zeiler 2012, algorithm 1
 */
export class Adadelta extends Optimizer<AdadeltaOptions> {
  /** @throws HandgradError if an option is unknown or out of range, or a parameter is not a leaf */
  constructor(params: OptimizerParams<AdadeltaOptions>, options: AdadeltaOptions = {}) {
    super(rule, params, options)
  }
}
