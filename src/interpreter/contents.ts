/** @file Numbers in memory by the type of a binding: scalars in the order in which the type lists them. */
import { WORD_BYTES } from '../core/contract.ts'
import { fail } from '../core/errors.ts'
import { alignOf, offsetsOf, sizeOf, strideOf } from '../wgsl/layout.ts'
import type { Scalar, Type } from '../wgsl/types.ts'
import { f16OfBits } from '../wgsl/values.ts'
import { bitsF16, roundF16 } from './arithmetic.ts'
import { scalarsOf } from './code/scalars.ts'
import { define, memoryOf } from './memory.ts'
import type { Memory } from './program.ts'

/** How many scalars there are; of an array whose length the buffer says, those of so many elements. */
export function countOf(type: Type, elements = 1): number {
  if (type.kind === 'array') return countOf(type.of) * (type.count === null ? elements : Number(type.count))
  if (type.kind === 'struct') return type.members.reduce((sum, member) => sum + countOf(member.type, elements), 0)
  return scalarsOf(type).length
}

/** Elements of the array whose length the buffer says, so that so many scalars have room. */
const elementsFor = (type: Type, scalars: number): number => {
  const [none, one] = [countOf(type, 0), countOf(type, 1)]
  return none === one ? 1 : Math.max(1, Math.ceil((scalars - none) / (one - none)))
}

/** Bytes of a buffer in which so many scalars have room. */
export function bytesFor(type: Type, scalars: number): number {
  const elements = elementsFor(type, scalars)
  if (type.kind === 'array' && type.count === null) return elements * strideOf(type)
  const last = type.kind === 'struct' ? type.members[type.members.length - 1].type : undefined
  if (type.kind !== 'struct' || last?.kind !== 'array' || last.count !== null) return sizeOf(type)
  const end = offsetsOf(type)[type.members.length - 1] + elements * strideOf(last)
  return Math.ceil(end / alignOf(type)) * alignOf(type)
}

/** The kinds of scalars that a type is made of. */
export function kindsOf(type: Type): ReadonlySet<Scalar['name']> {
  if (type.kind === 'array') return kindsOf(type.of)
  if (type.kind === 'struct') return new Set(type.members.flatMap((member) => [...kindsOf(member.type)]))
  return new Set(scalarsOf(type).map(({ of }) => of.name))
}

/** A buffer to which nothing was written, with room for so many scalars and no more: `arrayLength` counts it. */
export function roomFor(type: Type, scalars: number): Memory {
  const bytes = bytesFor(type, scalars)
  return memoryOf(bytes, true, WORD_BYTES * Math.ceil(bytes / WORD_BYTES))
}

/**
 * A buffer of numbers; what they do not fill, between members too, stays unwritten.
 * @param name  of the binding, for errors
 * @throws HandgradError if an integer of the type cannot be one of them
 */
export function filledWith(op: string, name: string, type: Type, numbers: ArrayLike<number>): Memory {
  const memory = roomFor(type, numbers.length)
  const view = new DataView(memory.buffer)
  let i = 0
  eachScalar(type, 0, elementsFor(type, numbers.length), ({ name: kind }, at) => {
    if (i >= numbers.length) return false
    const x = numbers[i]
    if (kind === 'f32') view.setFloat32(at, x, true)
    else if (kind === 'f16') view.setUint16(at, bitsF16(roundF16(x)), true)
    else {
      const [low, high] = kind === 'u32' ? [0, 2 ** 32 - 1] : [-(2 ** 31), 2 ** 31 - 1]
      if (!(Number.isInteger(x) && x >= low && x <= high))
        fail(op, `number ${i} of ${name} is ${x}`, `it is of type ${kind}`)
      view.setUint32(at, x >>> 0, true)
    }
    define(memory, at - (at % WORD_BYTES), WORD_BYTES)
    i++
    return true
  })
  return memory
}

/** The first `most` scalars of a buffer; undefined where nothing was written. */
export function numbersOf(
  type: Type,
  { buffer, bytes, undefined: flags }: Memory,
  most: number,
): (number | undefined)[] {
  const view = new DataView(buffer)
  const found: (number | undefined)[] = []
  const elements = elementsFor(type, most)
  eachScalar(type, 0, elements, ({ name: kind }, at) => {
    if (found.length >= most || at >= bytes) return false
    if (flags[Math.floor(at / WORD_BYTES)] === 1) found.push(undefined)
    else if (kind === 'f32') found.push(view.getFloat32(at, true))
    else if (kind === 'f16') found.push(f16OfBits(view.getUint16(at, true)))
    else found.push(kind === 'u32' ? view.getUint32(at, true) : view.getInt32(at, true))
    return true
  })
  return found
}

/** Go through scalars in order, until `visit` says false. @param elements  of an array whose length the buffer says */
function eachScalar(type: Type, at: number, elements: number, visit: (of: Scalar, at: number) => boolean): boolean {
  switch (type.kind) {
    case 'array': {
      const count = type.count === null ? elements : Number(type.count)
      for (let i = 0; i < count; i++) if (!eachScalar(type.of, at + i * strideOf(type), elements, visit)) return false
      return true
    }
    case 'struct':
      return type.members.every((member, i) => eachScalar(member.type, at + offsetsOf(type)[i], elements, visit))
    default:
      return scalarsOf(type).every(({ of, offset }) => visit(of, at + offset))
  }
}
