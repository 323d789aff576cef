/** @file Lion, on the fused kernel shaders/lion.wgsl. */
import * as kernels from '../ops/base/kernels.generated.ts'
import type { OptimizerParams } from './group.ts'
import { Optimizer } from './optimizer.ts'
import { maximizeOption, numberOption, pairOption } from './options.ts'
import type { Rule } from './rule.ts'

/** Options of {@link Lion}. */
export interface LionOptions {
  /** Learning rate η, a third to a tenth of that of AdamW; default 1e-4. */
  lr?: number
  /** β₁, β₂ in [0, 1): how much of the mean of g is in a step, and how slowly it forgets; default 0.9, 0.99. */
  betas?: readonly [number, number]
  /** λ, three to ten times that of AdamW; default 0. */
  weightDecay?: number
  /** Ascend in place of descending; default false. */
  maximize?: boolean
}

const rule: Rule<LionOptions> = {
  name: 'Lion',
  kernel: kernels.lion,
  options: {
    lr: numberOption('lr', 1e-4),
    betas: pairOption(['beta1', 'beta2'], [0.9, 0.99], { below: 1 }),
    weightDecay: numberOption('decay', 0),
    maximize: maximizeOption,
  },
  states: () => ['exp_avg'],
  stepless: true,
  byStep: ({ betas: [beta1, beta2] }) => ({ rest1: 1 - beta1, rest2: 1 - beta2 }),
}

/**
 * p ← p − η(sign(β₁m + (1−β₁)g) + λp); m ← β₂m + (1−β₂)g. maximize: −g stands for g.
 * @see Chen et al. 2023, algorithm 2
 */
export class Lion extends Optimizer<LionOptions> {
  /** @throws HandgradError if an option is unknown or out of range, or a parameter is not a leaf */
  constructor(params: OptimizerParams<LionOptions>, options: LionOptions = {}) {
    super(rule, params, options)
  }
}
