/**
 * @file Tables in comma-separated values, as RFC 4180 describes them: quoted fields with doubled quotes and line breaks
 * inside, CRLF or LF. Parsing keeps text; columns become numbers or classes when asked for, and errors name the line.
 */
import { describe, fail, failFormat, shown } from '../core/errors.ts'
import { readBytes } from '../io/files.ts'
import { checkText, listed, nameOf } from '../io/given.ts'
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

/** Each digit can match in one way only: a long field of other text is refused in one pass. */
const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/

/** A parsed table: named columns of text. */
export class CsvTable {
  readonly name: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** The line of the text, from 1, on which each row begins. */
  readonly lines: readonly number[]
  readonly #indices: ReadonlyMap<string, number>

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
    this.#indices = new Map(columns.map((column, i) => [column, i]))
  }

  /** Rows, without the header. */
  get length(): number {
    return this.rows.length
  }

  #indexOf(op: string, column: string): number {
    checkText(op, 'a column', column, "give a name, such as 'a'")
    const index = this.#indices.get(column)
    return index ?? fail(op, `${nameOf(this.name)} has no column '${shown(column)}'`, `it has ${listed(this.columns)}`)
  }

  /** A column's text. @throws HandgradError if `column` is not the name of one */
  strings(column: string): string[] {
    const index = this.#indexOf('CsvTable.strings', column)
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
    if (!Array.isArray(columns)) fail(op, `columns is ${describe(columns)}`, "give a list of names, such as ['a']")
    if (missing !== undefined && typeof missing !== 'number')
      fail(op, `missing is ${describe(missing)}`, 'give a number; NaN is one')
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
          const where = `${nameOf(this.name)}, line ${this.lines[i]}, column '${shown(this.columns[index])}'`
          failFormat(
            op,
            text === '' ? `${where}: the field is empty` : `${where}: '${shown(text)}' is not a finite decimal number`,
            text === '' ? 'give { missing: value } if that is allowed' : 'is it a column of classes or text?',
          )
        }
        data[at++] = value
      }
    }
    return { data, shape: [this.length, indices.length] }
  }

  /**
   * A column as classes, numbered in alphabetical (code point) order of their names.
   * @throws HandgradError if `column` is not the name of one
   */
  classes(column: string): CsvClasses {
    const index = this.#indexOf('CsvTable.classes', column)
    const texts = this.rows.map((row) => row[index])
    const names = [...new Set(texts)].sort()
    const label = new Map(names.map((text, i) => [text, i]))
    return { labels: Int32Array.from(texts, (text) => label.get(text) as number), names }
  }
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
  const { header, separator, name } = optionsOf(op, options, csvOptions)
  checkText(op, 'text', text, 'give a string; of bytes new TextDecoder().decode(bytes)')
  checkText(op, 'name', name)
  if (typeof header !== 'boolean') fail(op, `header is ${describe(header)}`, 'use true or false')
  if (typeof separator !== 'string' || separator.length !== 1 || /["\r\n]/.test(separator))
    fail(op, `separator is ${describe(separator)}`, "use one character, such as ',' or '\\t'")
  if (text.trim() === '') failFormat(op, `${nameOf(name)} is empty`, 'is it the right file?')
  const reader = new CsvReader(text, separator, name)
  const { rows, lines } = reader.read()
  if (!header) {
    const numbers = rows[0].map((_, i) => String(i))
    return new CsvTable(name, numbers, rows, lines)
  }
  const columns = (rows.shift() as string[]).map((column) => column.trim())
  const line = lines.shift() as number
  const seen = new Set<string>()
  for (const column of columns) {
    if (seen.has(column))
      reader.wrong(line, `two columns are named '${shown(column)}'`, 'rename one, or give { header: false }')
    seen.add(column)
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
    return failFormat('parseCsv', `${nameOf(this.name)}, line ${line}: ${what}`, todo)
  }

  read(): this {
    while (this.at < this.text.length) {
      const [begin, quoted] = [this.line, this.text[this.at] === '"']
      const row = this.row()
      const blank = row.length === 1 && !quoted && row[0].trim() === ''
      this.endRow(row, begin, blank)
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
      const rest = shown(text.slice(this.at, this.at + 10))
      this.wrong(this.line, `text follows a closing quote, "${rest}"`, 'double a quote in the text')
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
  private endRow(row: string[], line: number, blank: boolean): void {
    const { rows, lines } = this
    const width = rows.length > 0 ? rows[0].length : row.length
    if (blank && (rows.length === 0 || width > 1)) return
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
  const op = 'loadCsv'
  const given = optionsOf(op, options, { ...csvOptions, name: path })
  const bytes = await readBytes(op, path)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    if (error instanceof TypeError) failFormat(op, `${nameOf(path)} is not UTF-8 text`, 'save it as UTF-8')
    fail(op, `${nameOf(path)} has ${bytes.length} bytes, more than a text can hold`, 'split it')
  }
  return parseCsv(text, given)
}
