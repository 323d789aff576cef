/** @file Measures of classes over batches: counts on the device, by class, that become measures at the end. */
import { isFloat } from '../core/device.ts'
import { describe, fail } from '../core/errors.ts'
import { showShape } from '../core/shape.ts'
import type { Tensor } from '../core/tensor.ts'
import { reshape, transpose, unsqueeze } from '../ops/base/views.ts'
import { amax, arange, cast, cat, eq, gather, gt, logicalAnd, logicalOr, lt, matmul, max, sum } from '../ops/index.ts'
import { Confusion } from './confusion.ts'
import {
  type Average,
  checkAverage,
  checkBinary,
  checkClasses,
  checkTopK,
  checkZeroDivision,
  measuresOf,
} from './measures.ts'
import { type Batch, checkNumber, checkSameShape, indexed, Quotient, Running, scored, yes } from './running.ts'

/** Options of measures of decisions. */
export interface ThresholdOptions {
  /** A score of two classes above it is class 1: ½ is for probabilities, 0 for logits. Default: 0.5. */
  threshold?: number
}

/** Options of {@link Accuracy}. */
export interface AccuracyOptions extends ThresholdOptions {
  /** The true class must be among so many highest scores, of equal ones the first counts as higher. Default: 1. */
  topK?: number
}

/** Options of {@link ConfusionMatrix}. */
export interface MatrixOptions extends ThresholdOptions {
  /** Default: 2. */
  classes?: number
}

/** Options of {@link Precision}, {@link Recall} and {@link F1Score}. */
export interface RunningAverageOptions extends MatrixOptions {
  /** As for the functions, without 'samples'. Default: 'binary', of two classes. */
  average?: Exclude<Average, 'samples'>
  /** The class that 'binary' is about. Default: 1. */
  posLabel?: number
  /** What a ratio with nothing to divide by is: 0 (default) or 1. */
  zeroDivision?: 0 | 1
  /** Each sample has several labels: targets [n, classes] of 0 and 1. Default: false. */
  multilabel?: boolean
}

/** Labels and decisions [n], and the score of each decision where there is one. */
function decided(op: string, x: Tensor, target: Tensor, threshold: number, classes?: number) {
  const rows = target.numel
  const wide = scored(op, x, target, classes)
  if (wide) {
    // Of scores with NaN that is the greatest.
    const { values, indices } = max(wide.scores, 1)
    return { labels: wide.labels, taken: indices, scores: values, rows }
  }
  checkSameShape(op, x, target)
  const soft = isFloat(x.dtype)
  const flat = (of: Tensor): Tensor =>
    classes === undefined ? cast(reshape(of, [-1]), 'int32') : indexed(op, of, classes)
  const taken = flat(soft ? yes(x, threshold) : x)
  return { labels: flat(target), taken, scores: soft ? reshape(x, [-1]) : undefined, rows }
}

/**
 * The part of the predictions that is right, over batches. Predictions are scores [n, classes] (the highest counts, or
 * by `topK` one of the highest), scores [n] of two classes, or decided classes, int32; with more axes every element of
 * the target counts by itself.
 */
export class Accuracy extends Quotient<Required<AccuracyOptions>> {
  /** @throws HandgradError if topK is not an integer from 1 up, or threshold not a number */
  constructor(options?: AccuracyOptions) {
    super(options, { topK: 1, threshold: 0.5 })
    checkTopK(this.op, this.options.topK)
    checkNumber(this.op, 'threshold', this.options.threshold)
  }

  protected measure(x: Tensor, target: Tensor): Batch {
    const { op } = this
    const { topK, threshold } = this.options
    if (topK === 1) {
      const { labels, taken, scores, rows } = decided(op, x, target, threshold)
      return { sums: reshape(sum(eq(taken, labels)), [1]), scores, rows }
    }
    const { scores, labels } =
      scored(op, x, target) ?? fail(op, `topK is ${topK}, of ${showShape(x.shape)}`, 'give scores [n, classes]')
    const label = unsqueeze(labels, 1)
    const own = gather(scores, 1, label)
    const earlier = lt(arange(0, scores.shape[1], 1, { device: x.device }), label)
    const above = logicalOr(gt(scores, own), logicalAnd(eq(scores, own), earlier))
    const hits = sum(lt(sum(above, 1), topK))
    return { sums: reshape(hits, [1]), scores: amax(scores, 1), rows: target.numel }
  }
}

/** 1 in the column of each label. */
const columns = (labels: Tensor, classes: number): Tensor =>
  eq(unsqueeze(labels, 1), arange(0, classes, 1, { device: labels.device }))

/**
 * How many of each class were predicted as each, over batches; `compute` gives a {@link Confusion}. Predictions are
 * those of {@link Accuracy}.
 */
