/**
 * @file Tables in comma-separated values: whole ones, whose columns become numbers or classes when asked for, and rows
 * of files that do not fit into memory. Errors name file, line and column. The text is taken apart in csvrows.ts.
 */
import { describe, fail, failFormat, shown } from '../core/errors.ts'
import { checkText, listed, nameOf } from '../io/given.ts'
import { optionsOf } from '../ops/base/options.ts'
import { CsvReader, type CsvRecord, recordsOf } from './csvrows.ts'
import { checkLimit, checkSource, nameOfSource, type Source } from './source.ts'

/** How {@link parseCsv} reads. */
export interface CsvOptions {
  /** True (default): the first row names the columns; false: columns are named '0', '1', …. */
  header?: boolean
  /** One character; default ',', and a tab for files whose name ends in .tsv or .tab. */
  separator?: string
  /** Named in errors; default 'the CSV text', or the file. */
  name?: string
  /** Characters that a row may have; default 2²⁴. */
  limit?: number
}

/** A column of classes: `labels[i]` is the index of row i's text in `names`. */
export interface CsvClasses {
  labels: Int32Array
  names: string[]
}

/** What a field is called in errors. */
type Where = readonly [op: string, name: string, line: number, column: string]

/** The number in a field. @throws FormatError if there is none, or it is empty and nothing stands for it */
function numberIn(text: string, missing: number | undefined, [op, name, line, column]: Where): number {
  const field = text.trim()
  if (field === '' && missing !== undefined) return missing
  const value = NUMBER.test(field) ? Number(field) : Number.NaN
  if (Number.isFinite(value)) return value
  const where = `${nameOf(name)}, line ${line}, column '${shown(column)}'`
  return failFormat(
    op,
    field === '' ? `${where}: the field is empty` : `${where}: '${shown(field)}' is not a finite decimal number`,
    field === '' ? 'give { missing: value } if that is allowed' : 'is it a column of classes or text?',
  )
}

/** Columns by their names. */
class Columns {
  readonly name: string
  readonly names: readonly string[]
  readonly #indices: ReadonlyMap<string, number>

  constructor(name: string, names: readonly string[]) {
    this.name = name
    this.names = names
    this.#indices = new Map(names.map((column, i) => [column, i]))
  }

  indexOf(op: string, column: string): number {
    checkText(op, 'a column', column, "give a name, such as 'a'")
    const index = this.#indices.get(column)
    return index ?? fail(op, `${nameOf(this.name)} has no column '${shown(column)}'`, `it has ${listed(this.names)}`)
  }

  indicesOf(op: string, columns: readonly string[], missing: number | undefined): number[] {
    if (!Array.isArray(columns)) fail(op, `columns is ${describe(columns)}`, "give a list of names, such as ['a']")
    if (missing !== undefined && typeof missing !== 'number')
      fail(op, `missing is ${describe(missing)}`, 'give a number; NaN is one')
    return columns.map((column) => this.indexOf(op, column))
  }
}

/** Each digit can match in one way only: a long field of other text is refused in one pass. */
const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/

/** A parsed table: named columns of text. */
export class CsvTable {
  readonly name: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** The line of the text, from 1, on which each row begins. */
  readonly lines: readonly number[]
  readonly #columns: Columns

  constructor(
    name: string,
    columns: readonly string[],
    rows: readonly (readonly string[])[],
    lines: readonly number[],
  ) {
    checkText('CsvTable', 'name', name)
    if (![columns, rows, lines].every(Array.isArray))
      fail('CsvTable', 'columns, rows and lines are not all arrays', 'make tables with parseCsv(text)')
    this.name = name
    this.columns = columns
    this.rows = rows
    this.lines = lines
    this.#columns = new Columns(name, columns)
  }

  /** Rows, without the header. */
  get length(): number {
    return this.rows.length
  }

  /** A column's text. @throws HandgradError if `column` is not the name of one */
  strings(column: string): string[] {
    const index = this.#columns.indexOf('CsvTable.strings', column)
    return this.rows.map((row) => row[index])
  }

  /**
   * Columns as numbers, row after row: element (i, j) is row i of column j.
   * @param columns          default: all
   * @param options.missing  stands for an empty field; without it an empty field is an error
   * @returns  shape [rows, columns]
   * @throws   HandgradError if columns is not a list of names that there are; FormatError at the first field that is
   *   not a decimal number, with its line
   */
  numbers(
    columns: readonly string[] = this.columns,
    options?: { missing?: number },
  ): { data: Float64Array; shape: [rows: number, columns: number] } {
    const op = 'CsvTable.numbers'
    const { missing } = optionsOf(op, options, { missing: undefined })
    const indices = this.#columns.indicesOf(op, columns, missing)
    const data = new Float64Array(this.length * indices.length)
    for (let i = 0, at = 0; i < this.length; i++) {
      for (const index of indices)
        data[at++] = numberIn(this.rows[i][index], missing, [op, this.name, this.lines[i], this.columns[index]])
    }
    return { data, shape: [this.length, indices.length] }
  }

  /**
   * A column as classes, numbered in alphabetical (code point) order of their names.
   * @throws HandgradError if `column` is not the name of one
   */
  classes(column: string): CsvClasses {
    const index = this.#columns.indexOf('CsvTable.classes', column)
    const texts = this.rows.map((row) => row[index])
    const names = [...new Set(texts)].sort()
    const label = new Map(names.map((text, i) => [text, i]))
    return { labels: Int32Array.from(texts, (text) => label.get(text) as number), names }
  }
}

