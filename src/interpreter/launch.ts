/**
 * @file One launch: choose the variant as WebGPU's device does, and run its dispatches one after the other: params as
 * words, the program, the memory of each binding, the grid. What may go wrong on a GPU and nobody would hear of is told
 * of as a fault (faults.ts); what WebGPU refuses is thrown.
 */
import type { Launch } from '../core/device.ts'
import { fail, KernelError } from '../core/errors.ts'
import type { Constants, Dispatch, Facts, Kernel } from '../core/kernel.ts'
import { type Candidates, candidatesOf, choose, countsOf, force, type Preferences } from '../webgpu/choose.ts'
import { codeOf } from '../webgpu/code.ts'
import { aliasOf, blockOf, entryOf, type Grid, type Lent, setGrid } from '../webgpu/dispatch.ts'
import { type Field, fieldsOf, ParamWords } from '../webgpu/params.ts'
import { Reported, STATUS_BYTES } from '../webgpu/reported.ts'
import type { Fault, Finding } from './faults.ts'
import type { Hints } from './hints.ts'
import { forget, type InterpreterBlock, memoryFrom } from './memory.ts'
import type { Access, Memory } from './program.ts'
import { type Entry, explained, type Made, type Programs } from './programs.ts'
import { checkSize } from './sizes.ts'
import { type Bound, runTwice } from './twice.ts'

/** What is known of a kernel on this device. */
interface Known {
  readonly kernel: Kernel
  readonly candidates: Candidates
  readonly entries: ReadonlyMap<string, Entry>
  readonly fields: readonly Field[]
}

/** Binding of the params. */
const PARAMS = 0
const NONE: Constants = {}

/** What the launcher needs of the device around it. */
export interface LaunchHost {
  readonly facts: Facts
  readonly preferences: Preferences
  /** Steps that a thread may take, and threads that a dispatch may have. */
  readonly limit: number
  readonly contract: number | undefined
  /** Workgroups in one dimension, from which on a count is folded. */
  readonly maxGroups: number
  readonly trace: ((access: Access) => void) | undefined
  readonly hints: Hints | undefined
  readonly programs: Programs
  readonly scratch: (bytes: number, label: string) => InterpreterBlock
  release(block: InterpreterBlock): void
  found(fault: Omit<Fault, 'count'>): void
}

export class Launcher {
  /** Checked accesses of memory so far. */
  accesses = 0
  private readonly host: LaunchHost
  private readonly known = new Map<Kernel, Known>()
  private readonly params = new ParamWords()
  private readonly reported = new Reported()
  private status = noReport()
  private dispatches = 0

  constructor(host: LaunchHost) {
    this.host = host
  }

  run(launch: Launch): void {
    const { kernel, params } = launch
    const { host } = this
    const known = this.of(kernel)
    const blocks = launch.blocks as readonly (InterpreterBlock | undefined)[]
    const constants = launch.constants ?? NONE
    kernel.bindings.forEach(({ name, role }, i) => {
      const block = blocks[i]
      if (!block) return
      if (block.freed) fail(launch.label, `binding ${name} is a freed block of ${block.label}`)
      const full = role === 'out' || (role === 'inout' && launch.whole)
      // What is written in full has no past, unless it is read under another name.
      if (full && blocks.indexOf(block) === blocks.lastIndexOf(block)) forget(block.memory)
    })
    const chosen = choose(known.candidates, params, host.facts, constants)
    chosen.launches++
    const dispatches = [chosen.variant.dispatch(params, host.facts, constants)].flat()
    const lent: Lent<InterpreterBlock> = new Map()
    try {
      for (const dispatch of dispatches) this.dispatch(known, launch, dispatch, constants, lent)
    } finally {
      for (const block of lent.values()) host.release(block)
    }
  }

  /** From now on take this variant of a kernel where it fits; undefined: what is chosen without force. */
  force(kernel: Kernel, variant: string | undefined): void {
    force(this.of(kernel).candidates, variant)
  }

  /** How often each variant was launched, as `kernel/variant`. */
  counts(): Record<string, number> {
    return countsOf(this.known.values())
  }

  /** What a kernel reported since this was last asked. */
  report(): Error | undefined {
    const error = this.reported.errorIn(this.status.buffer, 0)
    if (error) this.status = noReport()
    return error
  }

  private of(kernel: Kernel): Known {
    const found = this.known.get(kernel)
    if (found) return found
    const { modules, plan } = codeOf(kernel)
    const { facts, preferences } = this.host
    const entries = modules.flatMap((module) => module.entries.map((name) => ({ kernel, module, name })))
    const known: Known = {
      kernel,
      candidates: candidatesOf(kernel.name, plan, facts, preferences),
      entries: new Map(entries.map((entry) => [entry.name, entry])),
      fields: fieldsOf(kernel),
    }
    this.known.set(kernel, known)
    return known
  }

