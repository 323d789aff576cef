/**
 * @file The kernel contract: what a kernel is called with, one CPU twin, and one or more WGSL variants.
 * The contract is read from the `.wgsl` text itself (the shader is the schema): params struct, bindings, overrides, entry
 * points; wgsl.ts reads it. No device code is here; devices are in cpu/ and webgpu/, the built-in kernels are put together in ops/base/builtin.ts.
 */
import { describe, fail } from './errors.ts'
import { parseShader } from './wgsl.ts'

/** Types a params field may have: 32-bit scalars and vectors of four of them (arrays can't be immediates). */
export type ParamType = 'u32' | 'i32' | 'f32' | 'vec4u' | 'vec4i' | 'vec4f'

/** One field of a kernel's `struct Params`; `offset` in bytes by WGSL's layout rules. */
export interface ParamField {
  readonly name: string
  readonly type: ParamType
  readonly offset: number
}

/** What a kernel does with a storage: `out` is written in full, `inout` read or kept in part, `in` only read. */
export type Role = 'out' | 'inout' | 'in'

/** One storage binding, in the order a launch passes its blocks. */
export interface Binding {
  readonly name: string
  readonly role: Role
  readonly binding: number
}

/** WGSL text with the file it came from, so that a compile error can point at the original line. */
export interface Source {
  readonly file: string
  readonly text: string
}

/** One `.wgsl` file of a kernel: a module with one entry point per variant. */
export interface ShaderModule {
  readonly source: Source
  /** `shaders/lib` files put before the text, in this order. */
  readonly libs: readonly Source[]
  /** Device features and WGSL extensions this file cannot compile without. */
  readonly needs: readonly string[]
  readonly entries: readonly string[]
  readonly overrides: readonly string[]
}

/** What every device must know of a kernel: how it is called. */
export interface Contract {
  readonly name: string
  readonly params: readonly ParamField[]
  readonly paramBytes: number
  readonly bindings: readonly Binding[]
  /** Binding number of the `status` buffer that reports bad indices, or −1. */
  readonly status: number
  /** `const NAME = 3u;` lines of the files, and of the libs that `// consts:` names: op codes are written once, in WGSL. */
  readonly consts: Readonly<Record<string, number>>
}

/** What the header parser reads from one or more files of the same kernel. */
export interface ShaderSpec extends Contract {
  readonly modules: readonly ShaderModule[]
}

/**
 * A param that changes from step to step: it is read when its launch is encoded, and knows how to go on.
 *
 * Whatever a launch needs that differs between two runs of the same step is a cell, never a number that code around the launch works
 * out: a recorded step is run again without that code. Three rules make running again exact:
 * - `advance()` comes before the launch that reads the cell, in the step itself as in each run again. The value is the one that the
 *   latest launch read.
 * - A cell that advances belongs to one launch, and to those that go back through it (dropout and its gradient share a mask). Two
 *   launches that take two numbers of one sequence have two cells; the count is kept by the sequence that `next` draws from.
 * - To run recorded launches again: `advance()` each cell once, in the order in which they were met, then launch.
 *
 * A cell without `next` stays as it is until someone sets it, such as a learning rate. A launch may carry a cell that its kernel does
 * not name: devices pass it over, and who records the launch finds it.
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
    if (this.next) this.value = this.next(this.value)
  }
}

/** A parameter's value: a number, a vector, or a number looked up at encode time. */
export type ParamValue = number | readonly number[] | Live
export type Params = Readonly<Record<string, ParamValue>>
export type Constants = Readonly<Record<string, number>>

/** Arrays a CPU twin works on; bool tensors are `Uint32Array` of 0 and 1. */
export type TypedArray = Float32Array | Float64Array | Int32Array | Uint32Array

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

/** What a plan may know of the adapter; the same facts always give the same choice, so results are reproducible. */
export interface Facts {
  /** A CPU behind the WebGPU interface (lavapipe, SwiftShader): no workgroup memory, no barriers. */
  readonly software: boolean
  readonly features: ReadonlySet<string>
  /** Lanes of a subgroup, 0 where the feature is missing. */
  readonly subgroupSize: number
  readonly maxThreads: number
  readonly maxWorkgroupBytes: number
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
  /** Per binding: an index into the launch's blocks, a scratch buffer, or null for none. Default: the launch's blocks. */
  readonly blocks?: readonly (number | Scratch | null)[]
}

/** One way to run a contract. `fits`: it can be right here; `better`: take it here before the ones below it. */
export interface Variant {
  /** Default: it always does. */
  readonly fits?: (p: PlanParams, facts: Facts, c: Constants) => boolean
  /** Default: yes. */
  readonly better?: (p: PlanParams, facts: Facts, c: Constants) => boolean
  /** What is run, in order. */
  readonly dispatch: (p: PlanParams, facts: Facts, c: Constants) => Dispatch | readonly Dispatch[]
}
// biome-ignore lint/suspicious/noExplicitAny: a plan reads the fields of its own contract
export type PlanParams = any

/** Variants by name, the preferred ones first; the last must fit everywhere. */
export type Plan = Readonly<Record<string, Variant>>

/** What WebGPU needs beside the contract: the text, and how to run it. */
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
 * @param spec.wgsl  the text, with the header `// kernel: name`
 * @throws HandgradError if the text breaks a rule of shaders/README.md, cpu is no function, or there is no plan and the default one
 *   does not fit
 */
export function defineKernel(spec: { wgsl: string; cpu: Twin; plan?: Plan }): Kernel {
  const { wgsl, cpu } = spec
  if (typeof wgsl !== 'string') fail('defineKernel', `wgsl is ${describe(wgsl)}`, 'give the text of the shader')
  if (typeof cpu !== 'function') fail('defineKernel', `cpu is ${describe(cpu)}`, 'give the CPU twin, a function')
  const { modules, ...contract } = parseShader([{ file: 'inline.wgsl', text: wgsl }])
  return { ...contract, cpu, code: { modules, plan: spec.plan ?? elementPlan(contract, modules) } }
}

/** The default plan: one thread per element of `size`, in groups as wide as the shader says. */
export function elementPlan(shader: Contract, modules: readonly ShaderModule[]): Plan {
  const entries = modules.flatMap((m) => m.entries)
  const { source, libs } = modules[0]
  const { text } = source
  const width = text.match(/@workgroup_size\(\s*(\w+)\s*\)/)?.[1]
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
  return { [entries[0]]: { dispatch } }
}
