/**
 * @file What measures over batches are made of: sums that stay on the device of the predictions and are read once, at
 * the end. Counts are int32. Sums of floats carry along what rounding took from them (Knuth's two-sum), so that ten
 * thousand batches are added up as well as one.
 */
import { isFloat } from '../core/device.ts'
import { describe, fail } from '../core/errors.ts'
import { noGrad } from '../core/graph.ts'
import { keep, scope } from '../core/scope.ts'
import { sameShape, showShape } from '../core/shape.ts'
import type { Tensor } from '../core/tensor.ts'
import { checkTensor } from '../ops/base/arguments.ts'
import { checkedIndex } from '../ops/base/flatindex.ts'
import { permute, reshape } from '../ops/base/views.ts'
import { add, amin, arange, cast, cat, clone, div, full, gt, isnan, mul, sub, where } from '../ops/index.ts'
import { type Counted, layoutOf, Streaming } from './streaming.ts'

/** int32 holds no more; also the place of a fault where there is none. */
const MOST = 2 ** 31 - 1

/** What a batch adds. */
export interface Batch {
  /** [k], int32 or floats. */
  readonly sums: Tensor
  /** [rows], floats, NaN where a row has one. */
  readonly scores?: Tensor
  readonly rows: number
  /** What the sums are of, where it is not the rows. */
  readonly count?: number
}

/** A measure made of sums. */
export abstract class Running<Options extends object = object, R = number> extends Streaming<Options, R> {
  /** Sums, what rounding took from them (floats only), and the first row with NaN as int32. */
  private state: Tensor[] = []
  /** What else a class keeps of batches, until the next reset. */
  protected extra: readonly Tensor[] = []
  private rows = 0
  private count = 0

  /** The sums of a batch; runs in a scope. */
  protected abstract measure(prediction: Tensor, target: Tensor): Batch
  /** The measure, of sums of `count`. */
  protected abstract result(sums: Float64Array, count: number): R | Promise<R>

  /** How many sums there are. */
  protected get width(): number {
    return 1
  }

  update(prediction: Tensor, target: Tensor): void {
    const { op, rows: before } = this
    checkDevices(op, prediction, target, this.state[0])
    scope(() =>
      noGrad(() => {
        const { sums, scores, rows, count = rows } = this.measure(prediction, target)
        if (rows === 0) return
        if (before + rows > MOST) fail(op, `more than ${MOST} rows since the last reset`, 'int32 counts no more')
        const old = this.state
        this.state = keep(this.next(sums, scores ?? null))
        for (const x of old) if (!this.state.includes(x)) x.dispose()
        this.rows += rows
        this.count += count
      }),
    )
  }

  /** The state after a batch. */
  private next(sums: Tensor, scores: Tensor | null): Tensor[] {
    const last = this.state.at(-1) ?? full([1], MOST, { dtype: 'int32', device: sums.device })
    const worst = scores ? firstNaN(scores, this.rows, last) : last
    const [high, low] = this.state
    const whole = sums.dtype === 'int32'
    if (high === undefined) return whole ? [clone(sums), worst] : [clone(sums), mul(sums, 0), worst]
    if (high.dtype !== sums.dtype)
      fail(this.op, `the prediction is ${sums.dtype}, ${high.dtype} before`, `cast with x.to('${high.dtype}')`)
    if (whole) return [add(high, sums), worst]
    // total + rest = high + part exactly, whichever is the larger.
    const part = add(sums, low)
    const total = add(high, part)
    const most = sub(total, high)
    return [total, add(sub(high, sub(total, most)), sub(part, most)), worst]
  }

  async compute(): Promise<R> {
    const { op, count, state } = this
    if (state.length === 0) fail(op, 'no rows were counted', 'call update(prediction, target) first')
    const { dtype, numel } = state[0]
    const packed = scope(() => {
      const worst = state[state.length - 1]
      // In halves, which float32 holds.
      const high = div(worst, 2 ** 16, { roundingMode: 'floor' })
      const places = [high, sub(worst, mul(high, 2 ** 16))]
      return cat([...state.slice(0, -1), ...places.map((x) => cast(x, dtype))])
    })
    // It is read as it was when the read was asked for. (`using` would bring its own machinery to the page.)
    const reading = packed.data()
    packed.dispose()
    const data = Float64Array.from(await reading)
    const [high, low] = data.slice(-2)
    const row = high * 2 ** 16 + low
    if (row !== MOST) fail(op, `row ${row} of those counted has NaN`, 'since the last reset, from 0 on')
    const sums = data.slice(0, numel)
    if (state.length === 3) for (let i = 0; i < numel; i++) sums[i] += data[numel + i]
    return this.result(sums, count)
  }

