/** @file What is missing, filled in by what the rest of its column says. As scikit-learn has it. */
import { describe, fail } from '../../core/errors.ts'
import { tensorOf } from '../../core/launch.ts'
import { Tensor } from '../../core/tensor.ts'
import { checkFlag, checkWord } from '../../ops/base/arguments.ts'
import { optionsOf } from '../../ops/base/options.ts'
import { eq, isnan, where as select } from '../../ops/index.ts'
import {
  byOrder,
  type Cell,
  type Cells,
  checkClasses,
  columnOf,
  failCell,
  type Matrix,
  type Numbers,
  tableOf,
} from './table.ts'
import { checkRows, hostOf, type Learned, Transform } from './transform.ts'

/** Options of {@link SimpleImputer}. */
export interface SimpleImputerOptions {
  /** What is filled in: the mean, the median, the most frequent value (the least of several), or `fillValue`. Default: 'mean'. */
  strategy?: 'mean' | 'median' | 'mostFrequent' | 'constant'
  /** With 'constant'. Default: 0. */
  fillValue?: string | number | boolean
  /** What stands for nothing: NaN (and null), or a value such as −1 or ''. Default: NaN. */
  missingValues?: Cell
  /** Fill columns without any value by `fillValue`, too. Default: false, they are refused. */
  keepEmptyFeatures?: boolean
}

type Fills = Float64Array | readonly Cell[]

/** Columns of numbers, or of text by 'mostFrequent' and 'constant', in which what is missing is filled in. */
export class SimpleImputer extends Transform<Cells, Matrix | Cell[][]> {
  readonly #options: Required<SimpleImputerOptions>

  /** @throws HandgradError if the strategy is none, or another option is of the wrong kind */
  constructor(options?: SimpleImputerOptions) {
    const op = 'SimpleImputer'
    super(op, ['statistics'])
    const all = optionsOf(op, options, {
      strategy: 'mean',
      fillValue: 0,
      missingValues: Number.NaN,
      keepEmptyFeatures: false,
    })
    checkWord(op, 'strategy', all.strategy, ['mean', 'median', 'mostFrequent', 'constant'])
    checkFlag(op, 'keepEmptyFeatures', all.keepEmptyFeatures)
    const { fillValue } = all
    if (typeof fillValue === 'number' ? !Number.isFinite(fillValue) : !['string', 'boolean'].includes(typeof fillValue))
      fail(op, `fillValue is ${describe(fillValue)}`, 'give a finite number, text or a boolean')
    this.#options = all
  }

  /** What each column is filled with. @throws HandgradError before `fit` */
  get statistics(): Fills {
    return this.got('statistics', 'statistics')
  }

  /** Learn from data; what was learned before is forgotten. A tensor is read, which waits for its device. */
  override fit(x: Tensor): Promise<this>
  override fit(x: Cells): this
  override fit(x: Tensor | Cells): this | Promise<this> {
    return x instanceof Tensor ? hostOf(x).then((table) => super.fit(table)) : super.fit(x)
  }

  protected learn(where: string, x: Cells): Learned {
    const table = tableOf(where, x)
    const fills = Array.from({ length: table.columns }, (_, c) => this.#fillOf(where, columnOf(table, c), c))
    return {
      statistics: fills.every((fill) => typeof fill === 'number') ? Float64Array.from(fills as number[]) : fills,
    }
  }

  #missing(value: unknown): boolean {
    const { missingValues } = this.#options
    return value === missingValues || (Number.isNaN(missingValues) && (value == null || Number.isNaN(value)))
  }

  /** The value that fills a column. */
  #fillOf(where: string, column: readonly Cell[], c: number): Cell {
    const { strategy, fillValue, keepEmptyFeatures } = this.#options
    const numeric = strategy === 'mean' || strategy === 'median'
    const bad = column.findIndex((value) => !this.#missing(value) && numeric && !Number.isFinite(value))
    if (bad >= 0) failCell(where, bad, c, column[bad], 'give finite numbers')
    if (strategy === 'constant') return fillValue
    const there = column.filter((value) => !this.#missing(value))
    if (there.length === 0) {
      if (keepEmptyFeatures) return fillValue
      fail(where, `column ${c} has no value`, 'leave it out, or give keepEmptyFeatures: true')
    }
    if (!numeric) checkClasses(where, there, c)
    there.sort(byOrder)
    if (!numeric) return mostFrequent(there)
    const numbers = there as number[] // looked at above
    const middle = (numbers.length - 1) / 2
    if (strategy === 'median') return (numbers[Math.floor(middle)] + numbers[Math.ceil(middle)]) / 2
    return numbers.reduce((sum, value) => sum + value, 0) / numbers.length
  }

  /**
   * What is missing filled in. In a tensor by ops on its device, with gradients.
   * @param x  [rows, columns]; floats, if it is a tensor
   * @returns  the same shape: a table where all are numbers (float32 if it came so, else float64), or rows
   * @throws HandgradError before `fit`, or if the columns are others than it saw, a number on the host is not finite, or
   *   x is a tensor and the fills are no numbers
   */
  transform(x: Tensor): Tensor
  transform(x: Numbers): Matrix
  transform(x: Cells): Matrix | Cell[][]
  transform(x: Tensor | Cells): Tensor | Matrix | Cell[][] {
    const where = 'SimpleImputer.transform'
    const fills = this.got<Fills>('transform', 'statistics')
    const columns = fills.length
    if (x instanceof Tensor) {
      const { missingValues } = this.#options
      checkRows(where, x, columns)
      if (!(fills instanceof Float64Array)) fail(where, 'text is filled in, and x is a tensor')
      const missing =
        typeof missingValues === 'number' && !Number.isNaN(missingValues) ? eq(x, missingValues) : isnan(x)
      return select(missing, tensorOf(fills, [1, columns], x.dtype, x.device, where), x)
    }
    const { cells, rows } = tableOf(where, x, columns)
    const filled = Array.from(cells, (value, i) => (this.#missing(value) ? fills[i % columns] : value))
    if (!filled.every((value) => typeof value === 'number'))
      return Array.from({ length: rows }, (_, r) => filled.slice(r * columns, (r + 1) * columns))
    const bad = filled.findIndex((value) => !Number.isFinite(value))
    if (bad >= 0) failCell(where, Math.floor(bad / columns), bad % columns, filled[bad], 'give finite numbers')
    const Type = cells instanceof Float32Array ? Float32Array : Float64Array
    return { data: Type.from(filled as number[]), shape: [rows, columns] }
  }

  /** `fit`, then `transform` of the same. */
  override fitTransform(x: Tensor): Promise<Tensor>
  override fitTransform(x: Numbers): Matrix
  override fitTransform(x: Cells): Matrix | Cell[][]
  override fitTransform(x: Tensor | Cells): Promise<Tensor> | Matrix | Cell[][] {
    return x instanceof Tensor ? this.fit(x).then(() => this.transform(x)) : super.fitTransform(x)
  }
}

/** The value that a sorted list has most often, the first of several. */
function mostFrequent(sorted: readonly Cell[]): Cell {
  let best = 0
  let most = 0
  for (let from = 0, i = 0; i < sorted.length; i++) {
    if (sorted[i] !== sorted[from]) from = i
    if (i - from >= most) [best, most] = [from, i - from + 1]
  }
  return sorted[best]
}
