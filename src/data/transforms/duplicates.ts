/** @file Rows that were there before, left out. As pandas has it. */
import { describe, fail } from '../../core/errors.ts'
import { given, integer } from '../checks.ts'
import { arrayTypeOf } from '../dataset.ts'
import { type Cells, tableOf } from './table.ts'
import { type Learned, Transform } from './transform.ts'

/** Options of {@link DropDuplicates}. */
export interface DropDuplicatesOptions {
  /** Which of equal rows stays; false for none of them. Default: 'first'. */
  keep?: 'first' | 'last' | false
  /** Rows are equal if they are in these columns. Default: null, all. */
  columns?: readonly number[] | null
}

/**
 * Rows without those that are equal to another one. It learns nothing. In a `Pipeline` it changes what is fitted to,
 * and later data keep all of their rows.
 */
export class DropDuplicates extends Transform<Cells, Cells, Required<DropDuplicatesOptions>> {
  protected readonly names = []

  /** @throws HandgradError if keep is none of its words, or columns are not an array */
  constructor(options?: DropDuplicatesOptions) {
    const one =
      <T>(fits: (value: unknown) => boolean, todo: string) =>
      (op: string, name: string, value: unknown) =>
        fits(value) ? (value as T) : fail(op, `${name} is ${describe(value)}`, todo)
    super(
      ...given('DropDuplicates', options, {
        keep: [
          'first',
          one<'first'>((value) => ['first', 'last', false].includes(value as string), "'first', 'last' or false"),
        ],
        columns: [null, one<number[] | null>((value) => value === null || Array.isArray(value), 'give an array')],
      }),
    )
  }

  protected learn(x: Cells): Learned {
    this.rows(x)
    return {}
  }

  /** The numbers of the rows that stay, to take the labels of. @throws HandgradError as {@link transform} */
  rows(x: Cells): Int32Array {
    const { cells, rows, columns } = tableOf(this.op, x)
    const { keep, columns: chosen } = this.options
    const compared = chosen?.map((c) => integer(0, columns - 1)(this.op, 'a column', c))
    const texts = Array.from({ length: rows }, (_, r) => {
      const row = Array.from({ length: columns }, (_, c) => cells[r * columns + c])
      return (compared?.map((c) => row[c]) ?? row).map((v) => (typeof v === 'string' ? JSON.stringify(v) : v)).join()
    })
    const last = new Map(texts.map((text, r) => [text, r]))
    const first = new Map(texts.map((text, r) => [text, r] as const).reverse())
    const stays = (text: string, r: number) =>
      (keep === 'last' || first.get(text) === r) && (keep === 'first' || last.get(text) === r)
    return Int32Array.from([...texts.keys()].filter((r) => stays(texts[r], r)))
  }

  /** The rows that stay, in their order. @throws HandgradError if x is something else, or lacks one of the columns */
  transform<T extends Cells>(x: T): T
  transform(x: Cells): Cells {
    const rows = this.rows(x)
    if (!('shape' in x)) return Array.from(rows, (r) => x[r])
    const n = x.shape[1]
    const values = Array.from(rows, (r) => Array.from(x.data.subarray(r * n, (r + 1) * n)))
    const Type = arrayTypeOf(x.data) ?? Float64Array // rows() looked at it
    return { data: Type.from(values.flat()), shape: [rows.length, n] }
  }
}
