/** @file Tables on the host, as transforms take them: rows of numbers or of text, checked once. */
import { describe, fail } from '../../core/errors.ts'
import { showShape } from '../../core/shape.ts'
import { arrayTypeOf, type Field } from '../dataset.ts'

/** Columns of numbers, row after row: what `tensor(data, { shape })` takes. */
export interface Matrix {
  data: Float64Array | Float32Array
  shape: [rows: number, columns: number]
}

/** One place of a table; null where nothing is. */
export type Cell = string | number | boolean | null

/** A table of numbers: `{ data, shape: [rows, columns] }`, or rows. */
export type Numbers = Field | readonly (readonly number[])[]

/** A table of numbers or of anything else that classes are named by. */
export type Cells = Field | readonly (readonly Cell[])[]

/** What {@link tableOf} makes of both. */
export interface Table {
  /** Row after row. */
  readonly cells: ArrayLike<Cell>
  readonly rows: number
  readonly columns: number
}

/** A table of one row or more. @param columns  how many it must have */
export function tableOf(op: string, x: unknown, columns?: number): Table {
  let table: Table
  if (Array.isArray(x)) {
    const width: unknown = x[0]?.length
    const odd = x.findIndex((row) => !Array.isArray(row) || row.length !== width)
    if (odd >= 0) {
      const what = Array.isArray(x[odd])
        ? `${x[odd].length} columns, and row 0 ${width}`
        : `no columns: ${describe(x[odd])}`
      fail(op, `row ${odd} has ${what}`, 'give rows of one length')
    }
    table = { cells: x.flat(), rows: x.length, columns: x.length && x[0].length }
  } else {
    const { data, shape } = (x ?? {}) as Partial<Field> // whatever it is, it may have these
    const found =
      arrayTypeOf(data) && Array.isArray(shape) ? `${data?.length} numbers of shape ${showShape(shape)}` : ''
    const [rows, wide] = found && shape?.length === 2 && shape[0] * shape[1] === data?.length ? shape : []
    if (!data || rows === undefined)
      fail(op, `x is ${found || describe(x)}`, 'give { data, shape: [rows, columns] }, or rows in an array')
    table = { cells: data, rows, columns: wide }
  }
  if (table.rows * table.columns === 0) fail(op, `x is [${table.rows}, ${table.columns}]`, 'give a row or more')
  if (columns !== undefined && table.columns !== columns)
    fail(op, `x has ${table.columns} columns`, `give ${columns}, as at fit`)
  return table
}

/** Refuse a cell. @param c  its column, where there are some */
export const failCell = (op: string, r: number, c: number | undefined, value: unknown, todo: string): never =>
  fail(op, `row ${r}${c === undefined ? '' : `, column ${c}`} is ${describe(value)}`, todo)

/** Refuse what is no class, or not of the first one's kind: text, finite numbers, booleans. */
export function checkClasses(op: string, column: readonly Cell[], c?: number): void {
  const kind = typeof column[0]
  const r = column.findIndex(
    (value) =>
      typeof value !== kind || !(kind === 'number' ? Number.isFinite(value) : kind === 'string' || kind === 'boolean'),
  )
  if (r >= 0)
    failCell(
      op,
      r,
      c,
      column[r],
      `classes are text, finite numbers or booleans, ${r ? `as row 0 is ${describe(column[0])}` : 'of one kind'}`,
    )
}

/** A table of numbers: finite ones, and NaN where `missing` is allowed. */
export function numbersOf(
  op: string,
  x: unknown,
  columns?: number,
  missing = false,
): Table & { cells: ArrayLike<number> } {
  const table = tableOf(op, x, columns)
  for (let i = 0; i < table.cells.length; i++) {
    const value = table.cells[i]
    if (Number.isFinite(value) || (missing && Number.isNaN(value))) continue
    const { columns: n } = table
    failCell(
      op,
      Math.floor(i / n),
      i % n,
      value,
      Number.isNaN(value) ? 'fill it by SimpleImputer' : 'give finite numbers',
    )
  }
  return table as Table & { cells: ArrayLike<number> } // looked at, one by one
}

/** Column c of a table. */
export const columnOf = <T>({ cells, rows, columns }: Table & { cells: ArrayLike<T> }, c: number): T[] =>
  Array.from({ length: rows }, (_, r) => cells[r * columns + c])

/** For sorting: numbers by size, text by its UTF-16 units. */
export const byOrder = (a: Cell, b: Cell): number => ((a as string) < (b as string) ? -1 : Number(a !== b))
