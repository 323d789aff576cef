/** @file A step of each optimizer, and an average of weights: bytes that must be read and written. */
import type { Kernel } from '../../core/kernel.ts'
import type { Tensor } from '../../core/tensor.ts'
import { optim } from '../../index.ts'
import * as kernels from '../../ops/base/kernels.generated.ts'
import { type Case, inTwo, type Scale, type Suite } from '../case.ts'
import { leaf, uniform } from '../numbers.ts'
import { at, WORD } from './common.ts'

/** Three tensors: what a launch takes. */
const TENSORS = 3

interface Rule {
  readonly name: string
  readonly kernel: Kernel
  /** Numbers kept of each element. */
  readonly kept: number
  make(params: Tensor[]): { step(): void }
}

const rules: readonly Rule[] = [
  { name: 'SGD', kernel: kernels.sgd, kept: 0, make: (p) => new optim.SGD(p) },
  { name: 'SGD, momentum', kernel: kernels.sgd, kept: 1, make: (p) => new optim.SGD(p, { momentum: 0.9 }) },
  { name: 'Lion', kernel: kernels.lion, kept: 1, make: (p) => new optim.Lion(p) },
  { name: 'Adagrad', kernel: kernels.adagrad, kept: 1, make: (p) => new optim.Adagrad(p) },
  { name: 'RMSprop', kernel: kernels.rmsprop, kept: 1, make: (p) => new optim.RMSprop(p) },
  { name: 'RMSprop, momentum', kernel: kernels.rmsprop, kept: 2, make: (p) => new optim.RMSprop(p, { momentum: 0.9 }) },
  {
    name: 'RMSprop, centered, momentum',
    kernel: kernels.rmsprop,
    kept: 3,
    make: (p) => new optim.RMSprop(p, { centered: true, momentum: 0.9 }),
  },
  { name: 'Adam', kernel: kernels.adam, kept: 2, make: (p) => new optim.Adam(p) },
  { name: 'AdamW', kernel: kernels.adam, kept: 2, make: (p) => new optim.AdamW(p) },
  { name: 'AMSGrad', kernel: kernels.adam, kept: 3, make: (p) => new optim.Adam(p, { amsgrad: true }) },
  { name: 'Adamax', kernel: kernels.adamax, kept: 2, make: (p) => new optim.Adamax(p) },
  { name: 'Adadelta', kernel: kernels.adadelta, kept: 2, make: (p) => new optim.Adadelta(p) },
  { name: 'NAdam', kernel: kernels.nadam, kept: 2, make: (p) => new optim.NAdam(p) },
  { name: 'RAdam', kernel: kernels.radam, kept: 2, make: (p) => new optim.RAdam(p) },
  // The average is read and written, the weight read: as one that keeps nothing.
  {
    name: 'EMA of weights',
    kernel: kernels.average,
    kept: 0,
    make: (p) => {
      const average = new optim.EMA(p, { decay: 0.99 })
      return { step: () => average.update() }
    },
  },
]

/** Parameters, and gradients that stay the same from step to step. */
function given(inputs: readonly Tensor[]): Tensor[] {
  const params = inputs.slice(0, TENSORS)
  params.forEach((x, i) => {
    x.grad = inputs[TENSORS + i]
  })
  return params
}

function stepOf({ name, kernel, kept, make }: Rule, shape: readonly number[], flop?: number): Case {
  const n = TENSORS * shape.reduce((a, b) => a * b, 1)
  return {
    name,
    kernel,
    flop,
    // The parameter and each number that is kept both ways, the gradient once.
    bytes: WORD * (3 + 2 * kept) * n,
    inputs: (device, seed) =>
      [leaf, uniform].flatMap((made, kind) =>
        Array.from({ length: TENSORS }, (_, i) => made(shape, 6 * seed + 3 * kind + i, device)),
      ),
    ...inTwo((inputs) => {
      const params = given(inputs)
      const rule = make(params)
      return () => {
        rule.step()
        return params
      }
    }),
  }
}

/** Five times three products of side × side matrices, for each of the three. */
function muonOf(side: number): Case {
  const rule: Rule = { name: 'Muon', kernel: kernels.muon, kept: 1, make: (p) => new optim.Muon(p) }
  const step = stepOf(rule, [side, side], TENSORS * 5 * 3 * 2 * side ** 3)
  // In float64 on the CPU a large one takes minutes.
  return side > 128 ? { ...step, check: muonOf(128) } : step
}

function cases(scale: Scale): Case[] {
  const side = at(scale, 16, 64, 1024)
  const length = at(scale, 2 ** 12, 2 ** 18, 2 ** 22)
  return [...rules.map((rule) => stepOf(rule, [length])), muonOf(side)]
}

export const optimizersSuite: Suite = { name: 'optimizers', about: 'a step of each optimizer', cases }
