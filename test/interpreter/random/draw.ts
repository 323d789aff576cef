/** @file Random choices that a seed decides, so that a program can be made again. */

export class Draw {
  private state: number

  constructor(seed: number) {
    // Seeds that follow each other begin far from each other.
    this.state = Math.imul(seed + 1, 0x9e3779b1)
  }

  /** 32 random bits (mulberry32). */
  bits(): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let t = Math.imul(this.state ^ (this.state >>> 15), this.state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return (t ^ (t >>> 14)) >>> 0
  }

  /** From 0 to n - 1. */
  below(n: number): number {
    return Math.floor((this.bits() / 2 ** 32) * n)
  }

  /** From low to high, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1)
  }

  chance(probability: number): boolean {
    return this.bits() / 2 ** 32 < probability
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]
  }

  /** One of a table whose rows begin with how often they are wanted. */
  weighted<T>(rows: readonly (readonly [number, T])[]): T {
    const sum = rows.reduce((all, [weight]) => all + weight, 0)
    let at = (this.bits() / 2 ** 32) * sum
    for (const [weight, one] of rows) if ((at -= weight) < 0) return one
    return rows[rows.length - 1][1]
  }

  /** An integer of 32 bits, often one where something happens. */
  word(): number {
    const kind = this.below(8)
    if (kind < 3) return this.below(40)
    if (kind === 3) return -this.below(40) >>> 0
    if (kind === 4) return this.pick(corners)
    return kind === 5 ? 2 ** this.below(32) - this.below(2) : this.bits()
  }
}

const corners = [0x7fffffff, 0x80000000, 0xffffffff, 0x80000001, 0xffff, 0x10000, 0xffffff, 0x01020304, 0x80808080]
