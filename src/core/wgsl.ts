/**
 * @file Reads a kernel's contract from its WGSL: header lines, params struct, bindings, entry points, op codes. Used by
 * the build (scripts/shaders.mjs) and by defineKernel at run time; what it accepts is written in shaders/README.md.
 */
import {
  type Binding,
  layOutParams,
  type ParamField,
  type ParamType,
  type ShaderSpec,
  type Source,
} from './contract.ts'
import { fail } from './errors.ts'

const PARAM_TYPES: Record<string, ParamType> = {
  u32: 'u32',
  i32: 'i32',
  f32: 'f32',
  'vec4<u32>': 'vec4u',
  'vec4<i32>': 'vec4i',
  'vec4<f32>': 'vec4f',
}

/** Remove comments but keep every line break, so that line numbers stay those of the file. */
export function stripComments(text: string): string {
  return text
    .split('\n')
    .map((line) => line.replace(/\/\/.*$/, '').trimEnd())
    .join('\n')
}

/** Value of a `// key: a b c` header line; '-' and absence both mean none. */
function header(text: string, key: string): string[] {
  const line = text.match(new RegExp(`^// ${key}:[ \\t]*(.*)$`, 'm'))
  return line ? line[1].split(/[ ,]+/).filter((word) => word && word !== '-') : []
}

/**
 * Read the contract from the files of one kernel. Pure: the generator uses it at build time, `defineKernel` at run
 * time.
 * @param files  the kernel's `.wgsl` files, the plain one first
 * @param libs  `shaders/lib` by name, for `// uses:`
 */
export function parseShader(files: readonly Source[], libs: Readonly<Record<string, Source>> = {}): ShaderSpec {
  const specs = files.map((file) => parseFile(file, libs))
  const [first] = specs
  for (const other of specs.slice(1)) {
    const [a, b] = [first, other].map((s) => JSON.stringify([s.name, s.params, s.bindings, s.status]))
    if (a !== b) broken(other.modules[0].source.file, `params or bindings differ from ${files[0].file}'s`)
  }
  const modules = specs.flatMap((s) => s.modules)
  return { ...first, modules, consts: Object.assign({}, ...specs.map((s) => s.consts)) }
}

function broken(file: string, what: string): never {
  fail('defineKernel', `${file}: ${what}`, 'shaders/README.md has the rules')
}

function parseFile(source: Source, libs: Readonly<Record<string, Source>>): ShaderSpec {
  const { file, text } = source
  const [name] = header(text, 'kernel')
  if (!name) broken(file, 'no header line `// kernel: name`')
  const code = stripComments(text)
  const { params, paramBytes } = parseParams(file, code)
  const { bindings, status } = parseBindings(file, code, new Set(header(text, 'inout')))
  const entries = [...code.matchAll(/@compute[\s\S]*?\bfn\s+(\w+)/g)].map((m) => m[1])
  if (entries.length === 0) broken(file, 'no @compute entry point')
  const used = header(text, 'uses').map((lib) => libs[lib] ?? broken(file, `uses ${lib}, which shaders/lib lacks`))
  const all = [...used.map((lib) => lib.text), code].join('\n')
  const overrides = [...all.matchAll(/\boverride\s+(\w+)/g)].map((m) => m[1])
  const shared = header(text, 'consts').map((lib) => {
    if (!used.includes(libs[lib])) broken(file, `consts of ${lib}, which it does not use`)
    return libs[lib].text
  })
  const consts: Record<string, number> = {}
  for (const m of [...shared, code].join('\n').matchAll(/^const\s+(\w+)(?:\s*:\s*u32)?\s*=\s*(\d+)u;/gm)) {
    consts[m[1]] = Number(m[2])
  }
  const module = { source: { file, text: code }, libs: used, needs: header(text, 'needs'), entries, overrides }
  return { name, params, paramBytes, bindings, status, modules: [module], consts }
}

function parseParams(file: string, code: string): { params: ParamField[]; paramBytes: number } {
  const struct = code.match(/struct\s+Params\s*\{([\s\S]*?)\}/)
  if (!struct) broken(file, 'no `struct Params`')
  if (!/@group\(0\)\s*@binding\(0\)\s*var<uniform>\s+p\s*:\s*Params\s*;/.test(code)) {
    broken(file, 'no `@group(0) @binding(0) var<uniform> p: Params;`')
  }
  const fields = [...struct[1].matchAll(/(\w+)\s*:\s*([\w<>]+)/g)].map(([, name, raw]) => {
    const type = PARAM_TYPES[raw] ?? broken(file, `params field ${name} is ${raw}, not a 32-bit scalar or vec4 of them`)
    return [name, type] as const
  })
  return layOutParams(fields)
}

function parseBindings(
  file: string,
  code: string,
  inout: ReadonlySet<string>,
): { bindings: Binding[]; status: number } {
  const byNumber = new Map<number, Binding>()
  let status = -1
  const pattern = /@group\(0\)\s*@binding\((\d+)\)\s*var<storage\s*,\s*(read_write|read)>\s*(\w+)/g
  for (const [, number, access, name] of code.matchAll(pattern)) {
    const binding = Number(number)
    if (name === 'status') status = binding
    else if (!byNumber.has(binding)) {
      const role = access === 'read' ? 'in' : inout.has(name) ? 'inout' : 'out'
      byNumber.set(binding, { name, role, binding })
    }
  }
  const bindings = [...byNumber.values()].sort((a, b) => a.binding - b.binding)
  if (bindings.length === 0) broken(file, 'no storage binding')
  const expected = bindings.map((_, i) => i + 1)
  if (bindings.some((b, i) => b.binding !== expected[i])) broken(file, 'storage bindings are not numbered 1, 2, 3 …')
  if (status !== -1 && status !== bindings.length + 1) broken(file, 'the status binding is not the last one')
  return { bindings, status }
}
