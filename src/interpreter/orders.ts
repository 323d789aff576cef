/**
 * @file What barriers are for: which of them stand between two accesses that must not change places. Removing a barrier
 * with all its turns does harm if some pair of accesses has nothing else between it. Atomics count as others do: what
 * they leave does not depend on their order, what they see does.
 */
import { WORD_BYTES } from '../core/contract.ts'
import type { Access, Barrier } from './program.ts'

interface Did {
  readonly thread: number
  /** Barriers that were passed before. */
  readonly phase: number
}

/** The latest of some thread, and the latest of any other. */
class Latest {
  private last: Did | undefined
  private other: Did | undefined

  note(did: Did): void {
    if (this.last?.thread !== did.thread) this.other = this.last
    this.last = did
  }

  /** The latest of another thread. */
  before({ thread }: Did): Did | undefined {
    return this.last?.thread === thread ? this.other : this.last
  }
}

interface Cell {
  readonly reads: Latest
  readonly writes: Latest
  isWritten: boolean
}

export class Orders {
  /** Barriers that a pair of accesses needs, by place. */
  private readonly needed: Set<string>
  private passed: Barrier[] = []
  private readonly cells = new Map<string, Cell>()
  /** Pairs of phases that were looked at. */
  private readonly known = new Set<string>()

  constructor(needed: Set<string>) {
    this.needed = needed
  }

  /** @returns whether it reads workgroup memory that its workgroup has not written */
  add({ does, space, buffer, byte, bytes, thread, phase }: Access): boolean {
    let isUnwritten = false
    if (space === 'uniform') return isUnwritten
    const did = { thread, phase }
    for (let word = Math.floor(byte / WORD_BYTES); word * WORD_BYTES < byte + bytes; word++) {
      const cell = this.cell(`${buffer} ${word}`)
      this.compare(cell.writes.before(did), did, space)
      if (does === 'read') cell.reads.note(did)
      else {
        this.compare(cell.reads.before(did), did, space)
        cell.writes.note(did)
      }
      if (does !== 'write' && space === 'workgroup' && !cell.isWritten) isUnwritten = true
      if (does !== 'read') cell.isWritten = true
    }
    return isUnwritten
  }

  pass(barrier: Barrier): void {
    this.passed.push(barrier)
  }

  /** The next workgroup begins. */
  clear(): void {
    this.passed = []
    this.cells.clear()
    this.known.clear()
  }

  private cell(key: string): Cell {
    let cell = this.cells.get(key)
    if (!cell) this.cells.set(key, (cell = { reads: new Latest(), writes: new Latest(), isWritten: false }))
    return cell
  }

  private compare(earlier: Did | undefined, later: Did, space: 'workgroup' | 'storage'): void {
    if (!earlier || earlier.phase === later.phase) return
    const key = `${space} ${earlier.phase} ${later.phase}`
    if (this.known.has(key)) return
    this.known.add(key)
    const between = this.passed.slice(earlier.phase, later.phase).filter(({ orders }) => orders === space)
    const places = new Set(between.map(placeOf))
    if (places.size === 1) for (const place of places) this.needed.add(place)
  }
}

/** A barrier by its place in the text: entry points share what stands in a library. */
export const placeOf = ({ file, line }: Pick<Barrier, 'file' | 'line'>): string => `${file}:${line}`
