/**
 * @file Tables in comma-separated values, as RFC 4180 describes them: quoted fields with doubled quotes and line breaks
 * inside, CRLF or LF. Parsing keeps text; columns become numbers or classes when asked for, and errors name the line.
 */
import { fail, failFormat } from '../core/errors.ts'
import { readBytes } from '../io/files.ts'
import { optionsOf } from '../ops/base/options.ts'

/** How {@link parseCsv} reads. */
export interface CsvOptions {
  /** True (default): the first row names the columns; false: columns are named '0', '1', …. */
  header?: boolean
  /** One character; default ','. */
  separator?: string
  /** Named in errors; default 'the CSV text'. */
  name?: string
}

/** A column of classes: `labels[i]` is the index of row i's text in `names`. */
export interface CsvClasses {
  labels: Int32Array
  names: string[]
}

const csvOptions = { header: true, separator: ',', name: 'the CSV text' }

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/

/** A parsed table: named columns of text. */
export class CsvTable {
  readonly name: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** The line of the text, from 1, on which each row begins. */
  readonly lines: readonly number[]

  constructor(
    name: string,
    columns: readonly string[],
    rows: readonly (readonly string[])[],
    lines: readonly number[],
  ) {
    this.name = name
    this.columns = columns
    this.rows = rows
    this.lines = lines
  }

  /** Rows, without the header. */
  get length(): number {
    return this.rows.length
  }

  #indexOf(op: string, column: string): number {
    const index = this.columns.indexOf(column)
    if (index < 0) fail(op, `${this.name} has no column '${column}'`, `it has ${this.columns.join(', ')}`)
    return index
  }

  /** A column's text. @throws HandgradError if there is no such column */
  strings(column: string): string[] {
    const index = this.#indexOf('CsvTable.strings', column)
    return this.rows.map((row) => row[index])
  }

  /**
   * Columns as numbers, row after row: element (i, j) is row i of column j.
   * @param columns          default: all
   * @param options.missing  stands for an empty field; without it an empty field is an error
   * @returns  shape [rows, columns]
   * @throws   FormatError at the first field that is not a decimal number, with its line
   */
  numbers(
    columns: readonly string[] = this.columns,
    options?: { missing?: number },
  ): { data: Float64Array; shape: [rows: number, columns: number] } {
    const op = 'CsvTable.numbers'
    const { missing } = optionsOf(op, options, { missing: undefined })
    const indices = columns.map((column) => this.#indexOf(op, column))
    const data = new Float64Array(this.length * indices.length)
    for (let i = 0, at = 0; i < this.length; i++) {
      for (const index of indices) {
        const text = this.rows[i][index].trim()
        if (text === '' && missing !== undefined) {
          data[at++] = missing
          continue
        }
        const value = NUMBER.test(text) ? Number(text) : Number.NaN
        if (!Number.isFinite(value)) {
          const where = `${this.name}, line ${this.lines[i]}, column '${this.columns[index]}'`
          failFormat(
            op,
            text === '' ? `${where}: the field is empty` : `${where}: '${text}' is not a finite decimal number`,
            text === '' ? 'give { missing: value } if that is allowed' : 'is it a column of classes or text?',
          )
        }
        data[at++] = value
      }
    }
    return { data, shape: [this.length, indices.length] }
  }

  /** A column as classes, numbered in alphabetical (code point) order of their names. */
  classes(column: string): CsvClasses {
    const texts = this.strings(column)
    const names = [...new Set(texts)].sort()
    const label = new Map(names.map((text, i) => [text, i]))
    return { labels: Int32Array.from(texts, (text) => label.get(text) as number), names }
  }
}

/**
 * Parse a whole text. A byte-order mark and blank lines are skipped (in a table of one column a blank line is a row
 * with an empty field).
 * @throws FormatError with the line: an open quote, text after a closing quote, a row with more or fewer fields than
 *   the first, a column named twice
 */
