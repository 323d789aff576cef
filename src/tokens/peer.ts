/**
 * @file Tokenizers of other families (Unigram, WordPiece, patterns of their own) by the optional package
 * `@huggingface/tokenizers`, behind the same interface.
 */
import { describe, fail, HandgradError } from '../core/errors.ts'
import { optionsOf } from '../ops/base/options.ts'
import { isObject, type Json } from './json.ts'
import { type DecodeOptions, type TokenDecoder, Tokenizer } from './tokenizer.ts'

const PACKAGE = '@huggingface/tokenizers'

/** A tokenizer of the package `@huggingface/tokenizers`: what is used of it. */
export interface TokenizersPeer {
  /** The ids of a text. */
  encode(text: string, options: { add_special_tokens: boolean }): { ids: number[] }
  /** The text of ids. */
  decode(ids: number[], options: { skip_special_tokens: boolean; clean_up_tokenization_spaces: boolean }): string
  /** The id of a token. */
  token_to_id(token: string): number | undefined
  /** All tokens. */
  get_vocab(withAdded: boolean): Map<string, number>
}

/** What is used of the package `@huggingface/tokenizers`. */
export interface TokenizersPackage {
  /** Of tokenizer.json and tokenizer_config.json. */
  Tokenizer: new (
    json: object,
    config: object,
  ) => TokenizersPeer
}

/** The optional package. @param why  what a file has that needs it @throws HandgradError if it is not installed */
export async function loadPeer(op: string, why: string): Promise<TokenizersPackage> {
  // Not a literal: bundlers of pages that do without it would look for it
  const name = PACKAGE
  try {
    return (await import(/* @vite-ignore */ name)) as TokenizersPackage // its own types say so, in a test
  } catch (error) {
    const missing = (error as { code?: string }).code === 'ERR_MODULE_NOT_FOUND'
    const fault = missing ? '' : `, and ${name} does not load: ${(error as Error).message}`
    const todo = `npm i ${name}; in a page that is bundled, give { peer: await import('${name}') }`
    throw new HandgradError(op, `tokenizer.json is of another family than byte-level BPE: ${why}${fault}`, todo)
  }
}

/** Added tokens of a tokenizer.json: content and id, and whether they are special. */
function addedIn(json: Json): { content: string; id: number; special: boolean }[] {
  const list = Array.isArray(json.added_tokens) ? json.added_tokens : []
  return list.filter(isObject).map(({ content, id, special }) => ({
    content: String(content),
    id: Number(id),
    special: special === true,
  }))
}

/** Texts that the decoder looks back on: what an id adds may depend on those before it. */
const REACH = 8

/**
 * Ids that a character may be made of, one for each byte. Text is held back for as many, since bytes that are not whole
 * may turn others beside them into U+FFFD; what did not become whole by then never does.
 */
const LONGEST = 4

/** The length of a text without the U+FFFD at its end that may become a character yet: all bytes of it but one. */
const wholeOf = (text: string): number => text.length - (/\ufffd{1,3}$/.exec(text)?.[0].length ?? 0)

export class PeerTokenizer extends Tokenizer {
  readonly size: number
  readonly special: ReadonlyMap<string, number>
  readonly #package: TokenizersPackage
  readonly #json: Json
  readonly #config: Json
  readonly #all: TokenizersPeer
  /** Tokenizers that know only some special tokens: theirs reads all that it knows. */
  readonly #some = new Map<string, TokenizersPeer>()
  readonly #tokens: string[] = []
  #around: readonly [before: number[], after: number[]] | undefined

