/**
 * @file Runs a generated program on a dispatch: binds memory, goes through workgroups and threads, words what is found.
 */
import type { Source } from '../wgsl/source.ts'
import type { Type } from '../wgsl/types.ts'
import type { Root } from './code/generator.ts'
import { pathTo } from './code/scalars.ts'
import type { Generated, Handlers, Views } from './code/text.ts'
import type { FaultKind, Party } from './faults.ts'
import { Me } from './me.ts'
import { sizeFor } from './memory.ts'
import type { Access, Memory, Observer, Run } from './program.ts'
import { runGroup, type Threads } from './schedule.ts'
import { Clock, type Earlier, Shadow } from './shadow.ts'

/** Thrown where a thread cannot go on. */
class Stopped extends Error {
  override readonly name = 'Stopped'
}

/** What a dispatch may have found wrong: one that finds a fault at each step ends soon. */
const MOST_FOUND = 100_000
/** Stamps below this fit 32 bits, with room for a dispatch. */
const MOST_STAMPS = 2 ** 30

export class Runner {
  private readonly source: Source
  private readonly count: number
  private readonly me: Me
  private readonly generated: Generated
  private readonly storage: Clock
  private readonly own: Clock
  private readonly shadows = new Map<string, Shadow>()
  private readonly workgroupMemory: Views
  private readonly steps: Float64Array
  /** Where the stamps of each workgroup of this dispatch begin. */
  private begins: number[] = []
  private groups: (readonly [number, number, number])[] = []
  private exchanges = 0
  private findings = 0
  /** Where accesses outside were led in this dispatch, by variable and line: to the last element. */
  private readonly led = new Map<string, number>()
  private running: Run | undefined

  constructor(source: Source, workgroup: readonly [number, number, number], make: (handlers: Handlers) => Generated) {
    this.source = source
    this.count = workgroup[0] * workgroup[1] * workgroup[2]
    this.me = new Me(workgroup)
    this.storage = new Clock(this.count)
    this.own = new Clock(this.count)
    this.generated = make(this.handlers())
    const { unit, machine, waiting, workgroupUnits, threadUnits } = this.generated
    this.steps = new Float64Array(this.count)
    const shadow = this.shadow('w', workgroupUnits, false)
    this.workgroupMemory = viewsOf(new ArrayBuffer(sizeFor(workgroupUnits * unit)), unit, shadow)
    machine.bind('w', this.workgroupMemory)
    const frames = waiting ? this.count : 1
    machine.bind('f', viewsOf(new ArrayBuffer(sizeFor(frames * threadUnits * unit)), unit, undefined))
  }

  get accesses(): number {
    return this.generated.machine.accesses
  }

  get flops(): number {
    return this.generated.machine.flops
  }

  run(run: Run): boolean {
    this.running = run
    this.exchanges = this.findings = 0
    this.led.clear()
    const [nx, ny, nz] = run.groups
    const { me, storage, own } = this
    Object.assign(me, { nx, ny, nz })
    me.deal(run.subgroupSize, run.order.reversed)
    if (Math.max(storage.begin, own.begin) > MOST_STAMPS) {
      for (const shadow of this.shadows.values()) shadow.clear()
      storage.begin = own.begin = 1
    }
    this.bindAll(run)
    for (const clock of [storage, own]) {
      clock.pass()
      clock.dispatch = clock.begin
    }
    this.begins = []
    this.groups = []
    const total = nx * ny * nz
    const threads = this.threadsOf(run)
    try {
      for (let i = 0; i < total; i++) {
        const group = run.order.reversed ? total - 1 - i : i
        me.gx = group % nx
        me.gy = Math.floor(group / nx) % ny
        me.gz = Math.floor(group / (nx * ny))
        if (!this.runGroup(threads)) return false
      }
    } catch (error) {
      if (error instanceof Stopped) return false
      // What engines say where functions call each other too deep, or one has too many values.
      if (error instanceof RangeError && /stack/i.test(error.message))
        throw this.source.error(0, 'it needs more stack than there is', 'let fewer functions call each other')
      throw error
    } finally {
      this.running = undefined
    }
    return true
  }