export function parseCsv(text: string, options?: CsvOptions): CsvTable {
  const { header, separator, name } = optionsOf('parseCsv', options, csvOptions)
  if (separator.length !== 1 || /["\r\n]/.test(separator)) {
    fail('parseCsv', `separator is ${JSON.stringify(separator)}`, "use one character, such as ',' or '\\t'")
  }
  if (text.trim() === '') failFormat('parseCsv', `${name} is empty`, 'is it the right file?')
  const reader = new CsvReader(text, separator, name)
  const { rows, lines } = reader.read()
  if (!header) {
    const numbers = rows[0].map((_, i) => String(i))
    return new CsvTable(name, numbers, rows, lines)
  }
  const columns = (rows.shift() as string[]).map((column) => column.trim())
  const line = lines.shift() as number
  const twice = columns.find((column, i) => columns.indexOf(column) !== i)
  if (twice !== undefined) {
    reader.wrong(line, `two columns are named '${twice}'`, 'rename one, or give { header: false }')
  }
  return new CsvTable(name, columns, rows, lines)
}

/** Goes through a text once, field by field; `at` is the next character, on `line`. */
class CsvReader {
  readonly rows: string[][] = []
  /** The line that each row begins on. */
  readonly lines: number[] = []
  private readonly text: string
  private readonly separator: string
  private readonly name: string
  private at: number
  private line = 1

  constructor(text: string, separator: string, name: string) {
    this.text = text
    this.separator = separator
    this.name = name
    this.at = text.charCodeAt(0) === 0xfeff ? 1 : 0
  }

  wrong(line: number, what: string, todo?: string): never {
    return failFormat('parseCsv', `${this.name}, line ${line}: ${what}`, todo)
  }

  read(): this {
    while (this.at < this.text.length) {
      const begin = this.line
      this.endRow(this.row(), begin)
    }
    return this
  }

  /** The fields up to the end of the line, and that end. */
  private row(): string[] {
    const { text, separator } = this
    const row: string[] = []
    while (this.at < text.length) {
      row.push(text[this.at] === '"' ? this.quoted() : this.plain())
      if (text[this.at] !== separator) {
        this.endLine()
        break
      }
      this.at++
      // A separator at the very end of the text still opens an empty last field.
      if (this.at === text.length) row.push('')
    }
    return row
  }

  /** A field without quotes. */
  private plain(): string {
    const start = this.at
    for (; !this.fieldEnds(); this.at++) {
      if (this.text[this.at] === '"') {
        this.wrong(this.line, 'a quote inside a field that does not begin with one', 'quote the whole field')
      }
    }
    return this.text.slice(start, this.at)
  }

  /** A quoted field; it may hold separators, line ends, and quotes that are doubled. */
  private quoted(): string {
    const { text, line: opened } = this
    let field = ''
    for (;;) {
      const end = text.indexOf('"', this.at + 1)
      if (end < 0) this.wrong(opened, 'a quoted field is never closed', 'double a quote that is part of the text')
      const piece = text.slice(this.at + 1, end)
      this.line += piece.split('\n').length - 1
      field += piece
      this.at = end + 1
      if (text[this.at] !== '"') break
      field += '"'
    }
    if (!this.fieldEnds()) {
      const rest = JSON.stringify(text.slice(this.at, this.at + 10))
      this.wrong(this.line, `text follows a closing quote, ${rest}`, 'double a quote in the text')
    }
    return field
  }

  private fieldEnds(): boolean {
    const { text, at, separator } = this
    return at >= text.length || text[at] === separator || text[at] === '\n' || text[at] === '\r'
  }

  /** Step over LF or CRLF. */
  private endLine(): void {
    if (this.text[this.at] === '\r' && this.text[++this.at] !== '\n') {
      this.wrong(this.line, 'a carriage return without a line feed', 'save the file with LF or CRLF line ends')
    }
    this.at++
    this.line++
  }

  /** Keep a row, unless it is blank. */
  private endRow(row: string[], line: number): void {
    const { rows, lines } = this
    const width = rows.length > 0 ? rows[0].length : row.length
    if (row.length === 1 && row[0] === '' && width > 1) return
    if (row.length !== width) {
      const fields = `${row.length} fields, and line ${lines[0]} has ${width}`
      this.wrong(line, fields, 'quote fields that contain the separator')
    }
    rows.push(row)
    lines.push(line)
  }
}

/**
 * Read and parse a UTF-8 file; Node only.
 * @throws HandgradError if it cannot be read; FormatError as {@link parseCsv}, or if it is not UTF-8
 */
export async function loadCsv(path: string, options?: CsvOptions): Promise<CsvTable> {
  const given = optionsOf('loadCsv', options, { ...csvOptions, name: path })
  const bytes = await readBytes('loadCsv', path)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    failFormat('loadCsv', `${path} is not UTF-8 text`, 'save it as UTF-8')
  }
  return parseCsv(text, given)
}
