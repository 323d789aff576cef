/** @file Adamax, on the fused kernel shaders/adamax.wgsl. */
import * as kernels from '../ops/base/kernels.generated.ts'
import type { OptimizerParams } from './group.ts'
import { Optimizer } from './optimizer.ts'
import { maximizeOption, numberOption, pairOption } from './options.ts'
import type { Rule } from './rule.ts'

/** Options of {@link Adamax}. */
export interface AdamaxOptions {
  /** Learning rate η; default 2e-3. */
  lr?: number
  /** β₁, β₂ in [0, 1): how slowly the mean of g and the largest |g| forget; default 0.9, 0.999. */
  betas?: readonly [number, number]
  /** ε, added to |g|; default 1e-8. */
  eps?: number
  /** λ, added to the gradient as λp; default 0. */
  weightDecay?: number
  /** Ascend in place of descending; default false. */
  maximize?: boolean
}

const rule: Rule<AdamaxOptions> = {
  name: 'Adamax',
  kernel: kernels.adamax,
  options: {
    lr: numberOption('lr', 2e-3),
    betas: pairOption(['beta1', 'beta2'], [0.9, 0.999], { below: 1 }),
    eps: numberOption('eps', 1e-8),
    weightDecay: numberOption('decay', 0),
    maximize: maximizeOption,
  },
  states: () => ['exp_avg', 'exp_inf'],
  byStep: ({ lr, betas: [beta1] }, t) => ({ rate: lr / (1 - beta1 ** t), rest1: 1 - beta1 }),
}

/**
 * g′ = g + λp; m ← β₁m + (1−β₁)g′; u ← max(β₂u, |g′| + ε); p ← p − η/(1−β₁ᵗ) · m/u at the t-th step. maximize: −g
 * stands for g.
 * @see Kingma & Ba 2015, algorithm 2
 */
export class Adamax extends Optimizer<AdamaxOptions> {
  /** @throws HandgradError if an option is unknown or out of range, or a parameter is not a leaf */
  constructor(params: OptimizerParams<AdamaxOptions>, options: AdamaxOptions = {}) {
    super(rule, params, options)
  }
}
