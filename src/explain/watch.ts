/**
 * @file An interpreter's device whose launches are noted as they run: which programs, on what memory, in how many
 * threads, with which accesses.
 */
import type { Block, Launch } from '../core/device.ts'
import { type Constants, type Facts, Live, type Params } from '../core/kernel.ts'
import { tap } from '../core/tap.ts'
import { makeProgram } from '../interpreter/code/index.ts'
import { InterpreterDevice, type InterpreterOptions } from '../interpreter/device.ts'
import type { InterpreterBlock } from '../interpreter/memory.ts'
import type { Memory, Program, Run } from '../interpreter/program.ts'
import { Programs } from '../interpreter/programs.ts'
import { type Choice, explainChoice, type Preferences } from '../webgpu/choose.ts'
import { Counts } from './counts.ts'

/** A dispatch as it ran. */
export interface Dispatched {
  readonly program: Program
  readonly constants: Constants
  readonly groups: Run['groups']
  /** By binding number. */
  readonly memory: ReadonlyMap<number, Memory>
  readonly counts: Counts
  readonly flops: number | undefined
}

/** Params as numbers. */
export type Given = Readonly<Record<string, number | readonly number[]>>

/** A launch as it ran. */
export interface Launched {
  readonly launch: Launch
  readonly choice: Choice
  /** With what each `Live` param was. */
  readonly params: Given
  readonly dispatched: Dispatched[]
}

/** An allocation or a launch, in their order. */
export type Event = { readonly alloc: string } | { readonly launched: Launched }

/** Told of each run of a program while a launch runs. */
let told: ((program: Program, constants: Constants, run: Run) => boolean) | undefined

/** Kept, as programs take time to make. */
const programs = new Programs((module, entry, options) => {
  const program = makeProgram(module, entry, options)
  const run = (given: Run) => told?.(program, options?.constants ?? {}, given) ?? program.run(given)
  return Object.create(program, { run: { value: run } })
})

/** Options of the device: what is said of the adapter and of the choice of variants. */
export type Standing = Pick<InterpreterOptions, 'facts' | 'force' | 'tuned' | 'limit'>

export class Watched {
  readonly device: InterpreterDevice
  /** Since `take` was last called. */
  private events: Event[] = []
  private counts: Counts | undefined
  private readonly preferences: Preferences
  private readonly counted: boolean

  /** @param counted  note accesses, in dispatches of at most 65,536 threads */
  constructor(standing: Standing, counted: boolean) {
    const trace = counted && { trace: (access: Parameters<Counts['add']>[0]) => this.counts?.add(access) }
    this.device = new InterpreterDevice(programs, { ...standing, ...trace })
    this.preferences = standing
    this.counted = counted
    tap(this.device, {
      alloc: (next, dtype, length, label) => {
        this.events.push({ alloc: label })
        return next(dtype, length, label)
      },
      run: (next, launch) => this.run(next, launch),
    })
  }

  get facts(): Facts {
    return this.device.facts
  }

  /** What happened since this was last called. */
  take(): Event[] {
    return this.events.splice(0)
  }

  private run(next: (launch: Launch) => void, launch: Launch): void {
    const { kernel, params, constants } = launch
    const choice = explainChoice(kernel, params, this.facts, constants, this.preferences)
    const dispatched: Dispatched[] = []
    this.events.push({ launched: { launch, choice, params: numbersOf(params), dispatched } })
    told = (program, own, run) => {
      // The second time is the interpreter's own check.
      if (!run.checked) return program.run(run)
      const { groups, memory } = run
      const places = program.bindings.flatMap(({ name, binding, space }) => {
        const bound = memory.get(binding)
        return bound ? [[name, { space, memory: bound }] as const] : []
      })
      const counts = new Counts(new Map(places))
      this.counts = counts
      const before = program.flops
      const ended = program.run(run)
      this.counts = undefined
      const flops = this.counted ? program.flops - before : undefined
      dispatched.push({ program, constants: own, groups, memory, counts, flops })
      return ended
    }
    try {
      next(launch)
    } finally {
      told = undefined
    }
  }
}

/** What a dispatch is given, as numbers. */
export const numbersOf = (params: Params): Given =>
  Object.fromEntries(Object.entries(params).map(([name, value]) => [name, value instanceof Live ? value.value : value]))

/** The memory of a block of the device. */
export const memoryOf = (block: Block | undefined): Memory | undefined =>
  (block as InterpreterBlock | undefined)?.memory
