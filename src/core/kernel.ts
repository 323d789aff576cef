/**
 * @file The kernel: a contract, one CPU twin, and one or more WGSL variants with a plan that says how each is run. The
 * contract is read from the `.wgsl` text itself (the shader is the schema); its types are in contract.ts, its reader in
 * wgsl.ts. No device code is here; devices are in cpu/ and webgpu/, the built-in kernels are put together in
 * ops/base/builtin.ts.
 */
import type { Contract, ShaderModule } from './contract.ts'
import { checkOptions, describe, fail } from './errors.ts'
import type { Nest } from './nest.ts'
import { parseShader } from './wgsl.ts'

/**
 * A param that changes from step to step: it is read when its launch is encoded, and knows how to go on.
 *
 * Whatever a launch needs that differs between two runs of the same step is a cell, never a number that code around the
 * launch works out: a recorded step is run again without that code. Three rules make running again exact:
 * - `advance()` comes before the launch that reads the cell, in the step itself as in each run again. The value is the
 *   one that the latest launch read.
 * - A cell that advances belongs to one launch, and to those that go back through it (dropout and its gradient share a
 *   mask). Two launches that take two numbers of one sequence have two cells; the count is kept by the sequence that
 *   `next` draws from.
 * - To run recorded launches again: `advance()` each cell once, in the order in which they were met, then launch.
 *
 * A cell without `next` stays as it is until someone sets it, such as a learning rate. A launch may carry a cell that
 * its kernel does not name: devices pass it over, and who records the launch finds it.
 */
export class Live {
  value: number
  private readonly next: ((value: number) => number) | undefined

  /**
   * @param value  now
   * @param next   the value after this one; default: it stays
   */
  constructor(value: number, next?: (value: number) => number) {
    this.value = value
    this.next = next
  }

  /** Go on to the value of the next launch. */
  advance(): void {
    if (!this.next) return
    const value: unknown = this.next(this.value)
    if (typeof value !== 'number') fail('Live', `next gave ${describe(value)} after ${this.value}`, 'return a number')
    this.value = value
  }
}

/** A parameter's value: a number, a vector, or a number looked up when it is launched. */
export type ParamValue = number | readonly number[] | Live
export type Params = Readonly<Record<string, ParamValue>>
export type Constants = Readonly<Record<string, number>>

/** Arrays a CPU twin works on; bool tensors are `Uint32Array` of 0 and 1, those of 16 bits `Uint16Array` of bits. */
export type TypedArray = Float32Array | Float64Array | Int32Array | Uint32Array | Uint16Array

/** What a twin sees: `Live` cells already looked up. */
export type TwinParams = Record<string, number> & Record<string, readonly number[]>

/**
 * The CPU twin: the same contract on typed arrays, in the precision of the arrays it is given.
 * @param blocks arrays in binding order, undefined where the launch left a binding out
 * @param p      params by name
 * @param c      contract constants (op codes), absent ones undefined
 * @param label  the op that launched, for error texts
 */
// biome-ignore lint/suspicious/noExplicitAny: each twin narrows its arrays and params to its own contract
export type Twin = (blocks: any[], p: any, c: any, label: string) => void

/** Who the adapter says it is, in lower case; '' where it does not say. The strings are those of `GPUAdapterInfo`. */
export interface AdapterIdentity {
  /** e.g. `nvidia` */
  readonly vendor: string
  /** e.g. `ampere` */
  readonly architecture: string
  readonly device: string
  /** The driver's own words, with its version. */
  readonly description: string
}

/** What a plan may know of the adapter; the same facts always give the same choice, so results are reproducible. */
export interface Facts {
  readonly adapter: AdapterIdentity
  /** A CPU behind the WebGPU interface (lavapipe, SwiftShader): no workgroup memory, no barriers. */
  readonly software: boolean
  readonly features: ReadonlySet<string>
  /** Lanes of a subgroup, 0 where the feature is missing. */
  readonly subgroupSize: number
  readonly maxThreads: number
  readonly maxWorkgroupBytes: number
  /** Bytes of a buffer that are bound at once, also of scratch. */
  readonly maxBindingBytes: number
}

/** A buffer that lives for one launch. The same object names the same buffer in several dispatches. */
export interface Scratch {
  readonly bytes: number
}

/** One dispatch of a plan. `groups` is a count of workgroups (folded past 65,535 by the device) or an explicit grid. */
export interface Dispatch {
  readonly entry: string
  readonly groups: number | readonly [number, number, number]
  readonly constants?: Constants
  /** Params that differ from the launch's. */
  readonly params?: Params
  /**
   * Per binding: an index into the launch's blocks, a scratch buffer, or null for none. Default: the launch's blocks.
   */
  readonly blocks?: readonly (number | Scratch | null)[]
}

