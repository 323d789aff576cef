/** @file Byte-level byte-pair encoding: GPT-2's tokenizer, and those of its kin. */
import { describe, fail } from '../core/errors.ts'
import { checkRecord } from '../io/given.ts'
import { optionsOf } from '../ops/base/options.ts'
import type { AddedToken } from './added.ts'
import { bytesOf, characterOf } from './bytes.ts'
import { Merges } from './merges.ts'
import { type PatternName, patterns } from './patterns.ts'
import { checkTokenId, TableTokenizer } from './table.ts'
import { learn, type TrainingTexts } from './train.ts'

/** What a byte-pair encoding is made of. */
export interface BPEParts {
  /** The id of each token, in GPT-2's byte alphabet: `Ġthe` is ' the'. All 256 bytes are among them. */
  vocab: Readonly<Record<string, number>>
  /** Pairs of tokens in the order in which they are merged. */
  merges: readonly (readonly [left: string, right: string])[]
  /** How texts are cut into pieces first; default `'gpt2'`. */
  pattern?: PatternName
  /** Tokens that no merge makes. */
  added?: readonly AddedToken[]
  /** Unicode's normal form that texts are brought to first, if any. */
  normalize?: 'NFC' | null
  /** A piece that is a token is that token, whatever the merges make of it (Llama 3); default false. */
  ignoreMerges?: boolean
  /** Added tokens that `addSpecial` puts before and after each text. */
  around?: readonly [before: readonly string[], after: readonly string[]]
}

/** How {@link BPE.train} learns. */
export interface BPETraining {
  /** Tokens of the vocabulary, bytes and special ones among them; default 1024. It ends earlier if no pair is left. */
  size?: number
  /** How texts are cut into pieces; default `'gpt2'`. */
  pattern?: PatternName
  /** Special tokens; they have the last ids. */
  special?: readonly string[]
  /** How often a pair must occur to be merged; default 2. */
  minCount?: number
}

/** Pieces whose ids are remembered: words come again and again. */
const REMEMBERED = 2 ** 16
/**
 * Characters of such a piece at most: longer parts of a string are not copied by V8: they would keep all of the text.
 */
const SHORT = 12
const encoder = new TextEncoder()

/** Refuse a pattern that there is none of. */
function checkPattern(op: string, pattern: string): void {
  if (!Object.hasOwn(patterns, pattern))
    fail(op, `pattern is ${describe(pattern)}`, `there are ${Object.keys(patterns).join(', ')}`)
}

/**
 * Byte-level byte-pair encoding. A text is cut into pieces (words with the space before them, numbers, punctuation); a
 * piece begins as its bytes in UTF-8, and the pair of neighbours that was learned first is merged until none is left.
 * As each byte is a token, every text has ids, and `decode(encode(text))` is the text.
 *
 *     const bpe = BPE.train(text, { size: 1024, special: ['<|endoftext|>'] })
 *     bpe.decode(bpe.encode('to be, or not to be'))
 *
 * Files: {@link loadTokenizer}, {@link saveTokenizer}.
 */
export class BPE extends TableTokenizer {
  /** How texts are cut into pieces. */
  readonly pattern: PatternName
  /** Unicode's normal form that texts are brought to first, if any. */
  readonly normalize: 'NFC' | null
  /** Whether a piece that is a token is that token, whatever the merges make of it. */
  readonly ignoreMerges: boolean
  readonly #merges = new Merges()
  readonly #ofByte = new Int32Array(256)
  readonly #known = new Map<string, readonly number[]>()
  readonly #around: readonly [before: readonly number[], after: readonly number[]]

  /**
   * A vocabulary and its merges.
   * @throws HandgradError if a byte is missing, a merge names or makes an unknown token or stands twice, ids occur
   *   twice, or a token that was not added is not written in the byte alphabet
   */
  constructor(parts: BPEParts) {
    super('BPE')
    const op = this.name
    const { vocab, merges, pattern, added, normalize, ignoreMerges, around } = optionsOf(op, parts, {
      ...{ vocab: undefined, merges: undefined, pattern: 'gpt2', added: [], normalize: null },
      ...{ ignoreMerges: false, around: [[], []] },
    })
    checkRecord(op, 'vocab', vocab, 'give an object of ids by token')
    if (!Array.isArray(merges)) fail(op, `merges is ${describe(merges)}`, 'give a list of pairs of tokens')
    checkPattern(op, pattern)
    if (normalize !== null && normalize !== 'NFC') fail(op, `normalize is ${describe(normalize)}`, "give 'NFC' or null")
    if (!Array.isArray(added)) fail(op, `added is ${describe(added)}`, 'give a list of tokens')
    this.pattern = pattern
    this.normalize = normalize
    this.ignoreMerges = ignoreMerges
    const whole = new Set(added.map((one) => one?.content))
    const spelled: (Uint8Array | undefined)[] = []
    for (const token in vocab) {
      const id: unknown = vocab[token]
      checkTokenId(op, token, id)
      spelled[id] = bytesOf(token)
      if (spelled[id] === undefined && !whole.has(token))
        fail(op, `the token ${describe(token)} is not written in the byte alphabet`, 'is it one of `added`?')
      this.put(token, id, spelled[id] ?? new Uint8Array())
    }
    this.#ofByte.set(characterOf.map((character, byte) => this.idOf(character) ?? this.#missing(byte)))
    merges.forEach((pair, i) => {
      this.#merge(i, pair)
    })
    for (const one of added) this.add(one)
    this.#around = around.map((names) => names.map((token) => this.#aroundId(token))) as [number[], number[]] // two
  }

