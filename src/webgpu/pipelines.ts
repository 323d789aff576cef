/**
 * @file Shader modules, layouts, pipelines and bind groups: made once, found again without building strings. A pipeline
 * is known by kernel, entry point, which bindings are present, and override constants; nothing depends on shapes.
 * Compile errors are explained here, by file and line. Which pipeline a launch wants is decided in choose.ts and
 * launch.ts.
 */

import { CollectorHint } from '../core/collector.ts'
import type { ShaderModule } from '../core/contract.ts'
import { KernelError } from '../core/errors.ts'
import type { Constants, Kernel } from '../core/kernel.ts'
import { assemble, type Text } from './assemble.ts'
import type { Group, Resource } from './buffers.ts'
import { mappings } from './mappings.ts'
import { ask, type Verdict } from './validity.ts'

const COMPUTE = 4 // GPUShaderStage.COMPUTE

/** Binding numbers as a set: bit b says that binding b is present. */
export type BindingSet = number
export const withBinding = (set: BindingSet, binding: number): BindingSet => set | (1 << binding)
const hasBinding = (set: BindingSet, binding: number): boolean => (set & (1 << binding)) !== 0
/** Numbers that fit a set. */
const MAX_BINDINGS = 31
/** Binding of the params where they are a uniform buffer. */
export const PARAMS = 0

/** Bind group layout and pipeline layout of one set of bindings. */
export interface Layout {
  readonly id: number
  readonly bindings: readonly number[]
  readonly group: GPUBindGroupLayout
  readonly pipeline: GPUPipelineLayout
}

export interface Pipeline {
  readonly gpu: GPUComputePipeline
  readonly layout: Layout
  /** Null once the pipeline is known to be valid. */
  verdict: Verdict | null
  /** While that is not known: a dispatch of it was submitted alone. */
  tried: boolean
}

/** An entry point of a kernel, and its pipelines: by bindings present, then by the value of each override in turn. */
export interface Entry {
  readonly kernel: Kernel
  readonly module: ShaderModule
  readonly name: string
  readonly byBindings: Map<BindingSet, Tree>
}
type Tree = Map<number | undefined, Tree | Pipeline>

/**
 * More bind groups than this are not kept: a workload that never repeats its buffers gains nothing by them. What is no
 * longer kept stays in the driver until V8 collects it, and V8 is told of it as often: lavapipe has a memory mapping
 * for each, and the process ends when Linux's 65,530 are used up.
 */
const MAX_GROUPS = 8192
/** Gives V8 its hints, of 256 MiB; what is used up is the process's, so all devices count together. */
const collector = new CollectorHint(MAX_GROUPS, 256 * 2 ** 20)
let made = 0

export class Pipelines {
  /** Called with the error of each pipeline that turns out to be invalid. */
  onBroken: (error: Error) => void = () => {}
  private readonly device: GPUDevice
  private readonly name: string
  private readonly modules = new Map<ShaderModule, Map<boolean, { gpu: GPUShaderModule; text: Text }>>()
  private readonly layouts = new Map<string, Layout>()
  private readonly groups = new Map<number, Group[]>()
  private groupCount = 0

  constructor(device: GPUDevice, name: string) {
    this.device = device
    this.name = name
  }

  /**
   * The pipeline of an entry point.
   * @param bindings   those present, with params where they are a uniform, and status
   * @param immediate  bytes of the params as immediate data, 0: as a uniform
   * @param own,shared  constants of the dispatch, which come first, and of the launch
   */
  get(entry: Entry, bindings: BindingSet, immediate: number, own: Constants | undefined, shared: Constants): Pipeline {
    let tree = entry.byBindings.get(bindings)
    if (!tree) entry.byBindings.set(bindings, (tree = new Map()))
    const { overrides } = entry.module
    const last = overrides.length
    for (let i = 0; i < last; i++) {
      const value = own?.[overrides[i]] ?? shared[overrides[i]]
      let next = tree.get(value) as Tree | undefined
      if (!next) tree.set(value, (next = new Map()))
      tree = next
    }
    const found = tree.get(0) as Pipeline | undefined
    if (found) return found
    const made = this.create(entry, bindings, immediate, own, shared)
    tree.set(0, made)
    return made
  }

  /** The bind group of these resources, in the order of `layout.bindings`. */
  group(layout: Layout, resources: readonly Resource[]): GPUBindGroup {
    let hash = layout.id
    for (let i = 0; i < resources.length; i++) hash = (Math.imul(hash, 0x01000193) ^ resources[i].id) | 0
    const chain = this.groups.get(hash)
    if (chain) {
      search: for (const group of chain) {
        if (group.layout !== layout.group) continue
        for (let i = 0; i < resources.length; i++) if (group.resources[i] !== resources[i]) continue search
        return group.gpu
      }
    }
    return this.createGroup(hash, layout, resources.slice())
  }

  /** Forget the bind groups that name a resource, or a range of it. */
  forget(resource: Resource): void {
    for (const group of resource.groups) this.removeGroup(group)
    for (const window of resource.windows?.values() ?? []) this.forget(window)
    resource.windows?.clear()
  }

