/** @file Columns of numbers moved and scaled: by mean and deviation, and into a range. As scikit-learn 1.2 has them. */
import { fail } from '../../core/errors.ts'
import { tensorOf } from '../../core/launch.ts'
import { Tensor } from '../../core/tensor.ts'
import { checkFlag } from '../../ops/base/arguments.ts'
import { optionsOf } from '../../ops/base/options.ts'
import { add, div, maximum, minimum, mul, sub } from '../../ops/index.ts'
import { checkPair } from '../checks.ts'
import { columnOf, type Matrix, type Numbers, numbersOf } from './table.ts'
import { checkRows, hostOf, type Learned, Transform } from './transform.ts'

const { max, min } = Math

/** A step here, on the device, and what undoes it. */
const steps = {
  add: [(x: number, by: number) => x + by, add, 'sub'],
  sub: [(x: number, by: number) => x - by, sub, 'add'],
  mul: [(x: number, by: number) => x * by, mul, 'div'],
  div: [(x: number, by: number) => x / by, div, 'mul'],
  maximum: [max, maximum, ''],
  minimum: [min, minimum, ''],
} as const

/** One step of each element, by the number of its column. */
type Step = readonly [name: keyof typeof steps, by: Float64Array]

/** Each column by steps of its own, and back. */
abstract class Scaler extends Transform<Numbers, Matrix> {
  /** What is learned of a column, in the order of the names. */
  protected abstract statistics(column: readonly number[]): readonly number[]
  protected abstract steps(where: string): readonly Step[]

  protected learn(where: string, x: Numbers): Learned {
    const table = numbersOf(where, x)
    const each = Array.from({ length: table.columns }, (_, c) => this.statistics(columnOf(table, c)))
    return Object.fromEntries(this.names.map((name, k) => [name, Float64Array.from(each, (values) => values[k])]))
  }

  /** Learn from data; what was learned before is forgotten. A tensor is read, which waits for its device. */
  override fit(x: Tensor): Promise<this>
  override fit(x: Numbers): this
  override fit(x: Tensor | Numbers): this | Promise<this> {
    return x instanceof Tensor ? hostOf(x).then((table) => super.fit(table)) : super.fit(x)
  }

  /**
   * Each column changed as the class says. Tensors are changed by ops on their device, with gradients, and are not looked
   * at: NaN stays.
   * @param x  [rows, columns]; floats, if it is a tensor
   * @returns  the same shape; host data in float32 if they came in it, else in float64
   * @throws HandgradError before `fit`, if the columns are others than it saw, or a number on the host is not finite
   */
  transform(x: Tensor): Tensor
  transform(x: Numbers): Matrix
  transform(x: Tensor | Numbers): Tensor | Matrix {
    return this.run('transform', x, this.steps('transform'))
  }

  /** `fit`, then `transform` of the same. */
  override fitTransform(x: Tensor): Promise<Tensor>
  override fitTransform(x: Numbers): Matrix
  override fitTransform(x: Tensor | Numbers): Promise<Tensor> | Matrix {
    return x instanceof Tensor ? this.fit(x).then(() => this.transform(x)) : super.fitTransform(x)
  }

  /** What {@link transform} made the result of; what was clipped stays at the bound. */
  override inverseTransform(x: Tensor): Tensor
  override inverseTransform(x: Numbers): Matrix
  override inverseTransform(x: Tensor | Numbers): Tensor | Matrix {
    const where = 'inverseTransform'
    const back = this.steps(where).flatMap(([name, by]): Step[] => {
      const undo = steps[name][2]
      return undo ? [[undo, by]] : []
    })
    return this.run(where, x, back.reverse())
  }

  private run(method: string, x: Tensor | Numbers, list: readonly Step[]): Tensor | Matrix {
    const where = `${this.op}.${method}`
    const columns = this.got(method, this.names[0]).length
    if (x instanceof Tensor) {
      checkRows(where, x, columns)
      return list.reduce((y, [name, by]) => steps[name][1](y, tensorOf(by, [1, columns], x.dtype, x.device, where)), x)
    }
    const { cells, rows } = numbersOf(where, x, columns)
    const data = Float64Array.from(cells)
    for (const [name, by] of list) {
      const [f] = steps[name]
      for (let i = 0; i < data.length; i++) data[i] = f(data[i], by[i % columns])
    }
    return { data: cells instanceof Float32Array ? new Float32Array(data) : data, shape: [rows, columns] }
  }
}

