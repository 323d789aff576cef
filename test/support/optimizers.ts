/** @file The optimizers' formulas in float64, written by hand, and parameters of many layouts to try them on. */
import { optim, randn, type Tensor, type TensorOptions, tensor } from '../../src/index.ts'

/** What one step does to parameter p with gradient g, elementwise; `s` is what is remembered, `t` the step from 1 on. */
export type Rule = (p: number, g: number, s: { m: number; v: number }, t: number) => number

export interface OptimizerCase {
  readonly name: string
  make(params: readonly Tensor[]): optim.Optimizer
  readonly rule: Rule
}

const momentum =
  (lr: number, mu: number, decay: number, nesterov: boolean): Rule =>
  (p, g, s, t) => {
    const grad = g + decay * p
    s.m = t === 1 ? grad : mu * s.m + grad
    return p - lr * (nesterov ? grad + mu * s.m : s.m)
  }

const adam =
  (lr: number, b1: number, b2: number, eps: number, decay: number, decoupled: boolean): Rule =>
  (p, g, s, t) => {
    const grad = decoupled ? g : g + decay * p
    s.m = b1 * s.m + (1 - b1) * grad
    s.v = b2 * s.v + (1 - b2) * grad ** 2
    const step = s.m / (1 - b1 ** t) / (Math.sqrt(s.v / (1 - b2 ** t)) + eps)
    return (decoupled ? p * (1 - lr * decay) : p) - lr * step
  }

export const cases: readonly OptimizerCase[] = [
  { name: 'SGD', make: (p) => new optim.SGD(p, { lr: 0.1 }), rule: (p, g) => p - 0.1 * g },
  {
    name: 'SGD with decay',
    make: (p) => new optim.SGD(p, { lr: 0.1, weightDecay: 0.2 }),
    rule: (p, g) => p - 0.1 * (g + 0.2 * p),
  },
  {
    name: 'SGD with momentum',
    make: (p) => new optim.SGD(p, { lr: 0.1, momentum: 0.9 }),
    rule: momentum(0.1, 0.9, 0, false),
  },
  {
    name: 'Nesterov SGD with decay',
    make: (p) => new optim.SGD(p, { lr: 0.1, momentum: 0.8, nesterov: true, weightDecay: 0.01 }),
    rule: momentum(0.1, 0.8, 0.01, true),
  },
  { name: 'Adam', make: (p) => new optim.Adam(p, { lr: 0.01 }), rule: adam(0.01, 0.9, 0.999, 1e-8, 0, false) },
  {
    name: 'Adam with decay',
    make: (p) => new optim.Adam(p, { lr: 0.05, betas: [0.5, 0.9], eps: 1e-4, weightDecay: 0.3 }),
    rule: adam(0.05, 0.5, 0.9, 1e-4, 0.3, false),
  },
  { name: 'AdamW', make: (p) => new optim.AdamW(p, { lr: 0.02 }), rule: adam(0.02, 0.9, 0.999, 1e-8, 0.01, true) },
]

/** Leaves: plain, 0-d, turned, cut out of the middle, of size 0, with gaps: more than two launches' worth. */
export function makeParams(options: TensorOptions = {}): Tensor[] {
  const leaves = [
    randn([2, 3], options),
    randn([], options),
    randn([5, 4], options).transpose(),
    randn([10], options).slice([3, 8]),
    randn([0, 2], options),
    randn([4, 6], options).slice([1, 3], [null, null, 2]),
    randn([300], options),
  ]
  return leaves.map((x) => x.detach().requiresGrad_())
}

/**
 * Run an optimizer beside its formula on Σ wᵢ sin pᵢ, wᵢ = step + i.
 * @param chosen  whether a parameter gets a gradient at a step
 * @returns the largest difference over all steps
 */
export async function deviation(
  params: readonly Tensor[],
  optimizer: optim.Optimizer,
  rule: Rule,
  steps: number,
  chosen: (i: number, step: number) => boolean = () => true,
): Promise<number> {
  const values = await Promise.all(params.map(async (p) => Float64Array.from(await p.data())))
  const memories = values.map((list) => Array.from(list, () => ({ m: 0, v: 0 })))
  const counts = params.map(() => 0)
  let worst = 0
  for (let step = 1; step <= steps; step++) {
    optimizer.zeroGrad()
    let loss = tensor(0, { device: params[0].device, dtype: params[0].dtype })
    for (const [i, p] of params.entries()) {
      if (!chosen(i, step)) continue
      loss = loss.add(
        p
          .sin()
          .sum()
          .mul(step + i),
      )
      counts[i]++
      values[i] = values[i].map((v, j) => rule(v, Math.cos(v) * (step + i), memories[i][j], counts[i]))
    }
    loss.backward()
    optimizer.step()
    for (const [i, p] of params.entries()) {
      const found = await p.data()
      found.forEach((v, j) => {
        worst = Math.max(worst, Math.abs(v - values[i][j]))
      })
    }
  }
  return worst
}
