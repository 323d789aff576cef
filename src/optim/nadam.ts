/** @file NAdam, on the fused kernel shaders/nadam.wgsl. */
import * as kernels from '../ops/base/kernels.generated.ts'
import type { OptimizerParams } from './group.ts'
import { Optimizer } from './optimizer.ts'
import { flagOption, maximizeOption, numberOption, pairOption } from './options.ts'
import type { Rule } from './rule.ts'

/** Options of {@link NAdam}. */
export interface NAdamOptions {
  /** Learning rate η; default 2e-3. */
  lr?: number
  /** β₁, β₂ in [0, 1): how slowly the means of g and g² forget; default 0.9, 0.999. */
  betas?: readonly [number, number]
  /** ε, added to the square root; default 1e-8. */
  eps?: number
  /** λ; default 0. */
  weightDecay?: number
  /** ψ: how fast μₜ rises to β₁; default 4e-3. */
  momentumDecay?: number
  /** Take ηλp off the parameter itself, not by way of the gradient; default false. */
  decoupledWeightDecay?: boolean
  /** Ascend in place of descending; default false. */
  maximize?: boolean
}

const rule: Rule<NAdamOptions> = {
  name: 'NAdam',
  kernel: kernels.nadam,
  options: {
    lr: numberOption('lr', 2e-3),
    betas: pairOption(['beta1', 'beta2'], [0.9, 0.999], { below: 1 }),
    eps: numberOption('eps', 1e-8),
    weightDecay: numberOption('weightDecay', 0),
    momentumDecay: numberOption('momentumDecay', 4e-3),
    decoupledWeightDecay: flagOption('DECOUPLED', false, { fixed: true }),
    maximize: maximizeOption,
  },
  states: () => ['exp_avg', 'exp_avg_sq'],
  numbers: { mu_product: 1 },
  byStep: ({ lr, betas: [beta1, beta2], momentumDecay, weightDecay, decoupledWeightDecay }, t, numbers) => {
    const mu = (step: number) => beta1 * (1 - 0.5 * 0.96 ** (step * momentumDecay))
    numbers['mu_product'] *= mu(t)
    const product = numbers['mu_product']
    return {
      rate_grad: (lr * (1 - mu(t))) / (1 - product),
      rate_mean: (lr * mu(t + 1)) / (1 - product * mu(t + 1)),
      root: Math.sqrt(1 - beta2 ** t),
      rest1: 1 - beta1,
      rest2: 1 - beta2,
      decay: decoupledWeightDecay ? lr * weightDecay : weightDecay,
    }
  },
}

/**
 * Adam with Nesterov momentum: m and v as in Adam; μₜ = β₁(1 − ½·0.96^(tψ)), Mₜ = μ₁⋯μₜ;
 * p ← p − η·((1−μₜ)/(1−Mₜ)·g + μₜ₊₁/(1−Mₜ₊₁)·m)/(√v̂ + ε) at the t-th step. Weight decay: g ← g + λp, or p ← p − ηλp
 * first where decoupled. maximize: −g stands for g. (PyTorch before 2.0 has μₜ twice in Mₜ₊₁.)
 * @see Dozat 2016, algorithm 8 and section 3.2
 */
export class NAdam extends Optimizer<NAdamOptions> {
  /** @throws HandgradError if an option is unknown or out of range, or a parameter is not a leaf */
  constructor(params: OptimizerParams<NAdamOptions>, options: NAdamOptions = {}) {
    super(rule, params, options)
  }
}
