/**
 * @file One launch: choose the variant (choose.ts), prepare its dispatches (params, pipeline, bind group), encode them
 * (recorder.ts), and keep account of what the outputs depend on. This is the path every op takes; it builds no strings
 * and, once warm, creates no GPU objects.
 */
import { WORD_BYTES } from '../core/contract.ts'
import type { Launch } from '../core/device.ts'
import { fail, KernelError, LimitError } from '../core/errors.ts'
import type { Constants, Dispatch, Kernel } from '../core/kernel.ts'
import type { WebGPUBlock } from './buffers.ts'
import { type Candidates, candidatesOf, choose, countsOf, force, type Preferences } from './choose.ts'
import { codeOf } from './code.ts'
import { aliasOf, blockOf, entryOf, type Lent, scratchOf, setGrid } from './dispatch.ts'
import { type Field, fieldsOf, ParamWords } from './params.ts'
import { type BindingSet, type Entry, PARAMS, withBinding } from './pipelines.ts'
import { Prepared, type Recorder } from './recorder.ts'
import { runInParts, type SplitHost } from './split.ts'
import type { Uniforms } from './uniforms.ts'
import { errorOf, join, openOf, type Verdict, type Verdicts } from './validity.ts'

/** What is known of a kernel on this device. */
interface Known {
  readonly kernel: Kernel
  readonly candidates: Candidates
  readonly entries: ReadonlyMap<string, Entry>
  readonly fields: readonly Field[]
  /** Words of the params block. */
  readonly words: number
  /** Bytes of the params as immediate data, 0: as a uniform buffer. */
  readonly immediate: number
  /** The bindings that every launch has: params as a uniform, and status. */
  readonly always: BindingSet
}

/** Submits of which WebGPU has not said yet whether they were valid, from which on they are made larger. */
const MAX_UNANSWERED = 500
const NONE: Constants = {}

/** What the launcher needs of the device around it. */
export interface LaunchHost extends SplitHost {
  readonly maxImmediate: number
  /** Storage buffers that one kernel may bind. */
  readonly maxBindings: number
  /** Workgroups in one dimension, from which on a count is folded. */
  readonly maxGroups: number
  readonly debug: boolean
  readonly preferences: Preferences
  readonly recorder: Recorder
  readonly uniforms: Uniforms
}

export class Launcher {
  private readonly host: LaunchHost
  private readonly known = new Map<Kernel, Known>()
  private readonly params = new ParamWords()
  /** Every dispatch is encoded as soon as it is prepared, so one serves them all. */
  private readonly prepared = new Prepared(this.params.u32)

  constructor(host: LaunchHost) {
    this.host = host
  }

  run(launch: Launch): void {
    const { kernel, params } = launch
    const { host } = this
    const known = this.known.get(kernel) ?? this.learn(kernel)
    const blocks = launch.blocks as readonly (WebGPUBlock | undefined)[]
    const constants = launch.constants ?? NONE
    const { bindings } = kernel

    let verdicts: Verdicts | undefined
    let error: Error | undefined
    let beyond = false
    for (let i = 0; i < bindings.length; i++) {
      const block = blocks[i]
      if (!block) continue
      if (block.slab.bytes > host.maxBinding) beyond = true
      if (block.freed) fail(launch.label, `binding ${bindings[i].name} is a freed block of ${block.label}`)
      error ??= block.slab.refused
      const { role } = bindings[i]
      // What is written in full has no past.
      if (role === 'out' || (role === 'inout' && launch.whole)) continue
      error ??= this.errorIn(block)
      if (block.verdicts) verdicts = join(verdicts, block.verdicts)
    }
    if (host.debug) checkAliases(launch, blocks)
    if (beyond && !error) return this.runInParts(known, launch)
    if (!error) {
      const chosen = choose(known.candidates, params, host.facts, constants)
      const dispatches = chosen.variant.dispatch(params, host.facts, constants)
      if (Array.isArray(dispatches) && scratchOf(dispatches) > host.maxBinding) return this.runInParts(known, launch)
      chosen.launches++
      host.recorder.watcher?.launches(launch, chosen.name)
      verdicts = Array.isArray(dispatches)
        ? this.dispatchAll(known, launch, dispatches, constants, verdicts)
        : this.dispatch(known, launch, dispatches as Dispatch, constants, null, verdicts)
      error = verdicts && errorOf(verdicts)
    }
    const { serial } = host.recorder
    for (let i = 0; i < bindings.length; i++) {
      const block = blocks[i]
      if (!block || bindings[i].role === 'in') continue
      block.error = error
      block.verdicts = verdicts
      block.writtenIn = serial
      block.writer = launch.label
    }
    host.recorder.poll()
  }

