/** @file What measures over batches have in common: what they were made with, and a state to go on from. */
import { describe, fail } from '../core/errors.ts'
import { noGrad } from '../core/graph.ts'
import { keep } from '../core/scope.ts'
import { Tensor } from '../core/tensor.ts'
import { optionsOf } from '../ops/base/options.ts'
import { clone } from '../ops/base/views.ts'
import type { Metric } from './metric.ts'

/** What was counted: whole numbers, and tensors. */
export interface Counted {
  readonly counts: readonly number[]
  readonly tensors: readonly Tensor[]
}

/** Where a measure stands, with the class and the options that it is of. */
export interface MetricState extends Counted {
  readonly of: string
}

/** A measure over batches that can be saved and go on. */
export abstract class Streaming<Options extends object, R> implements Metric<R> {
  protected readonly options: Options
  /** Tells classes of the same options apart. */
  declare protected readonly kind?: string

  constructor(options: Partial<Options> | undefined, defaults: Options) {
    // Of a type parameter TypeScript cannot work out what Defaults and Filled come to, here the same.
    this.options = optionsOf<object, object>(this.op, options, defaults) as Options
  }

  /** The name for errors. */
  protected get op(): string {
    return this.constructor.name
  }

  get scalar(): boolean {
    return (this.options as { average?: null }).average !== null
  }

  /** What was counted so far, in copies. */
  protected abstract counted(): Counted
  /** Whether this class could have counted it. */
  protected abstract fits(counted: Counted): boolean
  /** Go on from what fits, after a reset; the tensors become its own. */
  protected abstract take(counted: Counted): void

  /** Count a batch: what the model gave, and what is right. */
  abstract update(prediction: Tensor, target: Tensor): void
  /** The measure over all batches since the last `reset`; waits for the device. */
  abstract compute(): Promise<R>
  /** Begin again, with no batches. */
  abstract reset(): void

  /** What was counted since the last reset: of tensors copies, which end with the scope. */
  stateDict(): MetricState {
    return { of: this.made, ...noGrad(() => this.counted()) }
  }

  /**
   * Go on where another measure of the same class and options stood, instead of what was counted here.
   * @throws HandgradError if it is the state of another class or other options, or none; nothing changes then
   */
  loadStateDict(state: MetricState): void {
    const [op, own] = ['loadStateDict', this.made]
    const { of, counts, tensors } = state ?? {}
    const remedy = 'give the stateDict() of such a one'
    if (of !== own) fail(op, `the state is of ${describe(of)}, this is '${own}'`, remedy)
    if (
      !counts?.every?.((n) => Number.isSafeInteger(n) && n >= 0) ||
      !tensors?.every?.((x) => x instanceof Tensor) ||
      !this.fits({ counts, tensors })
    )
      fail(op, `counts or tensors do not fit '${own}'`, remedy)
    const copies = noGrad(() => tensors.map((x) => keep(clone(x))))
    this.reset()
    this.take({ counts, tensors: copies })
  }

  dispose(): void {
    this.reset()
  }
  /** As `dispose`, for `using`. */
  [Symbol.dispose](): void {
    this.reset()
  }

  /** What it is; functions among the options are left out, and names of classes, which minifiers change. */
  private get made(): string {
    return JSON.stringify({ kind: this.kind, ...this.options })
  }
}

/** Dtype and shape of each. */
export const layoutOf = (tensors: readonly Tensor[]): string =>
  tensors.map(({ dtype, shape }) => `${dtype} ${shape}`).join()
