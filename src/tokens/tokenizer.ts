/** @file What every tokenizer can do: text to ids and back, one id at a time, and batches. */
import { describe, fail, IndexError } from '../core/errors.ts'
import { checkText } from '../io/given.ts'
import { optionsOf } from '../ops/base/options.ts'

/** How {@link Tokenizer.encode} reads a text. */
export interface EncodeOptions {
  /**
   * Special tokens that are read as themselves where they stand in the text: `'all'`, or a list of them. Default:
   * none, so that a text of somebody else's cannot hold any.
   */
  allowedSpecial?: 'all' | readonly string[]
  /** Add what the tokenizer's file puts around each text, such as Llama's `<|begin_of_text|>`; default false. */
  addSpecial?: boolean
}

/** How ids become text. */
export interface DecodeOptions {
  /** Leave special tokens out; default false. */
  skipSpecial?: boolean
}

/** Ids to text, one after the other. */
export interface TokenDecoder {
  /** @returns the text that is certain by now: '' while the bytes of a character are not all there */
  push(id: number): string
  /** What is left: U+FFFD for a character that did not become whole. The decoder can be used again. */
  end(): string
}

/** How texts become a batch. */
export interface BatchOptions extends EncodeOptions {
  /** Tokens in a row; default: those of the longest text. */
  length?: number
  /** Cut longer texts off at `length`; default false: they are refused. */
  truncate?: boolean
  /**
   * The id that fills rows up on the right, an integer from 0, of a token or not; default 0: with mask or lengths no
   * result depends on it.
   */
  pad?: number
}

/** Texts of several lengths as one array; `tensor(ids, { shape })` makes it a tensor. */
export interface TokenBatch {
  /** Row by row, filled up on the right. */
  ids: Int32Array
  /** 1 for a token of the text, 0 for filling. */
  mask: Uint8Array
  /** Tokens of each text. */
  lengths: Int32Array
  /** [texts, tokens in a row] */
  shape: [number, number]
}

/** Ids may be at most this: two of them fit into one exact number. */
export const MOST_TOKENS = 2 ** 21

/** Text to ids and back. */
export abstract class Tokenizer {
  /** The class's name, which errors begin with. */
  readonly name: string
  /** One more than the highest id. */
  abstract readonly size: number
  /** The ids of special tokens. */
  abstract readonly special: ReadonlyMap<string, number>
  /** The id of a token as its file writes it, undefined if there is none: `idOf('<|endoftext|>')`. */
  abstract idOf(token: string): number | undefined
  /** The token of an id as its file writes it, undefined if the id stands for nothing. */
  abstract tokenOf(id: number): string | undefined
  /** Ids to text, one after the other, as a model gives them; holds back what is not a whole character yet. */
  abstract decoder(options?: DecodeOptions): TokenDecoder
  constructor(name: string) {
    this.name = name
  }

  /** The ids of a checked text. */
  protected abstract read(op: string, text: string, allowed: ReadonlySet<string>, addSpecial: boolean): Int32Array

  /**
   * The ids of a text. Halves of surrogate pairs are U+FFFD, as in UTF-8.
   * @param text any
   * @throws HandgradError if it is not a string, `allowedSpecial` names a token that is not special, or a vocabulary of
   *   characters or words lacks something and has no `unknown`
   */
  encode(text: string, options?: EncodeOptions): Int32Array {
    const op = `${this.name}.encode`
    const { allowedSpecial, addSpecial } = optionsOf(op, options, { allowedSpecial: undefined, addSpecial: false })
    checkText(op, 'text', text)
    return this.read(op, text, this.#allowed(op, allowedSpecial), addSpecial)
  }

  #allowed(op: string, given: EncodeOptions['allowedSpecial']): ReadonlySet<string> {
    if (given === 'all') return new Set(this.special.keys())
    if (given !== undefined && !Array.isArray(given))
      fail(op, `allowedSpecial is ${describe(given)}`, "give 'all' or a list of special tokens")
    for (const one of given ?? [])
      if (!this.special.has(one))
        fail(op, `${describe(one)} in allowedSpecial is not a special token`, this.#specials())
    return new Set(given)
  }

  #specials(): string {
    const names = [...this.special.keys()].slice(0, 10)
    return names.length ? `there are ${names.map(describe).join(', ')}` : 'this tokenizer has none'
  }

