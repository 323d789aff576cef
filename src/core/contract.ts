/**
 * @file The types of a kernel's contract: what wgsl.ts reads from a shader, and what every device must know of a
 * kernel. What a kernel is besides, its twin and its plan, is in kernel.ts.
 */

/** Bytes of WGSL's 32-bit scalars, of which params, scratch and the status buffer consist. */
export const WORD_BYTES = 4

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
  /**
   * `const NAME = 3u;` lines of the files, and of the libs that `// consts:` names: op codes are written once, in WGSL.
   */
  readonly consts: Readonly<Record<string, number>>
}

/** What the header parser reads from one or more files of the same kernel. */
export interface ShaderSpec extends Contract {
  readonly modules: readonly ShaderModule[]
}