  #missing(byte: number): never {
    const character = characterOf[byte]
    return fail(this.name, `the vocabulary lacks byte ${byte}, ${describe(character)}`, 'each of the 256 is a token')
  }

  #aroundId(token: string): number {
    return this.special.get(token) ?? fail(this.name, `${describe(token)} in around is not a special token`)
  }

  #merge(i: number, pair: readonly [string, string]): void {
    const what = `merge ${i}`
    if (!Array.isArray(pair) || pair.length !== 2 || pair.some((part) => typeof part !== 'string'))
      fail(this.name, `${what} is ${describe(pair)}`, 'give pairs of tokens')
    const [left, right] = pair
    const [l, r, made] = [left, right, left + right].map(
      (token) =>
        this.idOf(token) ??
        fail(
          this.name,
          `${what}, of ${describe(left)} and ${describe(right)}, needs the unknown token ${describe(token)}`,
        ),
    )
    if (!this.#merges.put(l, r, made))
      fail(this.name, `${what}, of ${describe(left)} and ${describe(right)}, stands twice`)
  }

  /**
   * Learns from texts: again and again the pair of neighbours that occurs most often, of equal ones that with the
   * lowest ids, becomes a token. Bytes have GPT-2's ids, 0 to 255; merges follow, special tokens come last.
   * @param texts  one, or any number
   * @throws HandgradError if there is nothing to learn from, or `size` does not hold the bytes and special tokens
   */
  static train(texts: TrainingTexts, options?: BPETraining): BPE {
    const op = 'BPE.train'
    const { size, pattern, special, minCount } = optionsOf(op, options, {
      ...{ size: 1024, pattern: 'gpt2', special: [], minCount: 2 },
    })
    if (!Array.isArray(special)) fail(op, `special is ${describe(special)}`, 'give a list of tokens')
    const least = 256 + special.length
    if (!Number.isInteger(size) || size < least)
      fail(op, `size is ${describe(size)}`, `give an integer from ${least}, the bytes and special tokens`)
    if (!Number.isInteger(minCount) || minCount < 1)
      fail(op, `minCount is ${describe(minCount)}`, 'give an integer from 1')
    checkPattern(op, pattern)
    const { tokens, merges } = learn(op, texts, patterns[pattern].regex, size - special.length, minCount)
    const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]))
    return new BPE({ vocab, merges, pattern, added: special.map((content) => ({ content })) })
  }

  /** Pairs of tokens in the order in which they are merged. */
  get merges(): (readonly [left: string, right: string])[] {
    const spelled = (id: number): string => this.tokenOf(id) as string // the ids of merges are in the table
    return Array.from(this.#merges, ([left, right]) => [spelled(left), spelled(right)])
  }

  /** Ids that `addSpecial` puts before and after each text. */
  override get around(): readonly [before: readonly number[], after: readonly number[]] {
    return this.#around
  }

  protected ordinary(_: string, text: string, ids: number[]): void {
    const normal = this.normalize ? text.normalize(this.normalize) : text
    for (const piece of normal.match(patterns[this.pattern].regex) ?? []) {
      const found = this.#known.get(piece) ?? this.#idsOf(piece)
      for (let i = 0; i < found.length; i++) ids.push(found[i])
    }
  }

  #idsOf(piece: string): readonly number[] {
    const bytes = encoder.encode(piece)
    const whole = this.ignoreMerges ? this.idOf(Array.from(bytes, (byte) => characterOf[byte]).join('')) : undefined
    const ids = whole === undefined ? this.#merges.apply(Array.from(bytes, (byte) => this.#ofByte[byte])) : [whole]
    if (piece.length <= SHORT) {
      if (this.#known.size >= REMEMBERED) this.#known.clear()
      this.#known.set(piece, ids)
    }
    return ids
  }
}
