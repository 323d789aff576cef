/** @file Tables on the host, as transforms take them: rows of numbers or of text, checked once. */
import { describe, fail } from '../../core/errors.ts'
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

/** A table of numbers, or of anything else that names classes. */
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
  const todo = 'give { data, shape: [rows, columns] }, or rows of one length'
  let { data: cells, shape } = (x ?? {}) as { data: ArrayLike<Cell>; shape: readonly number[] } // checked below
  if (Array.isArray(x)) {
    const odd = x.findIndex((row) => !Array.isArray(row) || row.length !== x[0].length)
    if (odd >= 0) fail(op, `row ${odd} has ${x[odd]?.length} columns, row 0 ${x[0]?.length}`, todo)
    cells = x.flat()
    shape = [x.length, x[0]?.length]
  } else if (!arrayTypeOf(cells) || !Array.isArray(shape)) fail(op, `x is ${describe(x)}`, todo)
  const [rows, wide] = shape
  if (shape.length !== 2 || rows * wide !== cells.length || !cells.length)
    fail(op, `x is ${cells.length} values of shape [${shape.join(', ')}]`, todo)
  if (wide !== (columns ?? wide)) fail(op, `x has ${wide} columns`, `give ${columns}, as at fit`)
  return { cells, rows, columns: wide }
}

/** Refuse a cell. @param c  its column, where there are some */
export const failCell = (op: string, r: number, c: number | null, value: unknown, todo: string): never =>
  fail(op, `row ${r}${c === null ? '' : `, column ${c}`} is ${describe(value)}`, todo)

/** A table of finite numbers. */
export function numbersOf(op: string, x: unknown, columns?: number): Table & { cells: ArrayLike<number> } {
  const table = tableOf(op, x, columns)
  for (let i = 0; i < table.cells.length; i++)
    if (!Number.isFinite(table.cells[i]))
      failCell(
        op,
        Math.floor(i / table.columns),
        i % table.columns,
        table.cells[i],
        'give finite numbers; SimpleImputer fills in NaN',
      )
  return table as Table & { cells: ArrayLike<number> } // looked at, one by one
}

/** What f makes of each column. */
export const perColumn = <T, Y>(
  { cells, rows, columns }: Table & { cells: ArrayLike<T> },
  f: (column: T[], c: number) => Y,
): Y[] =>
  Array.from({ length: columns }, (_, c) =>
    f(
      Array.from({ length: rows }, (_, r) => cells[r * columns + c]),
      c,
    ),
  )

/** The different values of a column, sorted: numbers by size, text by its UTF-16 units. */
export function classesOf(op: string, column: readonly Cell[], c: number | null): Cell[] {
  const kind = typeof column[0]
  const named = ['string', 'number', 'boolean'].includes(kind)
  const r = column.findIndex((value) => !named || typeof value !== kind || Number.isNaN(value))
  if (r >= 0)
    failCell(op, r, c, column[r], r ? `row 0 is ${describe(column[0])}` : 'classes are text, numbers or booleans')
  return [...new Set(column)].sort(byOrder)
}

/** For sorting values of one kind. */
export const byOrder = (a: Cell, b: Cell): number => ((a as string) < (b as string) ? -1 : Number(a !== b))