  private dispatch(
    known: Known,
    launch: Launch,
    dispatch: Dispatch,
    constants: Constants,
    lent: Lent<InterpreterBlock>,
  ): void {
    const { host } = this
    const { kernel } = known
    const { label } = launch
    const entry = entryOf(kernel, dispatch, known.entries, label)
    // Before the grid, which a plan computes from params: one that is missing is named as such.
    this.params.fill(kernel, known.fields, dispatch.params, launch.params, label, this.reported)
    const grid: Grid = { x: 0, y: 0, z: 0 }
    if (!setGrid(dispatch.groups, host.maxGroups, kernel, label, grid)) return
    checkNeeds(entry, host.facts)
    const made = host.programs.get(entry, dispatch.constants, constants, host.contract)
    const groups = [grid.x, grid.y, grid.z] as const
    checkSize(made.program, groups, host, label, 'use smaller tensors, or interpreter({ limit })')
    const found = (finding: Finding) => host.found({ ...finding, kernel: kernel.name, entry: entry.name, label })
    const bound = this.bind(kernel, launch, dispatch, lent, made, found)
    checkBound(kernel, made, bound, label)
    const { facts, limit, trace, hints } = host
    const before = made.program.accesses
    hints?.begin({ kernel: kernel.name, entry: entry.name, label })
    const observers = [...(trace ? [{ access: trace }] : []), ...(hints ? [hints] : [])]
    // A program that asks for no lanes may still divide by their number.
    const shared = { groups, limit, subgroupSize: facts.subgroupSize || 1, observers }
    // Code is made when it is first run, and may be too long.
    explained(kernel, () => runTwice(made, bound, shared, this.dispatches++, found))
    this.accesses += made.program.accesses - before
  }

  /** What each binding is given; a written buffer that is there twice is a fault. */
  private bind(
    kernel: Kernel,
    launch: Launch,
    dispatch: Dispatch,
    lent: Lent<InterpreterBlock>,
    { file, line }: Made,
    found: (finding: Finding) => void,
  ): Map<number, Bound> {
    const { bindings } = kernel
    const blocks = bindings.map((_, i) =>
      blockOf(launch, dispatch.blocks ? dispatch.blocks[i] : i, lent, this.host.scratch),
    )
    const alias = aliasOf(bindings, blocks)
    if (alias) {
      const [a, b] = alias.map((i) => bindings[i].name)
      const what = `bindings ${a} and ${b} are the same buffer`
      found({ kind: 'overlap', file, line, group: [0, 0, 0], thread: 0, buffer: b, what })
    }
    const words = this.params.u32.subarray(0, kernel.paramBytes / Uint32Array.BYTES_PER_ELEMENT)
    const bound = new Map<number, Bound>([[PARAMS, boundTo(memoryFrom(words, false))]])
    bindings.forEach(({ binding }, i) => {
      const block = blocks[i]
      if (block) bound.set(binding, { ...boundTo(block.memory), floats: block.dtype === 'float32' })
    })
    if (kernel.status >= 0) bound.set(kernel.status, { ...boundTo(this.status), status: true })
    return bound
  }
}

const noReport = (): Memory => memoryFrom(new Uint32Array(STATUS_BYTES / Uint32Array.BYTES_PER_ELEMENT), true)

const boundTo = (memory: Memory): Bound => ({ memory, floats: false, status: false })

/** Refuse a module that asks for a feature which these facts lack. */
function checkNeeds({ kernel, module }: Entry, { features }: Facts): void {
  const missing = module.needs.filter((feature) => !features.has(feature))
  if (missing.length === 0) return
  const what = `${module.source.file}: needs ${missing.join(', ')}, which interpreter does not offer`
  throw new KernelError(kernel.name, what, "give it such facts, e.g. interpreter({ facts: 'gpu32' })")
}

/** Refuse bindings that the entry point uses and that are left out, or have less than the least that it needs. */
function checkBound(kernel: Kernel, { program }: Made, bound: ReadonlyMap<number, Bound>, label: string): void {
  for (const { name, binding, minBytes } of program.bindings) {
    const given = bound.get(binding)
    if (!given) {
      const what = `${program.entry} of ${kernel.name} uses ${name}, and nothing is bound there`
      throw new KernelError(label, what, `give the launch a tensor for binding ${binding}`)
    }
    const { byteLength } = given.memory.buffer
    if (byteLength < minBytes) {
      const what = `${name} of ${kernel.name} takes ${minBytes} bytes at least, its buffer has ${byteLength}`
      throw new KernelError(label, what, 'give a larger tensor, or declare an array without a length')
    }
  }
}
