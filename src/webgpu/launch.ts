/**
 * @file One launch, from the kernel's contract to recorded dispatches: choose the variant, find the pipeline, pack the
 * params, bind the blocks, and keep account of what the outputs depend on. This is the path every op takes; it builds no
 * strings and, once warm, creates no GPU objects. The shipped plans are in plans/.
 */
import type { Launch } from '../core/device.ts'
import { fail, KernelError, LimitError } from '../core/errors.ts'
import {
  type Constants,
  type Dispatch,
  type Facts,
  type Kernel,
  Live,
  type ParamField,
  type Params,
  type ParamType,
  type Scratch,
  type Variant,
} from '../core/kernel.ts'
import type { Resource, Slab, WebGPUBlock } from './buffers.ts'
import { codeOf } from './code.ts'
import type { Entry, Pipelines } from './pipelines.ts'
import type { Reader } from './read.ts'
import type { Recorder } from './recorder.ts'
import type { Uniforms } from './uniforms.ts'
import { errorOf, type Fate, join, openOf } from './validity.ts'

/** What is known of a kernel on this device. */
interface Known {
  readonly kernel: Kernel
  readonly variants: readonly { readonly name: string; readonly variant: Variant; launches: number }[]
  readonly entries: ReadonlyMap<string, Entry>
  readonly fields: readonly Field[]
  /** Words of the params block. */
  readonly words: number
  /** Bytes of the params as immediate data, 0: as a uniform buffer. */
  readonly immediate: number
  /** Bits of the bindings that every launch has: params as a uniform, and status. */
  readonly fixedMask: number
}

interface Field {
  readonly name: string
  readonly at: number
  readonly type: ParamType
}

/** Workgroups in one dimension that every adapter has. */
const MAX_GROUPS = 65535
const NONE: Constants = {}

/** What the launcher needs of the device around it. */
export interface LaunchHost {
  readonly facts: Facts
  readonly maxImmediate: number
  /** Storage buffers that one kernel may bind. */
  readonly maxBindings: number
  /** Workgroups in one dimension, from which on a count is folded. */
  readonly maxGroups: number
  readonly debug: boolean
  readonly force: Readonly<Record<string, string>>
  scratch(bytes: number, label: string): WebGPUBlock
  release(block: WebGPUBlock): void
  /** The status buffer, made when first asked for. */
  status(): Slab
  readonly recorder: Recorder
  readonly pipelines: Pipelines
  readonly uniforms: Uniforms
  readonly reader: Reader
}

export class Launcher {
  private readonly host: LaunchHost
  private readonly known = new Map<Kernel, Known>()
  private readonly launchIds = new Map<string, number>()
  private readonly u32 = new Uint32Array(64)
  private readonly f32 = new Float32Array(this.u32.buffer)
  private readonly resources: Resource[] = []

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