export class ConfusionMatrix extends Running<Required<MatrixOptions>, Confusion> {
  /** @throws HandgradError if classes is not an integer from 1 up, or threshold not a number */
  constructor(options?: MatrixOptions) {
    super(options, { classes: 2, threshold: 0.5 })
    checkClasses(this.op, this.options.classes)
    checkNumber(this.op, 'threshold', this.options.threshold)
  }

  override get scalar(): boolean {
    return false
  }

  protected override get width(): number {
    return this.options.classes ** 2
  }

  protected measure(x: Tensor, target: Tensor): Batch {
    const { classes, threshold } = this.options
    const { labels, taken, scores, rows } = decided(this.op, x, target, threshold, classes)
    if (rows > 2 ** 24) fail(this.op, `a batch of ${rows} rows`, 'give at most 2^24 at a time')
    // counts = Tᵀ·P of rows of 0 and 1: whole numbers, which float32 adds up exactly to 2²⁴.
    const [t, p] = [labels, taken].map((of) => cast(columns(of, classes), 'float32'))
    return { sums: cast(reshape(matmul(transpose(t, 0, 1), p), [-1]), 'int32'), scores, rows }
  }

  protected result(sums: Float64Array): Confusion {
    const { classes } = this.options
    const confusion = new Confusion(classes)
    confusion.counts.forEach((row, t) => row.forEach((_, p) => (row[p] = sums[t * classes + p])))
    return confusion
  }
}

/** Precision, recall and F1: sums by class. */
abstract class ByClass extends Running<Required<RunningAverageOptions>, number | number[]> {
  protected abstract override readonly kind: 'precision' | 'recall' | 'f1'

  constructor(options?: RunningAverageOptions) {
    super(options, {
      classes: 2,
      average: 'binary',
      posLabel: 1,
      threshold: 0.5,
      zeroDivision: 0,
      multilabel: false,
    })
    const { op } = this
    const { classes, average, posLabel, threshold, zeroDivision, multilabel } = this.options
    checkClasses(op, classes)
    checkAverage(op, average)
    checkZeroDivision(op, zeroDivision)
    checkNumber(op, 'threshold', threshold)
    if ((average as Average) === 'samples') fail(op, "average is 'samples'", 'the function of this name has it')
    if (average !== 'binary') return
    checkBinary(op, multilabel ? 3 : classes)
    if (!(Number.isInteger(posLabel) && posLabel >= 0 && posLabel < classes))
      fail(op, `posLabel is ${describe(posLabel)}, of ${classes} classes`)
  }

  protected override get width(): number {
    return 3 * this.options.classes
  }

  protected measure(x: Tensor, target: Tensor): Batch {
    const { op } = this
    const { classes, threshold, multilabel } = this.options
    let [t, p, scores] = [target, x, undefined as Tensor | undefined]
    let rows = target.numel
    if (multilabel) {
      checkSameShape(op, x, target)
      if (x.ndim !== 2 || x.shape[1] !== classes)
        fail(op, `prediction ${showShape(x.shape)}`, `give [n, ${classes}], a column for each label`)
      rows = x.shape[0]
      t = yes(reshape(indexed(op, target, 2), target.shape), 0)
      p = yes(x, threshold)
      if (isFloat(x.dtype)) scores = sum(x, 1)
    } else {
      const given = decided(op, x, target, threshold, classes)
      scores = given.scores
      ;[t, p] = [columns(given.labels, classes), columns(given.taken, classes)]
    }
    return { sums: cat([logicalAnd(t, p), p, t].map((of) => sum(of, 0))), scores, rows }
  }

  protected async result(sums: Float64Array): Promise<number | number[]> {
    const { classes, average, posLabel, zeroDivision: zero } = this.options
    const [right, predicted, support] = [0, 1, 2].map((i) => [...sums.slice(i * classes, (i + 1) * classes)])
    const counts = { right, predicted, support }
    if (average !== null && average !== 'binary')
      return (await import('./host.ts')).averageOf(counts, average, zero)[this.kind]
    const each = measuresOf(counts, zero).map((row) => row[this.kind])
    return average === null ? each : each[posLabel]
  }
}

/**
 * {@link precision} over batches, of classes 0 … classes − 1, all of which count. Predictions are those of
 * {@link Accuracy}; with `multilabel` scores [n, classes], or 0 and 1. A list, one for each class, for average null.
 */
export class Precision extends ByClass {
  protected override readonly kind = 'precision'
}

/** {@link recall} over batches. As {@link Precision}. */
export class Recall extends ByClass {
  protected override readonly kind = 'recall'
}

/** {@link f1Score} over batches. As {@link Precision}. */
export class F1Score extends ByClass {
  protected override readonly kind = 'f1'
}
