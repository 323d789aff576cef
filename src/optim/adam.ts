/** @file Adam and AdamW, on the fused kernel shaders/adam.wgsl and adam_amsgrad.wgsl. */
import { fail } from '../core/errors.ts'
import * as kernels from '../ops/base/kernels.generated.ts'
import { optionsOf } from '../ops/base/options.ts'
import { checkRate } from './checks.ts'
import type { OptimizerParams } from './group.ts'
import { Optimizer } from './optimizer.ts'
import { flagOption, maximizeOption, numberOption, pairOption } from './options.ts'
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
  /** Divide by the root of the largest v so far; default false. */
  amsgrad?: boolean
  /** Ascend in place of descending; default false. */
  maximize?: boolean
  /** Take λ off the parameter itself, not by way of the gradient (AdamW); default false. */
  decoupledWeightDecay?: boolean
}

const rule: Rule<AdamOptions> = {
  name: 'Adam',
  kernel: kernels.adam,
  options: {
    lr: numberOption('lr', 1e-3),
    betas: pairOption(['beta1', 'beta2'], [0.9, 0.999], { below: 1 }),
    eps: numberOption('eps', 1e-8),
    weightDecay: numberOption('weightDecay', 0),
    amsgrad: flagOption('AMSGRAD', false, { fixed: true }),
    maximize: maximizeOption,
    decoupledWeightDecay: flagOption('DECOUPLED', false, { fixed: true }),
  },
  states: ({ amsgrad }) => ['exp_avg', 'exp_avg_sq', ...(amsgrad ? ['max_exp_avg_sq'] : [])],
  byStep: ({ lr, betas: [beta1, beta2], weightDecay, decoupledWeightDecay }, t) => ({
    rate: lr / (1 - beta1 ** t),
    root: Math.sqrt(1 - beta2 ** t),
    rest1: 1 - beta1,
    rest2: 1 - beta2,
    decay: decoupledWeightDecay ? lr * weightDecay : weightDecay,
  }),
}

/**
 * m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²; p ← p − η·m̂/(√v̂ + ε), m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ) at the t-th step;
 * amsgrad: the largest v so far in place of v. Weight decay: g ← g + λp, or p ← p − ηλp first where decoupled.
 * maximize: −g stands for g. The corrections are computed in float64.
 * @see Kingma & Ba 2015, algorithm 1; Loshchilov & Hutter 2019, algorithm 2; Reddi, Kale, Kumar 2018, algorithm 2
 */
export class Adam extends Optimizer<AdamOptions> {
  /** @throws HandgradError if an option is unknown or out of range, or a parameter is not a leaf */
  constructor(params: OptimizerParams<AdamOptions>, options: AdamOptions = {}) {
    super(rule, params, options)
  }
}

/** Options of {@link AdamW}. */
export type AdamWOptions = Omit<AdamOptions, 'decoupledWeightDecay'>

/** {@link Adam} with decoupled weight decay, 0.01 unless given. @throws HandgradError as {@link Adam} */
export class AdamW extends Adam {
  constructor(params: OptimizerParams<AdamWOptions>, options?: AdamWOptions) {
    checkRate('AdamW', options)
    const own = {
      lr: undefined,
      betas: undefined,
      eps: undefined,
      weightDecay: 0.01,
      amsgrad: undefined,
      maximize: undefined,
    }
    super(params, { ...optionsOf('AdamW', options, own), decoupledWeightDecay: true })
    // The type refuses it in a group, JavaScript does not.
    if (!this.groups.every((group) => group.decoupledWeightDecay))
      fail('AdamW', 'decoupledWeightDecay is false in a group', 'use Adam for it')
  }
}