/** One way to run a contract. `fits`: it can be right here; `better`: take it here before the ones below it. */
export interface Variant {
  /** What `fits` asks for, in words: the reason given where it is refused. */
  readonly requires?: string
  /** Default: it always does. */
  readonly fits?: (p: PlanParams, facts: Facts, c: Constants) => boolean
  /** Default: yes. */
  readonly better?: (p: PlanParams, facts: Facts, c: Constants) => boolean
  /** What is run, in order. */
  readonly dispatch: (p: PlanParams, facts: Facts, c: Constants) => Dispatch | readonly Dispatch[]
}
// biome-ignore lint/suspicious/noExplicitAny: a plan reads the fields of its own contract
export type PlanParams = any

/** The ways to run a kernel. Which one is taken is decided in webgpu/choose.ts. */
export interface Plan {
  /** By name, the preferred ones first; the last must fit everywhere. */
  readonly variants: Readonly<Record<string, Variant>>
  /**
   * The size class of a launch: within one class an adapter does best with the same variant, so that measured
   * preferences are kept by class. Default: all launches are of the class ''.
   */
  readonly class?: (p: PlanParams, c: Constants) => string
  /** What a launch touches, one nest after the other, so that blocks beyond one binding are bound by ranges. */
  readonly nests?: (p: PlanParams, c: Constants) => readonly Nest[]
}

/** What WebGPU needs besides the contract: the text, and how to run it. */
export interface Code {
  readonly modules: readonly ShaderModule[]
  readonly plan: Plan
}

/** A kernel value: everything a device needs to run it, so that users' own kernels need no registry. */
export interface Kernel extends Contract {
  /** Absent for copy and fill, which core/launch.ts launches itself: the CPU device has their twins. */
  readonly cpu?: Twin
  /** Absent for the built-in kernels: webgpu/code.ts has theirs, so that a page on the CPU does not load it. */
  readonly code?: Code
}

/** Threads per workgroup of every one-thread-per-element kernel. */
export const LANES = 256

/**
 * Make a kernel from its WGSL, its CPU twin and, where one thread per element does not serve, its plan.
 *
 * The default plan runs one thread per element: the file has one entry point and its params a field `size`.
 *
 * What a kernel writes out of bounds goes unseen, unless the device is a debug one, whose guards lie after each block
 * (`device('webgpu', { debug: true })`, `new CpuDevice({ debug: true })`): try own kernels there.
 * @param spec.wgsl  the text, with the header `// kernel: name`
 * @throws HandgradError if the text breaks a rule of shaders/README.md, cpu is not a function, or there is no plan and
 * the default one does not fit, or a variant has no dispatch
 */
export function defineKernel(spec: { wgsl: string; cpu: Twin; plan?: Plan }): Kernel {
  checkOptions('defineKernel', spec, ['wgsl', 'cpu', 'plan'])
  const { wgsl, cpu } = spec
  if (typeof wgsl !== 'string') fail('defineKernel', `wgsl is ${describe(wgsl)}`, 'give the text of the shader')
  if (typeof cpu !== 'function') fail('defineKernel', `cpu is ${describe(cpu)}`, 'give the CPU twin, a function')
  const { modules, ...contract } = parseShader([{ file: 'inline.wgsl', text: wgsl }])
  if (spec.plan && Object.keys(spec.plan.variants ?? {}).length === 0)
    fail('defineKernel', `the plan of ${contract.name} has no variants`, 'give { variants: { name: { dispatch } } }')
  for (const [name, variant] of Object.entries(spec.plan?.variants ?? {}))
    if (typeof variant?.dispatch !== 'function')
      fail('defineKernel', `variant ${name} of ${contract.name} has no dispatch`, 'give a function (params) => …')
  return { ...contract, cpu, code: { modules, plan: spec.plan ?? elementPlan(contract, modules) } }
}

/** The default plan: one thread per element of `size`, in groups as wide as the shader says. */
export function elementPlan(shader: Contract, modules: readonly ShaderModule[]): Plan {
  const entries = modules.flatMap((m) => m.entries)
  const { source, libs } = modules[0]
  const width = source.text.match(/@workgroup_size\(\s*(\w+)\s*\)/)?.[1]
  const lanes = width === 'LANES' ? LANES : Number(width)
  // A kernel that does not ask how many groups there are cannot tell a folded grid from a line.
  const folds = [source, ...libs].some((part) => part.text.includes('num_workgroups'))
  if (entries.length !== 1 || !shader.params.some((f) => f.name === 'size')) {
    const found = `${entries.length} entry points, params ${shader.params.map((f) => f.name).join(', ')}`
    fail('defineKernel', `${shader.name} has ${found}`, 'give a plan, or one entry point and a param `size`')
  }
  if (!(lanes > 0)) fail('defineKernel', `${shader.name} has workgroups of ${width ?? 'several dims'}`, 'give a plan')
  const dispatch = ({ size }: { size: number | Live }): Dispatch => {
    const groups = Math.ceil((size instanceof Live ? size.value : size) / lanes)
    return { entry: entries[0], groups: folds ? groups : [groups, 1, 1] }
  }
  return { variants: { [entries[0]]: { dispatch } } }
}