  /** What is beyond one binding, in parts that come back here. */
  private runInParts({ candidates }: Known, launch: Launch): void {
    runInParts(launch, this.host, candidates, (part) => this.run(part))
  }

  /** From now on take this variant of a kernel where it fits; undefined: what is chosen without force. */
  force(kernel: Kernel, variant: string | undefined): void {
    force((this.known.get(kernel) ?? this.learn(kernel)).candidates, variant)
  }

  /** How often each variant was launched, as `kernel/variant`. */
  counts(): Record<string, number> {
    return countsOf(this.known.values())
  }

  private learn(kernel: Kernel): Known {
    const { host } = this
    const entries = new Map<string, Entry>()
    const { modules, plan } = codeOf(kernel)
    for (const module of modules) {
      for (const name of module.entries) entries.set(name, { kernel, module, name, byBindings: new Map() })
    }
    const fields = fieldsOf(kernel)
    const immediate = kernel.paramBytes <= host.maxImmediate ? kernel.paramBytes : 0
    let always: BindingSet = 0
    if (immediate === 0) always = withBinding(always, PARAMS)
    if (kernel.status >= 0) always = withBinding(always, kernel.status)
    const known: Known = {
      kernel,
      candidates: candidatesOf(kernel.name, plan, host.facts, host.preferences),
      entries,
      fields,
      words: kernel.paramBytes / WORD_BYTES,
      immediate,
      always,
    }
    this.known.set(kernel, known)
    return known
  }

  /** Several dispatches in order, up to the first that is known to be void, with the scratch they share. */
  private dispatchAll(
    known: Known,
    launch: Launch,
    dispatches: readonly Dispatch[],
    constants: Constants,
    before: Verdicts | undefined,
  ): Verdicts | undefined {
    const lent: Lent<WebGPUBlock> = new Map()
    let verdicts = before
    try {
      for (const dispatch of dispatches) {
        verdicts = this.dispatch(known, launch, dispatch, constants, lent, verdicts)
        if (verdicts && errorOf(verdicts)) break
      }
    } finally {
      for (const block of lent.values()) this.host.release(block)
    }
    return verdicts
  }

  /** One dispatch. @returns what the outputs depend on after it */
  private dispatch(
    known: Known,
    launch: Launch,
    dispatch: Dispatch,
    constants: Constants,
    lent: Lent<WebGPUBlock> | null,
    before: Verdicts | undefined,
  ): Verdicts | undefined {
    const { prepared } = this
    if (!this.prepare(known, launch, dispatch, constants, lent, prepared)) return before
    const verdict = this.encode(prepared)
    return verdict === null ? before : join(before, [verdict])
  }