  private runGroup(threads: Threads): boolean {
    const { storage, own, me } = this
    for (const clock of [storage, own]) {
      clock.pass()
      clock.group = clock.begin
    }
    this.begins.push(storage.begin)
    this.groups.push(me.group)
    this.workgroupMemory.u.fill(0)
    this.workgroupMemory.x.fill(0)
    this.steps.fill(0)
    me.phase = 0
    const isWhole = runGroup(threads)
    this.observe((one) => one.ended?.())
    return isWhole
  }

  /** How the threads of each workgroup of a run take turns. */
  private threadsOf({ limit, order }: Run): Threads {
    const { storage, own, me, steps, generated } = this
    const { machine, waiting, threadUnits } = generated
    return {
      count: this.count,
      waiting,
      reversed: order.reversed,
      me,
      enter: (thread) => {
        me.become(thread)
        storage.me = storage.begin + thread
        own.me = own.begin + thread
        machine.enter(waiting ? thread * threadUnits : 0, steps[thread], limit)
      },
      pause: (thread) => {
        steps[thread] = machine.steps
      },
      start: () => machine.start(),
      passed: (wait) => {
        me.phase++
        const orders = wait < 0 ? 'storage' : 'workgroup'
        if (orders === 'storage') storage.pass()
        else own.pass()
        const { loads = false } = this.generated.sites[Math.abs(wait)]
        this.observe((one) => one.passed?.({ ...this.placeOf(Math.abs(wait)), orders, loads }))
      },
      apart: (waits) => this.apart(waits),
      absent: (thread, site, lane) => {
        me.become(thread)
        this.found('lane', site, `lane ${lane} of the subgroup is not there, or not at this place`)
      },
    }
  }

  // ---- memory

  private bindAll({ memory }: Run): void {
    const { machine, roots, unit } = this.generated
    for (const root of roots) {
      const { binding, access } = root.variable
      if (binding === undefined) continue
      const of = memory.get(binding)
      if (!of) throw new Error(`binding ${binding} (${root.variable.name}) is missing`)
      const shared = access === 'read_write'
      const shadow = shared ? this.shadow(root.id, of.buffer.byteLength / unit, true) : undefined
      machine.bind(root.id, viewsOf(of.buffer, unit, shadow, of))
    }
  }

  /** The shadow of a memory, kept from run to run if it is large enough. */
  private shadow(id: string, cells: number, across: boolean): Shadow {
    const known = this.shadows.get(id)
    if (known && known.cells >= cells) return known
    const clock = across ? this.storage : this.own
    const made = new Shadow(cells, across, clock, (...race) => this.race(...race))
    this.shadows.set(id, made)
    return made
  }

  // ---- what is found

  private handlers(): Handlers {
    return {
      me: this.me,
      outside: (site, index, count) => {
        const { root } = this.generated.sites[site]
        const what = index < 0 ? `element ${index}, which is negative, of ${count}` : `element ${index} of ${count}`
        this.found('outside', site, what, { buffer: root?.variable.name, index })
        this.led.set(this.lineOf(site), count - 1)
        return Math.min(index >>> 0, count - 1)
      },
      beyond: (site, unit) => {
        const root = this.generated.sites[site].root as Root
        const where = this.path(root, unit)
        this.found('outside', site, `${where} is written, which lies after the last element`, {
          buffer: root.variable.name,
          index: indexIn(where),
        })
      },
      tainted: (site, origin, unit) => {
        const { root } = this.generated.sites[site]
        const from = this.generated.sites[origin]
        const name = from.root?.variable.name
        const reached =
          unit < 0 ? 'decides where to go on, or an address' : `is written to ${this.path(root as Root, unit)}`
        this.found('undefined', site, `data of ${name} that nothing wrote ${reached}`, {
          buffer: name,
          other: { ...this.party(origin), does: 'read' },
        })
      },
      endless: (site) => {
        this.found('endless', site, `more than ${(this.running as Run).limit} steps`)
        throw new Stopped()
      },
      weak: () => Math.imul(++this.exchanges + (this.running as Run).order.seed, 0x9e3779b1) >>> 30 === 0,
      trace: (site, does, unit, bytes) => {
        const { root } = this.generated.sites[site]
        if (!root) return
        const { name, space } = root.variable
        const byte = (unit - (root.id === 'w' ? root.base : 0)) * this.generated.unit
        const where = { space: space as Access['space'], buffer: name, byte, bytes, site }
        this.observe((one) => one.access({ does, ...where, ...this.party(site), phase: this.me.phase }))
      },
    }
  }

