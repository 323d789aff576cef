/** @file What is missing, filled in by what the rest of its column says. As scikit-learn has it. */
import { describe, fail } from '../../core/errors.ts'
import { Tensor } from '../../core/tensor.ts'
import { eq, isnan, where } from '../../ops/index.ts'
import { flag, given, word } from '../checks.ts'
import {
  byOrder,
  type Cell,
  type Cells,
  classesOf,
  failCell,
  type Matrix,
  type Numbers,
  numbersOf,
  perColumn,
  tableOf,
} from './table.ts'
import { type Learned, Transform } from './transform.ts'

/** Options of {@link SimpleImputer}. */
export interface SimpleImputerOptions {
  /** The mean, the median, the most frequent value (the least of several), or `fillValue`. Default: 'mean'. */
  strategy?: 'mean' | 'median' | 'mostFrequent' | 'constant'
  /** With 'constant', and for columns that have no value. Default: 0. */
  fillValue?: string | number | boolean
  /** What stands for nothing: NaN (and null), or a value such as −1 or ''. Default: NaN. */
  missingValues?: Cell
  /** Fill columns that have no value by `fillValue`, too. Default: false, they are refused. */
  keepEmptyFeatures?: boolean
}

/** Columns of numbers, or of text by 'mostFrequent' and 'constant', in which what is missing is filled in. */
export class SimpleImputer extends Transform<Cells, Matrix | Cell[][], Required<SimpleImputerOptions>> {
  protected readonly names = ['statistics']

  /** @throws HandgradError if the strategy is none, or another option is of the wrong kind */
  constructor(options?: SimpleImputerOptions) {
    const cell = (op: string, name: string, value: unknown): never | string | number | boolean =>
      ['string', 'number', 'boolean'].includes(typeof value)
        ? (value as string)
        : fail(op, `${name} is ${describe(value)}`, 'give a number, text or a boolean')
    super(
      ...given('SimpleImputer', options, {
        strategy: ['mean', word('mean', 'median', 'mostFrequent', 'constant')],
        fillValue: [0, cell],
        missingValues: [Number.NaN, (op, name, value) => (value === null ? null : cell(op, name, value))],
        keepEmptyFeatures: [false, flag],
      }),
    )
  }

  /** What each column is filled with. @throws HandgradError before `fit` */
  get statistics(): Float64Array | readonly Cell[] {
    return this.got('statistics')
  }

  #missing(value: unknown): boolean {
    const { missingValues } = this.options
    return value === missingValues || (Number.isNaN(missingValues) && (value == null || Number.isNaN(value)))
  }

  protected learn(x: Cells): Learned {
    const fills = perColumn(tableOf(this.op, x), (column, c) => this.#fillOf(column, c))
    return {
      statistics: fills.every((fill) => typeof fill === 'number') ? Float64Array.from(fills as number[]) : fills,
    }
  }

  /** The value that fills a column. */
  #fillOf(column: readonly Cell[], c: number): Cell {
    const { strategy, fillValue, keepEmptyFeatures } = this.options
    const sorted = column.filter((value) => !this.#missing(value)).sort(byOrder)
    const n = sorted.length
    if (strategy === 'constant' || (keepEmptyFeatures && n === 0)) return fillValue
    if (n === 0) fail(this.op, `column ${c} has no value`, 'leave it out, or give keepEmptyFeatures: true')
    if (strategy === 'mostFrequent') {
      const counts = classesOf(this.op, sorted, c).map((value): [number, Cell] => [
        sorted.lastIndexOf(value) - sorted.indexOf(value),
        value,
      ])
      return counts.reduce((a, b) => (b[0] > a[0] ? b : a))[1]
    }
    const r = column.findIndex((value) => !this.#missing(value) && !Number.isFinite(value))
    if (r >= 0) failCell(this.op, r, c, column[r], 'give finite numbers')
    const numbers = sorted as number[] // looked at above
    if (strategy === 'mean') return numbers.reduce((sum, value) => sum + value, 0) / n
    return (numbers[(n - 1) >> 1] + numbers[n >> 1]) / 2
  }

  /**
   * What is missing filled in. In a tensor by ops on its device, with gradients.
   * @param x  [rows, columns]; floats, if it is a tensor
   * @returns  the same shape: a table where all are numbers (float32 if it came so, else float64), or rows
   * @throws HandgradError before `fit`, if the columns are others than it saw, or text would fill a tensor
   */
  transform(x: Tensor): Tensor
  transform(x: Numbers): Matrix
  transform(x: Cells): Matrix | Cell[][]
  transform(x: Tensor | Cells): Tensor | Matrix | Cell[][] {
    const fills = this.statistics
    if (x instanceof Tensor) {
      if (!(fills instanceof Float64Array)) fail(this.op, 'text would fill a tensor')
      const { missingValues } = this.options
      const by = this.perColumn(x, fills)
      return where(Number.isFinite(missingValues) ? eq(x, missingValues as number) : isnan(x), by, x)
    }
    const { cells, rows, columns } = tableOf(this.op, x, fills.length)
    const filled = Array.from(cells, (value, i) => (this.#missing(value) ? fills[i % columns] : value))
    if (filled.every((value) => typeof value === 'number')) {
      const data = (cells instanceof Float32Array ? Float32Array : Float64Array).from(filled)
      const shape: Matrix['shape'] = [rows, columns]
      numbersOf(this.op, { data, shape })
      return { data, shape }
    }
    return Array.from({ length: rows }, (_, r) => filled.slice(r * columns, (r + 1) * columns))
  }
}
