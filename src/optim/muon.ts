/** @file Muon: momentum on the fused kernel shaders/muon.wgsl, then Newton–Schulz steps by ops, then SGD's kernel. */
import { describe, fail } from '../core/errors.ts'
import type { Params } from '../core/kernel.ts'
import { launch } from '../core/launch.ts'
import { scope } from '../core/scope.ts'
import { showShape } from '../core/shape.ts'
import type { Tensor } from '../core/tensor.ts'
import * as kernels from '../ops/base/kernels.generated.ts'
import { add, clamp, div, matmul, mul, norm, transpose } from '../ops/index.ts'
import type { OptimizerParams } from './group.ts'
import { Optimizer } from './optimizer.ts'
import {
  flagOption,
  integerOption,
  maximizeOption,
  numberOption,
  type Option,
  type Values,
  wordOption,
} from './options.ts'
import type { Rule } from './rule.ts'

/** Options of {@link Muon}. */
export interface MuonOptions {
  /** Learning rate η; default 1e-3. */
  lr?: number
  /** λ, taken off the parameter as ηλp; default 0.1. */
  weightDecay?: number
  /** μ in [0, 1); default 0.95. */
  momentum?: number
  /** Nesterov's form of momentum; default true. */
  nesterov?: boolean
  /** a, b, c of a Newton–Schulz step; default 3.4445, −4.775, 2.0315. */
  nsCoefficients?: readonly [number, number, number]
  /** ε, the least norm that is divided by; default 1e-7. */
  eps?: number
  /** Newton–Schulz steps; default 5. */
  nsSteps?: number
  /**
   * ρ for a matrix of A rows and B columns: 'original', √max(1, A/B); 'matchRmsAdamw', 0.2·√max(A, B), with which rate
   * and decay of AdamW serve (Liu et al. 2025). Default: null, which is 'original'.
   */
  adjustLrFn?: 'original' | 'matchRmsAdamw' | null
  /** Ascend in place of descending; default false. */
  maximize?: boolean
}

type Coefficients = readonly [number, number, number]

const coefficients: Option<Coefficients> = {
  initial: [3.4445, -4.775, 2.0315],
  names: ['a', 'b', 'c'],
  switches: false,
  fixed: false,
  numbers: (op, name, value) => {
    if (!Array.isArray(value) || value.length !== 3 || !value.every(Number.isFinite))
      fail(op, `${name} is ${Array.isArray(value) ? `[${value}]` : describe(value)}`, 'give three numbers')
    return value
  },
  value: ([a, b, c]) => [a, b, c],
}

/** X ← aX + (bA + cA²)X with A = XXᵀ, from G/‖G‖: its singular values go to about 1. */
function orthogonal(g: Tensor, { nsCoefficients: [a, b, c], nsSteps, eps }: Values<MuonOptions>): Tensor {
  const [rows, cols] = g.shape
  const wide = rows > cols ? transpose(g) : g
  let x = div(wide, clamp(norm(wide), { min: eps }))
  for (let i = 0; i < nsSteps; i++) {
    const gram = matmul(x, transpose(x))
    x = add(mul(x, a), matmul(add(mul(gram, b), mul(matmul(gram, gram), c)), x))
  }
  return rows > cols ? transpose(x) : x
}

const ratioOf = (fn: MuonOptions['adjustLrFn'], [rows, cols]: readonly number[]): number =>
  fn !== 'matchRmsAdamw' ? Math.sqrt(Math.max(1, rows / cols)) : 0.2 * Math.sqrt(Math.max(rows, cols))

/** p ← p − η(ρO + λp), by SGD's kernel. */
function finish(
  params: readonly Tensor[],
  made: readonly Tensor[],
  values: Values<MuonOptions>,
  { sizes, lr, decay, sign }: Params,
): void {
  scope(() => {
    const directions = made.map((x) => mul(orthogonal(x, values), ratioOf(values.adjustLrFn, x.shape)))
    const tensors: (Tensor | null)[] = new Array(kernels.sgd.bindings.length).fill(null)
    params.forEach((p, i) => {
      tensors[1 + 2 * i] = p
      tensors[2 + 2 * i] = directions[i]
    })
    launch('Muon', kernels.sgd, tensors, {
      sizes: sizes as readonly number[],
      starts: [0, 0, 0, 0],
      lr,
      decay,
      sign,
      momentum: 0,
      gain: 1,
    })
  })
}

const rule: Rule<MuonOptions> = {
  name: 'Muon',
  kernel: kernels.muon,
  options: {
    lr: numberOption('lr', 1e-3),
    weightDecay: numberOption('decay', 0.1),
    momentum: numberOption('momentum', 0.95, { below: 1 }),
    nesterov: flagOption('NESTEROV', true),
    nsCoefficients: coefficients,
    eps: numberOption('eps', 1e-7),
    nsSteps: integerOption('nsSteps', 5),
    adjustLrFn: wordOption('adjustLrFn', [null, 'original', 'matchRmsAdamw']),
    maximize: maximizeOption,
  },
  states: () => ['momentum_buffer'],
  stepless: true,
  byStep: ({ momentum }) => ({ rest: 1 - momentum }),
  finish,
}

/**
 * For weights of hidden layers, which are matrices: b ← μb + (1−μ)g; u = μb + (1−μ)g (nesterov), else b;
 * p ← p − η(ρO + λp), where O is u with singular values of about 1: X ← aX + (bA + cA²)X, A = XXᵀ, five times from
 * u/‖u‖, and ρ makes up for the shape. maximize: p ← p − η(−ρO + λp). In the precision of the parameters, where PyTorch
 * takes bfloat16. Give biases, norms, embeddings and the last layer to an {@link AdamW} of their own.
 * @see Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks"; Liu et al. 2025 (matchRmsAdamw)
 */
export class Muon extends Optimizer<MuonOptions> {
  /**
   * @throws HandgradError if an option is unknown or out of range, or a parameter is not a leaf, or one is not a matrix
   */
  constructor(params: OptimizerParams<MuonOptions>, options: MuonOptions = {}) {
    super(rule, params, options)
    const others = this.params.flatMap((x, i) => (x.ndim === 2 ? [] : [`parameter ${i} is ${showShape(x.shape)}`]))
    if (others.length > 0) fail('Muon', others.join(', '), 'it trains matrices: give the others to an AdamW')
  }
}