  private race(shadow: Shadow, cell: number, site: number, does: 'read' | 'write', earlier: Earlier): void {
    const root = this.generated.sites[site].root as Root
    const clock = shadow === this.shadows.get('w') ? this.own : this.storage
    const kind: FaultKind = earlier.stamp < clock.group ? 'groups' : 'race'
    const place = this.path(root, cell)
    const index = indexIn(place)
    // What is outside has been told of; that it meets others on the last element follows from that.
    if (index !== undefined && [site, earlier.site].some((one) => this.led.get(this.lineOf(one)) === index)) return
    const other = this.party(earlier.site)
    const group = kind === 'race' ? this.me.group : this.groups[lastAtMost(this.begins, earlier.stamp)]
    this.found(kind, site, `${does} of ${place}`, {
      does,
      buffer: root.variable.name,
      index,
      other: { ...other, group, thread: (earlier.stamp - 1) % this.count, does: earlier.does },
    })
  }

  private apart(waits: readonly (number | undefined)[]): void {
    const here = waits.findIndex((wait) => wait !== undefined)
    const there = waits.findIndex((wait) => wait !== waits[here])
    this.me.become(here)
    const site = Math.abs(waits[here] as number)
    const wait = waits[there]
    const other = wait === undefined ? undefined : { ...this.party(Math.abs(wait)), thread: there }
    const what = other ? `thread ${there} waits at another` : `thread ${there} has ended`
    this.found('barrier', site, `a barrier that not all threads reach: ${what}`, { other })
  }

  private observe(tell: (observer: Observer) => void): void {
    this.running?.observers.forEach(tell)
  }

  private found(kind: FaultKind, site: number, what: string, more: object = {}): void {
    this.running?.found({ kind, ...this.party(site), what, ...more })
    if (++this.findings === MOST_FOUND) throw new Stopped()
  }

  /** The variable and the line of an access. */
  private lineOf(site: number): string {
    const { at, root } = this.generated.sites[site]
    return `${root?.variable.name} ${this.source.place(at).line}`
  }

  private party(site: number): Party {
    return { ...this.placeOf(site), group: this.me.group, thread: this.me.thread }
  }

  private placeOf(site: number): Pick<Party, 'file' | 'line'> {
    const { file, line } = this.source.place(this.generated.sites[site].at)
    return { file, line }
  }

  /** A place in memory as a program writes it. */
  private path({ variable, id, base }: Root, unit: number): string {
    const byte = (unit - (id === 'w' ? base : 0)) * this.generated.unit
    return variable.name + pathTo(variable.type as Type, byte)
  }
}

const indexIn = (path: string): number | undefined => {
  const index = path.match(/\[(\d+)\]/)?.[1]
  return index === undefined ? undefined : Number(index)
}

/** The index of the last element that is at most x, in a list that ascends. */
const lastAtMost = (sorted: readonly number[], x: number): number => sorted.findLastIndex((one) => one <= x)

function viewsOf(buffer: ArrayBuffer, unit: number, shadow: Shadow | undefined, of?: Memory): Views {
  return {
    f: new Float32Array(buffer),
    i: new Int32Array(buffer),
    u: new Uint32Array(buffer),
    h: new Uint16Array(buffer),
    x: of?.undefined ?? new Int32Array(buffer.byteLength / unit),
    s: shadow,
    n: buffer.byteLength / unit,
    e: (of?.bytes ?? buffer.byteLength) / unit,
    t: of?.tensor ?? false,
  }
}
