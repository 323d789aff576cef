/** @file Tokenizers whose tokens are known one by one: a table of their bytes, and tokens that are whole strings. */
import { describe, fail } from '../core/errors.ts'
import { optionsOf } from '../ops/base/options.ts'
import { type AddedToken, cut } from './added.ts'
import { type DecodeOptions, MOST_TOKENS, type TokenDecoder, Tokenizer } from './tokenizer.ts'

const encoder = new TextEncoder()
const nothing = new Uint8Array()

/** Refuse an id that a vocabulary cannot have. */
export function checkTokenId(op: string, token: string, id: unknown): asserts id is number {
  if (!Number.isInteger(id) || (id as number) < 0 || (id as number) >= MOST_TOKENS)
    fail(op, `the id of ${describe(token)} is ${describe(id)}`, `ids are integers from 0 to ${MOST_TOKENS - 1}`)
}

/** A tokenizer by a table. */
export abstract class TableTokenizer extends Tokenizer {
  readonly special = new Map<string, number>()
  readonly #ids = new Map<string, number>()
  readonly #tokens: string[] = []
  readonly #bytes: Uint8Array[] = []
  /** Tokens that are whole strings. */
  readonly #added = new Map<string, number>()

  get size(): number {
    return this.#tokens.length
  }

  idOf(token: string): number | undefined {
    return this.#ids.get(token)
  }

  tokenOf(id: number): string | undefined {
    return this.#tokens[id]
  }

  /** Put a token into the table. */
  protected put(token: string, id: number, bytes: Uint8Array): void {
    checkTokenId(this.name, token, id)
    if (token === '__proto__') fail(this.name, "the token '__proto__' is refused", 'JSON could not hold it safely')
    const other = this.#tokens[id]
    if (other !== undefined) fail(this.name, `id ${id} is that of ${describe(other)} and of ${describe(token)}`)
    if (this.#ids.has(token)) fail(this.name, `the token ${describe(token)} is there twice`)
    this.#ids.set(token, id)
    this.#tokens[id] = token
    this.#bytes[id] = bytes
  }

  /** Put a token into the table, or say of one that is in it, that it is a whole string. */
  protected add(given: AddedToken): void {
    const { name: op } = this
    if (typeof given !== 'object' || given === null)
      fail(op, `an added token is ${describe(given)}`, 'give { content }')
    const { content, special = true } = given
    if (typeof content !== 'string' || content === '' || /\p{Surrogate}/u.test(content))
      fail(op, `the text of an added token is ${describe(content)}`, 'give a string of at least one character')
    if (typeof special !== 'boolean') fail(op, `special is ${describe(special)}`, 'give true or false')
    if (this.#added.has(content)) fail(op, `${describe(content)} is added twice`)
    const known = this.#ids.get(content)
    const { id = known ?? this.size } = given
    if (known === undefined) this.put(content, id, encoder.encode(content))
    else if (known !== id) fail(op, `${describe(content)} is added as id ${id}, and the vocabulary has it as ${known}`)
    else this.#bytes[id] = encoder.encode(content)
    this.#added.set(content, id)
    if (special) this.special.set(content, id)
  }

  /** Tokens that are whole strings, by their ids. */
  get added(): readonly Required<AddedToken>[] {
    return [...this.#added]
      .map(([content, id]) => ({ content, id, special: this.special.has(content) }))
      .sort((a, b) => a.id - b.id)
  }

  /** Append the ids of a text without added tokens. */
  protected abstract ordinary(op: string, text: string, ids: number[]): void

  protected read(op: string, text: string, allowed: ReadonlySet<string>, addSpecial: boolean): Int32Array {
    const found = [...this.#added].filter(([content]) => allowed.has(content) || !this.special.has(content))
    const ids: number[] = []
    if (addSpecial) ids.push(...this.around[0])
    for (const part of cut(text, found)) {
      if (typeof part === 'number') ids.push(part)
      else this.ordinary(op, part, ids)
    }
    if (addSpecial) ids.push(...this.around[1])
    return Int32Array.from(ids)
  }

  /** Ids that stand before and after each text where that is asked for. */
  get around(): readonly [before: readonly number[], after: readonly number[]] {
    return [[], []]
  }

  decoder(options?: DecodeOptions): TokenDecoder {
    const { skipSpecial } = optionsOf(`${this.name}.decoder`, options, { skipSpecial: false })
    const left = skipSpecial ? new Set(this.special.values()) : undefined
    // A mark at the beginning is part of the text; a text decoder would drop it.
    const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })
    return {
      push: (id) => {
        this.checkId(`${this.name}.decoder.push`, id)
        return utf8.decode(left?.has(id) ? nothing : this.#bytes[id], { stream: true })
      },
      end: () => utf8.decode(),
    }
  }
}
