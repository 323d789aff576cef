/** @file Columns of numbers moved and scaled: by mean and deviation, and into a range. As scikit-learn 1.2 has them. */
import { fail } from '../../core/errors.ts'
import { Tensor } from '../../core/tensor.ts'
import { add, div, maximum, minimum, mul, sub } from '../../ops/index.ts'
import { flag, given, range } from '../checks.ts'
import { type Matrix, type Numbers, numbersOf, perColumn } from './table.ts'
import { type Learned, Transform } from './transform.ts'

const { max, min } = Math

/** A step here, on the device, and what undoes it. */
const steps = {
  add: [(x: number, by: number) => x + by, add, 'sub'],
  sub: [(x: number, by: number) => x - by, sub, 'add'],
  mul: [(x: number, by: number) => x * by, mul, 'div'],
  div: [(x: number, by: number) => x / by, div, 'mul'],
  max: [max, maximum, ''],
  min: [min, minimum, ''],
} as const

/** One step of each element, by the number of its column. */
type Step = readonly [name: keyof typeof steps, by: Float64Array]

/** Each column by steps of its own, and back. */
abstract class Scaler<Options> extends Transform<Numbers, Matrix, Options> {
  /** What is learned of a column, in the order of the names. */
  protected abstract statistics(column: readonly number[]): readonly number[]
  /** What is done to each element, by the number of its column. */
  protected abstract steps(a: Float64Array, b: Float64Array): readonly Step[]

  protected learn(x: Numbers): Learned {
    const each = perColumn(numbersOf(this.op, x), (column) => this.statistics(column))
    return Object.fromEntries(this.names.map((name, k) => [name, Float64Array.from(each, (values) => values[k])]))
  }

  /**
   * Each column changed as the class says. Tensors are changed by ops on their device, with gradients, and are not
   * looked at: NaN stays.
   * @param x  [rows, columns]; floats, if it is a tensor
   * @returns  the same shape; host data in float32 if they came in it, else in float64
   * @throws HandgradError before `fit`, if the columns are others than it saw, or a number on the host is not finite
   */
  transform(x: Tensor): Tensor
  transform(x: Numbers): Matrix
  transform(x: Tensor | Numbers): Tensor | Matrix {
    return this.#run(x, this.#steps())
  }

  /** What {@link transform} made the result of; what was clipped stays at the bound. */
  override inverseTransform(x: Tensor): Tensor
  override inverseTransform(x: Numbers): Matrix
  override inverseTransform(x: Tensor | Numbers): Tensor | Matrix {
    const back = this.#steps().flatMap(([name, by]): Step[] => (steps[name][2] ? [[steps[name][2], by]] : []))
    return this.#run(x, back.reverse())
  }

  #steps(): readonly Step[] {
    const [a, b] = this.names
    return this.steps(this.got(a), this.got(b))
  }

  #run(x: Tensor | Numbers, list: readonly Step[]): Tensor | Matrix {
    if (x instanceof Tensor) return list.reduce((y, [name, by]) => steps[name][1](y, this.perColumn(x, by)), x)
    const { cells, rows, columns } = numbersOf(this.op, x, this.got(this.names[0]).length)
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
export class StandardScaler extends Scaler<Required<StandardScalerOptions>> {
  protected readonly names = ['mean', 'scale']

  /** @throws HandgradError if an option is not true or false */
  constructor(options?: StandardScalerOptions) {
    super(...given('StandardScaler', options, { withMean: [true, flag], withStd: [true, flag] }))
  }

  /** μ of each column. @throws HandgradError before `fit` */
  get mean(): Float64Array {
    return this.got('mean')
  }
  /** σ of each column, 1 where all values are equal. @throws HandgradError before `fit` */
  get scale(): Float64Array {
    return this.got('scale')
  }

  protected statistics(column: readonly number[]): readonly number[] {
    const n = column.length
    const total = (f: (x: number) => number) => column.reduce((sum, x) => sum + f(x), 0)
    const mean = total((x) => x) / n
    // The second sum is 0 but for rounding (Chan, Golub, LeVeque 1983).
    const variance = (total((x) => (x - mean) ** 2) - total((x) => x - mean) ** 2 / n) / n
    const rounding = n * Number.EPSILON * variance + (n * mean * Number.EPSILON) ** 2
    return [mean, variance <= rounding ? 1 : Math.sqrt(variance)]
  }

  protected steps(mean: Float64Array, scale: Float64Array): readonly Step[] {
    const { withMean, withStd } = this.options
    const all: Step[] = [
      ['sub', mean],
      ['div', scale],
    ]
    return all.filter((_, k) => (k ? withStd : withMean))
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
export class MinMaxScaler extends Scaler<Required<MinMaxScalerOptions>> {
  protected readonly names = ['dataMin', 'dataMax']

  /** @throws HandgradError if featureRange is not two numbers, the lower one first, or clip is not true or false */
  constructor(options?: MinMaxScalerOptions) {
    super(...given('MinMaxScaler', options, { featureRange: [[0, 1], range()], clip: [false, flag] }))
    const [low, high] = this.options.featureRange
    if (low === high) fail(this.op, `featureRange is [${low}, ${high}]`, 'give [low, high]')
  }

  /** The least value of each column. @throws HandgradError before `fit` */
  get dataMin(): Float64Array {
    return this.got('dataMin')
  }
  /** The largest value of each column. @throws HandgradError before `fit` */
  get dataMax(): Float64Array {
    return this.got('dataMax')
  }

  protected statistics(column: readonly number[]): readonly number[] {
    return [column.reduce((a, b) => min(a, b)), column.reduce((a, b) => max(a, b))]
  }

  protected steps(least: Float64Array, most: Float64Array): readonly Step[] {
    const { featureRange, clip } = this.options
    const [low, high] = featureRange
    const scale = least.map((x, c) => (high - low) / (most[c] - x < 10 * Number.EPSILON ? 1 : most[c] - x))
    const all: Step[] = [
      ['mul', scale],
      ['add', least.map((x, c) => low - x * scale[c])],
      ['max', least.map(() => low)],
      ['min', least.map(() => high)],
    ]
    return clip ? all : all.slice(0, 2)
  }
}
