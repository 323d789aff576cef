/**
 * @file Races. Each cell (a scalar, or a vector as a whole) remembers who read and wrote it last. A thread at a time is
 * its stamp: threads between two barriers have one block of numbers, a later block after the next barrier, so that
 * comparing stamps says what a barrier, or nothing, stands between. Threads run one after the other, and what is a race
 * does not depend on their order: all pairs of accesses between two barriers are compared.
 */

/** Where the run is: of storage and of workgroup memory each one, as each has barriers of its own. */
export class Clock {
  /** Stamps of this dispatch begin here. */
  dispatch = 1
  /** Those of this workgroup. */
  group = 1
  /** Those since the last barrier. */
  begin = 1
  /** The thread that runs. */
  me = 1
  readonly threads: number

  constructor(threads: number) {
    this.threads = threads
  }

  /** A barrier was passed. */
  pass(): void {
    this.begin += this.threads
  }
}

/** The other access of a race. */
export interface Earlier {
  readonly stamp: number
  readonly site: number
  readonly does: 'read' | 'write'
}

/** Told of each race: the cell, where the later access stands, what it is, and the earlier one. */
export type OnRace = (shadow: Shadow, cell: number, site: number, does: 'read' | 'write', earlier: Earlier) => void

export class Shadow {
  private readonly clock: Clock
  private readonly onRace: OnRace
  /** Other workgroups see this memory. */
  private readonly across: boolean
  private readonly writes: Int32Array
  private readonly writeSites: Int32Array
  /** Two readers since the last barrier: if more read, one of these two is not who writes then. */
  private readonly reads: Int32Array
  private readonly readSites: Int32Array
  private readonly others: Int32Array
  private readonly otherSites: Int32Array
  /** The first reader of the dispatch: of an earlier workgroup, if any reader is. */
  private readonly firsts: Int32Array
  private readonly firstSites: Int32Array

  constructor(cells: number, across: boolean, clock: Clock, onRace: OnRace) {
    this.clock = clock
    this.onRace = onRace
    this.across = across
    const make = () => new Int32Array(cells)
    this.writes = make()
    this.writeSites = make()
    this.reads = make()
    this.readSites = make()
    this.others = make()
    this.otherSites = make()
    this.firsts = across ? make() : this.reads
    this.firstSites = across ? make() : this.readSites
  }

  get cells(): number {
    return this.writes.length
  }

  /** Forget all: stamps begin anew. */
  clear(): void {
    for (const list of [this.writes, this.reads, this.others, this.firsts]) list.fill(0)
  }

  read(cell: number, site: number): void {
    const { clock, reads } = this
    const { me, begin } = clock
    const write = this.writes[cell]
    if (write !== me && write >= clock.dispatch) this.compare(cell, site, 'read', write, this.writeSites[cell], 'write')
    const read = reads[cell]
    if (read < begin) {
      if (this.across && this.firsts[cell] < clock.dispatch) {
        this.firsts[cell] = me
        this.firstSites[cell] = site
      }
      reads[cell] = me
      this.readSites[cell] = site
    } else if (read !== me) {
      this.others[cell] = me
      this.otherSites[cell] = site
    }
  }

  write(cell: number, site: number): void {
    const { clock } = this
    const { me, dispatch } = clock
    const write = this.writes[cell]
    if (write !== me && write >= dispatch) this.compare(cell, site, 'write', write, this.writeSites[cell], 'write')
    const read = this.reads[cell]
    if (read !== me && read >= dispatch) this.compare(cell, site, 'write', read, this.readSites[cell], 'read')
    const other = this.others[cell]
    if (other !== me && other >= dispatch) this.compare(cell, site, 'write', other, this.otherSites[cell], 'read')
    const first = this.firsts[cell]
    if (first >= dispatch && first < clock.group) {
      this.compare(cell, site, 'write', first, this.firstSites[cell], 'read')
    }
    this.writes[cell] = me
    this.writeSites[cell] = site
  }

  /** An access of another thread, or of this one before a barrier: a race if no barrier stands between. */
  private compare(
    cell: number,
    site: number,
    does: 'read' | 'write',
    stamp: number,
    other: number,
    did: 'read' | 'write',
  ) {
    const { clock } = this
    const unordered = stamp >= clock.begin || (this.across && stamp < clock.group)
    if (unordered) this.onRace(this, cell, site, does, { stamp, site: other, does: did })
  }
}
