/** @file Gradient descent with momentum, on the fused kernel shaders/sgd.wgsl. */
import { fail } from '../core/errors.ts'
import { launch } from '../core/launch.ts'
import type { Tensor } from '../core/tensor.ts'
import * as kernels from '../ops/base/kernels.generated.ts'
import { checkNumber, checkOptions } from './checks.ts'
import { Optimizer, type OptimizerState, type Packed } from './optimizer.ts'

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

/**
 * g′ = g + λp; b ← μb + g′; p ← p − η·(Nesterov: g′ + μb, else b). b begins at 0.
 * @see Sutskever, Martens, Dahl, Hinton 2013, eq. 1–4 (in PyTorch's form, η outside of b)
 */
export class SGD extends Optimizer {
  private momentum: number
  private nesterov: boolean
  private weightDecay: number

  /** @throws HandgradError if an option is unknown or out of range, or a parameter is no leaf */
  constructor(params: Iterable<Tensor>, options: SGDOptions = {}) {
    super('SGD', params, options.lr ?? 1e-3)
    checkOptions('SGD', options, ['lr', 'momentum', 'nesterov', 'weightDecay'])
    this.momentum = checkNumber('SGD', 'momentum', options.momentum ?? 0, 1)
    this.weightDecay = checkNumber('SGD', 'weightDecay', options.weightDecay ?? 0)
    this.nesterov = options.nesterov ?? false
    if (this.nesterov && this.momentum === 0) fail('SGD', 'nesterov without momentum', 'give momentum: 0.9, say')
  }

  protected stateNames(): readonly string[] {
    return this.momentum > 0 ? ['momentum_buffer'] : []
  }
  protected options(): OptimizerState['options'] {
    const { momentum, nesterov, weightDecay } = this
    return { momentum, nesterov, weightDecay }
  }
  protected setOptions({ momentum, nesterov, weightDecay }: OptimizerState['options']): void {
    if (momentum !== this.momentum)
      fail('loadStateDict', `momentum was ${momentum}, this optimizer's is ${this.momentum}`)
    this.nesterov = nesterov === true
    this.weightDecay = checkNumber('loadStateDict', 'weightDecay', weightDecay)
  }

  protected update({ state, pairs, sizes, starts }: Packed): void {
    const { momentum, weightDecay } = this
    const params = { sizes, starts, lr: this.rate, momentum, decay: weightDecay }
    launch('SGD', kernels.sgd, [state[0] ?? null, ...pairs], params, { NESTEROV: this.nesterov ? 1 : 0 })
  }
}
