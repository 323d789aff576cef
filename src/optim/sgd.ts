/** @file Gradient descent with momentum, on the fused kernel shaders/sgd.wgsl and sgd_momentum.wgsl. */
import { fail } from '../core/errors.ts'
import * as kernels from '../ops/base/kernels.generated.ts'
import type { OptimizerParams } from './group.ts'
import { Optimizer } from './optimizer.ts'
import { flagOption, numberOption } from './options.ts'
import type { Rule } from './rule.ts'

/** Options of {@link SGD}. */
export interface SGDOptions {
  /** Learning rate η; default 1e-3. */
  lr?: number
  /** μ in [0, 1); default 0. */
  momentum?: number
  /** Nesterov's form of momentum; default false. */
  nesterov?: boolean
  /** λ, added to the gradient as λp; default 0. */
  weightDecay?: number
}

const rule: Rule<SGDOptions> = {
  name: 'SGD',
  kernel: kernels.sgd,
  options: {
    lr: numberOption('lr', 1e-3),
    momentum: numberOption('momentum', 0, { below: 1, fixed: true }),
    nesterov: flagOption('NESTEROV', false),
    weightDecay: numberOption('decay', 0),
  },
  states: ({ momentum }) => (momentum > 0 ? ['momentum_buffer'] : []),
  check: (op, { nesterov, momentum }) => {
    if (nesterov && momentum === 0) fail(op, 'nesterov without momentum', 'give momentum: 0.9, say')
  },
}

/**
 * g′ = g + λp; b ← μb + g′; p ← p − η·(Nesterov: g′ + μb, else b). b begins at 0.
 * @see Sutskever, Martens, Dahl, Hinton 2013, eq. 1–4 (in PyTorch's form, η outside of b)
 */
export class SGD extends Optimizer<SGDOptions> {
  /** @throws HandgradError if an option is unknown or out of range, or a parameter is not a leaf */
  constructor(params: OptimizerParams<SGDOptions>, options: SGDOptions = {}) {
    super(rule, params, options)
  }
}
