/**
 * @file Types as they are written: `vec4<f32>`, `array<Light, N>`, `ptr<storage, u32, read_write>`.
 * Source: WGSL, sections "Types" and "Predeclared Types and Type-Generators".
 */
import { builtinFunction } from '../builtins/index.ts'
import { hasFixedFootprint, isPlain, isStorable, sizeOf, strideOf } from '../layout.ts'
import type { Expression, Identifier } from '../tree.ts'
import {
  type Access,
  array,
  atomic,
  bool,
  defaultAccess,
  f16,
  f32,
  i32,
  isFloat,
  matrix,
  nameOf,
  pointer,
  type Scalar,
  type Space,
  type Type,
  u32,
  vector,
} from '../types.ts'
import { type Context, fail } from './context.ts'
import { integerOf } from './expressions.ts'
import { checkStore } from './spaces.ts'
import { textOf } from './text.ts'

type Size = 2 | 3 | 4
/** Types whose constructors find out what they are made of. */
type Inferred = `vec${Size}` | `mat${Size}x${Size}` | 'array'

const SUFFIXES: Readonly<Record<string, Scalar>> = { i: i32, u: u32, f: f32, h: f16 }

/** Types without template: `f32`, `vec4f`, `mat2x2h`. */
const plain = new Map<string, Type>([bool, i32, u32, f32, f16].map((type) => [type.name, type]))
/** `vec2` to `mat4x4`, of a component. */
const generators = new Map<string, (of: Scalar) => Type>()

for (const m of [2, 3, 4] as const) {
  generators.set(`vec${m}`, (of) => vector(m, of))
  for (const [suffix, of] of Object.entries(SUFFIXES)) plain.set(`vec${m}${suffix}`, vector(m, of))
  for (const n of [2, 3, 4] as const) {
    generators.set(`mat${m}x${n}`, (of) => matrix(m, n, of))
    for (const suffix of ['f', 'h']) plain.set(`mat${m}x${n}${suffix}`, matrix(m, n, SUFFIXES[suffix]))
  }
}

export const isInferred = (name: string): name is Inferred => generators.has(name) || name === 'array'
export const isTypeName = (name: string): boolean =>
  plain.has(name) || isInferred(name) || name === 'atomic' || name === 'ptr'

const RESOURCE = /^(texture_\w+|sampler(_comparison)?)$/

const NESTING = 255
const BYTES = 0xffffffff

/** The type that an expression is; `denotes` is set. */
export function typeOf(c: Context, e: Expression): Type {
  if (e.kind !== 'identifier') fail(c, e.at, `${textOf(e, 'this')} is a value, not a type`)
  return (e.denotes = named(c, e))
}

function named(c: Context, e: Identifier): Type {
  const { name, target, template } = e
  if (target) {
    if (template) fail(c, e.at, `${name} takes no template`)
    if ((target.kind === 'struct' || target.kind === 'alias') && target.type) return target.type
    fail(c, e.at, `${name} is ${describeName(e)}, not a type`)
  }
  const type = plain.get(name)
  if (type) {
    if (template) fail(c, e.at, `${name} takes no template`)
    if (/^(f16|(vec|mat).*h)$/.test(name)) needs(c, e.at, 'f16', name)
    return type
  }
  if (!isTypeName(name)) {
    if (RESOURCE.test(name)) fail(c, e.at, `${name}: textures and samplers are not supported here`)
    fail(c, e.at, `there is no type ${name}`)
  }
  if (!template) fail(c, e.at, `${name} lacks what it is made of`, `write ${name}<…>`)
  if (name === 'array') return arrayOf(c, e, template)
  if (name === 'ptr') return pointerOf(c, e, template)
  if (template.length !== 1) fail(c, e.at, `${name} is made of one type, not ${template.length}`)
  const of = typeOf(c, template[0])
  if (name === 'atomic') {
    return of === i32 || of === u32 ? atomic(of) : fail(c, e.at, `atomic<${nameOf(of)}>: atomics are i32 or u32`)
  }
  if (of.kind !== 'scalar' || (name.startsWith('mat') && !isFloat(of))) {
    const wanted = name.startsWith('mat') ? 'f32 or f16' : 'scalars'
    fail(c, e.at, `${name}<${nameOf(of)}>: its components are ${wanted}`)
  }
  return (generators.get(name) as (of: Scalar) => Type)(of)
}

const ENUMERANTS = ['function', 'private', 'workgroup', 'uniform', 'storage', 'read', 'write', 'read_write']

/** What a name is, if it is something other than a value. */
export function describeName({ name, target }: Identifier): string | undefined {
  if (target) return `a${target.kind === 'alias' ? 'n' : ''} ${target.kind === 'variable' ? target.form : target.kind}`
  if (isTypeName(name)) return 'a type'
  if (builtinFunction(name)) return 'a builtin function'
  return ENUMERANTS.includes(name) ? 'an address space or access mode' : undefined
}

