/**
 * @file Types of WGSL. Each is one object, however it is written, so two types are the same if they are `===`.
 * Source: WGSL, sections "Types" and "Memory".
 */

/** `abstract-int` and `abstract-float` are what literals without suffix have: only constants do. */
export type ScalarName = 'bool' | 'i32' | 'u32' | 'f32' | 'f16' | 'abstract-int' | 'abstract-float'

export interface Scalar {
  readonly kind: 'scalar'
  readonly name: ScalarName
}
export interface Vector {
  readonly kind: 'vector'
  readonly size: 2 | 3 | 4
  readonly of: Scalar
}
export interface Matrix {
  readonly kind: 'matrix'
  readonly columns: 2 | 3 | 4
  readonly rows: 2 | 3 | 4
  readonly of: Scalar
}
/** `atomic<u32>` or `atomic<i32>`. */
export interface Atomic {
  readonly kind: 'atomic'
  readonly of: Scalar
}
export interface ArrayType {
  readonly kind: 'array'
  readonly of: Type
  /**
   * How many elements: a number; null where the buffer says it (a runtime-sized array); or the text of an expression of
   * overrides, which is a number for each pipeline, and makes arrays of one type where it is the same override by name.
   */
  readonly count: number | null | string
}
export interface Member {
  readonly name: string
  readonly type: Type
  /** `@align(n)` and `@size(n)`, where they are given. */
  readonly align?: number
  readonly size?: number
}
/** The one type that has a name of its own: two structs are different types even if their members are alike. */
export interface Struct {
  readonly kind: 'struct'
  readonly name: string
  readonly members: readonly Member[]
}

export type Space = 'function' | 'private' | 'workgroup' | 'uniform' | 'storage' | 'handle'
export type Access = 'read' | 'write' | 'read_write'

export interface Pointer {
  readonly kind: 'pointer'
  readonly space: Space
  readonly to: Type
  readonly access: Access
}
/** What the name of a variable is: memory, whose value is loaded where a value is wanted. Not written in programs. */
export interface Reference {
  readonly kind: 'reference'
  readonly space: Space
  readonly to: Type
  readonly access: Access
}
/** What a call of a function without a result is. Not written in programs. */
export interface Void {
  readonly kind: 'void'
}

export type Type = Scalar | Vector | Matrix | Atomic | ArrayType | Struct | Pointer | Reference | Void

const known = new Map<string, Type>()

/** The one object of a type; `key` tells it from all others. */
function one<T extends Type>(key: string, make: () => T): T {
  let type = known.get(key)
  if (!type) known.set(key, (type = make()))
  return type as T
}

const ids = new WeakMap<Struct, number>()
let structs = 0

/** Names that are different for different types: structs of one name are told apart by a number. */
function keyOf(type: Type): string {
  switch (type.kind) {
    case 'struct': {
      if (!ids.has(type)) ids.set(type, ++structs)
      return `${type.name}#${ids.get(type)}`
    }
    case 'array':
      return `array<${keyOf(type.of)},${typeof type.count === 'string' ? `'${type.count}` : type.count}>`
    case 'pointer':
    case 'reference':
      return `${type.kind}<${type.space},${keyOf(type.to)},${type.access}>`
    default:
      return nameOf(type)
  }
}

const scalar = (name: ScalarName): Scalar => one(name, () => ({ kind: 'scalar', name }))

export const bool = scalar('bool')
export const i32 = scalar('i32')
export const u32 = scalar('u32')
export const f32 = scalar('f32')
export const f16 = scalar('f16')
export const abstractInt = scalar('abstract-int')
export const abstractFloat = scalar('abstract-float')
export const none: Void = { kind: 'void' }

export const vector = (size: 2 | 3 | 4, of: Scalar): Vector =>
  one(`vec${size}<${of.name}>`, () => ({ kind: 'vector', size, of }))

export const matrix = (columns: 2 | 3 | 4, rows: 2 | 3 | 4, of: Scalar): Matrix =>
  one(`mat${columns}x${rows}<${of.name}>`, () => ({ kind: 'matrix', columns, rows, of }))

export const atomic = (of: Scalar): Atomic => one(`atomic<${of.name}>`, () => ({ kind: 'atomic', of }))

export function array(of: Type, count: ArrayType['count']): ArrayType {
  const type: ArrayType = { kind: 'array', of, count }
  return one(keyOf(type), () => type)
}

/** A new struct, different from all others. */
export const struct = (name: string, members: readonly Member[]): Struct => ({ kind: 'struct', name, members })

export function pointer(space: Space, to: Type, access: Access = defaultAccess(space)): Pointer {
  const type: Pointer = { kind: 'pointer', space, to, access }
  return one(keyOf(type), () => type)
}
export function reference(space: Space, to: Type, access: Access = defaultAccess(space)): Reference {
  const type: Reference = { kind: 'reference', space, to, access }
  return one(keyOf(type), () => type)
}

/** What may be done with memory of a space where nothing else is said. */
export const defaultAccess = (space: Space): Access =>
  space === 'storage' || space === 'uniform' || space === 'handle' ? 'read' : 'read_write'

/** A type as it is written: `vec4<f32>`, `array<Light, 4>`, `ptr<storage, u32, read_write>`. */
export function nameOf(type: Type): string {
  switch (type.kind) {
    case 'scalar':
      return type.name
    case 'vector':
      return `vec${type.size}<${type.of.name}>`
    case 'matrix':
      return `mat${type.columns}x${type.rows}<${type.of.name}>`
    case 'atomic':
      return `atomic<${type.of.name}>`
    case 'array':
      return `array<${nameOf(type.of)}${type.count === null ? '' : `, ${type.count}`}>`
    case 'struct':
      return type.name
    case 'pointer':
    case 'reference': {
      const access = type.access === defaultAccess(type.space) ? '' : `, ${type.access}`
      return `${type.kind === 'pointer' ? 'ptr' : 'ref'}<${type.space}, ${nameOf(type.to)}${access}>`
    }
    case 'void':
      return 'no value'
  }
}

/** The type of a value: what a reference refers to, any other type itself. */
export const valueType = (type: Type): Type => (type.kind === 'reference' ? type.to : type)

export const isAbstract = (type: Type): boolean => {
  if (type.kind === 'scalar') return type === abstractInt || type === abstractFloat
  // What frexp and modf give; no struct of a program has such a name, or members of these types.
  if (type.kind === 'struct')
    return type.name.startsWith('__') && type.members.some((member) => isAbstract(member.type))
  return (type.kind === 'vector' || type.kind === 'matrix' || type.kind === 'array') && isAbstract(type.of)
}

export const isInteger = (type: Type): boolean => type === i32 || type === u32 || type === abstractInt
export const isFloat = (type: Type): boolean => type === f32 || type === f16 || type === abstractFloat
export const isNumeric = (type: Type): boolean => isInteger(type) || isFloat(type)

/** Of a scalar itself, of a vector or matrix that of its components; undefined of other types. */
export const componentOf = (type: Type): Scalar | undefined =>
  type.kind === 'scalar' ? type : type.kind === 'vector' || type.kind === 'matrix' ? type.of : undefined
