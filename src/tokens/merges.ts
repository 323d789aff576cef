/**
 * @file Byte-pair encoding: of all neighbours in a piece, the pair that was merged first in training is merged, until
 * no pair is left that was. The number of a merge is its *rank*: a lower one goes first, because later merges were
 * learned from text in which it had been made already. The leftmost of equal ranks goes first.
 * @see Sennrich, Haddow, Birch 2016, https://arxiv.org/abs/1508.07909
 */
import { Heap } from './heap.ts'
import { MOST_TOKENS } from './tokenizer.ts'

/** Two ids as one exact number. */
export const pairOf = (left: number, right: number): number => left * MOST_TOKENS + right

/** Up to this many ids, looking at all ranks is faster than a heap of them. */
const SHORT = 128
const NONE = 2 ** 30

/** The merges of a vocabulary. */
export class Merges {
  /** Rank of each pair. */
  readonly #ranks = new Map<number, number>()
  /** What a merge makes. */
  readonly #made: number[] = []

  /** Put the next merge. @returns false if the pair has a rank already */
  put(left: number, right: number, made: number): boolean {
    const pair = pairOf(left, right)
    if (this.#ranks.has(pair)) return false
    this.#ranks.set(pair, this.#made.push(made) - 1)
    return true
  }

  /** All merges by rank: the pair, and what it makes. */
  *[Symbol.iterator](): Generator<[left: number, right: number, made: number]> {
    for (const [pair, rank] of this.#ranks) {
      const right = pair % MOST_TOKENS
      yield [(pair - right) / MOST_TOKENS, right, this.#made[rank]]
    }
  }

  #rank(left: number, right: number): number {
    return this.#ranks.get(pairOf(left, right)) ?? NONE
  }

  /** Merge the pairs of a piece. @param ids  of its bytes; changed @returns the same list */
  apply(ids: number[]): number[] {
    return ids.length > SHORT ? this.#applyLong(ids) : this.#applyShort(ids)
  }

  #applyShort(ids: number[]): number[] {
    const ranks: number[] = []
    for (let i = 0; i + 1 < ids.length; i++) ranks.push(this.#rank(ids[i], ids[i + 1]))
    for (;;) {
      let [at, least] = [-1, NONE]
      for (let i = 0; i < ranks.length; i++)
        if (ranks[i] < least) {
          least = ranks[i]
          at = i
        }
      if (at < 0) return ids
      ids[at] = this.#made[least]
      ids.splice(at + 1, 1)
      ranks.splice(at, 1)
      if (at > 0) ranks[at - 1] = this.#rank(ids[at - 1], ids[at])
      if (at < ranks.length) ranks[at] = this.#rank(ids[at], ids[at + 1])
    }
  }

  /** By a heap of ranks and a linked list of ids: n log n steps, also for a text without any space. */
  #applyLong(ids: number[]): number[] {
    const n = ids.length
    const next = Int32Array.from(ids, (_, i) => i + 1)
    const before = Int32Array.from(ids, (_, i) => i - 1)
    /** Rank of the pair that begins at each place: what the heap has of it is stale where this is another. */
    const ranks = new Int32Array(n).fill(NONE)
    const heap = new Heap()
    const look = (at: number): void => {
      ranks[at] = next[at] < n ? this.#rank(ids[at], ids[next[at]]) : NONE
      if (ranks[at] < NONE) heap.push(ranks[at], at)
    }
    for (let i = 0; i < n; i++) look(i)
    while (heap.size > 0) {
      const at = heap.pop()
      if (ranks[at] !== heap.key) continue
      const gone = next[at]
      ids[at] = this.#made[heap.key]
      ranks[gone] = NONE
      next[at] = next[gone]
      if (next[at] < n) before[next[at]] = at
      look(at)
      if (before[at] >= 0) look(before[at])
    }
    let count = 0
    for (let i = 0; i < n; i = next[i]) ids[count++] = ids[i]
    ids.length = count
    return ids
  }
}
