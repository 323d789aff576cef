/**
 * @file Text: lines of a file as a stream, JSON Lines, and the characters of a text as classes, with windows of them to
 * learn to go on from. Reading is lines.ts, loaded when it is asked for; tables are csv.ts.
 */
import { describe, fail } from '../core/errors.ts'
import { checkText } from '../io/given.ts'
import { optionsOf } from '../ops/base/options.ts'
import { checkIndex, checkNumbers, type Dataset, type Field } from './dataset.ts'
import { checkLimit, checkSource, type Source } from './source.ts'

/** How lines are read. */
export interface LineOptions {
  /** Characters that a line may have; default 2²⁰. */
  limit?: number
}

const LIMIT = 2 ** 20

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
    yield* (await import('./lines.ts')).linesOf(op, source, limit)
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
  return (await import('./lines.ts')).wholeText(op, source, limit)
}

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
    // What is in the file is what the caller says, or the caller's transform looks.
    for await (const value of (await import('./lines.ts')).valuesOf(op, source, limit)) yield value as T
  })
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
