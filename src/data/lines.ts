/** @file Lines of text and the JSON in them, read a chunk at a time; what is given was checked in text.ts. */
import { failFormat } from '../core/errors.ts'
import { textOf } from './chunks.ts'
import { nameOfSource, type Source } from './source.ts'

/** Lines, without their ends LF or CRLF, in lists: those that end in one piece of the text. */
async function* linesByPiece(op: string, source: Source, limit: number): AsyncGenerator<string[], void> {
  const name = nameOfSource(source)
  let [begun, line] = ['', 1]
  const check = (length: number, at: number) => {
    if (length > limit)
      failFormat(op, `${name}, line ${at}: more than ${limit} characters`, 'give { limit } if that is right')
  }
  for await (const piece of textOf(op, source)) {
    const lines = piece.split('\n')
    lines[0] = begun + lines[0]
    lines.forEach((text, i) => {
      check(text.length, line + i)
    })
    begun = lines.pop() as string // split gives one or more
    line += lines.length
    yield lines.map((text) => (text.endsWith('\r') ? text.slice(0, -1) : text))
  }
  if (begun !== '') yield [begun]
}

/** The lines of a source. */
export async function* linesOf(op: string, source: Source, limit: number): AsyncGenerator<string, void> {
  for await (const lines of linesByPiece(op, source, limit)) yield* lines
}

/** A whole text. */
export async function wholeText(op: string, source: Source, limit: number): Promise<string> {
  let text = ''
  for await (const piece of textOf(op, source)) {
    text += piece
    if (text.length > limit)
      failFormat(op, `${nameOfSource(source)} has more than ${limit} characters`, 'give { limit } if that is right')
  }
  return text
}

/** The values of JSON Lines. */
export async function* valuesOf(op: string, source: Source, limit: number): AsyncGenerator<unknown, void> {
  let line = 0
  const name = nameOfSource(source)
  for await (const text of linesOf(op, source, limit)) {
    line++
    if (text.trim() !== '') yield parseLine(op, name, line, text)
  }
}

/** Arrays and objects in each other that JSON may have: more is an attack on memory. */
const DEEPEST = 512

/** The value of a line. */
function parseLine(op: string, name: string, line: number, text: string): unknown {
  let depth = 0
  if (text.length > DEEPEST)
    for (const { 0: part, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
      if (part === '[' || part === '{') depth++
      if (part === ']' || part === '}') depth--
      if (depth > DEEPEST)
        failFormat(op, `${name}, line ${line}, column ${index + 1}: more than ${DEEPEST} lists in each other`)
    }
  try {
    return JSON.parse(text)
  } catch {
    const at = `${name}, line ${line}, column ${faultOf(text) + 1}`
    return failFormat(op, `${at}: it is not JSON`, 'each line is one JSON value')
  }
}

/** White space and a string, another value, or a mark. */
const TOKEN =
  /[ \t\r]*(?:("(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)|([[\]{}:,]))/uy

/** Where a text that is not JSON stops to be JSON: engines say it in many ways, or not at all. */
function faultOf(text: string): number {
  const open: string[] = []
  let [at, next] = [0, 'value']
  for (;;) {
    TOKEN.lastIndex = at
    const [found, string, value, mark] = TOKEN.exec(text) ?? []
    const start = at + (/^[ \t\r]*/.exec(text.slice(at)) as RegExpExecArray)[0].length
    if (found === undefined) return start
    const inside = open.at(-1)
    if (next.includes('value') && (string ?? value) !== undefined) next = inside ? 'more' : 'end'
    else if (next.includes('value') && (mark === '[' || mark === '{')) {
      open.push(mark)
      next = mark === '[' ? 'value or close' : 'key or close'
    } else if (next.includes('key') && string !== undefined) next = 'colon'
    else if (next === 'colon' && mark === ':') next = 'value'
    else if (next === 'more' && mark === ',') next = inside === '[' ? 'value' : 'key'
    else if ((next === 'more' || next.includes('close')) && mark === (inside === '[' ? ']' : '}')) {
      open.pop()
      next = open.length > 0 ? 'more' : 'end'
    } else return start
    at += found.length
  }
}
