/** @file Adam and AdamW, on the fused kernel shaders/adam.wgsl. */
import { describe, fail } from '../core/errors.ts'
import { Live } from '../core/kernel.ts'
import { launch } from '../core/launch.ts'
import type { Tensor } from '../core/tensor.ts'
import * as kernels from '../ops/base/kernels.generated.ts'
import { checkNumber, checkOptions } from './checks.ts'
import { Optimizer, type OptimizerState, type Packed } from './optimizer.ts'

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

/**
 * m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²; p ← p − η·m̂/(√v̂ + ε), m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ) at the t-th step. Weight decay:
 * g ← g + λp, or p ← p − ηλp first where decoupled. The corrections are computed in float64.
 * @see Kingma & Ba 2015, algorithm 1; Loshchilov & Hutter 2019, algorithm 2
 */
export class Adam extends Optimizer {
  private betas: readonly [number, number]
  private eps: number
  private weightDecay: number
  private readonly decoupled: boolean
  /** 1 − βᵗ by the first parameter of a launch. */
  private readonly corrections: readonly (readonly [Live, Live])[]

  /** @throws HandgradError if an option is unknown or out of range, or a parameter is no leaf */
  constructor(params: Iterable<Tensor>, options: AdamOptions = {}) {
    super('Adam', params, options.lr ?? 1e-3)
    checkOptions('Adam', options, ['lr', 'betas', 'eps', 'weightDecay', 'decoupled'])
    this.betas = checkBetas('Adam', options.betas ?? [0.9, 0.999])
    this.eps = checkNumber('Adam', 'eps', options.eps ?? 1e-8)
    this.weightDecay = checkNumber('Adam', 'weightDecay', options.weightDecay ?? 0)
    this.decoupled = options.decoupled ?? false
    this.corrections = this.params.map(() => [new Live(1), new Live(1)])
  }

  protected stateNames(): readonly string[] {
    return ['exp_avg', 'exp_avg_sq']
  }
  protected options(): OptimizerState['options'] {
    const { betas, eps, weightDecay, decoupled } = this
    return { betas, eps, weightDecay, decoupled }
  }
  protected setOptions({ betas, eps, weightDecay, decoupled }: OptimizerState['options']): void {
    if (decoupled !== this.decoupled)
      fail('loadStateDict', `decoupled was ${decoupled}, this optimizer's is ${this.decoupled}`)
    this.betas = checkBetas('loadStateDict', betas)
    this.eps = checkNumber('loadStateDict', 'eps', eps)
    this.weightDecay = checkNumber('loadStateDict', 'weightDecay', weightDecay)
  }

  protected update({ state, pairs, sizes, starts, lead }: Packed, step: number): void {
    const { betas, eps, weightDecay } = this
    const [correction1, correction2] = this.corrections[lead]
    correction1.value = 1 - betas[0] ** step
    correction2.value = 1 - betas[1] ** step
    const rates = { lr: this.rate, beta1: betas[0], beta2: betas[1], eps, decay: weightDecay }
    const params = { sizes, starts, ...rates, correction1, correction2 }
    launch('Adam', kernels.adam, [...state, ...pairs], params, { DECOUPLED: this.decoupled ? 1 : 0 })
  }
}

function checkBetas(op: string, betas: unknown): readonly [number, number] {
  if (!Array.isArray(betas) || betas.length !== 2) fail(op, `betas is ${describe(betas)}`, 'give [0.9, 0.999], say')
  return [checkNumber(op, 'betas[0]', betas[0], 1), checkNumber(op, 'betas[1]', betas[1], 1)]
}

/** {@link Adam} with decoupled weight decay, 0.01 unless given. */
export class AdamW extends Adam {
  constructor(params: Iterable<Tensor>, options: Omit<AdamOptions, 'decoupled'> = {}) {
    super(params, { weightDecay: 0.01, ...options, decoupled: true })
  }
}
