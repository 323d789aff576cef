/** @file RAdam, on the fused kernel shaders/radam.wgsl. */
import * as kernels from '../ops/base/kernels.generated.ts'
import type { OptimizerParams } from './group.ts'
import { Optimizer } from './optimizer.ts'
import { flagOption, maximizeOption, numberOption, pairOption } from './options.ts'
import type { Rule } from './rule.ts'

/** Options of {@link RAdam}. */
export interface RAdamOptions {
  /** Learning rate η; default 1e-3. */
  lr?: number
  /** β₁, β₂ in [0, 1): how slowly the means of g and g² forget; default 0.9, 0.999. */
  betas?: readonly [number, number]
  /** ε, added to the square root; default 1e-8. */
  eps?: number
  /** λ; default 0. */
  weightDecay?: number
  /** Take ηλp off the parameter itself, not by way of the gradient; default false. */
  decoupledWeightDecay?: boolean
  /** Ascend in place of descending; default false. */
  maximize?: boolean
}

const rule: Rule<RAdamOptions> = {
  name: 'RAdam',
  kernel: kernels.radam,
  options: {
    lr: numberOption('lr', 1e-3),
    betas: pairOption(['beta1', 'beta2'], [0.9, 0.999], { below: 1 }),
    eps: numberOption('eps', 1e-8),
    weightDecay: numberOption('weightDecay', 0),
    decoupledWeightDecay: flagOption('DECOUPLED', false, { fixed: true }),
    maximize: maximizeOption,
  },
  states: () => ['exp_avg', 'exp_avg_sq'],
  byStep: ({ lr, betas: [beta1, beta2], weightDecay, decoupledWeightDecay }, t) => {
    const most = 2 / (1 - beta2) - 1
    const left = 1 - beta2 ** t
    const length = most - (2 * t * beta2 ** t) / left
    const rectified = length > 5
    const ratio = ((length - 4) * (length - 2) * most) / ((most - 4) * (most - 2) * length)
    return {
      rate: (lr / (1 - beta1 ** t)) * (rectified ? Math.sqrt(ratio * left) : 1),
      rectified: rectified ? 1 : 0,
      rest1: 1 - beta1,
      rest2: 1 - beta2,
      decay: decoupledWeightDecay ? lr * weightDecay : weightDecay,
    }
  },
}

/**
 * Adam that waits until it knows the spread of g: m and v as in Adam; ρ∞ = 2/(1−β₂) − 1, ρₜ = ρ∞ − 2tβ₂ᵗ/(1−β₂ᵗ);
 * p ← p − η·m̂·r·√(1−β₂ᵗ)/(√v + ε) with r = √((ρₜ−4)(ρₜ−2)ρ∞ / ((ρ∞−4)(ρ∞−2)ρₜ)) where ρₜ > 5, before that
 * p ← p − η·m̂.
 * Weight decay: g ← g + λp, or p ← p − ηλp first where decoupled. maximize: −g stands for g.
 * @see Liu et al. 2020, algorithm 2
 */
export class RAdam extends Optimizer<RAdamOptions> {
  /** @throws HandgradError if an option is unknown or out of range, or a parameter is not a leaf */
  constructor(params: OptimizerParams<RAdamOptions>, options: RAdamOptions = {}) {
    super(rule, params, options)
  }
}
