/** @file A heap of pairs of numbers: the smallest key first, and of equal keys the smallest value. */

export class Heap {
  /** Key of what {@link pop} gave last. */
  key = 0
  readonly #keys: number[] = []
  readonly #values: number[] = []

  get size(): number {
    return this.#keys.length
  }

  push(key: number, value: number): void {
    const [keys, values] = [this.#keys, this.#values]
    let at = keys.length
    while (at > 0) {
      const above = (at - 1) >> 1
      if (keys[above] < key || (keys[above] === key && values[above] <= value)) break
      keys[at] = keys[above]
      values[at] = values[above]
      at = above
    }
    keys[at] = key
    values[at] = value
  }

  /** Takes the smallest pair out. @returns its value; the heap must not be empty */
  pop(): number {
    const [keys, values] = [this.#keys, this.#values]
    const first = values[0]
    this.key = keys[0]
    const key = keys.pop() as number // not empty
    const value = values.pop() as number // as many as keys
    const { length } = keys
    if (length === 0) return first
    let at = 0
    for (let below = 1; below < length; below = 2 * at + 1) {
      const other = below + 1
      if (
        other < length &&
        (keys[other] < keys[below] || (keys[other] === keys[below] && values[other] < values[below]))
      )
        below = other
      if (key < keys[below] || (key === keys[below] && value <= values[below])) break
      keys[at] = keys[below]
      values[at] = values[below]
      at = below
    }
    keys[at] = key
    values[at] = value
    return first
  }
}
