/**
 * @file Learning merges: count the pairs of neighbours in all pieces of the texts, make the most frequent one a token,
 * and change the counts where it occurred; again, until the vocabulary is full. Equal pieces are looked at once.
 */
import { describe, fail } from '../core/errors.ts'
import { byteOrder, characterOf } from './bytes.ts'
import { Heap } from './heap.ts'
import { pairOf } from './merges.ts'
import { MOST_TOKENS } from './tokenizer.ts'

/** What is learned from: a text, or any number of them. */
export type TrainingTexts = string | Iterable<string>

/** All texts, checked. */
export function* textsOf(op: string, texts: TrainingTexts): Generator<string> {
  if (typeof texts === 'string') return yield texts
  if (typeof texts !== 'object' || texts === null || !(Symbol.iterator in texts))
    fail(op, `texts is ${describe(texts)}`, 'give a text or a list of texts')
  for (const text of texts) {
    if (typeof text !== 'string') fail(op, `a text is ${describe(text)}`, 'give strings')
    yield text
  }
}

/** How often each piece occurs. */
export function countPieces(
  op: string,
  texts: TrainingTexts,
  pattern: RegExp,
  normal = (text: string): string => text,
): Map<string, number> {
  const counts = new Map<string, number>()
  for (const text of textsOf(op, texts))
    for (const piece of normal(text).match(pattern) ?? []) counts.set(piece, (counts.get(piece) ?? 0) + 1)
  if (counts.size === 0) fail(op, 'the texts are empty', 'give some to learn from')
  return counts
}

/** Pairs of neighbours: how often each occurs, and in which words. */
class Pairs {
  readonly #counts = new Map<number, number>()
  readonly #words = new Map<number, number[]>()
  readonly #changed = new Set<number>()
  /** The most frequent first, as they were when they were put; of equal ones the lowest ids. */
  readonly #heap = new Heap()

  add(left: number, right: number, count: number, word: number): void {
    const pair = pairOf(left, right)
    this.#counts.set(pair, (this.#counts.get(pair) ?? 0) + count)
    if (count < 0) return
    this.#changed.add(pair)
    const words = this.#words.get(pair)
    if (!words) this.#words.set(pair, [word])
    else if (words[words.length - 1] !== word) words.push(word)
  }

  /** Take out the pair that occurs most often, at least `least` times. */
  take(least: number): { left: number; right: number; words: readonly number[] } | undefined {
    for (const pair of this.#changed) this.#heap.push(-(this.#counts.get(pair) ?? 0), pair)
    this.#changed.clear()
    while (this.#heap.size > 0) {
      const pair = this.#heap.pop()
      const count = this.#counts.get(pair) ?? 0
      // It became rarer since it was put: it has to wait for those that are more frequent now.
      if (count < -this.#heap.key && count >= least) this.#heap.push(-count, pair)
      if (count !== -this.#heap.key || count < least) continue
      const words = this.#words.get(pair) ?? []
      this.#counts.delete(pair)
      this.#words.delete(pair)
      const right = pair % MOST_TOKENS
      return { left: (pair - right) / MOST_TOKENS, right, words }
    }
    return undefined
  }
}

/** What was learned, in the byte alphabet: the bytes come first. */
interface Learned {
  tokens: string[]
  merges: [left: string, right: string][]
}

/** Learn merges until there are `size` tokens, or no pair occurs `least` times. */
export function learn(op: string, texts: TrainingTexts, pattern: RegExp, size: number, least: number): Learned {
  const pieces = [...countPieces(op, texts, pattern)]
  const tokens = byteOrder.map((byte) => characterOf[byte])
  const ids = new Map(tokens.map((token, id) => [token, id]))
  const idOf = new Uint8Array(256)
  byteOrder.forEach((byte, id) => {
    idOf[byte] = id
  })
  const encoder = new TextEncoder()
  const words = pieces.map(([piece]) => Array.from(encoder.encode(piece), (byte) => idOf[byte]))
  const pairs = new Pairs()
  words.forEach((word, at) => {
    for (let i = 0; i + 1 < word.length; i++) pairs.add(word[i], word[i + 1], pieces[at][1], at)
  })
  const merges: Learned['merges'] = []
  while (tokens.length < size) {
    const best = pairs.take(least)
    if (!best) break
    const [left, right] = [tokens[best.left], tokens[best.right]]
    merges.push([left, right])
    // Two pairs may make one token: ab with c, a with bc.
    const made = ids.get(left + right) ?? tokens.push(left + right) - 1
    ids.set(left + right, made)
    for (const at of new Set(best.words)) words[at] = replaced(words[at], best, made, pairs, pieces[at][1], at)
  }
  return { tokens, merges }
}

/** A word in which a pair has become a token; its neighbours are counted with the token in place of the parts. */
function replaced(
  ids: readonly number[],
  { left, right }: { left: number; right: number },
  made: number,
  pairs: Pairs,
  count: number,
  word: number,
): number[] {
  const result: number[] = []
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] !== left || ids[i + 1] !== right) {
      result.push(ids[i])
      continue
    }
    const before = result[result.length - 1]
    if (before !== undefined) {
      pairs.add(before, left, -count, word)
      pairs.add(before, made, count, word)
    }
    const after = ids[i + 2]
    if (after !== undefined) {
      pairs.add(right, after, -count, word)
      pairs.add(made, after, count, word)
    }
    result.push(made)
    i++
  }
  return result
}
