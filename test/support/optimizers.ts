/** @file The optimizers' formulas in float64, written by hand, and parameters of many layouts to try them on. */

import { Philox } from '../../src/core/philox.ts'
import {
  type Device,
  type Kernel,
  launch,
  optim,
  randn,
  type Tensor,
  type TensorOptions,
  tensor,
  zeros,
} from '../../src/index.ts'
import * as kernels from '../../src/ops/base/kernels.generated.ts'

/**
 * What one step does to parameter p with gradient g, elementwise; `s` is what is remembered, `t` the step from 1 on.
 */
export type Rule = (p: number, g: number, s: { m: number; v: number }, t: number) => number

export interface OptimizerCase {
  readonly name: string
  make(params: readonly Tensor[]): optim.Optimizer
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

/** One whose formula is written by hand; all are held to PyTorch's values in reference.test.ts. */
export interface FormulaCase extends OptimizerCase {
  readonly rule: Rule
}

export const formulas: readonly FormulaCase[] = [
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

/** All optimizers with a kernel of one rule for each element, as many numbers kept as they can. */
export const cases: readonly OptimizerCase[] = [
  ...formulas,
  { name: 'AMSGrad', make: (p) => new optim.Adam(p, { amsgrad: true }) },
  { name: 'RMSprop', make: (p) => new optim.RMSprop(p) },
  { name: 'RMSprop with momentum', make: (p) => new optim.RMSprop(p, { momentum: 0.9 }) },
  { name: 'centered RMSprop', make: (p) => new optim.RMSprop(p, { centered: true }) },
  { name: 'centered RMSprop with momentum', make: (p) => new optim.RMSprop(p, { centered: true, momentum: 0.9 }) },
  { name: 'Adagrad', make: (p) => new optim.Adagrad(p, { lrDecay: 0.1, initialAccumulatorValue: 0.5 }) },
  { name: 'Adadelta', make: (p) => new optim.Adadelta(p) },
  { name: 'Adamax', make: (p) => new optim.Adamax(p) },
  { name: 'NAdam', make: (p) => new optim.NAdam(p) },
  { name: 'RAdam', make: (p) => new optim.RAdam(p, { lr: 0.01 }) },
  { name: 'Lion', make: (p) => new optim.Lion(p, { lr: 0.01 }) },
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
 * Run an optimizer next to its formula on Σ wᵢ sin pᵢ, wᵢ = step + i.
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

/**
 * Tensors of one launch: up to three pairs of parameter and gradient, state at offsets, as the optimizers lay it
 * out.
 */
function layout(sizes: readonly number[]): { starts: number[]; length: number } {
  const starts = [0, 0, 0, 0]
  let length = 4
  sizes.forEach((n, i) => {
    starts[i] = length
    length += Math.ceil(n / 4) * 4
  })
  return { starts, length }
}

type StepKernel = 'adadelta' | 'adagrad' | 'adam' | 'adamax' | 'lion' | 'muon' | 'nadam' | 'radam' | 'rmsprop' | 'sgd'

interface KernelCase {
  readonly kernel: StepKernel
  readonly params: Readonly<Record<string, number>>
  readonly constants: Readonly<Record<string, number>>
  /** State tensors that are kept; all but the first are of squares or the like, never negative. */
  readonly state: number
  /** What the first is; squares lie above this. */
  readonly first: 'mean' | 'square'
  readonly above: number
}

const rates = { lr: 0.05, decay: 0.1, sign: -1, eps: 1e-3 }
const means = { ...rates, rate: 0.05, rest1: 0.1, rest2: 0.01, root: 0.55 }
const nadamRates = { ...means, rate_grad: 0.3, rate_mean: 0.04 }
const moving = { ...rates, momentum: 0.9, gain: 0.7, rest: 0.1 }
const still = { ...moving, momentum: 0 }
/** What else an override chooses is in reference.webgpu.test.ts: each takes new pipelines. */
export const kernelCases: readonly KernelCase[] = (
  [
    { kernel: 'adam', params: means, constants: { DECOUPLED: 0 }, state: 2 },
    { kernel: 'adam', params: means, constants: { DECOUPLED: 1 }, state: 2 },
    { kernel: 'adam', params: means, constants: { DECOUPLED: 1, AMSGRAD: 1 }, state: 3 },
    { kernel: 'sgd', params: still, constants: { NESTEROV: 0 }, state: 0 },
    { kernel: 'sgd', params: moving, constants: { NESTEROV: 0 }, state: 1 },
    { kernel: 'sgd', params: moving, constants: { NESTEROV: 1 }, state: 1 },
    { kernel: 'rmsprop', params: still, constants: { CENTERED: 0 }, state: 1 },
    { kernel: 'rmsprop', params: still, constants: { CENTERED: 1 }, state: 2 },
    { kernel: 'rmsprop', params: moving, constants: { CENTERED: 0 }, state: 2 },
    { kernel: 'rmsprop', params: moving, constants: { CENTERED: 1 }, state: 3 },
    { kernel: 'adagrad', params: means, constants: {}, state: 1 },
    { kernel: 'adadelta', params: moving, constants: {}, state: 2 },
    { kernel: 'adamax', params: { ...means, beta2: 0.9 }, constants: {}, state: 2 },
    { kernel: 'nadam', params: nadamRates, constants: { DECOUPLED: 1 }, state: 2 },
    { kernel: 'radam', params: { ...means, rectified: 0 }, constants: { DECOUPLED: 0 }, state: 2 },
    { kernel: 'radam', params: { ...means, rectified: 1 }, constants: { DECOUPLED: 1 }, state: 2 },
    { kernel: 'lion', params: means, constants: {}, state: 1 },
    { kernel: 'muon', params: moving, constants: { NESTEROV: 1 }, state: 1 },
  ] as const satisfies readonly Omit<KernelCase, 'first' | 'above'>[]
).map((one) => ({
  ...one,
  first: ['rmsprop', 'adagrad', 'adadelta'].includes(one.kernel) ? 'square' : 'mean',
  // The mean of squares is far above the square of the mean: their difference is not what is tried here.
  above: one.kernel === 'rmsprop' ? 25 : 0,
}))

/** Kernels of optimizers: a plan of one of their variants for each. */
export const forcedTo = (variant: string): Readonly<Record<string, string>> =>
  Object.fromEntries(kernelCases.map(({ kernel }) => [kernel, variant]))

const sizeCases = [[1], [7], [1027], [256, 5], [3, 700], [5, 6, 7], [300, 1, 513], [1024, 4096, 8]]

/** What the optimizers' kernels get wrong on a device, against their CPU twins in float64, over sizes and switches. */
export async function kernelFaults(gpu: Device): Promise<string[]> {
  const faults: string[] = []
  for (const { kernel, params, constants, state, first, above } of kernelCases) {
    const bindings = kernels[kernel].bindings.length
    // The kernel's places for state are those before p0; three that are taken leave room for two tensors.
    const slots = bindings - 6
    for (const sizes of sizeCases.filter(({ length }) => state < 3 || length < 3)) {
      const { starts, length } = layout(sizes)
      const random = new Philox(sizes.length * 100 + sizes[0])
      const values = [
        ...Array.from({ length: state }, (_, i) =>
          Float64Array.from({ length }, () =>
            i ? Math.abs(random.normal()) : first === 'square' ? Math.abs(random.normal()) + above : random.normal(),
          ),
        ),
        ...sizes.flatMap((n) => [0, 1].map(() => Float64Array.from({ length: n }, () => random.normal()))),
      ].map((list) => list.map(Math.fround))
      const run = (on: TensorOptions): Tensor[] => {
        const tensors = values.map((data) => tensor(data, on))
        const padded: (Tensor | null)[] = new Array(bindings).fill(null)
        tensors.forEach((x, i) => {
          padded[i < state ? i : slots + i - state] = x
        })
        const full = { sizes: [...sizes, 0, 0, 0].slice(0, 4), starts, ...params }
        launch(kernel, kernels[kernel] as Kernel, padded, full, constants)
        return tensors
      }
      const [got, want] = await Promise.all(
        [run({ device: gpu }), run({ dtype: 'float64' })].map((list) => Promise.all(list.map((x) => x.data()))),
      )
      got.forEach((data, i) => {
        const j = data.findIndex((v, k) => !(Math.abs(v - want[i][k]) <= 2e-6 * Math.max(1, Math.abs(want[i][k]))))
        if (j < 0) return
        const where = `${kernel} ${JSON.stringify(constants)} ${sizes}, tensor ${i}, element ${j}`
        faults.push(`${where}: ${data[j]}, float64 says ${want[i][j]}`)
      })
    }
  }
  return faults
}

/**
 * A centered RMSprop of gradients that never change: mean and square come as near to the gradient and its square as
 * float32 goes, where their difference is rounding.
 */
export async function roundedVariance(on: TensorOptions = {}): Promise<{ below: boolean; finite: boolean }> {
  const w = zeros([200], { ...on, requiresGrad: true })
  const rmsprop = new optim.RMSprop([w], { centered: true, alpha: 0.5, lr: 1e-6, eps: 1e-3 })
  w.grad = tensor(
    Array.from({ length: 200 }, (_, i) => Math.sin(i + 1)),
    on,
  )
  for (let i = 0; i < 60; i++) rmsprop.step()
  const { square_avg, grad_avg } = rmsprop.stateDict().state[0] as Record<string, Tensor>
  const [square, mean, values] = await Promise.all([square_avg, grad_avg, w].map((x) => x.data()))
  return { below: square.some((v, i) => v < mean[i] ** 2), finite: values.every(Number.isFinite) }
}
