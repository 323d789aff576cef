/** @file Averages of weights over training: exponential (EMA) and plain (SWA), three tensors a launch. */
import { isHalf } from '../core/device.ts'
import { describe, fail } from '../core/errors.ts'
import { Live } from '../core/kernel.ts'
import { contiguousCopy, copyTo, launch } from '../core/launch.ts'
import { keep } from '../core/scope.ts'
import { sameShape, showShape } from '../core/shape.ts'
import { Tensor } from '../core/tensor.ts'
import * as kernels from '../ops/base/kernels.generated.ts'
import { optionsOf } from '../ops/base/options.ts'

/** A model with its parameters and buffers. */
export interface Averaged {
  /** What is averaged. */
  parameters(): Iterable<Tensor>
  /** What is copied as it is. */
  buffers?(): Iterable<Tensor>
}

/** What an average remembers: how many updates it has had, and the averages in the order of the parameters. */
export interface AverageState {
  readonly updates: number
  readonly averages: readonly Tensor[]
}

/** Pairs of average and weight that one launch takes. */
const PER_LAUNCH = 3

/**
 * An average of weights. `update()` after each step of the optimizer takes them in, the first time as they are;
 * `apply()` puts the averages into the model, for evaluation, `restore()` the weights that were there.
 */
abstract class WeightAverage {
  /** The averages, in the order of the parameters. Float tensors; others are not averaged. */
  readonly averages: readonly Tensor[]
  private readonly weights: readonly Tensor[]
  /** Of all of an update's launches, in each its own count. */
  private count = 0
  private aside: readonly Tensor[] | null = null

  protected constructor(op: string, model: Averaged | Iterable<Tensor>, useBuffers: boolean) {
    const all: readonly unknown[] = tensorsOf(op, model, useBuffers)
    all.forEach((x, i) => {
      if (!(x instanceof Tensor)) fail(op, `parameter ${i} is ${describe(x)}, not a tensor`)
    })
    const half = (all as Tensor[]).findIndex(({ dtype }) => isHalf(dtype))
    if (half >= 0)
      fail(
        op,
        `parameter ${half} is ${(all as Tensor[])[half].dtype}, which is storage alone`,
        'average those of float32',
      )
    this.weights = (all as Tensor[]).filter(({ dtype }) => dtype === 'float32' || dtype === 'float64')
    if (this.weights.length === 0) fail(op, 'there are no parameters', 'give a model, or a list of tensors')
    this.averages = this.weights.map((x) => keep(contiguousCopy(op, x, x.layout)))
  }

  /** Updates so far. */
  get updates(): number {
    return this.count
  }

  /** The weight of the new values at an update, from 0 on. */
  protected abstract rate(update: number): number

  /**
   * Take the present weights in. Nothing is recorded in the graph.
   * @throws HandgradError while the averages are applied, or if the weights are not where they were
   */
  update(): void {
    const { weights, averages } = this
    const op = 'update'
    if (this.aside) fail(op, 'the averages are in the model', 'call restore() first')
    weights.forEach((x, i) => {
      if (x.device !== averages[i].device)
        fail(op, `${x.title} moved to ${x.device.name}`, 'move the model first, then make the average')
    })
    // Live cells: an update that was recorded counts, and takes its own rate, each time it is run again.
    const rate = new Live(0, () => (this.count++ === 0 ? 1 : this.rate(this.count - 1)))
    const kept = new Live(0, () => 1 - rate.value)
    for (const cell of [rate, kept]) cell.advance()
    const left = weights.map((x, i) => ({ x, average: averages[i] })).filter(({ x }) => x.numel > 0)
    while (left.length > 0) {
      const [{ x: first }] = left
      const alike = left.filter(({ x }) => x.device === first.device && x.dtype === first.dtype).slice(0, PER_LAUNCH)
      for (const one of alike) left.splice(left.indexOf(one), 1)
      const copies: Tensor[] = []
      const pairs = alike.flatMap(({ x, average }) => {
        if (x.isContiguous && x.layout.offset === 0) return [average, x]
        copies.push(contiguousCopy(op, x, x.layout))
        return [average, copies[copies.length - 1]]
      })
      const tensors = Array.from({ length: 2 * PER_LAUNCH }, (_, i) => pairs[i] ?? null)
      const sizes = [0, 1, 2, 3].map((i) => alike[i]?.x.numel ?? 0)
      launch(op, kernels.average, tensors, { sizes, starts: [0, 0, 0, 0], rate, keep: kept })
      for (const copy of copies) copy.dispose()
    }
  }

  /** Put the averages into the model and the weights aside. @throws HandgradError if they are there already */
  apply(): void {
    if (this.aside) fail('apply', 'the averages are in the model already', 'call restore() first')
    this.aside = this.weights.map((x) => keep(contiguousCopy('apply', x, x.layout)))
    this.put('apply', this.averages)
  }

