/**
 * @file Hints: what is right in a kernel, and may cost time. Each is of a place in the text, over all dispatches that
 * came there. What 32 neighbours touch together is in neighbours.ts, what barriers order in orders.ts.
 */
import { NEIGHBOURS, Neighbours, SECTOR, type Took } from './neighbours.ts'
import { Orders, placeOf } from './orders.ts'
import type { Access, Barrier, Observer } from './program.ts'

/**
 * - `uncoalesced`: neighbours take several times as many sectors of a storage buffer as what they want has
 * - `bankConflict`: neighbours want different words of one bank of workgroup memory, which come one after the other
 * - `barrier`: no two accesses of the runs so far had nothing but this barrier between them
 * - `zeroed`: workgroup memory is read that nothing wrote: WGSL zeroes it, which takes a store for each word
 */
export type HintKind = 'uncoalesced' | 'bankConflict' | 'barrier' | 'zeroed'

/** A hint as `device.hints()` lists it. */
export interface Hint {
  readonly kind: HintKind
  readonly kernel: string
  readonly entry: string
  /** The op that launched first. */
  readonly label: string
  readonly file: string
  /** From 1. */
  readonly line: number
  /** The variable; none for a barrier. */
  readonly buffer?: string
  /**
   * By 32 neighbours on the average: sectors of 32 bytes, or turns of the banks. For a barrier and zeroed memory 1.
   */
  readonly took: number
  /** The least that would do for what they want; 0 for a barrier and zeroed memory. */
  readonly least: number
  /** How often 32 neighbours came there; how often a barrier was passed, or memory read. */
  readonly count: number
}

/** From which ratio to the least on it is told of. */
const RATIOS = { uncoalesced: 4, bankConflict: 2 } as const

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Who runs: named in hints. */
export type Running = Pick<Hint, 'kernel' | 'entry' | 'label'>

/** Watches dispatches. */
export class Hints implements Observer {
  private readonly known = new Map<string, Mutable<Hint>>()
  private readonly needed = new Set<string>()
  private readonly neighbours = new Neighbours()
  private readonly orders = new Orders(this.needed)
  private running: Running = { kernel: '', entry: '', label: '' }

  /** The next dispatch is of this entry point. What a stopped one left undone is dropped. */
  begin(running: Running): void {
    this.running = running
    this.neighbours.take()
    this.orders.clear()
  }

  access(access: Access): void {
    this.neighbours.add(access)
    if (this.orders.add(access)) this.at('zeroed', access, access.buffer).count++
  }

  passed(barrier: Barrier): void {
    this.orders.pass(barrier)
    if (!barrier.loads) this.at('barrier', barrier).count++
  }

  /** A workgroup has ended. */
  ended(): void {
    for (const took of this.neighbours.take()) this.add(took)
    this.orders.clear()
  }

  /** As they are now; what later runs show may take one away again. */
  list(): Hint[] {
    return [...this.known.values()].filter((hint) => this.holds(hint)).map((hint) => ({ ...hint, ...means(hint) }))
  }

  private holds(hint: Hint): boolean {
    if (hint.kind === 'zeroed') return true
    if (hint.kind === 'barrier') return !this.needed.has(placeOf(hint))
    return hint.took >= RATIOS[hint.kind] * hint.least
  }

  private add({ access, took, least, times }: Took): void {
    const hint = this.at(access.space === 'storage' ? 'uncoalesced' : 'bankConflict', access, access.buffer)
    hint.took += took
    hint.least += least
    hint.count += times
  }

  private at(kind: HintKind, { file, line }: Access | Barrier, buffer?: string): Mutable<Hint> {
    // A barrier that one entry point needs may not go from what it shares with others.
    const who = kind === 'barrier' ? '' : `${this.running.kernel} ${this.running.entry}`
    const key = [kind, file, line, buffer, who].join(' ')
    let hint = this.known.get(key)
    if (!hint) {
      const of = buffer === undefined ? {} : { buffer }
      this.known.set(key, (hint = { kind, ...this.running, file, line, ...of, took: 0, least: 0, count: 0 }))
    }
    return hint
  }
}

/** Sums become what 32 neighbours take. */
const means = ({ kind, took, least, count }: Hint): Pick<Hint, 'took' | 'least'> =>
  kind === 'barrier' || kind === 'zeroed' ? { took: 1, least: 0 } : { took: took / count, least: least / count }

/**
 * A hint in a line: `sum.wgsl:9: block_sum: uncoalesced: 32 neighbours take 32 sectors of 32 bytes of x where 4 would
 * do (let neighbouring threads take neighbouring elements)`.
 */
export function hintText({ kind, file, line, entry, buffer, took, least, count }: Hint): string {
  const [a, b] = [took, least].map((x) => Number(x.toFixed(1)))
  const told: Readonly<Record<HintKind, string>> = {
    uncoalesced: `uncoalesced: ${NEIGHBOURS} neighbours take ${a} sectors of ${SECTOR} bytes of ${buffer} where ${b} would do (let neighbouring threads take neighbouring elements)`,
    bankConflict: `bank conflict: the banks of ${buffer} take ${a} turns for ${NEIGHBOURS} neighbours where ${b} would do (add a column to its rows, or read along the other axis)`,
    barrier: `barrier: none of ${count} passes was needed: nothing stands between accesses through this barrier alone (leave it out if this holds for all inputs)`,
    zeroed: `zeroed: ${buffer} is read ${count === 1 ? 'once' : `${count} times`} where its workgroup wrote nothing: it is 0, as WGSL zeroes it first (write all that is read, where the driver can leave the zeroing out)`,
  }
  return `${file}:${line}: ${entry}: ${told[kind]}`
}
