/** @file The best epoch so far, its weights, and when to stop waiting for a better one. */
import { contiguousCopy, copyTo } from '../core/launch.ts'
import { keep } from '../core/scope.ts'
import type { Tensor } from '../core/tensor.ts'
import type { Module, StateDict } from '../nn/index.ts'
import type { EpochRecord } from './history.ts'

/** What says which epoch is the best: 'loss' or the name of a measure, of the validation data where there are any. */
export interface Monitor {
  readonly name: string
  readonly mode: 'min' | 'max'
}

/** What was seen of an epoch under a monitor's name. */
const measureOf = ({ name }: Monitor, { loss, validationLoss, metrics, validation }: EpochRecord): number =>
  name === 'loss' ? (validationLoss ?? loss) : (validation ?? metrics)[name]

/** The best of the epochs that it was shown. */
export class Best {
  /** Of the best epoch; null before the first, NaN is never the best. */
  measure: number | null = null
  epoch = 0
  /** Epochs since then. */
  bad = 0
  /** The model's own tensors, and those of the best epoch. */
  private readonly own: StateDict
  private readonly weights: Record<string, Tensor> = {}
  private readonly monitor: Monitor
  private readonly minDelta: number

  /** @param keeps  whether to remember the weights */
  constructor(model: Module, monitor: Monitor, minDelta: number, keeps: boolean) {
    this.monitor = monitor
    this.minDelta = minDelta
    this.own = keeps ? model.stateDict() : {}
    for (const [name, x] of Object.entries(this.own)) this.weights[name] = keep(contiguousCopy('fit', x, x.layout))
  }

  /** Look at an epoch, whose weights are in the model. @returns whether it is the best so far */
  look(record: EpochRecord): boolean {
    const measure = measureOf(this.monitor, record)
    const sign = this.monitor.mode === 'min' ? 1 : -1
    const better = sign * measure < (this.measure === null ? Infinity : sign * this.measure - this.minDelta)
    this.bad = better ? 0 : this.bad + 1
    if (!better) return false
    this.measure = measure
    this.epoch = record.epoch
    for (const [name, x] of Object.entries(this.own))
      copyTo('fit', this.weights[name], this.weights[name].layout, x, x.layout)
    return true
  }

  /** Put the best weights into the model, if they were remembered and there is a best epoch. */
  restore(): void {
    if (this.epoch === 0) return
    for (const [name, x] of Object.entries(this.own))
      copyTo('fit', x, x.layout, this.weights[name], this.weights[name].layout)
  }

  /** Where it stands. */
  stateDict(): { measure: number | null; epoch: number; bad: number; weights: Record<string, Tensor> } {
    const { measure, epoch, bad, weights } = this
    return { measure, epoch, bad, weights }
  }

  /** Go on where another one stood. */
  loadStateDict({ measure, epoch, bad, weights }: ReturnType<Best['stateDict']>): void {
    Object.assign(this, { measure, epoch, bad })
    for (const [name, x] of Object.entries(this.weights))
      copyTo('fit', x, x.layout, weights[name], weights[name].layout)
  }

  dispose(): void {
    for (const x of Object.values(this.weights)) x.dispose()
  }
}
