/** @file Measures of scores that rank, over batches: kept on the device, and sorted on the host at the end. */
import { fail } from '../core/errors.ts'
import { noGrad } from '../core/graph.ts'
import { keep, scope } from '../core/scope.ts'
import type { Tensor } from '../core/tensor.ts'
import { checkDType } from '../ops/base/arguments.ts'
import { optionsOf } from '../ops/base/options.ts'
import { reshape } from '../ops/base/views.ts'
import { cast, cat, softmax } from '../ops/index.ts'
import type { AveragePrecisionOptions, RocAucOptions } from './curves.ts'
import type { Values } from './given.ts'
import { checkWays } from './measures.ts'
import type { Metric } from './metric.ts'
import { checkDevices, checkSameShape, indexed, scored } from './running.ts'

/** Scores and targets of all batches. */
abstract class Gathered implements Metric<number | number[]> {
  /** Of each batch [scores, truth], flat and of one dtype. */
  private parts: Tensor[] = []
  private readonly rows: number[] = []
  /** Scores of a row, and labels: [2, 1], [4, 4] … */
  private widths: readonly [number, number] = [0, 0]
  private readonly logits: boolean

  constructor(logits: boolean) {
    this.logits = logits
  }

  /** The measure of all rows. */
  protected abstract measure(truth: Values, scores: Values): Promise<number | number[]>

  update(prediction: Tensor, target: Tensor): void {
    const op = this.constructor.name
    checkDType(op, 'the prediction', prediction, ['float32', 'float64'])
    checkDevices(op, prediction, target, this.parts[0])
    scope(() =>
      noGrad(() => {
        const wide = scored(op, prediction, target)
        if (!wide) checkSameShape(op, prediction, target)
        const [n = 1, ...rest] = wide ? wide.scores.shape : target.shape
        const width = rest.reduce((a, b) => a * b, 1)
        const widths = [width, wide ? 1 : width] as const
        if (n === 0) return
        if (this.rows.length > 0 && `${widths}` !== `${this.widths}`)
          fail(op, `${width} scores in a row`, `there were ${this.widths[0]} before`)
        const scores = wide ? (this.logits ? softmax(wide.scores, 1) : wide.scores) : prediction
        const truth = wide ? wide.labels : indexed(op, target, 2)
        const flat = [scores, cast(truth, scores.dtype)].map((x) => reshape(x, [-1]))
        this.parts.push(keep(cat(flat)))
        this.rows.push(n)
        this.widths = widths
      }),
    )
  }

  async compute(): Promise<number | number[]> {
    const { rows, parts } = this
    if (rows.length === 0) fail(this.constructor.name, 'no rows were counted', 'call update(prediction, target) first')
    const [width, labels] = this.widths
    const packed = cat(parts)
    const reading = packed.data()
    packed.dispose()
    const sizes = [...rows]
    const data = await reading
    const [scores, truth]: ArrayLike<number>[][] = [[], []]
    let at = 0
    for (const n of sizes)
      for (const [list, each] of [
        [scores, width],
        [truth, labels],
      ] as const)
        for (let i = 0; i < n; i++, at += each) list.push(data.subarray(at, at + each))
    return this.measure(truth, scores)
  }

  reset(): void {
    for (const x of this.parts) x.dispose()
    this.parts = []
    this.rows.length = 0
  }

  dispose(): void {
    this.reset()
  }
  /** As `dispose`, for `using`. */
  [Symbol.dispose](): void {
    this.reset()
  }
}

/** Options of a measure of scores over batches. */
export interface GatheredOptions {
  /** Predictions [n, classes] are logits, of which softmax is taken; false: probabilities. Default: true. */
  logits?: boolean
}

/**
 * {@link rocAuc} over batches: scores [n] or [n, labels] for targets of 0 and 1 of that shape, or [n, classes] for
 * classes [n]. All scores stay on the device until `reset`.
 */
export class RocAuc extends Gathered {
  private readonly options: Omit<RocAucOptions, 'sampleWeight'>

  constructor(options?: Omit<RocAucOptions, 'sampleWeight'> & GatheredOptions) {
    const defaults: Required<Omit<RocAucOptions, 'sampleWeight'>> = { average: 'macro', multiClass: null }
    const { logits, ...given } = optionsOf(new.target.name, options, { ...defaults, logits: true })
    super(logits)
    checkWays(new.target.name, given.average, given.multiClass)
    this.options = given
  }

  protected async measure(truth: Values, scores: Values): Promise<number | number[]> {
    return (await import('./host.ts')).rocAuc(truth, scores, this.options)
  }
}

/** {@link averagePrecision} over batches. As {@link RocAuc}. */
export class AveragePrecision extends Gathered {
  private readonly average: AveragePrecisionOptions['average']

  constructor(options?: Pick<AveragePrecisionOptions, 'average'> & GatheredOptions) {
    const { logits, average } = optionsOf(new.target.name, options, {
      average: 'macro' as NonNullable<AveragePrecisionOptions['average']> | null,
      logits: true,
    })
    super(logits)
    checkWays(new.target.name, average)
    this.average = average
  }

  protected async measure(truth: Values, scores: Values): Promise<number | number[]> {
    return (await import('./host.ts')).averagePrecision(truth, scores, { average: this.average })
  }
}