    let fate: Fate | undefined
    let error: Error | undefined
    for (let i = 0; i < bindings.length; i++) {
      const block = blocks[i]
      if (!block) continue
      if (block.freed) fail(launch.label, `binding ${bindings[i].name} is a freed block of ${block.label}`)
      error ??= block.slab.refused
      const { role } = bindings[i]
      // What is written in full has no past.
      if (role === 'out' || (role === 'inout' && launch.whole)) continue
      error ??= this.errorIn(block)
      if (block.fate) fate = join(fate, block.fate)
    }
    if (host.debug) checkAliases(launch, blocks)
    if (!error) {
      const dispatches = this.choose(known, params, constants).dispatch(params, host.facts, constants)
      if (Array.isArray(dispatches)) {
        const scratch = new Map<Scratch, WebGPUBlock>()
        try {
          for (const dispatch of dispatches) {
            fate = this.dispatch(known, launch, dispatch, constants, scratch, fate)
            if ((error = fate && errorOf(fate))) break
          }
        } finally {
          for (const block of scratch.values()) host.release(block)
        }
      } else {
        fate = this.dispatch(known, launch, dispatches as Dispatch, constants, null, fate)
        error = fate && errorOf(fate)
      }
    }
    const { serial } = host.recorder
    for (let i = 0; i < bindings.length; i++) {
      const block = blocks[i]
      if (!block || bindings[i].role === 'in') continue
      block.error = error
      block.fate = fate
      block.writtenIn = serial
      block.writer = launch.label
    }
    host.recorder.poll()
  }

  /** How often each variant was launched, as `kernel/variant`. */
  counts(): Record<string, number> {
    const counts: Record<string, number> = {}
    for (const { kernel, variants } of this.known.values()) {
      for (const { name, launches } of variants) {
        const key = `${kernel.name}/${name}`
        counts[key] = (counts[key] ?? 0) + launches
      }
    }
    return counts
  }

  private learn(kernel: Kernel): Known {
    const { host } = this
    const entries = new Map<string, Entry>()
    const { modules, plan } = codeOf(kernel)
    for (const module of modules) {
      for (const name of module.entries) entries.set(name, { kernel, module, name, byMask: new Map() })
    }
    const immediate = kernel.paramBytes <= host.maxImmediate ? kernel.paramBytes : 0
    const known: Known = {
      kernel,
      variants: Object.entries(plan).map(([name, variant]) => ({ name, variant, launches: 0 })),
      entries,
      fields: kernel.params.map(({ name, type, offset }: ParamField) => ({ name, type, at: offset / 4 })),
      words: kernel.paramBytes / 4,
      immediate,
      fixedMask: (immediate > 0 ? 0 : 1) | (kernel.status >= 0 ? 1 << kernel.status : 0),
    }
    if (known.words > this.u32.length)
      fail(kernel.name, `params take ${kernel.paramBytes} bytes, at most 256 are packed`)
    this.known.set(kernel, known)
    return known
  }

  /** The forced variant where it fits; else the first that fits and is better here; else the last. */
  private choose({ kernel, variants }: Known, p: Params, c: Constants): Variant {
    const { facts, force } = this.host
    const forced = force[kernel.name]
    let chosen = variants[variants.length - 1]
    for (const candidate of variants) {
      const { name, variant } = candidate
      if (variant.fits && !variant.fits(p, facts, c)) continue
      if (name === forced) {
        chosen = candidate
        break
      }
      if (chosen !== variants[variants.length - 1]) continue
      if (!variant.better || variant.better(p, facts, c)) {
        chosen = candidate
        if (forced === undefined) break
      }
    }
    chosen.launches++
    return chosen.variant
  }

  private dispatch(
    known: Known,
    launch: Launch,
    dispatch: Dispatch,
    constants: Constants,
    scratch: Map<Scratch, WebGPUBlock> | null,
    fate: Fate | undefined,
  ): Fate | undefined {
    const { host, resources } = this
    const { groups } = dispatch
    let x: number
    let y = 1
    let z = 1
    if (typeof groups === 'number') {
      x = groups
      if (x > host.maxGroups) {
        y = Math.ceil(x / host.maxGroups)
        x = Math.ceil(x / y)
      }
    } else [x, y, z] = groups
    if (x === 0 || y === 0 || z === 0) return fate
    if (x > MAX_GROUPS || y > MAX_GROUPS || z > MAX_GROUPS) {
      throw new LimitError(
        launch.label,
        `${known.kernel.name} needs a grid of ${x} × ${y} × ${z} workgroups`,
        'split it',
      )
    }
    const entry = known.entries.get(dispatch.entry)
    if (!entry) fail(launch.label, `kernel ${known.kernel.name} has no entry point ${dispatch.entry}`)

    const live = this.pack(known, launch, dispatch.params)
    resources.length = 0
    let mask = known.fixedMask
    if (known.immediate === 0) {
      if (live && host.uniforms.full) host.recorder.submit()
      resources.push(live ? host.uniforms.live(this.u32, known.words) : host.uniforms.fixed(this.u32, known.words))
    }
    const { serial } = host.recorder
    const { bindings } = known.kernel
    for (let i = 0; i < bindings.length; i++) {
      const block = dispatch.blocks ? this.pick(launch, dispatch.blocks[i], scratch) : (launch.blocks[i] as WebGPUBlock)
      if (!block) continue
      mask |= 1 << bindings[i].binding
      resources.push(block.slab)
      block.slab.usedIn = serial
    }
    if (known.kernel.status >= 0) {
      const status = host.status()
      status.usedIn = serial
      resources.push(status)
      host.reader.statusDirty = true
    }
    const buffers = resources.length - (known.immediate === 0 ? 1 : 0)
    if (buffers > host.maxBindings) {
      const what = `${known.kernel.name} binds ${buffers} buffers, the adapter ${host.maxBindings}`
      throw new LimitError(launch.label, what, 'use a plan with fewer at a time')
    }
    const pipeline = host.pipelines.get(entry, mask, known.immediate, dispatch.constants, constants)
    const immediate = known.immediate > 0 ? this.u32 : null
    const { verdict } = pipeline
    if (verdict?.settled && !verdict.error) pipeline.verdict = null
    if (pipeline.verdict === null) {
      const group = host.pipelines.group(pipeline.layout, resources)
      host.recorder.dispatch(pipeline.gpu, group, immediate, known.words, x, y, z)
      return fate
    }
    // Not known to be valid: an invalid pipeline voids its whole command buffer, so this one gets its own.
    const doubtful = join(fate, [pipeline.verdict])
    if (pipeline.verdict.settled) return doubtful
    host.recorder.submit()
    const group = host.pipelines.group(pipeline.layout, resources)
    host.recorder.dispatch(pipeline.gpu, group, immediate, known.words, x, y, z)
    host.recorder.submit(pipeline.verdict)
    return doubtful
  }

  private pick(
    launch: Launch,
    which: number | Scratch | null | undefined,
    scratch: Map<Scratch, WebGPUBlock> | null,
  ): WebGPUBlock | undefined {
    if (which === null || which === undefined) return undefined
    if (typeof which === 'number') return launch.blocks[which] as WebGPUBlock | undefined
    const lent = scratch?.get(which)
    if (lent) return lent
    const made = this.host.scratch(which.bytes, launch.label)
    scratch?.set(which, made)
    return made
  }

  /** Fill the words of the params block. @returns true if a value came from a `Live` cell */
  private pack(known: Known, launch: Launch, own: Params | undefined): boolean {
    const { params } = launch
    let live = false
    for (const { name, type, at } of known.fields) {
      if (name === 'launch_id') {
        // The device's own, whatever the launch says.
        this.u32[at] = this.launchId(launch.label)
        continue
      }
      let value = own?.[name] ?? params[name]
      if (typeof value === 'object' && value instanceof Live) {
        value = value.value
        live = true
      }
      if (typeof value === 'number') {
        if (type === 'f32') this.f32[at] = value
        else this.u32[at] = value
      } else if (value !== undefined) {
        const words = type === 'vec4f' ? this.f32 : this.u32
        words[at] = value[0]
        words[at + 1] = value[1]
        words[at + 2] = value[2]
        words[at + 3] = value[3]
      } else fail(launch.label, `param ${name} of kernel ${known.kernel.name} is missing`)
    }
    return live
  }

  /** The number that stands for an op in the status buffer. */
  private launchId(label: string): number {
    const known = this.launchIds.get(label)
    if (known !== undefined) return known
    const { labels } = this.host.reader
    labels.push(label)
    this.launchIds.set(label, labels.length)
    return labels.length
  }

  private errorIn(block: WebGPUBlock): Error | undefined {
    if (block.fate) {
      block.error ??= errorOf(block.fate)
      block.fate = openOf(block.fate)
    }
    return block.error ?? this.host.recorder.failureIn(block.writtenIn)
  }
}

/** Outputs share no buffer with any other binding: WebGPU refuses the whole command buffer otherwise. */
function checkAliases(launch: Launch, blocks: readonly (WebGPUBlock | undefined)[]): void {
  const { bindings } = launch.kernel
  blocks.forEach((block, i) => {
    const j = block ? blocks.findIndex((other) => other?.slab === block.slab) : i
    if (j === i || (bindings[i].role === 'in' && bindings[j].role === 'in')) return
    throw new KernelError(launch.label, `bindings ${bindings[j].name} and ${bindings[i].name} are the same buffer`)
  })
}
