/**
 * @file Where types stand in memory, and what may be done with them.
 * Source: WGSL, sections "Alignment and Size", "Structure Member Layout", "Plain Types", "Constructible Types",
 * "Fixed-Footprint Types", "Storable Types", "Host-shareable Types".
 */
import { type ArrayType, bool, f16, isAbstract, type Struct, type Type } from './types.ts'

/** `f` that is asked once for each type: structs of structs of structs would be walked too often otherwise. */
function once<T extends Type, V>(f: (type: T) => V): (type: T) => V {
  const known = new WeakMap<T, V>()
  return (type) => {
    if (!known.has(type)) known.set(type, f(type))
    return known.get(type) as V
  }
}

const roundUp = (to: number, x: number): number => Math.ceil(x / to) * to

/** Bytes of a vector's alignment, and of its size, in components. */
const ALIGNED = [1, 1, 2, 4, 4]

/** Bytes that the place of a value is a multiple of. */
export const alignOf: (type: Type) => number = once((type) => {
  switch (type.kind) {
    case 'scalar':
      return sizeOf(type)
    case 'vector':
      return ALIGNED[type.size] * sizeOf(type.of)
    case 'matrix':
      return ALIGNED[type.rows] * sizeOf(type.of)
    case 'array':
      return alignOf(type.of)
    case 'struct':
      return Math.max(1, ...type.members.map((member) => member.align ?? alignOf(member.type)))
    default:
      return 4
  }
})

/** Bytes of a value. An array whose count is not known here has one element: the least that a binding must have. */
export const sizeOf: (type: Type) => number = once((type) => {
  switch (type.kind) {
    case 'scalar':
      return type === f16 ? 2 : 4
    case 'vector':
      return type.size * sizeOf(type.of)
    case 'matrix':
      return type.columns * alignOf(type)
    case 'array':
      return strideOf(type) * (typeof type.count === 'number' ? type.count : 1)
    case 'struct': {
      const last = type.members.length - 1
      const { size, type: of } = type.members[last]
      return roundUp(alignOf(type), offsetsOf(type)[last] + (size ?? sizeOf(of)))
    }
    default:
      return 4
  }
})

/** Bytes from one element to the next. */
export const strideOf = (type: ArrayType): number => roundUp(alignOf(type.of), sizeOf(type.of))

/** Where each member begins, in bytes. */
export const offsetsOf: (type: Struct) => readonly number[] = once((type) => {
  let end = 0
  return type.members.map(({ type: of, align = alignOf(of), size = sizeOf(of) }) => {
    const at = roundUp(align, end)
    end = at + size
    return at
  })
})

/** A predicate that holds of arrays and structs where it holds of what they are made of. */
const composed = (holds: (type: Exclude<Type, Struct>, inside: (type: Type) => boolean) => boolean) => {
  const all: (type: Type) => boolean = once((type) =>
    type.kind === 'struct' ? type.members.every((member) => all(member.type)) : holds(type, all),
  )
  return all
}

const isComponents = (type: Type): boolean => type.kind === 'scalar' || type.kind === 'vector' || type.kind === 'matrix'

/** A value of it can be made, loaded, stored, passed and returned. */
export const isConstructible: (type: Type) => boolean = composed((type, inside) =>
  type.kind === 'array' ? typeof type.count === 'number' && inside(type.of) : isComponents(type),
)

/** How large it is is known when the module is made. */
export const hasCreationFixedFootprint: (type: Type) => boolean = composed((type, inside) =>
  type.kind === 'array'
    ? typeof type.count === 'number' && inside(type.of)
    : type.kind === 'atomic' || (isComponents(type) && !isAbstract(type)),
)

/** How large it is is known when a pipeline is made. */
export const hasFixedFootprint: (type: Type) => boolean = (type) =>
  type.kind === 'array' ? type.count !== null && hasCreationFixedFootprint(type.of) : hasCreationFixedFootprint(type)

/** Scalars, vectors, matrices, atomics, and arrays and structs of them. */
export const isPlain = (type: Type): boolean =>
  isComponents(type) || type.kind === 'atomic' || type.kind === 'array' || type.kind === 'struct'

/** A variable may hold it. */
export const isStorable = (type: Type): boolean => isPlain(type) && !isAbstract(type)

/** It means the same to the program that made the buffer: uniform and storage buffers hold such types only. */
export const isHostShareable: (type: Type) => boolean = composed((type, inside) => {
  switch (type.kind) {
    case 'array':
      return typeof type.count !== 'string' && inside(type.of)
    case 'scalar':
      return type !== bool && !isAbstract(type)
    case 'vector':
    case 'matrix':
      return inside(type.of)
    default:
      return type.kind === 'atomic'
  }
})
