/** @file Adagrad, on the fused kernel shaders/adagrad.wgsl. */
import * as kernels from '../ops/base/kernels.generated.ts'
import type { OptimizerParams } from './group.ts'
import { Optimizer } from './optimizer.ts'
import { maximizeOption, numberOption } from './options.ts'
import type { Rule } from './rule.ts'

/** Options of {@link Adagrad}. */
export interface AdagradOptions {
  /** Learning rate η; default 1e-2. */
  lr?: number
  /** γ: the rate of the t-th step is η/(1 + (t − 1)γ); default 0. */
  lrDecay?: number
  /** λ, added to the gradient as λp; default 0. */
  weightDecay?: number
  /** What the sum of g² begins at; default 0. */
  initialAccumulatorValue?: number
  /** ε, added to the square root; default 1e-10. */
  eps?: number
  /** Ascend in place of descending; default false. */
  maximize?: boolean
}

const rule: Rule<AdagradOptions> = {
  name: 'Adagrad',
  kernel: kernels.adagrad,
  options: {
    lr: numberOption('lr', 1e-2),
    lrDecay: numberOption('lrDecay', 0),
    weightDecay: numberOption('decay', 0),
    initialAccumulatorValue: numberOption('initialAccumulatorValue', 0),
    eps: numberOption('eps', 1e-10),
    maximize: maximizeOption,
  },
  states: () => ['sum'],
  begins: ({ initialAccumulatorValue }) => ({ sum: initialAccumulatorValue }),
  byStep: ({ lr, lrDecay }, t) => ({ rate: lr / (1 + (t - 1) * lrDecay) }),
}

/**
 * g′ = g + λp; s ← s + g′²; p ← p − η/(1 + (t − 1)γ) · g′/(√s + ε) at the t-th step. maximize: −g stands for g.
 * @see Duchi, Hazan, Singer 2011, figure 1
 */
export class Adagrad extends Optimizer<AdagradOptions> {
  /** @throws HandgradError if an option is unknown or out of range, or a parameter is not a leaf */
  constructor(params: OptimizerParams<AdagradOptions>, options: AdagradOptions = {}) {
    super(rule, params, options)
  }
}