/** Options of {@link StandardScaler}. */
export interface StandardScalerOptions {
  /** Subtract the mean. Default: true. */
  withMean?: boolean
  /** Divide by the standard deviation. Default: true. */
  withStd?: boolean
}

/**
 * y = (x − μ) / σ, column by column: mean and standard deviation of the population, in float64. Where all values are
 * equal, within rounding, σ is 1.
 */
export class StandardScaler extends Scaler {
  readonly #options: { readonly withMean: boolean; readonly withStd: boolean }

  /** @throws HandgradError if an option is not true or false */
  constructor(options?: StandardScalerOptions) {
    const op = 'StandardScaler'
    super(op, ['mean', 'scale'])
    this.#options = optionsOf(op, options, { withMean: true, withStd: true })
    for (const [name, value] of Object.entries(this.#options)) checkFlag(op, name, value)
  }

  /** μ of each column. @throws HandgradError before `fit` */
  get mean(): Float64Array {
    return this.got('mean', 'mean')
  }
  /** σ of each column, 1 where all values are equal. @throws HandgradError before `fit` */
  get scale(): Float64Array {
    return this.got('scale', 'scale')
  }

  protected statistics(column: readonly number[]): readonly number[] {
    const n = column.length
    const mean = column.reduce((sum, x) => sum + x, 0) / n
    // The second sum is 0 but for rounding (Chan, Golub, LeVeque 1983).
    const [squares, rest] = column.reduce(([a, b], x) => [a + (x - mean) ** 2, b + x - mean], [0, 0])
    const variance = (squares - rest ** 2 / n) / n
    const rounding = n * Number.EPSILON * variance + (n * mean * Number.EPSILON) ** 2
    return [mean, variance <= rounding ? 1 : Math.sqrt(variance)]
  }

  protected steps(where: string): readonly Step[] {
    const [mean, scale] = this.names.map((name) => this.got<Float64Array>(where, name))
    const { withMean, withStd } = this.#options
    return [...(withMean ? ([['sub', mean]] as const) : []), ...(withStd ? ([['div', scale]] as const) : [])]
  }
}

/** Options of {@link MinMaxScaler}. */
export interface MinMaxScalerOptions {
  /** Of the results over the data of `fit`. Default: [0, 1]. */
  featureRange?: readonly [low: number, high: number]
  /** Keep other data in the range too. Default: false. */
  clip?: boolean
}

/** y = a + (x − min)·(b − a)/(max − min), column by column, into the range [a, b]. A column of one value becomes a. */
export class MinMaxScaler extends Scaler {
  readonly #range: readonly [number, number]
  readonly #clip: boolean

  /** @throws HandgradError if featureRange is not two different numbers, the lower one first, or clip is no boolean */
  constructor(options?: MinMaxScalerOptions) {
    const op = 'MinMaxScaler'
    super(op, ['dataMin', 'dataMax'])
    const { featureRange, clip } = optionsOf(op, options, { featureRange: [0, 1], clip: false })
    checkFlag(op, 'clip', clip)
    this.#range = checkPair(op, 'featureRange', featureRange)
    if (this.#range[0] === this.#range[1]) fail(op, `featureRange is [${this.#range.join(', ')}]`, 'give [low, high]')
    this.#clip = clip
  }

  /** The least value of each column. @throws HandgradError before `fit` */
  get dataMin(): Float64Array {
    return this.got('dataMin', 'dataMin')
  }
  /** The largest value of each column. @throws HandgradError before `fit` */
  get dataMax(): Float64Array {
    return this.got('dataMax', 'dataMax')
  }

  protected statistics(column: readonly number[]): readonly number[] {
    return [column.reduce((a, b) => min(a, b)), column.reduce((a, b) => max(a, b))]
  }

  protected steps(where: string): readonly Step[] {
    const [least, most] = this.names.map((name) => this.got<Float64Array>(where, name))
    const [low, high] = this.#range
    const span = (c: number) => (most[c] - least[c] < 10 * Number.EPSILON ? 1 : most[c] - least[c])
    const scale = least.map((_, c) => (high - low) / span(c))
    const bound = (to: number) => least.map(() => to)
    return [
      ['mul', scale],
      ['add', least.map((x, c) => low - x * scale[c])],
      ...(this.#clip
        ? ([
            ['maximum', bound(low)],
            ['minimum', bound(high)],
          ] as const)
        : []),
    ]
  }
}
