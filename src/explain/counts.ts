/** @file Counts the accesses of a dispatch as the interpreter tells of them, and keeps those of a small one. */
import { WORD_BYTES } from '../core/contract.ts'
import type { Access, Memory } from '../interpreter/program.ts'
import type { Touched } from './data.ts'

/** Accesses that a player shows one by one. */
const MOST_SHOWN = 8192

/** The memory of a variable that is bound. */
export interface Held {
  readonly space: 'uniform' | 'storage'
  readonly memory: Memory
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** For each word of a storage whether it was read, and written. */
interface Flags {
  readonly read: Uint8Array
  readonly written: Uint8Array
}

interface Counted {
  readonly touched: Mutable<Touched>
  readonly flags: Flags
}

export class Counts {
  private readonly places: ReadonlyMap<string, Held>
  private readonly found = new Map<string, Counted>()
  /** By storage: two variables may be one. */
  private readonly flags = new Map<Memory, Flags>()
  /** By file and line: how often each variable was read and written there. */
  private readonly lines = new Map<string, Record<'reads' | 'writes', Map<string, number>>>()
  private kept: Access[] | undefined = []

  /** @param places  what is bound, by variable: others are workgroup memory */
  constructor(places: ReadonlyMap<string, Held>) {
    this.places = places
  }

  add(access: Access): void {
    const { does, buffer, byte, bytes, file, line } = access
    const {
      touched,
      flags: { read, written },
    } = this.of(buffer)
    const [from, to] = [Math.floor(byte / WORD_BYTES), Math.ceil((byte + bytes) / WORD_BYTES)]
    if (does === 'atomic') touched.atomics++
    if (does === 'read') touched.reads++
    if (does === 'write') touched.writes++
    if (does !== 'write') {
      touched.bytesRead += bytes
      read.fill(1, from, to)
    }
    if (does !== 'read') {
      touched.bytesWritten += bytes
      written.fill(1, from, to)
    }
    const key = `${file}:${line}`
    const own = this.lines.get(key) ?? { reads: new Map(), writes: new Map() }
    this.lines.set(key, own)
    const map = does === 'read' ? own.reads : own.writes
    map.set(buffer, (map.get(buffer) ?? 0) + 1)
    // Params are read by every thread, and tell nothing.
    if (touched.space !== 'uniform') this.kept?.push(access)
    if (this.kept && this.kept.length > MOST_SHOWN) this.kept = undefined
  }

  /** Each variable, in the order in which they were first touched. */
  touched(): Touched[] {
    return [...this.found.values()].map(({ touched, flags }) => ({
      ...touched,
      distinctRead: ones(flags.read) * WORD_BYTES,
      distinctWritten: ones(flags.written) * WORD_BYTES,
    }))
  }

  /** Words of storage that were written, each once. */
  get outputs(): number {
    return this.sum(({ written }) => ones(written))
  }

  /** Bytes of storage that were read, and that were written, each once. */
  get moved(): number {
    return WORD_BYTES * this.sum(({ read, written }) => ones(read) + ones(written))
  }

  /** The accesses in their order; undefined where there are too many. */
  get accesses(): readonly Access[] | undefined {
    return this.kept
  }

  /** What a line read or wrote, by variable. */
  at(file: string, line: number): Readonly<Record<'reads' | 'writes', ReadonlyMap<string, number>>> | undefined {
    return this.lines.get(`${file}:${line}`)
  }

  /** Whether any of these lines touched memory. */
  has(file: string, from: number, to: number): boolean {
    for (let line = from; line <= to; line++) if (this.lines.has(`${file}:${line}`)) return true
    return false
  }

  private of(buffer: string): Counted {
    const known = this.found.get(buffer)
    if (known) return known
    const held = this.places.get(buffer)
    const space = held?.space ?? 'workgroup'
    const none = { reads: 0, writes: 0, atomics: 0, bytesRead: 0, bytesWritten: 0 }
    const touched = { name: buffer, space, ...none, distinctRead: 0, distinctWritten: 0 } as const
    const flags = (held && this.flags.get(held.memory)) ?? flagsOf(held?.memory)
    // Nor are they a part of what a kernel moves.
    if (held?.space === 'storage') this.flags.set(held.memory, flags)
    const made = { touched: { ...touched }, flags }
    this.found.set(buffer, made)
    return made
  }

  private sum(of: (flags: Flags) => number): number {
    return [...this.flags.values()].reduce((sum, one) => sum + of(one), 0)
  }
}

function flagsOf(memory?: Memory): Flags {
  const words = (memory?.buffer.byteLength ?? 0) / WORD_BYTES
  return { read: new Uint8Array(words), written: new Uint8Array(words) }
}

const ones = (flags: Uint8Array): number => flags.reduce((sum, flag) => sum + flag, 0)
