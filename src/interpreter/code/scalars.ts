/** @file The scalars that a type is made of: in which order they are listed, where they stand in memory. */
import { alignOf, offsetsOf, sizeOf, strideOf } from '../../wgsl/layout.ts'
import type { Constant } from '../../wgsl/tree.ts'
import type { Scalar, Type } from '../../wgsl/types.ts'
import type { Part } from './value.ts'

export interface ScalarAt {
  readonly of: Scalar
  /** Bytes from the beginning of the whole. */
  readonly offset: number
  /** Where the vector begins that it is a component of; its own place where it is none. */
  readonly vector: number
}

const known = new WeakMap<Type, readonly ScalarAt[]>()

/** The scalars of a value in the order of its parts. */
export function scalarsOf(type: Type): readonly ScalarAt[] {
  const found = known.get(type) ?? list(type)
  known.set(type, found)
  return found
}

const shifted = (type: Type, by: number): ScalarAt[] =>
  scalarsOf(type).map(({ of, offset, vector }) => ({ of, offset: offset + by, vector: vector + by }))

function list(type: Type): readonly ScalarAt[] {
  switch (type.kind) {
    case 'scalar':
      return [{ of: type, offset: 0, vector: 0 }]
    case 'atomic':
      return [{ of: type.of, offset: 0, vector: 0 }]
    case 'vector':
      return Array.from({ length: type.size }, (_, i) => ({ of: type.of, offset: i * sizeOf(type.of), vector: 0 }))
    case 'matrix': {
      const { columns, rows, of } = type
      return Array.from({ length: columns * rows }, (_, i) => {
        const vector = Math.floor(i / rows) * alignOf(type)
        return { of, offset: vector + (i % rows) * sizeOf(of), vector }
      })
    }
    case 'array':
      return Array.from({ length: Number(type.count) }, (_, i) => shifted(type.of, i * strideOf(type))).flat()
    case 'struct':
      return type.members.flatMap((member, i) => shifted(member.type, offsetsOf(type)[i]))
    default:
      return []
  }
}

/** Which of a value's parts are those of its member or element `i`: the first, and how many. */
export function partsAt(type: Type, i: number): readonly [begin: number, count: number] {
  if (type.kind !== 'struct') {
    const count = type.kind === 'matrix' ? type.rows : type.kind === 'array' ? scalarsOf(type.of).length : 1
    return [i * count, count]
  }
  const begin = type.members.slice(0, i).reduce((sum, member) => sum + scalarsOf(member.type).length, 0)
  return [begin, scalarsOf(type.members[i].type).length]
}

/** A number as JavaScript that may stand anywhere. */
export function literal(x: number | boolean): string {
  if (typeof x === 'boolean') return String(x)
  const text = Object.is(x, -0) ? '-0' : String(x)
  return text.startsWith('-') ? `(${text})` : text
}

/** The parts of a constant. */
export function constantParts(value: Constant): Part[] {
  if (typeof value === 'object') return value.flatMap(constantParts)
  return [{ js: literal(typeof value === 'bigint' ? Number(value) : value), bad: '0' }]
}

/** Where in a value of a type a byte is, as the text of a program says it: `[3].weights[1].x`. */
export function pathTo(type: Type, byte: number): string {
  switch (type.kind) {
    case 'vector':
      return `.${'xyzw'[Math.floor(byte / sizeOf(type.of))] ?? 'w'}`
    case 'matrix': {
      const column = Math.floor(byte / alignOf(type))
      return `[${column}].${'xyzw'[Math.floor((byte % alignOf(type)) / sizeOf(type.of))]}`
    }
    case 'array': {
      const stride = strideOf(type)
      return `[${Math.floor(byte / stride)}]${pathTo(type.of, byte % stride)}`
    }
    case 'struct': {
      const offsets = offsetsOf(type)
      const i = offsets.findLastIndex((offset) => offset <= byte)
      return `.${type.members[i].name}${pathTo(type.members[i].type, byte - offsets[i])}`
    }
    default:
      return ''
  }
}