/** Options, checked; `given` of an undefined separator goes by the name of the file. */
function checked(op: string, options: CsvOptions | undefined, name: string) {
  const usual = /\.(tsv|tab)$/i.test(name) ? '\t' : ','
  const given = optionsOf(op, options, { header: true, separator: usual, name, limit: 2 ** 24 })
  const { separator, limit } = given
  checkText(op, 'name', given.name)
  if (typeof separator !== 'string' || separator.length !== 1 || /["\r\n]/.test(separator))
    fail(op, `separator is ${describe(separator)}`, "use one character, such as ',' or '\\t'")
  checkLimit(op, limit)
  return given
}

/** Names of the columns, by the first row. */
function columnsOf(op: string, name: string, header: boolean, first: CsvRecord | undefined): string[] {
  if (!first) failFormat(op, `${nameOf(name)} is empty`, 'is it the right file?')
  if (!header) return first.fields.map((_, i) => String(i))
  const columns = first.fields.map((column) => column.trim())
  const seen = new Set<string>()
  for (const column of columns) {
    if (seen.has(column))
      failFormat(
        op,
        `${nameOf(name)}, line ${first.line}: two columns are named '${shown(column)}'`,
        'rename one, or give { header: false }',
      )
    seen.add(column)
  }
  return columns
}

function tableOf(op: string, name: string, header: boolean, records: readonly CsvRecord[]): CsvTable {
  const columns = columnsOf(op, name, header, records[0])
  const rows = header ? records.slice(1) : records
  return new CsvTable(
    name,
    columns,
    rows.map(({ fields }) => fields),
    rows.map(({ line }) => line),
  )
}

/**
 * Parse a whole text, in time that grows with its length. A byte-order mark is skipped, and so are blank lines: before
 * the first row always, below it in tables of more than one column (in a table of one column a blank line is a row with
 * an empty field). A line is blank if there is nothing on it, or only white space.
 * @throws FormatError with the line: an open quote, text after a closing quote, a row with more or fewer fields than
 *   the first, a column named twice; HandgradError if text is not a string, or an option does not fit
 */
export function parseCsv(text: string, options?: CsvOptions): CsvTable {
  const op = 'parseCsv'
  const { header, separator, name } = checked(op, options, 'the CSV text')
  checkText(op, 'text', text, 'give a string; of bytes new TextDecoder().decode(bytes)')
  return tableOf(op, name, header, new CsvReader(op, separator, name).read(text))
}

/**
 * A whole table of a source of UTF-8 text, read a chunk at a time.
 * @throws HandgradError if it cannot be read; FormatError as {@link parseCsv}, or with the line where it is not UTF-8
 */
export async function loadCsv(source: Source, options?: CsvOptions): Promise<CsvTable> {
  const op = 'loadCsv'
  checkSource(op, source)
  const { header, separator, name, limit } = checked(op, options, nameOfSource(source))
  const { textOf } = await import('./chunks.ts')
  const records: CsvRecord[] = []
  for await (const more of recordsOf(new CsvReader(op, separator, name), textOf(op, source), limit))
    for (const record of more) records.push(record)
  return tableOf(op, name, header, records)
}

/** A row of a table that streams: its fields as text or numbers, by the names of columns. */
export class CsvRow {
  /** The line of the file on which it begins, from 1. */
  readonly line: number
  readonly fields: readonly string[]
  readonly #columns: Columns

  /** Made by {@link readCsv}. */
  constructor(columns: Columns, { fields, line }: CsvRecord) {
    this.line = line
    this.fields = fields
    this.#columns = columns
  }

  /** A field as text. @throws HandgradError if `column` is not the name of one */
  text(column: string): string {
    return this.fields[this.#columns.indexOf('CsvRow.text', column)]
  }

  /**
   * Fields as numbers.
   * @param columns          default: all
   * @param options.missing  stands for an empty field; without it an empty field is an error
   * @throws HandgradError if columns is not a list of names that there are; FormatError with line and column of a field
   *   that is not a decimal number
   */
  numbers(columns: readonly string[] = this.#columns.names, options?: { missing?: number }): Float64Array {
    const op = 'CsvRow.numbers'
    const { missing } = optionsOf(op, options, { missing: undefined })
    const { name, names } = this.#columns
    const indices = this.#columns.indicesOf(op, columns, missing)
    return Float64Array.from(indices, (index) =>
      numberIn(this.fields[index], missing, [op, name, this.line, names[index]]),
    )
  }
}

/**
 * The rows of a table one after the other, from its beginning each time: a data set that streams, with one chunk in
 * memory. `new DataLoader(readCsv('train.csv'), { transform: (row) => [row.numbers(['a', 'b']), row.text('kind')] … })`
 * @throws HandgradError if the source cannot be read; FormatError as {@link loadCsv}
 */
export function readCsv(source: Source, options?: CsvOptions): AsyncIterable<CsvRow> {
  const op = 'readCsv'
  checkSource(op, source)
  const { header, separator, name, limit } = checked(op, options, nameOfSource(source))
  return {
    async *[Symbol.asyncIterator]() {
      const { textOf } = await import('./chunks.ts')
      let columns: Columns | undefined
      for await (const records of recordsOf(new CsvReader(op, separator, name), textOf(op, source), limit))
        for (const record of records) {
          const first = columns === undefined
          columns ??= new Columns(name, columnsOf(op, name, header, record))
          if (!first || !header) yield new CsvRow(columns, record)
        }
      if (!columns) columnsOf(op, name, header, undefined)
    },
  }
}
