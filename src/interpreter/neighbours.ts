/**
 * @file What 32 neighbours, which a GPU runs at once, touch together: sectors of the memory behind a storage buffer,
 * banks of workgroup memory. Those who come to a place for the k-th time are taken to come there together.
 * Source: NVIDIA, CUDA C++ Best Practices Guide, "Coalesced Access to Global Memory", "Shared Memory and Memory Banks".
 */
import { WORD_BYTES } from '../core/contract.ts'
import type { Access } from './program.ts'

export const NEIGHBOURS = 32
/** Bytes that come from memory together. */
export const SECTOR = 32
/** Words that workgroup memory can hand out at once, each from its own bank. */
const BANKS = 32
/** How often a thread comes to a place that is looked at: what it does later is much the same. */
const MOST_TURNS = 1024

/** How much a place took, beside the least that would have done: sectors, or turns of the banks. */
export interface Took {
  readonly access: Access
  took: number
  least: number
  /** How often 32 neighbours came. */
  times: number
}

interface Place {
  readonly first: Access
  readonly turns: Map<number, number>
  /** The first bytes that neighbours touched together, by turn and the number of their 32. */
  readonly together: Map<string, number[]>
}

export class Neighbours {
  private readonly places = new Map<number, Place>()

  add(access: Access): void {
    const { site, thread, does, space, byte } = access
    // Atomics take turns anyway, and params come by a way of their own.
    if (does === 'atomic' || space === 'uniform') return
    let place = this.places.get(site)
    if (!place) this.places.set(site, (place = { first: access, turns: new Map(), together: new Map() }))
    const turn = place.turns.get(thread) ?? 0
    if (turn >= MOST_TURNS) return
    place.turns.set(thread, turn + 1)
    const key = `${turn} ${Math.floor(thread / NEIGHBOURS)}`
    const bytes = place.together.get(key)
    if (bytes) bytes.push(byte)
    else place.together.set(key, [byte])
  }

  /** What each place took in this workgroup; the next one begins anew. */
  take(): Took[] {
    const all = [...this.places.values()].map(({ first, together }) => {
      const took = { access: first, took: 0, least: 0, times: together.size }
      const add = first.space === 'storage' ? addSectors : addBanks
      for (const starts of together.values()) add(took, starts, first.bytes)
      return took
    })
    this.places.clear()
    return all
  }
}

function addSectors(to: Took, starts: readonly number[], bytes: number): void {
  const touched = starts.flatMap((byte) => [Math.floor(byte / SECTOR), Math.floor((byte + bytes - 1) / SECTOR)])
  to.took += new Set(touched).size
  to.least += Math.ceil((new Set(starts).size * bytes) / SECTOR)
}

/** Wide elements go to fewer threads at a time, so that no more words are asked for than there are banks. */
function addBanks(to: Took, starts: readonly number[], bytes: number): void {
  const words = Math.ceil(bytes / WORD_BYTES)
  const atOnce = Math.max(1, Math.floor(BANKS / words))
  for (let i = 0; i < starts.length; i += atOnce) {
    const asked = starts
      .slice(i, i + atOnce)
      .flatMap((byte) => Array.from({ length: words }, (_, k) => Math.floor(byte / WORD_BYTES) + k))
    const ofBank = new Array(BANKS).fill(0)
    // A word that several want is handed to all at once.
    for (const word of new Set(asked)) ofBank[word % BANKS]++
    to.took += Math.max(...ofBank)
    to.least++
  }
}