  constructor(given: TokenizersPackage, json: Json, config: Json) {
    super('Tokenizer')
    this.#package = given
    this.#json = json
    this.#config = config
    this.#all = new given.Tokenizer(json, config)
    for (const [token, id] of this.#all.get_vocab(true)) this.#tokens[id] = token
    const added = addedIn(json)
    for (const { content, id } of added) this.#tokens[id] = content
    this.size = this.#tokens.length
    this.special = new Map(added.filter((one) => one.special).map(({ content, id }) => [content, id]))
  }

  idOf(token: string): number | undefined {
    return this.special.get(token) ?? this.#all.token_to_id(token)
  }

  tokenOf(id: number): string | undefined {
    return this.#tokens[id]
  }

  #knowing(allowed: ReadonlySet<string>): TokenizersPeer {
    if (allowed.size === this.special.size) return this.#all
    const key = JSON.stringify([...allowed].sort())
    const known = this.#some.get(key)
    if (known) return known
    const list = Array.isArray(this.#json.added_tokens) ? this.#json.added_tokens : []
    const kept = list.filter((one) => !isObject(one) || one.special !== true || allowed.has(String(one.content)))
    const peer = new this.#package.Tokenizer({ ...this.#json, added_tokens: kept }, this.#config)
    this.#some.set(key, peer)
    return peer
  }

  protected read(op: string, text: string, allowed: ReadonlySet<string>, addSpecial: boolean): Int32Array {
    const peer = this.#knowing(allowed)
    const { ids } = peer.encode(text, { add_special_tokens: false })
    const { model } = this.#json
    // Vocabularies of some families hold special tokens themselves; the one for the unknown has to be there.
    const unknown = isObject(model) ? (model.unk_token ?? this.#tokens[Number(model.unk_id ?? -1)]) : undefined
    for (const [token, id] of this.special)
      if (token !== unknown && !allowed.has(token) && ids.includes(id))
        fail(op, `the text holds the special token ${describe(token)}`, 'allow it by allowedSpecial, or take it out')
    if (!addSpecial) return Int32Array.from(ids)
    this.#around ??= this.#found(op)
    return Int32Array.from([...this.#around[0], ...ids, ...this.#around[1]])
  }

  /** What stands before and after a text: seen at one letter, as a tokenizer without special tokens cannot add any. */
  #found(op: string): readonly [before: number[], after: number[]] {
    const [plain, whole] = [false, true].map((add) => this.#all.encode('a', { add_special_tokens: add }).ids)
    const at = whole.findIndex((_, i) => plain.every((id, k) => whole[i + k] === id))
    if (at < 0) fail(op, 'this tokenizer does not put its special tokens around a text', 'leave addSpecial out')
    return [whole.slice(0, at), whole.slice(at + plain.length)]
  }

  protected override join(ids: ArrayLike<number>, options?: DecodeOptions): string {
    const { skipSpecial } = optionsOf('Tokenizer.decode', options, { skipSpecial: false })
    return this.#textOf(Array.from(ids), skipSpecial)
  }

  #textOf(ids: number[], skipSpecial: boolean): string {
    const how = { skip_special_tokens: skipSpecial, clean_up_tokenization_spaces: false }
    return ids.length === 0 ? '' : this.#all.decode(ids, how)
  }

  decoder(options?: DecodeOptions): TokenDecoder {
    const { skipSpecial } = optionsOf('Tokenizer.decoder', options, { skipSpecial: false })
    const textOf = (some: number[]): string => this.#textOf(some, skipSpecial)
    /** The last ids; of their text that many UTF-16 units have been given out. */
    let ids: number[] = []
    let told = 0
    /** Ids since the text last ended in a whole character. */
    let held = 0
    return {
      push: (id) => {
        this.checkId('Tokenizer.decoder.push', id)
        ids.push(id)
        const text = textOf(ids)
        const sure = wholeOf(text)
        held = sure < text.length ? held + 1 : 0
        if (held > 0 && held < LONGEST) return ''
        const added = text.slice(told, sure)
        ids = ids.slice(-REACH)
        told = wholeOf(textOf(ids))
        return added
      },
      end: () => {
        const rest = textOf(ids).slice(told)
        ids = []
        told = 0
        held = 0
        return rest
      },
    }
  }
}