  /**
   * The text of ids. Bytes that are not UTF-8 become U+FFFD.
   * @throws IndexError for an id that stands for nothing, such as those that only fill a model's vocabulary up
   */
  decode(ids: ArrayLike<number>, options?: DecodeOptions): string {
    const op = `${this.name}.decode`
    if (typeof ids !== 'object' || ids === null || typeof ids.length !== 'number')
      fail(op, `ids is ${describe(ids)}`, 'give a list of ids, or the data of a tensor')
    for (let i = 0; i < ids.length; i++) this.checkId(op, ids[i], ` at position ${i}`)
    return this.join(ids, options)
  }

  /** The text of checked ids. */
  protected join(ids: ArrayLike<number>, options?: DecodeOptions): string {
    const decoder = this.decoder(options)
    let text = ''
    for (let i = 0; i < ids.length; i++) text += decoder.push(ids[i])
    return text + decoder.end()
  }

  /** Refuse an id that stands for nothing. */
  protected checkId(op: string, id: unknown, where = ''): void {
    if (typeof id !== 'number') fail(op, `the id${where} is ${describe(id)}`, 'give a number')
    if (this.tokenOf(id) !== undefined) return
    throw new IndexError(
      op,
      `id ${id}${where} stands for none of the ${this.size} tokens`,
      'a model may have more logits than tokens: never sample those of unused(logits)',
    )
  }

  /**
   * Ids that stand for nothing, of a model with this many logits: models whose vocabulary is filled up to a multiple of
   * 64 (50,257 tokens, 50,304 logits) must never sample them.
   * @param logits  of the model for each position
   * @throws HandgradError if the model has fewer logits than there are ids
   */
  unused(logits: number): Int32Array {
    const op = `${this.name}.unused`
    if (!Number.isInteger(logits) || logits < 1 || logits > MOST_TOKENS)
      fail(op, `logits is ${describe(logits)}`, `give an integer from 1 to ${MOST_TOKENS}`)
    if (logits < this.size)
      fail(
        op,
        `a model of ${logits} logits lacks some of the ${this.size} tokens`,
        'is it the model of this tokenizer?',
      )
    return Int32Array.from(Array.from({ length: logits }, (_, id) => id).filter((id) => this.tokenOf(id) === undefined))
  }

  /**
   * Texts, or lists of ids, as rows of one array, filled up on the right.
   * @returns `ids` and `mask` of shape [texts, length], and the lengths
   * @throws HandgradError if there are no texts, `pad` is not an integer from 0, or a text has more tokens than
   *   `length` and `truncate` is not set
   */
  batch(texts: readonly (string | ArrayLike<number>)[], options?: BatchOptions): TokenBatch {
    const op = `${this.name}.batch`
    const { length, truncate, pad, ...how } = optionsOf(op, options, {
      ...{ length: undefined, truncate: false, pad: 0 },
      ...{ allowedSpecial: undefined, addSpecial: false },
    })
    if (!Array.isArray(texts) || texts.length === 0) fail(op, `texts is ${describe(texts)}`, 'give a list of texts')
    if (length !== undefined && (!Number.isInteger(length) || length < 1))
      fail(op, `length is ${describe(length)}`, 'give an integer from 1')
    // An embedding takes -1 for its last row
    if (pad !== (pad | 0) || pad < 0) fail(op, `pad is ${describe(pad)}`, 'give an integer from 0')
    const allowed = this.#allowed(op, how.allowedSpecial)
    const rows = texts.map((text: string | ArrayLike<number>, i) => {
      if (typeof text === 'string') return this.read(op, text, allowed, how.addSpecial)
      if (typeof text !== 'object' || text === null || typeof text.length !== 'number')
        fail(op, `text ${i} is ${describe(text)}`, 'give a string or a list of ids')
      return Int32Array.from(text, (id) => {
        this.checkId(op, id, ` in row ${i}`)
        return id
      })
    })
    const columns = length ?? rows.reduce((most, row) => Math.max(most, row.length), 1)
    const long = rows.findIndex((row) => row.length > columns)
    if (long >= 0 && !truncate)
      fail(op, `text ${long} has ${rows[long].length} tokens, length is ${columns}`, 'set truncate, or a larger length')
    const ids = new Int32Array(rows.length * columns).fill(pad)
    const mask = new Uint8Array(ids.length)
    rows.forEach((row, i) => {
      ids.set(row.subarray(0, columns), i * columns)
      mask.fill(1, i * columns, i * columns + Math.min(row.length, columns))
    })
    const lengths = Int32Array.from(rows, (row) => Math.min(row.length, columns))
    return { ids, mask, lengths, shape: [rows.length, columns] }
  }
}
