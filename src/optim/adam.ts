/** @file Adam and AdamW, on the fused kernel shaders/adam.wgsl. */
import { fail } from '../core/errors.ts'
import * as kernels from '../ops/base/kernels.generated.ts'
import { optionsOf } from '../ops/base/options.ts'
import { checkRate } from './checks.ts'
import type { OptimizerParams } from './group.ts'
import { Optimizer } from './optimizer.ts'
import { flagOption, numberOption, pairOption } from './options.ts'
import type { Rule } from './rule.ts'

/** Options of {@link Adam}. */
export interface AdamOptions {
  /** Learning rate η; default 1e-3. */
  lr?: number
  /** β₁, β₂ in [0, 1): how slowly the means of g and g² forget; default 0.9, 0.999. */
  betas?: readonly [number, number]
  /** ε, added to the square root; default 1e-8. */
  eps?: number
  /** λ; default 0. */
  weightDecay?: number
  /** Take λ off the parameter itself, not by way of the gradient (AdamW); default false. */
  decoupled?: boolean
}

const rule: Rule<AdamOptions> = {
  name: 'Adam',
  kernel: kernels.adam,
  options: {
    lr: numberOption('lr', 1e-3),
    betas: pairOption(['beta1', 'beta2'], [0.9, 0.999], { below: 1 }),
    eps: numberOption('eps', 1e-8),
    weightDecay: numberOption('decay', 0),
    decoupled: flagOption('DECOUPLED', false, { fixed: true }),
  },
  states: () => ['exp_avg', 'exp_avg_sq'],
  byStep: ({ betas }, t) => ({ correction1: 1 - betas[0] ** t, correction2: 1 - betas[1] ** t }),
}

/**
 * m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²; p ← p − η·m̂/(√v̂ + ε), m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ) at the t-th step.
 * Weight decay: g ← g + λp, or p ← p − ηλp first where decoupled. The corrections are computed in float64.
 * @see Kingma & Ba 2015, algorithm 1; Loshchilov & Hutter 2019, algorithm 2
 */
export class Adam extends Optimizer<AdamOptions> {
  /** @throws HandgradError if an option is unknown or out of range, or a parameter is not a leaf */
  constructor(params: OptimizerParams<AdamOptions>, options: AdamOptions = {}) {
    super(rule, params, options)
  }
}

/** {@link Adam} with decoupled weight decay, 0.01 unless given. @throws HandgradError as {@link Adam} */
export class AdamW extends Adam {
  constructor(params: OptimizerParams<Omit<AdamOptions, 'decoupled'>>, options?: Omit<AdamOptions, 'decoupled'>) {
    checkRate('AdamW', options)
    const own = { lr: undefined, betas: undefined, eps: undefined, weightDecay: 0.01 }
    super(params, { ...optionsOf('AdamW', options, own), decoupled: true })
    // The type refuses it in a group, JavaScript does not.
    if (!this.groups.every(({ decoupled }) => decoupled))
      fail('AdamW', 'decoupled is false in a group', 'use Adam for it')
  }
}
