/** @file Measures of scores that rank, over batches: kept on the device, and sorted on the host at the end. */
import { fail } from '../core/errors.ts'
import { noGrad } from '../core/graph.ts'
import { keep, scope } from '../core/scope.ts'
import type { Tensor } from '../core/tensor.ts'
import { checkDType } from '../ops/base/arguments.ts'
import { reshape } from '../ops/base/views.ts'
import { cast, cat, softmax } from '../ops/index.ts'
import type { AveragePrecisionOptions, CurveAverage, RocAucOptions } from './curves.ts'
import type { Values } from './given.ts'
import { checkWays } from './measures.ts'
import { checkDevices, checkSameShape, indexed, scored } from './running.ts'
import { type Counted, layoutOf, Streaming } from './streaming.ts'

/** Scores and targets of all batches. */
abstract class Gathered<Options extends Required<GatheredOptions>> extends Streaming<Options, number | number[]> {
  /** Of each batch [scores, truth], flat and of one dtype. */
  private parts: Tensor[] = []
  private rows: number[] = []
  /** Scores of a row, and labels: [2, 1], [4, 4] … */
  private widths: readonly [number, number] = [0, 0]

  /** The measure of all rows. */
  protected abstract measure(truth: Values, scores: Values): Promise<number | number[]>

  update(prediction: Tensor, target: Tensor): void {
    const { op } = this
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
        const scores = wide ? (this.options.logits ? softmax(wide.scores, 1) : wide.scores) : prediction
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
    if (rows.length === 0) fail(this.op, 'no rows were counted', 'call update(prediction, target) first')
    const [width, labels] = this.widths
    const packed = cat(parts)
    const reading = packed.data()
    packed.dispose()
    // A batch may come while it is read.
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
    this.rows = []
  }

  protected counted(): Counted {
    const { widths, rows, parts } = this
    return { counts: [...widths, ...rows], tensors: parts.length > 0 ? [cat(parts)] : [] }
  }

  protected fits({ counts: [width, labels, ...rows], tensors }: Counted): boolean {
    const size = rows.reduce((sum, n) => sum + n * (width + labels), 0)
    return layoutOf(tensors) === (rows.length > 0 ? `${tensors[0]?.dtype} ${size}` : '')
  }

  protected take({ counts: [width, labels, ...rows], tensors }: Counted): void {
    this.widths = [width, labels]
    this.rows = rows
    this.parts = [...tensors]
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
export class RocAuc extends Gathered<Required<Omit<RocAucOptions, 'sampleWeight'> & GatheredOptions>> {
  constructor(options?: Omit<RocAucOptions, 'sampleWeight'> & GatheredOptions) {
    super(options, { average: 'macro' as CurveAverage, multiClass: null, logits: true })
    checkWays(this.op, this.options.average, this.options.multiClass)
  }

  protected async measure(truth: Values, scores: Values): Promise<number | number[]> {
    const { logits: _, ...options } = this.options
    return (await import('./host.ts')).rocAuc(truth, scores, options)
  }
}

/** {@link averagePrecision} over batches. As {@link RocAuc}. */
export class AveragePrecision extends Gathered<Required<Pick<AveragePrecisionOptions, 'average'> & GatheredOptions>> {
  constructor(options?: Pick<AveragePrecisionOptions, 'average'> & GatheredOptions) {
    super(options, { average: 'macro' as CurveAverage, logits: true })
    checkWays(this.op, this.options.average)
  }

  protected async measure(truth: Values, scores: Values): Promise<number | number[]> {
    return (await import('./host.ts')).averagePrecision(truth, scores, { average: this.options.average })
  }
}
