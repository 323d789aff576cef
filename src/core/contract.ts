/**
 * @file The types of a kernel's contract: what wgsl.ts reads from a shader, and what every device must know of a
 * kernel. What a kernel is besides, its twin and its plan, is in kernel.ts.
 */

/** Bytes of WGSL's 32-bit scalars, of which params, scratch and the status buffer consist. */
export const WORD_BYTES = 4

const VEC4_BYTES = 4 * WORD_BYTES

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

/** Params at their offsets, by WGSL's rules: vec4s at multiples of 16 bytes, and the block too where it has one. */
export function layOutParams(fields: readonly (readonly [name: string, type: ParamType])[]): {
  params: ParamField[]
  paramBytes: number
} {
  const alignOf = (type: ParamType): number => (type.startsWith('vec4') ? VEC4_BYTES : WORD_BYTES)
  const params: ParamField[] = []
  let end = 0
  let block = WORD_BYTES
  for (const [name, type] of fields) {
    const align = alignOf(type)
    const offset = Math.ceil(end / align) * align
    params.push({ name, type, offset })
    end = offset + align
    block = Math.max(block, align)
  }
  return { params, paramBytes: Math.ceil(end / block) * block }
}

/**
 * A contract written short, as the generated ones are, for what a page loads first.
 * @param params    `size scale:f32`; u32 where nothing is said
 * @param bindings  `y:out x`, numbered from 1; in where nothing is said; `status` at the end for the status buffer
 * @param consts    `ADD:64 SUB MUL`; one more than the one before where nothing is said
 */
export function contractOf<C extends Contract['consts']>(
  name: string,
  params: string,
  bindings: string,
  consts: string,
): Contract & { readonly consts: C } {
  // The generator writes names, some with one of the words of their type.
  const pairs = (text: string, unsaid?: string) =>
    text.split(' ').map((pair) => [...pair.split(':'), unsaid]) as [string, never][]
  const named = pairs(bindings, 'in')
  const status = named.at(-1)?.[0] === 'status' ? named.length : -1
  const listed = status < 0 ? named : named.slice(0, -1)
  const values: Record<string, number> = {}
  let next = 0
  for (const [key, value = next] of pairs(consts)) if (key) next = (values[key] = Number(value)) + 1
  return {
    name,
    ...layOutParams(pairs(params, 'u32')),
    bindings: listed.map(([binding, role], i) => ({ name: binding, role, binding: i + 1 })),
    status,
    consts: values as C,
  }
}
