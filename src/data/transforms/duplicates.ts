/** @file Rows that were there before, left out. As pandas has it. */
import { describe, fail } from '../../core/errors.ts'
import { optionsOf } from '../../ops/base/options.ts'
import { checkInteger } from '../checks.ts'
import { arrayTypeOf } from '../dataset.ts'
import { type Cells, tableOf } from './table.ts'
import { type Learned, Transform } from './transform.ts'

/** Options of {@link DropDuplicates}. */
export interface DropDuplicatesOptions {
  /** Which of equal rows stays; false for none of them. Default: 'first'. */
  keep?: 'first' | 'last' | false
  /** Rows are equal if they are in these columns. Default: all. */
  columns?: readonly number[]
}

/**
 * Rows without those that are equal to another one. It learns nothing. In a `Pipeline` it changes what is fitted to, and
 * later data keep all of their rows.
 */
export class DropDuplicates extends Transform<Cells, Cells> {
  readonly #keep: 'first' | 'last' | false
  readonly #columns: readonly number[] | undefined

  /** @throws HandgradError if keep is none of its words, or columns are not numbers of columns */
  constructor(options?: DropDuplicatesOptions) {
    const op = 'DropDuplicates'
    super(op, [])
    const { keep, columns } = optionsOf(op, options, { keep: 'first', columns: undefined })
    if (!['first', 'last', false].includes(keep)) fail(op, `keep is ${describe(keep)}`, "'first', 'last' or false")
    if (columns !== undefined && !Array.isArray(columns)) fail(op, `columns is ${describe(columns)}`, 'give an array')
    this.#keep = keep
    this.#columns = columns
  }

  protected learn(where: string, x: Cells): Learned {
    this.#rows(where, x)
    return {}
  }

  /** The numbers of the rows that stay, to take the labels of. */
  rows(x: Cells): Int32Array {
    return this.#rows('DropDuplicates.rows', x)
  }

  #rows(where: string, x: Cells): Int32Array {
    const { cells, rows, columns } = tableOf(where, x)
    const chosen = this.#columns ?? Array.from({ length: columns }, (_, c) => c)
    for (const [i, c] of chosen.entries()) checkInteger(where, `columns[${i}]`, c, 0, columns - 1)
    const found = new Map<string, number[]>()
    for (let r = 0; r < rows; r++) {
      const text = chosen.map((c) => cells[r * columns + c]).map((v) => (typeof v === 'string' ? JSON.stringify(v) : v))
      const same = found.get(text.join())
      if (same) same.push(r)
      else found.set(text.join(), [r])
    }
    const kept = [...found.values()].flatMap((same) => {
      if (this.#keep === false && same.length > 1) return []
      return [same[this.#keep === 'last' ? same.length - 1 : 0]]
    })
    return Int32Array.from(kept).sort()
  }

  /** The rows that stay, in their order. @throws HandgradError if x is no table, or lacks one of the columns */
  transform<T extends Cells>(x: T): T
  transform(x: Cells): Cells {
    const rows = this.#rows('DropDuplicates.transform', x)
    if (!('shape' in x)) return Array.from(rows, (r) => x[r])
    const n = x.shape[1]
    const Type = arrayTypeOf(x.data) ?? Float64Array // rows() looked at it
    const values = Array.from(rows, (r) => Array.from(x.data.subarray(r * n, (r + 1) * n)))
    return { data: Type.from(values.flat()), shape: [rows.length, n] }
  }
}