  /** Put the weights back that `apply` put aside. @throws HandgradError if it was not called */
  restore(): void {
    if (!this.aside) fail('restore', 'the averages are not in the model', 'call apply() first')
    this.put('restore', this.aside)
    for (const x of this.aside) x.dispose()
    this.aside = null
  }

  private put(op: string, values: readonly Tensor[]): void {
    this.weights.forEach((x, i) => {
      copyTo(op, x, x.layout, values[i], values[i].layout)
    })
  }

  /** How many updates there were, and the averages themselves: save or clone them before the next update. */
  stateDict(): AverageState {
    return { updates: this.count, averages: this.averages }
  }

  /**
   * Go on where another average of the same parameters stood. Everything is checked before anything changes.
   * @throws HandgradError if it is not the state of an average, or of other parameters
   */
  loadStateDict(state: AverageState): void {
    const op = 'loadStateDict'
    const { updates, averages } = state ?? {}
    if (!Number.isInteger(updates) || !Array.isArray(averages))
      fail(op, `${describe(state)} is not the state of an average`, 'give what stateDict() gave')
    const [theirs, own] = [averages.length, this.averages.length]
    if (theirs !== own) fail(op, `the state is of ${theirs} parameters, this average of ${own}`)
    averages.forEach((x: Tensor, i) => {
      const { shape, dtype, device } = this.averages[i]
      if (!(x instanceof Tensor) || !sameShape(x.shape, shape) || x.dtype !== dtype || x.device !== device) {
        const given = x instanceof Tensor ? `${x.dtype} ${showShape(x.shape)} on ${x.device.name}` : describe(x)
        fail(op, `average ${i} is ${given}, its parameter ${dtype} ${showShape(shape)} on ${device.name}`)
      }
    })
    this.averages.forEach((x, i) => {
      if (x !== averages[i]) copyTo(op, x, x.layout, averages[i], averages[i].layout)
    })
    this.count = updates
  }
}

function tensorsOf(op: string, model: unknown, useBuffers: boolean): unknown[] {
  if (typeof useBuffers !== 'boolean') fail(op, `useBuffers is ${describe(useBuffers)}`, 'give true or false')
  const given = model as Averaged | Iterable<unknown> | null | undefined
  if (given instanceof Tensor) fail(op, 'the parameters are a Tensor', 'give a list: [w]')
  if (typeof (given as Averaged)?.parameters === 'function') {
    const { parameters, buffers } = given as Averaged
    return [...parameters.call(given), ...(useBuffers ? (buffers?.call(given) ?? []) : [])]
  }
  if (typeof (given as Iterable<unknown>)?.[Symbol.iterator] !== 'function')
    fail(op, `the model is ${describe(model)}`, 'give a model, or a list of tensors')
  return [...(given as Iterable<unknown>)]
}

/** Options of {@link EMA}. */
export interface EMAOptions {
  /** d in [0, 1): how slowly the average forgets; default 0.999. */
  decay?: number
  /** Whether buffers of floats, such as running statistics, are averaged too; default false. */
  useBuffers?: boolean
}

/**
 * Exponential moving average of weights: a ← d·a + (1 − d)·w at each `update()`; the first takes the weights as they
 * are. PyTorch's AveragedModel with an averaging function.
 * @see Polyak & Juditsky 1992; Tarvainen & Valpola 2017
 */
export class EMA extends WeightAverage {
  private readonly decay: number
  /** @throws HandgradError if an option is unknown, decay is not from 0 to below 1, or there are no float tensors */
  constructor(model: Averaged | Iterable<Tensor>, options?: EMAOptions) {
    const { decay, useBuffers } = optionsOf('EMA', options, { decay: 0.999, useBuffers: false })
    if (typeof decay !== 'number' || !(decay >= 0 && decay < 1))
      fail('EMA', `decay is ${describe(decay)}`, 'give a number from 0 to below 1')
    super('EMA', model, useBuffers)
    this.decay = decay
  }
  protected rate(): number {
    return 1 - this.decay
  }
}

/**
 * Stochastic weight averaging: the mean of the weights at all `update()`s, a ← a + (w − a)/(n + 1). Call it at the end
 * of each epoch late in training, with {@link SWALR} as schedule. PyTorch's AveragedModel.
 * @see Izmailov et al. 2018, algorithm 1
 */
export class SWA extends WeightAverage {
  /**
   * @param options.useBuffers  whether buffers of floats, such as running statistics, are averaged too; default false
   * @throws HandgradError if an option is unknown, or there are no float tensors
   */
  constructor(model: Averaged | Iterable<Tensor>, options?: { useBuffers?: boolean }) {
    super('SWA', model, optionsOf('SWA', options, { useBuffers: false }).useBuffers)
  }
  protected rate(update: number): number {
    return 1 / (update + 1)
  }
}
