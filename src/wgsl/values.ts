/**
 * @file Values of const-expressions: which types they may become by themselves, rounding, what is too large.
 * Source: WGSL, sections "Conversion Rank", "Floating Point Rounding and Overflow", "Zero Value".
 */
import { Invalid } from './resolved.ts'
import { partsLike } from './results.ts'
import type { Constant } from './tree.ts'
import {
  abstractInt,
  array,
  f32,
  i32,
  isAbstract,
  isInteger,
  matrix,
  nameOf,
  type Scalar,
  type Type,
  type Vector,
  valueType,
  vector,
} from './types.ts'

/** A value of a scalar. */
export type Single = boolean | number | bigint

// ---- types

/** Ranks of automatic conversions: lower ones are preferred. */
const RANKS: { [from: string]: { [to: string]: number } } = {
  'abstract-float': { f32: 1, f16: 2 },
  'abstract-int': { i32: 3, u32: 4, 'abstract-float': 5, f32: 6, f16: 7 },
}

/** How far a type is from another that its values become by themselves; Infinity where they do not. */
export function conversionRank(from: Type, to: Type): number {
  const type = valueType(from)
  if (type === to) return 0
  switch (type.kind) {
    case 'scalar':
      return (to.kind === 'scalar' && RANKS[type.name]?.[to.name]) || Infinity
    case 'vector':
      return to.kind === 'vector' && to.size === type.size ? conversionRank(type.of, to.of) : Infinity
    case 'matrix':
      return to.kind === 'matrix' && to.columns === type.columns && to.rows === type.rows
        ? conversionRank(type.of, to.of)
        : Infinity
    case 'array':
      return to.kind === 'array' && to.count === type.count ? conversionRank(type.of, to.of) : Infinity
    case 'struct':
      if (to.kind !== 'struct' || !to.name.startsWith('__') || !isAbstract(type)) return Infinity
      return partsLike(type, to.members[0].type as Scalar | Vector) === to
        ? conversionRank(type.members[0].type, to.members[0].type)
        : Infinity
    default:
      return Infinity
  }
}

/** What an abstract type becomes where nothing else is asked for: `let x = 1` is an i32. */
export function concreteOf(type: Type): Type {
  if (!isAbstract(type)) return type
  switch (type.kind) {
    case 'vector':
      return vector(type.size, concreteOf(type.of) as Scalar)
    case 'matrix':
      return matrix(type.columns, type.rows, f32)
    case 'array':
      return array(concreteOf(type.of), type.count)
    case 'struct':
      return partsLike(type, concreteOf(type.members[0].type) as Scalar | Vector)
    default:
      return type === abstractInt ? i32 : f32
  }
}

// ---- numbers

const MAX_F32 = 3.4028234663852886e38
const MAX_F16 = 65504

const view = new DataView(new ArrayBuffer(8))

/** The exponent of the greatest power of two that is at most |x|, of a finite x other than 0. */
export function exponentOf(x: number): number {
  view.setFloat64(0, x)
  const biased = (view.getUint16(0) >> 4) & 0x7ff
  return biased > 0 ? biased - 1023 : exponentOf(x * 2 ** 64) - 64
}

/** The nearest f16, of two that are as near the even one; Infinity beyond the largest. */
export function roundF16(x: number): number {
  if (x === 0 || !Number.isFinite(x)) return x
  // In doubles of this size the last bit is worth one step of f16, so adding it rounds, and subtracting it is exact.
  const shift = 1.5 * 2 ** (Math.max(exponentOf(x), -14) - 10 + 52)
  const rounded = x + shift - shift || 0 * x
  return Math.abs(rounded) > MAX_F16 ? Infinity * rounded : rounded
}

/** The bits of a value of f16. */
export function bitsOfF16(x: number): number {
  const sign = Object.is(x, -0) || x < 0 ? 0x8000 : 0
  if (x === 0) return sign
  const exponent = Math.max(exponentOf(x), -14)
  return sign + ((exponent + 14) << 10) + Math.abs(x) / 2 ** (exponent - 10)
}

/** The f16 of 16 bits, which may be infinite or NaN. */
export function f16OfBits(bits: number): number {
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  const size = exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25)
  return (bits & 0x8000 ? -1 : 1) * (exponent < 31 ? size : fraction ? NaN : Infinity)
}

/** What is written in messages: never long. */
export function show(x: Constant): string {
  if (typeof x === 'object') return '(…)'
  return String(typeof x !== 'number' || Number.isSafeInteger(x) ? x : Number(x.toPrecision(8)))
}

export const notIn = (of: Scalar, what: string): Invalid => new Invalid(`${what} is not a value that ${of.name} has`)