  private createGroup(hash: number, layout: Layout, resources: readonly Resource[]): GPUBindGroup {
    if (this.groupCount >= MAX_GROUPS)
      for (const chain of [...this.groups.values()]) chain.slice().forEach((g) => this.removeGroup(g))
    const entries = resources.map((resource, i) => ({ binding: layout.bindings[i], resource: resource.binding }))
    const gpu = this.device.createBindGroup({ layout: layout.group, entries })
    const group = { hash, layout: layout.group, resources, gpu }
    const chain = this.groups.get(hash)
    if (chain) chain.push(group)
    else this.groups.set(hash, [group])
    for (const resource of resources) resource.groups.add(group)
    this.groupCount++
    collector.grown(++made, 0)
    mappings.made()
    return group.gpu
  }

  private removeGroup(group: Group): void {
    for (const resource of group.resources) resource.groups.delete(group)
    const chain = this.groups.get(group.hash)!
    if (chain.length === 1) this.groups.delete(group.hash)
    else chain.splice(chain.indexOf(group), 1)
    this.groupCount--
  }

  private create(
    entry: Entry,
    bindings: BindingSet,
    immediate: number,
    own: Constants | undefined,
    shared: Constants,
  ): Pipeline {
    const { device } = this
    const { kernel, module, name } = entry
    const layout = this.layout(kernel, bindings, immediate)
    const constants: Record<string, number> = {}
    for (const override of module.overrides) {
      const value = own?.[override] ?? shared[override]
      if (value !== undefined) constants[override] = value
    }
    const label = `${kernel.name}/${name}`
    device.pushErrorScope('internal')
    device.pushErrorScope('validation')
    const { gpu: shader, text } = this.module(module, immediate > 0)
    const gpu = device.createComputePipeline({
      label,
      layout: layout.pipeline,
      compute: { module: shader, entryPoint: name, constants },
    })
    const scopes = [device.popErrorScope(), device.popErrorScope()]
    const answer = async () => {
      const [validation, internal] = await Promise.all(scopes)
      const refusal = validation ?? internal
      if (!refusal) return undefined
      const error = await this.explain(entry, shader, text, refusal.message)
      this.onBroken(error)
      return error
    }
    return { gpu, layout, verdict: ask(answer()), tried: false }
  }

  private module(module: ShaderModule, immediate: boolean): { gpu: GPUShaderModule; text: Text } {
    let forms = this.modules.get(module)
    if (!forms) this.modules.set(module, (forms = new Map()))
    let made = forms.get(immediate)
    if (!made) {
      const text = assemble(module, immediate)
      made = { gpu: this.device.createShaderModule({ label: module.source.file, code: text.code }), text }
      forms.set(immediate, made)
    }
    return made
  }

  private layout(kernel: Kernel, present: BindingSet, immediate: number): Layout {
    const read = kernel.bindings
      .filter(({ role, binding }) => role === 'in' && hasBinding(present, binding))
      .reduce((set, { binding }) => withBinding(set, binding), 0)
    // Saying the size of the params spares a check per dispatch, which wgpu (Firefox, Deno) gets wrong after a change
    // of pipeline.
    const minBindingSize = immediate > 0 ? 0 : kernel.paramBytes
    const key = `${present} ${read} ${immediate} ${minBindingSize}`
    const known = this.layouts.get(key)
    if (known) return known
    const bindings: number[] = []
    for (let b = 0; b < MAX_BINDINGS; b++) if (hasBinding(present, b)) bindings.push(b)
    const type = (b: number): GPUBufferBindingType =>
      b === PARAMS ? 'uniform' : hasBinding(read, b) ? 'read-only-storage' : 'storage'
    const entries = bindings.map((binding) => ({
      binding,
      visibility: COMPUTE,
      buffer: { type: type(binding), minBindingSize: binding === PARAMS ? minBindingSize : 0 },
    }))
    const group = this.device.createBindGroupLayout({ label: key, entries })
    const pipeline = this.device.createPipelineLayout({
      label: key,
      bindGroupLayouts: [group],
      ...(immediate > 0 && { immediateSize: immediate }),
    })
    const layout = { id: this.layouts.size + 1, bindings, group, pipeline }
    this.layouts.set(key, layout)
    return layout
  }

  /** `kernel: file:line: text, in "source line"`, or what the pipeline was refused for. */
  private async explain(entry: Entry, shader: GPUShaderModule, text: Text, refusal: string): Promise<Error> {
    const { kernel, module, name } = entry
    const missing = module.needs.filter((feature) => !this.device.features.has(feature))
    if (missing.length > 0) {
      const what = `${module.source.file}: needs ${missing.join(', ')}, which ${this.name} does not offer`
      return new KernelError(kernel.name, what)
    }
    const { messages } = await shader.getCompilationInfo()
    const error = messages.find((message) => message.type === 'error')
    if (!error) return new KernelError(kernel.name, `${module.source.file}: ${name}: ${firstLine(refusal)}`)
    const { file, line, source } = text.locate(error.lineNum)
    return new KernelError(kernel.name, `${file}:${line}: ${gist(error.message)}, in "${source.trim()}"`)
  }
}

const firstLine = (text: string): string => text.trim().split('\n')[0]

/** Tint's messages are one line; naga's draw the source, with what is wrong after `error:`. */
const gist = (message: string): string => message.match(/error: (.*)/)?.[1] ?? firstLine(message)