  /**
   * Everything that a dispatch needs, found or made, in `to`. A `Live` param has the value that it has now.
   * @returns false if there is nothing to do
   */
  private prepare(
    known: Known,
    launch: Launch,
    dispatch: Dispatch,
    constants: Constants,
    lent: Lent<WebGPUBlock> | null,
    to: Prepared,
  ): boolean {
    const { host } = this
    const { kernel } = known
    const entry = entryOf(kernel, dispatch, known.entries, launch.label)
    // Before the grid, which a plan computes from params: one that is missing is named as such.
    const live = this.params.fill(kernel, known.fields, dispatch.params, launch.params, launch.label, host.status)
    if (!setGrid(dispatch.groups, host.maxGroups, kernel, launch.label, to)) return false
    to.immediateWords = known.immediate > 0 ? known.words : 0
    to.reports = kernel.status >= 0
    const bindings = this.bind(known, launch, dispatch, lent, live, to)
    const pipeline = host.pipelines.get(entry, bindings, known.immediate, dispatch.constants, constants)
    to.pipeline = pipeline
    to.group = host.pipelines.group(pipeline.layout, to.resources)
    return true
  }

  /** The resources of the bind group in the order of their bindings. @returns which bindings those are */
  private bind(
    known: Known,
    launch: Launch,
    dispatch: Dispatch,
    lent: Lent<WebGPUBlock> | null,
    live: boolean,
    to: Prepared,
  ): BindingSet {
    const { host } = this
    const { kernel, words, always } = known
    const { resources } = to
    resources.length = 0
    const asUniform = known.immediate === 0
    if (asUniform) {
      if (live && host.uniforms.full) host.recorder.submit()
      resources.push(live ? host.uniforms.live(to.words, words) : host.uniforms.fixed(to.words, words))
    }
    let set = always
    const { bindings } = kernel
    for (let i = 0; i < bindings.length; i++) {
      const block = blockOf(launch, dispatch.blocks ? dispatch.blocks[i] : i, lent, host.scratch)
      if (!block) continue
      set = withBinding(set, bindings[i].binding)
      resources.push(block.slab)
    }
    if (to.reports) resources.push(host.status.buffer())
    const buffers = resources.length - (asUniform ? 1 : 0)
    if (buffers > host.maxBindings) {
      const what = `${kernel.name} binds ${buffers} buffers, the adapter ${host.maxBindings}`
      throw new LimitError(launch.label, what, 'use a plan with fewer at a time')
    }
    return set
  }

  /**
   * Add a prepared dispatch to the open pass.
   * @returns null if its pipeline is known to be valid, else what decides about its results
   */
  private encode(prepared: Prepared): Verdict | null {
    const { recorder, status } = this.host
    const { pipeline } = prepared
    if (prepared.reports) status.use()
    const { verdict } = pipeline
    if (verdict === null || (verdict.settled && !verdict.error)) {
      pipeline.verdict = null
      recorder.dispatch(prepared)
      return null
    }
    if (verdict.settled) return verdict
    // Not known to be valid: an invalid pipeline voids its whole command buffer, so this one gets its own. In a loop
    // that never awaits nothing is known for thousands of dispatches; there each pipeline was alone once, which tells
    // what is wrong, and goes with others then.
    const alone = !pipeline.tried || recorder.pending.size <= MAX_UNANSWERED
    pipeline.tried = true
    if (alone) recorder.submit()
    recorder.dispatch(prepared)
    if (alone) recorder.submit(verdict)
    return verdict
  }

  private errorIn(block: WebGPUBlock): Error | undefined {
    if (block.verdicts) {
      block.error ??= errorOf(block.verdicts)
      block.verdicts = openOf(block.verdicts)
    }
    return block.error ?? this.host.recorder.failureIn(block.writtenIn)
  }
}

/** WebGPU refuses the whole command buffer otherwise. */
function checkAliases(launch: Launch, blocks: readonly (WebGPUBlock | undefined)[]): void {
  const { bindings } = launch.kernel
  const alias = aliasOf(
    bindings,
    blocks.map((block) => block?.slab),
  )
  if (!alias) return
  const [a, b] = alias.map((i) => bindings[i].name)
  throw new KernelError(launch.label, `bindings ${a} and ${b} are the same buffer`)
}