/** Refuses what stands for a feature that is not enabled. */
export function needs(c: Context, at: number, extension: string, what: string): void {
  if (!c.enabled.has(extension)) fail(c, at, `${what} needs the feature ${extension}`, `write enable ${extension};`)
}

// ---- arrays

function arrayOf(c: Context, e: Identifier, template: readonly Expression[]): Type {
  if (template.length > 2) fail(c, e.at, 'array takes an element type and a count')
  const of = typeOf(c, template[0])
  const at = template[0].at
  if (!isPlain(of)) fail(c, at, `arrays cannot have elements of ${nameOf(of)}`)
  if (!hasFixedFootprint(of)) fail(c, at, `elements of arrays have a size: ${nameOf(of)} has none`)
  if (isOverrideSized(of))
    fail(c, at, `${nameOf(of)}: only the type of a workgroup variable may be counted by overrides`)
  const count = template.length === 1 ? null : countOf(c, template[1])
  const type = array(of, count)
  checkNesting(c, e.at, type)
  if (typeof count === 'number' && count * strideOf(type) > BYTES)
    fail(c, e.at, `${nameOf(type)} is larger than ${BYTES} bytes`)
  return type
}

export const isOverrideSized = (type: Type): boolean => type.kind === 'array' && typeof type.count === 'string'

function countOf(c: Context, e: Expression): number | string {
  const { unevaluated } = c
  c.unevaluated = 0
  integerOf(c, e, 'the count of an array')
  c.unevaluated = unevaluated
  if (e.stage === 'runtime') {
    fail(c, e.at, `${textOf(e)} is known only when a thread runs; the count of an array is a constant`)
  }
  if (e.stage === 'override')
    return textOf(e, `the overrides at ${c.source.place(e.at).line}:${c.source.place(e.at).column}`)
  const count = Number(e.value)
  if (count < 1) fail(c, e.at, `an array has at least 1 element, not ${count}`)
  return count
}

const nestings = new WeakMap<Type, number>()

/** Types are limited in depth, so that whoever looks at them may recurse. */
export function checkNesting(c: Context, at: number, type: Type): void {
  const inner = type.kind === 'array' ? [type.of] : type.kind === 'struct' ? type.members.map((m) => m.type) : []
  const depth = 1 + Math.max(0, ...inner.map((x) => nestings.get(x) ?? 0))
  if (depth > NESTING)
    fail(c, at, `${type.kind === 'struct' ? type.name : 'the array'} is nested deeper than ${NESTING}`)
  nestings.set(type, depth)
}

// ---- pointers, spaces and access modes

const SPACES: readonly string[] = ['function', 'private', 'workgroup', 'uniform', 'storage']
const ACCESSES: readonly string[] = ['read', 'write', 'read_write']

/** A space and the access that may be written beside it, as in `<storage, read_write>`. */
export function spaceOf(c: Context, space: Expression, access: Expression | undefined): [Space, Access] {
  const name = enumerant(c, space, SPACES, 'address space') as Space
  if (!access) return [name, defaultAccess(name)]
  const mode = enumerant(c, access, ACCESSES, 'access mode') as Access
  if (name !== 'storage') fail(c, access.at, `an access mode is only for storage, not ${name}`, `leave ${mode} out`)
  if (mode === 'write') fail(c, access.at, 'buffers cannot be write alone', 'write read_write')
  return [name, mode]
}

function enumerant(c: Context, e: Expression, all: readonly string[], what: string): string {
  if (e.kind === 'identifier' && !e.target && !e.template && all.includes(e.name)) return e.name
  const hidden = e.kind === 'identifier' && e.target ? ' here, but something declared' : ''
  fail(c, e.at, `${textOf(e)} is no ${what}${hidden}`, `write one of ${all.join(', ')}`)
}

function pointerOf(c: Context, e: Identifier, template: readonly Expression[]): Type {
  if (template.length < 2 || template.length > 3) fail(c, e.at, 'ptr takes a space, a type and for storage an access')
  const [space, access] = spaceOf(c, template[0], template[2])
  const to = typeOf(c, template[1])
  if (!isStorable(to)) fail(c, template[1].at, `there are no pointers to ${nameOf(to)}`)
  checkStore(c, template[1].at, to, space, access)
  return pointer(space, to, access)
}

/** The bytes of a type, of which there may be 2³² − 1. */
export function checkSize(c: Context, at: number, type: Type): void {
  if (hasFixedFootprint(type) && !isOverrideSized(type) && sizeOf(type) > BYTES) {
    fail(c, at, `${nameOf(type)} is larger than ${BYTES} bytes`)
  }
}
