/** @file Gradient descent with momentum, on the fused kernel shaders/sgd.wgsl and sgd_momentum.wgsl. */
import { fail } from '../core/errors.ts'
import * as kernels from '../ops/base/kernels.generated.ts'
import type { OptimizerParams } from './group.ts'
import { Optimizer } from './optimizer.ts'
import { flagOption, maximizeOption, numberOption } from './options.ts'
import type { Rule } from './rule.ts'

/** Options of {@link SGD}. */
export interface SGDOptions {
  /** Learning rate η; default 1e-3. */
  lr?: number
  /** μ in [0, 1); default 0. */
  momentum?: number
  /** d: how much less than whole a gradient enters b; default 0. */
  dampening?: number
  /** λ, added to the gradient as λp; default 0. */
  weightDecay?: number
  /** Nesterov's form of momentum; default false. */
  nesterov?: boolean
  /** Ascend in place of descending; default false. */
  maximize?: boolean
}

const rule: Rule<SGDOptions> = {
  name: 'SGD',
  kernel: kernels.sgd,
  options: {
    lr: numberOption('lr', 1e-3),
    momentum: numberOption('momentum', 0, { below: 1, fixed: true }),
    dampening: numberOption('dampening', 0),
    weightDecay: numberOption('decay', 0),
    nesterov: flagOption('NESTEROV', false),
    maximize: maximizeOption,
  },
  states: ({ momentum }) => (momentum > 0 ? ['momentum_buffer'] : []),
  stepless: true,
  byStep: ({ dampening }, t) => ({ gain: t === 1 ? 1 : 1 - dampening }),
  check: (op, { nesterov, momentum, dampening }) => {
    if (nesterov && momentum === 0) fail(op, 'nesterov without momentum', 'give momentum: 0.9, say')
    if (nesterov && dampening > 0) fail(op, `nesterov with dampening ${dampening}`, 'give one of them')
  },
}

/**
 * g′ = g + λp; b ← μb + (1 − d)g′; p ← p − η·(Nesterov: g′ + μb, else b). b begins as the first g′, whole. maximize: −g
 * stands for g.
 * @see Sutskever, Martens, Dahl, Hinton 2013, eq. 1–4 (in PyTorch's form, η outside of b)
 */
export class SGD extends Optimizer<SGDOptions> {
  /** @throws HandgradError if an option is unknown or out of range, or a parameter is not a leaf */
  constructor(params: OptimizerParams<SGDOptions>, options: SGDOptions = {}) {
    super(rule, params, options)
  }
}
