/**
 * @file Text: lines of a file as a stream, JSON Lines, and the characters of a text as classes, with windows of them to
 * learn to go on from. Tables are csv.ts.
 */
import { describe, fail, failFormat } from '../core/errors.ts'
import { checkText, nameOf } from '../io/given.ts'
import { optionsOf } from '../ops/base/options.ts'
import { checkIndex, checkNumbers, type Dataset, type Field } from './dataset.ts'
import { checkSource, nameOfSource, type Source, textOf } from './source.ts'

/** How lines are read. */
export interface LineOptions {
  /** Characters that a line may have; default 2²⁰. */
  limit?: number
}

const LIMIT = 2 ** 20

export function checkLimit(op: string, limit: unknown): void {
  if (typeof limit !== 'number' || !(limit > 0)) fail(op, `limit is ${describe(limit)}`, 'give a number above 0')
}

/** Lines, without their ends LF or CRLF, in lists: those that end in one piece of the text. */
async function* linesOf(op: string, name: string, pieces: AsyncIterable<string>, limit: number) {
  let [begun, line] = ['', 1]
  const check = (length: number, at: number) => {
    if (length > limit)
      failFormat(op, `${name}, line ${at}: more than ${limit} characters`, 'give { limit } if that is right')
  }
  for await (const piece of pieces) {
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

/** A stream that can be begun anew. */
const again = <T>(start: () => AsyncGenerator<T, void>): AsyncIterable<T> => ({ [Symbol.asyncIterator]: start })

/**
 * The lines of a text, one after the other, without their ends: a data set that streams, with one chunk in memory.
 * `for await (const line of readLines('names.txt')) …`
 * @throws FormatError with the line where the text is not UTF-8 or a line is longer than `limit`; HandgradError if the
 *   source cannot be read
 */
export function readLines(source: Source, options?: LineOptions): AsyncIterable<string> {
  const op = 'readLines'
  const { limit } = optionsOf(op, options, { limit: LIMIT })
  checkSource(op, source)
  checkLimit(op, limit)
  return again(async function* () {
    for await (const lines of linesOf(op, nameOfSource(source), textOf(op, source), limit)) yield* lines
  })
}

/**
 * A whole text.
 * @param options.limit  characters that it may have; default 2²⁸
 * @throws FormatError if it is not UTF-8, or longer; HandgradError if the source cannot be read
 */
export async function loadText(source: Source, options?: LineOptions): Promise<string> {
  const op = 'loadText'
  const { limit } = optionsOf(op, options, { limit: 2 ** 28 })
  checkSource(op, source)
  checkLimit(op, limit)
  let text = ''
  for await (const piece of textOf(op, source)) {
    text += piece
    if (text.length > limit)
      failFormat(op, `${nameOfSource(source)} has more than ${limit} characters`, 'give { limit } if that is right')
  }
  return text
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

const isBlank = (text: string): boolean => text.trim() === ''

/**
 * The values of JSON Lines, one after the other: a data set that streams, with one chunk in memory. Blank lines are
 * skipped. `new DataLoader(readJsonLines('train.jsonl'), { transform: ({ text, label }) => … })`
 * @param options.limit  characters that a line may have; default 2²⁰
 * @throws FormatError with line and column where there is no JSON, lists are more than 512 deep, or a line is longer
 *   than `limit`; HandgradError if the source cannot be read
 */
export function readJsonLines<T = unknown>(source: Source, options?: LineOptions): AsyncIterable<T> {
  const op = 'readJsonLines'
  const { limit } = optionsOf(op, options, { limit: LIMIT })
  checkSource(op, source)
  checkLimit(op, limit)
  return again(async function* () {
    let line = 0
    const name = nameOfSource(source)
    for await (const lines of linesOf(op, name, textOf(op, source), limit))
      for (const text of lines) {
        line++
        // What is in the file is what the caller says, or the caller's transform looks.
        if (!isBlank(text)) yield parseLine(op, name, line, text) as T
      }
  })
}

/**
 * All values of a text of JSON Lines.
 * @param name  named in errors
 * @throws FormatError as {@link readJsonLines}; HandgradError if `text` is not a string
 */
export function parseJsonLines<T = unknown>(text: string, name = 'the JSON lines'): T[] {
  const op = 'parseJsonLines'
  checkText(op, 'text', text)
  checkText(op, 'name', name)
  return text
    .replace(/^\ufeff/, '')
    .split('\n')
    .flatMap((line, i) => (isBlank(line) ? [] : [parseLine(op, nameOf(name), i + 1, line) as T]))
}

/** A text as classes: `codes[i]` is the index of its i-th character in `alphabet`. */
export interface Characters {
  codes: Int32Array
  alphabet: string[]
}

/**
 * The characters of a text as classes, numbered in the order of their code points.
 * @param alphabet  that of another text, such as the one trained on; default: the characters that there are
 * @throws HandgradError naming line and column of a character that `alphabet` lacks
 */
export function characters(text: string, alphabet?: readonly string[]): Characters {
  const op = 'characters'
  checkText(op, 'text', text)
  if (alphabet !== undefined && !Array.isArray(alphabet))
    fail(op, `alphabet is ${describe(alphabet)}`, 'give a list of characters')
  const all = [...text]
  const names = alphabet
    ? [...alphabet]
    : [...new Set(all)].sort((a, b) => Number(a.codePointAt(0)) - Number(b.codePointAt(0)))
  const codeOf = new Map(names.map((name, i) => [name, i]))
  const codes = Int32Array.from(all, (character, i) => {
    const code = codeOf.get(character)
    if (code !== undefined) return code
    const before = all.slice(0, i).join('').split('\n')
    const where = `line ${before.length}, column ${[...(before.at(-1) as string)].length + 1}`
    return fail(op, `${describe(character)} at ${where} is not in the alphabet`, 'leave it out, or train with it')
  })
  return { codes, alphabet: names }
}

/**
 * Windows of a sequence, to learn what comes next: sample i is [codes s … s + n − 1, codes s + 1 … s + n], for
 * s = i · stride, n = length.
 */
export class WindowDataset implements Dataset<[input: Field, target: Field]> {
  readonly length: number
  readonly #codes: Int32Array
  readonly #size: number
  readonly #stride: number

  /**
   * @param codes  classes, such as those of {@link characters}
   * @param length  of a window
   * @param options.stride  from one window to the next; default 1
   * @throws HandgradError if codes are none, or there are too few for a window and what comes after it
   */
  constructor(codes: ArrayLike<number>, length: number, options?: { stride?: number }) {
    const op = 'WindowDataset'
    const { stride } = optionsOf(op, options, { stride: 1 })
    checkNumbers(op, 'codes', codes)
    for (const [name, value] of Object.entries({ length, stride }))
      if (!Number.isInteger(value) || value < 1) fail(op, `${name} is ${describe(value)}`, 'give an integer from 1')
    if (codes.length <= length) fail(op, `${codes.length} codes hold no window of ${length} and one more`)
    this.#codes = Int32Array.from(codes)
    this.#size = length
    this.#stride = stride
    this.length = Math.floor((codes.length - length - 1) / stride) + 1
  }

  get(index: number): [input: Field, target: Field] {
    checkIndex('WindowDataset.get', index, this.length)
    const shape = [this.#size]
    const at = index * this.#stride
    return [
      { data: this.#codes.subarray(at, at + this.#size), shape },
      { data: this.#codes.subarray(at + 1, at + 1 + this.#size), shape },
    ]
  }
}
