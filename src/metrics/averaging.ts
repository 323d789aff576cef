/** @file Means over batches: of numbers, of errors of predicted numbers, of the surprise at the true class. */
import { describe, fail } from '../core/errors.ts'
import { keep } from '../core/scope.ts'
import { showShape, sizeOf } from '../core/shape.ts'
import type { Tensor } from '../core/tensor.ts'
import { checkDType } from '../ops/base/arguments.ts'
import { reshape, unsqueeze } from '../ops/base/views.ts'
import {
  abs,
  amax,
  amin,
  bceWithLogits,
  cast,
  cat,
  clamp,
  crossEntropy,
  eq,
  gather,
  log,
  mean,
  ne,
  neg,
  square,
  stack,
  sub,
  sum,
  where,
} from '../ops/index.ts'
import { range } from './measures.ts'
import { type Batch, checkSameShape, checkTarget, indexed, Quotient, scored } from './running.ts'

const floats = ['float32', 'float64'] as const

/** Rows of numbers [n, k]. */
const rowsOf = (x: Tensor): Tensor => reshape(x, [x.shape[0] ?? 1, sizeOf(x.shape.slice(1))])

/** The sum of all of a batch, with the sum of each row to find NaN by. */
function total(x: Tensor): Batch {
  const scores = sum(rowsOf(x), 1)
  return { sums: reshape(sum(scores), [1]), scores, rows: scores.numel, count: x.numel }
}

/** Options of {@link Mean}. */
export interface MeanOptions {
  /** What the mean is of, such as a loss of each row. Default, or null: the prediction. */
  of?: ((prediction: Tensor, target: Tensor) => Tensor) | null
}

/** The mean of all elements of what `of` makes of each batch: a measure of your own. */
export class Mean extends Quotient<Required<MeanOptions>> {
  /** @throws HandgradError if `of` is not a function */
  constructor(options?: MeanOptions) {
    super(options, { of: null })
    const { of } = this.options
    if (of !== null && typeof of !== 'function') fail(this.op, `of is ${describe(of)}`, 'give a function')
  }

  /** Count a batch. @param target  only `of` looks at it: without, it may be left out */
  override update(prediction: Tensor, target: Tensor = prediction): void {
    super.update(prediction, target)
  }

  protected measure(x: Tensor, target: Tensor): Batch {
    const { of } = this.options
    const values = of ? of(x, target) : x
    checkDType(this.op, 'what is averaged', values, floats)
    return total(values)
  }
}

/** Prediction and target of one shape, the target in the prediction's dtype. */
function numbersOf(op: string, x: Tensor, target: Tensor): [Tensor, Tensor] {
  checkDType(op, 'the prediction', x, floats)
  checkSameShape(op, x, target)
  return [x, cast(target, x.dtype)]
}

/** Σ (t − p)² / n over batches, of all elements. */
export class MeanSquaredError extends Quotient<{ readonly squared: boolean }> {
  /** @param options.squared  false: its root. Default: true */
  constructor(options?: { squared?: boolean }) {
    super(options, { squared: true })
  }

  protected measure(x: Tensor, target: Tensor): Batch {
    return total(square(sub(...numbersOf(this.op, x, target))))
  }

  /** The measure of what was added up. */
  protected override result(sums: Float64Array, count: number): number {
    const mean = sums[0] / count
    return this.options.squared ? mean : Math.sqrt(mean)
  }
}

/** Without options. */
abstract class Plain extends Quotient {
  constructor() {
    super(undefined, {})
  }
}

/** Σ |t − p| / n over batches, of all elements. */
export class MeanAbsoluteError extends Plain {
  protected override readonly kind = 'absolute'

  protected measure(x: Tensor, target: Tensor): Batch {
    return total(abs(sub(...numbersOf(this.op, x, target))))
  }
}

/** {@link r2Score} over batches [n] or [n, outputs], the mean over outputs. */
export class R2Score extends Plain {
  protected measure(x: Tensor, target: Tensor): Batch {
    const [p, t] = numbersOf(this.op, x, target).map(rowsOf)
    // What is taken from targets before they are squared, [outputs]: the mean of the first batch.
    let [middle] = this.extra
    const width = middle?.numel ?? t.shape[1]
    if (t.shape[1] !== width) fail(this.op, `target ${showShape(target.shape)}, and ${width} outputs before`)
    // Where all are equal the mean is that number, unrounded, and nothing varies.
    if (t.numel > 0 && !middle) this.extra = [(middle = keep(clamp(mean(t, 0), amin(t, 0), amax(t, 0))))]
    const [off, error] = [middle ? sub(t, middle) : t, sub(t, p)]
    const sums = cat([off, square(off), square(error)].map((of) => sum(of, 0)))
    return { sums, scores: sum(error, 1), rows: t.shape[0] }
  }

