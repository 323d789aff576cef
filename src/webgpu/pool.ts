/**
 * @file Buffers that nobody uses at the moment, by size class, for whoever asks next. How many of a class a program
 * needs shows in the fewest that were free over some hundred launches: so many went unused all that time, and go back
 * to the system. A growing context, or an odd last batch, leaves classes behind that are never asked for again.
 */
import type { Slab } from './buffers.ts'

/** Launches over which it is watched what is needed, at first and at most. */
const FIRST = 512
const MOST = 8192

/** The free buffers of one size. */
interface Shelf {
  readonly slabs: Slab[]
  /** The fewest there were since the last time that shelves were looked through. */
  least: number
  /** How many went to the system for being unused. */
  dropped: number
}

export class Pool {
  count = 0
  bytes = 0
  private readonly retire: (slab: Slab) => void
  private readonly shelves = new Map<number, Shelf>()
  private launches = 0
  private window = FIRST
  /** One was missed that had been dropped. */
  private missed = false

  /** @param retire  what becomes of a buffer that leaves the pool for good */
  constructor(retire: (slab: Slab) => void) {
    this.retire = retire
  }

  take(bytes: number): Slab | undefined {
    const shelf = this.shelves.get(bytes)
    if (!shelf) return undefined
    const slab = shelf.slabs.pop()
    if (slab) {
      this.count--
      this.bytes -= bytes
      shelf.least = Math.min(shelf.least, shelf.slabs.length)
    } else if (shelf.dropped > 0) {
      shelf.dropped--
      this.missed = true
    }
    return slab
  }

  give(slab: Slab): void {
    this.count++
    this.bytes += slab.bytes
    const shelf = this.shelves.get(slab.bytes)
    if (shelf) shelf.slabs.push(slab)
    else this.shelves.set(slab.bytes, { slabs: [slab], least: 0, dropped: 0 })
  }

  /** Let go of buffers, large ones first, until at most `keep` bytes are free. */
  trim(keep: number): void {
    for (const size of [...this.shelves.keys()].sort((a, b) => b - a)) {
      const shelf = this.shelves.get(size)!
      while (shelf.slabs.length > 0 && this.bytes > keep) this.drop(shelf.slabs.pop()!)
      shelf.least = Math.min(shelf.least, shelf.slabs.length)
    }
  }

  /**
   * Told of launches; lets go of what none of the last ones needed. Where a program takes more launches for a round of
   * its own, some of that is asked for again: then it is watched over twice as many.
   */
  ran(launches: number): void {
    this.launches += launches
    if (this.launches < this.window) return
    this.launches = 0
    if (this.missed) this.window = Math.min(2 * this.window, MOST)
    this.missed = false
    for (const shelf of this.shelves.values()) {
      // The last given is the first taken: those at the front were not touched.
      for (const slab of shelf.slabs.splice(0, shelf.least)) this.drop(slab)
      shelf.dropped += shelf.least
      shelf.least = shelf.slabs.length
    }
  }

  private drop(slab: Slab): void {
    this.count--
    this.bytes -= slab.bytes
    this.retire(slab)
  }
}