  reset(): void {
    for (const x of [...this.state, ...this.extra]) x.dispose()
    this.state = []
    this.extra = []
    this.rows = 0
    this.count = 0
  }

  protected counted(): Counted {
    return { counts: [this.rows, this.count], tensors: [...this.state, ...this.extra].map(clone) }
  }

  protected fits({ counts, tensors }: Counted): boolean {
    const [sums] = tensors
    return counts.length === 2 && layoutOf(tensors) === (counts[0] ? sums && this.layout(sums).join() : '')
  }

  /** As `layoutOf`, of a state with these sums. */
  protected layout({ dtype }: Tensor, width = this.width): string[] {
    const part = `${dtype} ${width}`
    return [part, ...(dtype === 'int32' ? [] : [part]), 'int32 1']
  }

  protected take({ counts, tensors }: Counted): void {
    const parts = tensors[0]?.dtype === 'int32' ? 2 : 3
    this.state = tensors.slice(0, parts)
    this.extra = tensors.slice(parts)
    ;[this.rows, this.count] = counts
  }
}

/** A sum by its count. */
export abstract class Quotient<Options extends object = object> extends Running<Options> {
  /** The measure of what was added up. */
  protected result(sums: Float64Array, count: number): number | Promise<number> {
    return sums[0] / count
  }
}

/** Refuse what is not two tensors on one device, that of the batches before. */
export function checkDevices(op: string, prediction: Tensor, target: Tensor, before: Tensor | undefined): void {
  checkTensor(op, 'prediction', prediction)
  checkTensor(op, 'target', target)
  for (const other of [target, before])
    if (other && other.device !== prediction.device)
      fail(op, `the prediction is on ${prediction.device.name}, not ${other.device.name}`, 'move it with to(device)')
}

/** [1]: the first row with NaN, counted from the rows `before` this batch; `last` where there is none. */
function firstNaN(scores: Tensor, before: number, last: Tensor): Tensor {
  const places = add(arange(0, scores.numel, 1, { device: scores.device }), before)
  return reshape(amin(where(isnan(scores), places, last)), [1])
}

/** Refuse a target that is not classes. */
export function checkTarget(op: string, target: Tensor): void {
  if (target.dtype !== 'int32' && target.dtype !== 'bool')
    fail(op, `the target is ${target.dtype}`, "classes are integers: labels.to('int32')")
}

/** Refuse a prediction and a target of other shapes than one. */
export function checkSameShape(op: string, prediction: Tensor, target: Tensor): void {
  if (!sameShape(prediction.shape, target.shape))
    fail(op, `prediction ${showShape(prediction.shape)}, target ${showShape(target.shape)}`, 'reshape one of them')
}

/** Scores [n, classes] and labels [n], of [N, classes, d₁, …] and [N, d₁, …]; null for other shapes. */
export function scored(op: string, x: Tensor, target: Tensor, wanted?: number) {
  checkTarget(op, target)
  if (x.ndim !== target.ndim + 1) return null
  const axis = Math.min(1, x.ndim - 1)
  const rest = x.shape.filter((_, d) => d !== axis)
  const classes = x.shape[axis]
  if (!sameShape(rest, target.shape) || classes === 0)
    fail(op, `prediction ${showShape(x.shape)}, target ${showShape(target.shape)}`, 'give scores [n, classes] for [n]')
  if (wanted !== undefined && wanted !== classes) fail(op, `scores of ${classes} classes`, `the target has ${wanted}`)
  const last = x.ndim > 2 ? permute(x, [0, ...x.shape.map((_, d) => d).slice(2), 1]) : x
  return { scores: reshape(last, [target.numel, classes]), labels: indexed(op, target, classes) }
}

/** Labels [n]: one outside of [0, classes) is an error at once on the CPU, else at the next read. */
export const indexed = (op: string, target: Tensor, classes: number): Tensor =>
  checkedIndex(op, reshape(cast(target, 'int32'), [-1]), classes, false)

/** True where a score is above the threshold, or what is decided already is not 0. */
export const yes = (x: Tensor, threshold: number): Tensor => gt(x, isFloat(x.dtype) ? threshold : 0)

export function checkNumber(op: string, name: string, x: unknown): void {
  if (typeof x !== 'number' || Number.isNaN(x)) fail(op, `${name} is ${describe(x)}`, 'give a number')
}
