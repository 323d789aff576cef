/**
 * @file Entry points: their workgroup size, the values that a thread begins with, the buffers that they bind.
 * Source: WGSL, sections "Entry Points", "Built-in Inputs and Outputs" and "Resource Interface".
 */
import type { Attribute, Expression, FunctionDeclaration, Variable } from '../tree.ts'
import { i32, nameOf, type Type, u32, vector } from '../types.ts'
import { attribute } from './attributes.ts'
import { type Context, fail } from './context.ts'
import { anyValue, refuseLater } from './expressions.ts'
import { convertTo } from './materialize.ts'
import { textOf } from './text.ts'
import { needs } from './typenames.ts'

interface Builtin {
  readonly type: Type
  readonly needs?: 'subgroups'
  /** For which threads it is the same: those of a workgroup, those of a subgroup. */
  readonly uniform?: 'workgroup' | 'subgroup'
}

const vec3u = vector(3, u32)

/** Values that a thread of a compute shader begins with. */
const BUILTINS: Readonly<Record<string, Builtin>> = {
  global_invocation_id: { type: vec3u },
  global_invocation_index: { type: u32 },
  local_invocation_id: { type: vec3u },
  local_invocation_index: { type: u32 },
  num_subgroups: { type: u32, needs: 'subgroups', uniform: 'workgroup' },
  num_workgroups: { type: vec3u, uniform: 'workgroup' },
  subgroup_id: { type: u32, needs: 'subgroups', uniform: 'subgroup' },
  subgroup_invocation_id: { type: u32, needs: 'subgroups' },
  subgroup_size: { type: u32, needs: 'subgroups', uniform: 'workgroup' },
  workgroup_id: { type: vec3u, uniform: 'workgroup' },
  workgroup_index: { type: u32 },
}

/** The name in `@builtin(name)`. */
function builtinName(c: Context, { args: [arg], at }: Attribute): string {
  if (arg.kind !== 'identifier') fail(c, at, '@builtin takes the name of a value')
  if (!Object.hasOwn(BUILTINS, arg.name)) {
    fail(
      c,
      arg.at,
      `there is no builtin value ${arg.name} in compute shaders`,
      `known are ${Object.keys(BUILTINS).join(', ')}`,
    )
  }
  return arg.name
}

/** Checks the builtin value that a parameter or member is, if it is one; gives its name. */
export function checkBuiltin(c: Context, attributes: readonly Attribute[], type: Type): string | undefined {
  const found = attribute(attributes, 'builtin')
  if (!found) return undefined
  const name = builtinName(c, found)
  const { type: wanted, needs: extension } = BUILTINS[name]
  if (extension) needs(c, found.at, extension, `@builtin(${name})`)
  if (type !== wanted) fail(c, found.at, `@builtin(${name}) is ${nameOf(wanted)}, not ${nameOf(type)}`)
  return name
}

/** Whether all of a parameter of an entry point is the same for threads of one workgroup or subgroup. */
export function isUniform(
  c: Context,
  { attributes, type }: { readonly attributes: readonly Attribute[]; readonly type?: Type },
  scope: 'workgroup' | 'subgroup',
): boolean {
  const found = attribute(attributes, 'builtin')
  if (!found) return (type && c.structs.get(type)?.members.every((member) => isUniform(c, member, scope))) ?? false
  const { uniform } = BUILTINS[builtinName(c, found)]
  return uniform === 'workgroup' || uniform === scope
}

export function checkEntry(c: Context, f: FunctionDeclaration): void {
  if (f.written) fail(c, f.written.at, `${f.name} is a compute shader, which returns nothing`, 'write to a buffer')
  const size = attribute(f.attributes, 'workgroup_size')
  if (!size) fail(c, f.nameAt, `${f.name} is a compute shader without @workgroup_size`, 'write @workgroup_size(64)')
  f.workgroupSize = workgroupSize(c, size.args)
  const seen = new Set<string>()
  for (const param of f.params) {
    const own = attribute(param.attributes, 'builtin')
    const members = own ? undefined : c.structs.get(param.type as Type)?.members
    if (!own && !members) fail(c, param.at, `${param.name} is nothing that a thread begins with`, 'write @builtin')
    for (const { attributes, name, at } of members ?? [param]) {
      const found = attribute(attributes, 'builtin')
      if (!found) fail(c, at, `${name} of the parameter ${param.name} of ${f.name} has no @builtin`)
      const builtin = builtinName(c, found)
      if (seen.has(builtin)) fail(c, param.at, `${f.name} has two parameters @builtin(${builtin})`)
      seen.add(builtin)
    }
  }
  checkBindings(c, f)
}

function workgroupSize(c: Context, args: readonly Expression[]): (Expression | 1)[] {
  const types = args.map((arg) => anyValue(c, arg))
  const type = types.find((one) => one === i32 || one === u32) ?? i32
  for (const arg of args) {
    convertTo(c, arg, type, '@workgroup_size wants')
    refuseLater(c, arg, 'override', '@workgroup_size')
    if (arg.value !== undefined && Number(arg.value) < 1) fail(c, arg.at, `@workgroup_size: ${textOf(arg)} is below 1`)
  }
  const threads = args.reduce((product, arg) => product * Number(arg.value ?? 1), 1)
  if (threads > 0xffffffff) fail(c, args[0].at, `@workgroup_size: ${threads} threads are more than 2³² − 1`)
  return [0, 1, 2].map((i) => args[i] ?? 1)
}

/** Two variables that an entry point uses are not of one binding. */
function checkBindings(c: Context, { name, nameAt, uses }: FunctionDeclaration): void {
  const bound = new Map<string, Variable>()
  for (const v of uses ?? []) {
    if (v.group === undefined) continue
    const key = `@group(${v.group}) @binding(${v.binding})`
    const other = bound.get(key)
    if (other) fail(c, nameAt, `${name} uses ${other.name} and ${v.name}, both ${key}`, 'number them apart')
    bound.set(key, v)
  }
}