  /** The measure of what was added up. */
  protected override async result(sums: Float64Array, count: number): Promise<number> {
    if (count < 2) fail(this.op, '1 row', 'give two or more')
    const { explained } = await import('./host.ts')
    const width = sums.length / 3
    const of = range(width).map((c) => explained(sums[2 * width + c], sums[width + c] - sums[c] ** 2 / count))
    return of.reduce((a, b) => a + b) / width
  }

  protected override layout(sums: Tensor): string[] {
    const { dtype, numel } = sums
    return [...super.layout(sums, numel), `${dtype} ${numel / 3}`]
  }
}

/** Options of {@link LogLoss}. */
export interface LogLossOptions {
  /** Predictions are logits; false: probabilities. Default: true. */
  logits?: boolean
}

/** Σ nats, and where some rows do not count, how many do. */
abstract class Nats<Options extends { logits?: boolean; ignoreIndex?: number }> extends Quotient<Options> {
  protected override get width(): number {
    return this.options.ignoreIndex === undefined ? 1 : 2
  }

  protected measure(x: Tensor, target: Tensor): Batch {
    const { op } = this
    // Rows of this class do not count.
    const { ignoreIndex } = this.options
    checkDType(op, 'the prediction', x, floats)
    checkTarget(op, target)
    const counts = ignoreIndex === undefined ? null : ne(target, ignoreIndex)
    const classes = counts ? where(counts, target, 0) : target
    const each = this.natsOf(x, classes)
    const flat = counts ? reshape(counts, [-1]) : null
    const nats = flat ? where(flat, each, 0) : each
    const rows = target.numel
    const all = [sum(nats), ...(flat ? [sum(cast(flat, x.dtype))] : [])]
    return { sums: stack(all), scores: nats, rows }
  }

  /** −ln p of each row's class. */
  private natsOf(x: Tensor, target: Tensor): Tensor {
    const { op } = this
    const { logits = true } = this.options
    const wide = scored(op, x, target)
    if (logits && wide) return crossEntropy(wide.scores, wide.labels, { reduction: 'none' })
    let own: Tensor
    if (wide) own = reshape(gather(wide.scores, 1, unsqueeze(wide.labels, 1)), [-1])
    else {
      checkSameShape(op, x, target)
      const labels = indexed(op, target, 2)
      const flat = reshape(x, [-1])
      if (logits) return bceWithLogits(flat, cast(labels, x.dtype), { reduction: 'none' })
      own = where(eq(labels, 1), flat, sub(1, flat))
    }
    const least = x.dtype === 'float64' ? Number.EPSILON : 2 ** -23
    return neg(log(clamp(own, least, 1 - least)))
  }
}

/**
 * {@link logLoss} over batches: the mean −ln p of the true class. Predictions are logits, or probabilities by option:
 * [n, classes], or [n] of class 1; with more axes [n, classes, d₁, …] for targets [n, d₁, …].
 */
export class LogLoss extends Nats<Required<LogLossOptions>> {
  constructor(options?: LogLossOptions) {
    super(options, { logits: true })
  }
}

/**
 * {@link perplexity} over batches: exp of the mean −ln softmax(logits) of the true class. Predictions are logits
 * [n, classes, …] as for {@link crossEntropy}.
 */
export class Perplexity extends Nats<{ readonly ignoreIndex: number }> {
  /** @param options.ignoreIndex  rows of this class do not count. Default: −100 */
  constructor(options?: { ignoreIndex?: number }) {
    super(options, { ignoreIndex: -100 })
    const { ignoreIndex } = this.options
    if (!Number.isInteger(ignoreIndex)) fail(this.op, `ignoreIndex is ${describe(ignoreIndex)}`, 'give an integer')
  }

  /** The measure of what was added up. */
  protected override result(sums: Float64Array): number {
    const [all, counted] = sums
    if (counted === 0) fail(this.op, `all rows are of class ${this.options.ignoreIndex}, which does not count`)
    return Math.exp(all / counted)
  }
}
