/**
 * @file Which types may be in which address space.
 * Source: WGSL, sections "Address Spaces" and "Variables"; the limit of elements is Tint's.
 */
import { hasFixedFootprint, isConstructible, isHostShareable, isPlain } from '../layout.ts'
import { type Access, bool, nameOf, type Space, type Struct, type Type } from '../types.ts'
import { type Context, fail } from './context.ts'

/** Elements of an array outside of buffers: fewer. */
const ELEMENTS = 65536

/** Refuses a type that cannot be the store type of a variable or pointer of a space. */
export function checkStore(c: Context, at: number, type: Type, space: Space, access: Access): void {
  const name = nameOf(type)
  const { atomics, bools, largest } = insides(type)
  if (space !== 'storage' && !hasFixedFootprint(type) && isPlain(type)) {
    fail(c, at, `${name} has no fixed size: it may only be in storage`, 'give the array a count')
  }
  if (space !== 'workgroup' && type.kind === 'array' && typeof type.count === 'string') {
    fail(c, at, `${name}: only workgroup variables may be counted by overrides`)
  }
  if (atomics && space !== 'workgroup' && !(space === 'storage' && access === 'read_write')) {
    const where = space === 'storage' ? 'storage that is only read' : space
    fail(c, at, `${name} has atomics, which cannot be in ${where}`, 'they are for workgroup and storage, read_write')
  }
  const shared = space === 'storage' || space === 'uniform'
  if (shared && !isHostShareable(type)) {
    fail(c, at, `${name} cannot be in ${space}: it is not host-shareable`, bools ? 'write u32 for bool' : undefined)
  }
  const fits = space === 'workgroup' || space === 'storage' ? isPlain(type) : isConstructible(type)
  if (!fits) fail(c, at, `${name} cannot be in ${space}`)
  if (space !== 'storage' && largest >= ELEMENTS) {
    fail(c, at, `${name} has an array of ${largest} elements: only storage may have ${ELEMENTS} and more`)
  }
}

interface Insides {
  readonly atomics: boolean
  readonly bools: boolean
  /** The count of the longest array. */
  readonly largest: number
}

const known = new WeakMap<Struct, Insides>()

/** What a type is made of. */
function insides(type: Type): Insides {
  switch (type.kind) {
    case 'array': {
      const of = insides(type.of)
      return typeof type.count === 'number' ? { ...of, largest: Math.max(of.largest, type.count) } : of
    }
    case 'vector':
      return insides(type.of)
    case 'struct': {
      let found = known.get(type)
      if (!found) {
        const all = type.members.map((member) => insides(member.type))
        found = {
          atomics: all.some(({ atomics }) => atomics),
          bools: all.some(({ bools }) => bools),
          largest: Math.max(0, ...all.map(({ largest }) => largest)),
        }
        known.set(type, found)
      }
      return found
    }
    default:
      return { atomics: type.kind === 'atomic', bools: type === bool, largest: 0 }
  }
}
