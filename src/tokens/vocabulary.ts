/** @file Vocabularies of characters and of words: what a text has of them are the tokens. */
import { describe, fail } from '../core/errors.ts'
import { optionsOf } from '../ops/base/options.ts'
import { TableTokenizer } from './table.ts'
import { countPieces, type TrainingTexts } from './train.ts'

/** Tokens beside those of the texts. */
export interface VocabularyOptions {
  /** Special tokens, such as `<eos>`; they have the first ids. */
  special?: readonly string[]
  /**
   * The special token that stands for what the vocabulary lacks; null: that is refused. Default: `<unk>` for words,
   * null for characters.
   */
  unknown?: string | null
}

/** Which words become tokens. */
export interface WordOptions extends VocabularyOptions {
  /** Tokens at most, special ones among them: the most frequent words stay; default: all. */
  size?: number
  /** How often a word must occur; default 1. */
  minCount?: number
}

const encoder = new TextEncoder()

/** A text as UTF-8 has it. */
const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\ufffd')

/** A vocabulary of pieces that a pattern finds; together they are the text. */
abstract class PieceTokenizer extends TableTokenizer {
  /** The tokens but special ones, by their ids: `JSON.stringify` keeps them, the constructor takes them. */
  readonly tokens: readonly string[]
  /** The special token that stands for what the vocabulary lacks, if any. */
  readonly unknown: string | null
  readonly #pattern: RegExp

  constructor(
    name: string,
    pattern: RegExp,
    tokens: readonly string[],
    special: readonly string[],
    unknown: string | null,
  ) {
    super(name)
    this.#pattern = pattern
    this.unknown = unknown
    if (!Array.isArray(tokens)) fail(name, `tokens is ${describe(tokens)}`, 'give a list of strings')
    for (const content of namesOf(name, special, unknown)) this.add({ content })
    for (const token of tokens) {
      if (typeof token !== 'string' || token.match(pattern)?.[0] !== token)
        fail(name, `${describe(token)} is not one token`, 'give what train found')
      this.put(token, this.size, encoder.encode(token))
    }
    this.tokens = [...tokens]
  }

  protected ordinary(op: string, text: string, ids: number[]): void {
    const unknown = this.unknown === null ? undefined : this.idOf(this.unknown)
    for (const { 0: piece, index } of wellFormed(text).matchAll(this.#pattern)) {
      const known = this.idOf(piece)
      // The text of a special token is one only where that is asked for.
      const id = known !== undefined && !this.special.has(piece) ? known : unknown
      if (id === undefined) {
        const where = index > 0 ? ` after ${describe(text.slice(Math.max(0, index - 20), index))}` : ''
        fail(op, `${describe(piece)}${where} is not in the vocabulary`, 'train with it, or give `unknown` a token')
      }
      ids.push(id)
    }
  }
}

/** Special tokens, with the one for the unknown. */
function namesOf(op: string, special: readonly string[], unknown: string | null): readonly string[] {
  if (!Array.isArray(special)) fail(op, `special is ${describe(special)}`, 'give a list of tokens')
  return unknown === null || special.includes(unknown) ? special : [unknown, ...special]
}

const CHARACTER = /./gsu

/**
 * A vocabulary of characters (code points), in their order.
 *
 *     const letters = CharTokenizer.train(text)
 *     letters.decode(letters.encode('hello'))
 */
export class CharTokenizer extends PieceTokenizer {
  /**
   * A vocabulary that was learned before.
   * @throws HandgradError if a token is more than a character, or occurs twice
   */
  constructor(tokens: readonly string[], options?: VocabularyOptions) {
    const { special, unknown } = optionsOf('CharTokenizer', options, { special: [], unknown: null })
    super('CharTokenizer', CHARACTER, tokens, special, unknown)
  }

  /** All characters of the texts. @throws HandgradError if there are none */
  static train(texts: TrainingTexts, options?: VocabularyOptions): CharTokenizer {
    const found = [...countPieces('CharTokenizer.train', texts, CHARACTER, wellFormed).keys()]
    // By code points: the default order is that of UTF-16, which has emoji before U+E000
    const sorted = found.sort((a, b) => Number(a.codePointAt(0)) - Number(b.codePointAt(0)))
    return new CharTokenizer(sorted, options)
  }
}

/**
 * Words with the space before them; where the script has no spaces, as Chinese has none, a character is a word. Digits
 * in a row are one, other signs are each their own, and so is white space but that one space.
 */
const WORD =
  / ?(?:\p{Script=Han}|(?:(?!\p{Script=Han})[\p{L}\p{M}])+|\p{N}+|[^\p{White_Space}\p{L}\p{M}\p{N}])|\p{White_Space}/gu

/**
 * A vocabulary of words, the most frequent first. A space belongs to the word after it, so that the tokens of a text
 * are the text: ' the' and 'the' are two. Each Chinese character is a word.
 *
 *     const words = WordTokenizer.train(text, { size: 10_000 })
 */
export class WordTokenizer extends PieceTokenizer {
  /**
   * A vocabulary that was learned before.
   * @throws HandgradError if a token is more than a word, or occurs twice
   */
  constructor(tokens: readonly string[], options?: VocabularyOptions) {
    const { special, unknown } = optionsOf('WordTokenizer', options, { special: [], unknown: '<unk>' })
    super('WordTokenizer', WORD, tokens, special, unknown)
  }

  /**
   * The words of texts; of those that occur equally often the one that was seen first has the lower id.
   * @throws HandgradError if there are none, or `size` has no room for them
   */
  static train(texts: TrainingTexts, options?: WordOptions): WordTokenizer {
    const op = 'WordTokenizer.train'
    const { size, minCount, special, unknown } = optionsOf(op, options, {
      ...{ size: undefined, minCount: 1, special: [], unknown: '<unk>' },
    })
    const others = namesOf(op, special, unknown).length
    if (size !== undefined && !(Number.isInteger(size) && size > others))
      fail(op, `size is ${describe(size)}`, `give an integer above ${others}, the special tokens`)
    if (!Number.isInteger(minCount) || minCount < 1)
      fail(op, `minCount is ${describe(minCount)}`, 'give an integer from 1')
    const counts = [...countPieces(op, texts, WORD, wellFormed)].filter(([, count]) => count >= minCount)
    const sorted = counts.sort(([, a], [, b]) => b - a).map(([word]) => word)
    return new WordTokenizer(size === undefined ? sorted : sorted.slice(0, size - others), { special, unknown })
  }
}