/** The least and the greatest i32 or u32. */
export const rangeOf = (of: Scalar): readonly [number, number] =>
  of === i32 ? [-(2 ** 31), 2 ** 31 - 1] : [0, 2 ** 32 - 1]

/**
 * The result of an operation as a value of its type: rounded as f32 and f16 are, wrapped as i32 and u32 are.
 * @param what  the operation in words, where the result is too large or not a number
 */
export function within(of: Scalar, x: Single, what: () => string): Single {
  switch (of.name) {
    case 'bool':
      return x
    case 'i32':
      return Number(x) | 0
    case 'u32':
      return Number(x) >>> 0
    case 'abstract-int':
      if (BigInt.asIntN(64, BigInt(x)) === x) return x
      break
    default: {
      const exact = Number(x)
      // A little above the largest f16 is too large, although it would be rounded to it: so it is in Chrome.
      const rounded = of.name === 'f32' ? Math.fround(exact) : of.name === 'f16' ? roundF16(exact) : exact
      if (Number.isFinite(rounded) && !(of.name === 'f16' && Math.abs(exact) > MAX_F16)) return rounded
    }
  }
  throw notIn(of, what())
}

// ---- constants

const converted = new WeakMap<object, Map<Type, Constant>>()

/**
 * A constant of a type that its own converts to by itself.
 * @throws {Invalid} where the type lacks its value
 */
export function convert(value: Constant, to: Type): Constant {
  if (typeof value === 'object') {
    // Structs of a program, and what is concrete already, stay as they are. Lists may be parts of many others.
    if (to.kind === 'struct' && !to.name.startsWith('__')) return value
    const known = converted.get(value) ?? new Map<Type, Constant>()
    if (!known.has(to))
      known.set(
        to,
        value.map((part, i) => convert(part, partOf(to, i))),
      )
    converted.set(value, known)
    return known.get(to) as Constant
  }
  if (to.kind !== 'scalar' || typeof value === 'boolean') return value
  if (to === abstractInt) return BigInt(value)
  if (isInteger(to)) {
    const [low, high] = rangeOf(to)
    if (value >= low && value <= high) return Number(value)
  } else {
    const max = to.name === 'f32' ? MAX_F32 : to.name === 'f16' ? MAX_F16 : Infinity
    const number = Number(value)
    if (Math.abs(number) <= max) return within(to, number, () => show(value))
  }
  throw notIn(to, show(value))
}

/** The type of a part of a value. */
function partOf(type: Type, i: number): Type {
  switch (type.kind) {
    case 'struct':
      return type.members[i].type
    case 'matrix':
      return vector(type.rows, type.of)
    case 'vector':
    case 'array':
      return type.of
    default:
      return type
  }
}

/** Many large arrays of zeros would fill the memory; variables that have 8 kB have no use for longer ones. */
const MOST_ELEMENTS = 4096

const zeros = new WeakMap<Type, Constant>()

/** The value that a constructor without arguments makes. Its parts may be the same lists. */
export function zeroOf(type: Type): Constant {
  const zero = zeros.get(type) ?? makeZero(type)
  if (!zeros.has(type)) zeros.set(type, zero)
  return zero
}

function makeZero(type: Type): Constant {
  switch (type.kind) {
    case 'scalar':
      return type.name === 'bool' ? false : type === abstractInt ? 0n : 0
    case 'vector':
      return Array(type.size).fill(zeroOf(type.of))
    case 'matrix':
      return Array(type.columns).fill(zeroOf(vector(type.rows, type.of)))
    case 'array': {
      const count = Number(type.count)
      if (count > MOST_ELEMENTS) throw new Invalid(`${nameOf(type)} has more than ${MOST_ELEMENTS} elements`)
      return Array(count).fill(zeroOf(type.of))
    }
    case 'struct':
      return type.members.map((member) => zeroOf(member.type))
    default:
      throw new Invalid(`${nameOf(type)} has no value that is known here`)
  }
}

/**
 * `f` of each component: of lists of one length, where single values stand for as many equal ones. Lists of lists, that
 * is matrices, are walked to the end.
 */
export function each(f: (...xs: Single[]) => Constant, args: readonly Constant[]): Constant {
  const list = args.find((arg) => typeof arg === 'object')
  if (typeof list !== 'object') return f(...(args as readonly Single[]))
  return list.map((_, i) =>
    each(
      f,
      args.map((arg) => (typeof arg === 'object' ? arg[i] : arg)),
    ),
  )
}

/** Throws what is wrong with components of arguments that are all known. */
export function among(args: readonly (Constant | undefined)[], wrong: (...xs: Single[]) => string | false): void {
  const known = args.filter((arg) => arg !== undefined)
  if (known.length < args.length) return
  each((...xs) => {
    const what = wrong(...xs)
    if (what) throw new Invalid(what)
    return false
  }, known)
}
