/**
 * @file Rows of comma-separated values, as RFC 4180 describes them: quoted fields with doubled quotes and line breaks
 * inside, CRLF or LF. A text may come in pieces, of which one row is held. Errors name the line.
 */
import { failFormat, shown } from '../core/errors.ts'
import { nameOf } from '../io/given.ts'

/** A row: its fields, and the line of the text, from 1, on which it begins. */
export interface CsvRecord {
  readonly fields: string[]
  readonly line: number
}

/** Goes through a text once, field by field; `at` is the next character, on `line`. */
export class CsvReader {
  private readonly op: string
  private readonly separator: string
  private readonly name: string
  private text = ''
  private at = 0
  private line = 1
  /** The first row, which says how many fields there are. */
  private first: CsvRecord | undefined

  constructor(op: string, separator: string, name: string) {
    this.op = op
    this.separator = separator
    this.name = name
  }

  /** Refuse a row that does not end: for what is wrong in it, if anything is. */
  refuseLong(begun: string, limit: number): never {
    const { line } = this
    this.read(begun)
    return this.wrong(line, `a row of more than ${limit} characters`, 'give { limit } if that is right')
  }

  private wrong(line: number, what: string, todo?: string): never {
    return failFormat(this.op, `${nameOf(this.name)}, line ${line}: ${what}`, todo)
  }

  /** The rows of a text, or of the next part of one, which ends at the end of a row. */
  read(text: string): CsvRecord[] {
    const records: CsvRecord[] = []
    this.text = text
    this.at = !this.first && this.line === 1 && text.charCodeAt(0) === 0xfeff ? 1 : 0
    while (this.at < text.length) {
      const [line, quoted] = [this.line, text[this.at] === '"']
      const fields = this.row()
      const blank = fields.length === 1 && !quoted && fields[0].trim() === ''
      if (this.isRow(fields, line, blank)) records.push({ fields, line })
    }
    return records
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
      const rest = shown(text.slice(this.at, this.at + 10).replace(/\n.*/s, '\n'))
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

  /** False for a blank line. */
  private isRow(fields: string[], line: number, blank: boolean): boolean {
    const width = this.first?.fields.length ?? fields.length
    if (blank && (!this.first || width > 1)) return false
    this.first ??= { fields, line }
    if (fields.length !== width) {
      const found = `${fields.length} fields, and line ${this.first.line} has ${width}`
      this.wrong(line, found, 'quote fields that contain the separator')
    }
    return true
  }
}

/**
 * The rows of a text that comes in pieces, as they are complete: a line ends a row where the quotes before it are even.
 * @param limit  characters that a row may have
 */
export async function* recordsOf(
  reader: CsvReader,
  pieces: AsyncIterable<string>,
  limit: number,
): AsyncGenerator<CsvRecord[], void> {
  let begun = ''
  let open = false
  for await (const piece of pieces) {
    let end = 0
    for (let at = 0; at < piece.length; at++) {
      const code = piece.charCodeAt(at)
      if (code === 34) open = !open
      else if (code === 10 && !open) end = at + 1
    }
    if (end > 0) yield reader.read(begun + piece.slice(0, end))
    begun = end > 0 ? piece.slice(end) : begun + piece
    if (begun.length > limit) reader.refuseLong(begun, limit)
  }
  yield reader.read(begun)
}
