/**
 * @file What generated code calls by name: arithmetic of scalars that JavaScript has no operator or function for.
 * Numbers of f32 and f16 are doubles that those types have; i32 and u32 are integers, and never -0.
 * Source: WGSL, sections "Numeric Built-in Functions", "Data Packing", "Floating Point Conversion".
 */
import type { Scalar } from '../wgsl/types.ts'
import { bitsOfF16, exponentOf, f16OfBits } from '../wgsl/values.ts'

export { f16OfBits }

const doubles = new Float64Array(1)
const doubleWords = new Uint32Array(doubles.buffer)
const singles = new Float32Array(1)
const singleWords = new Int32Array(singles.buffer)

/** The low word of a double. */
const LOW = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1

// ---- f32 and f16

/**
 * The nearest f16, of two that are as near the even one; from 65520 on Infinity. To a double so large that its last bit
 * is worth one step of f16, x is added, which rounds it, and taken from it again, which is exact.
 */
export function roundF16(x: number): number {
  const size = Math.abs(x)
  if (size >= 65520) return Infinity * x
  let step = 2 ** -24
  if (size >= 2 ** -14) {
    doubles[0] = x
    doubleWords[LOW] = 0
    doubleWords[1 - LOW] &= 0x7ff00000
    step = doubles[0] * 2 ** -10
  }
  const large = step * (1.5 * 2 ** 52)
  return x + large - large || 0 * x
}

/**
 * a·b + c of f32, rounded once. The product is exact in a double. The sum is rounded to odd: where it is not exact, the
 * neighbour whose last bit is 1 stands for it, and rounding that to f32 is as if from the exact sum. Source: S. Boldo,
 * G. Melquiond, "Emulation of a FMA and Correctly Rounded Sums: Proved Algorithms Using Rounding to Odd", IEEE
 * Transactions on Computers 57, 2008; the error of the sum: D. Knuth's TwoSum.
 */
export function fma32(a: number, b: number, c: number): number {
  const product = a * b
  const sum = product + c
  const back = sum - product
  const error = product - (sum - back) + (c - back)
  // Without an error, or with NaN where something is infinite, the sum is what it is.
  if (!(error < 0 || error > 0)) return Math.fround(sum)
  doubles[0] = sum
  if ((doubleWords[LOW] & 1) === 1) return Math.fround(sum)
  // The last bit is 0: one step away from 0 sets it, and so does one towards 0, which borrows from the other word.
  if (error > 0 === sum > 0) doubleWords[LOW] += 1
  else if (doubleWords[LOW] > 0) doubleWords[LOW] -= 1
  else {
    doubleWords[LOW] = 0xffffffff
    doubleWords[1 - LOW] -= 1
  }
  return Math.fround(doubles[0])
}

/** The nearest integer, of two that are as near the even one. */
export const roundEven = (x: number): number => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x))

/** x·2^exponent in a double: exact, or beyond what f32 and f16 have. */
export const ldexp = (x: number, exponent: number): number => x * 2 ** Math.min(Math.max(exponent, -500), 500)

/** x as fract·2^exp with 0.5 ≤ |fract| < 1; of 0, infinities and NaN they are x and 0. */
export const frexpExp = (x: number): number => (x === 0 || !Number.isFinite(x) ? 0 : exponentOf(x) + 1)
export const frexpFract = (x: number): number => ldexp(x, -frexpExp(x))

// ---- conversions

/** A number of f32 or f16 as an integer: cut, from `low` to `high`, which both types have; NaN is 0. */
export const toInteger = (x: number, low: number, high: number): number =>
  x >= high ? high : x <= low ? low : Math.trunc(x) || 0

/** The bits of an f32 as an i32. */
export function bitsF32(x: number): number {
  singles[0] = x
  return singleWords[0]
}
/** The f32 of 32 bits. The bits of a NaN need not come back from it. */
export function f32OfBits(bits: number): number {
  singleWords[0] = bits
  return singles[0]
}
/** The 16 bits of an f16. */
export function bitsF16(x: number): number {
  if (Number.isFinite(x)) return bitsOfF16(x)
  return x > 0 ? 0x7c00 : x < 0 ? 0xfc00 : 0x7e00
}

/** A number from -1, or from 0, to 1 as an integer up to `scale`: ⌊0.5 + scale·x⌋; NaN is NaN, whose bits are 0. */
export const snorm = (x: number, scale: number): number => Math.floor(0.5 + scale * Math.min(Math.max(x, -1), 1))
export const unorm = (x: number, scale: number): number => Math.floor(0.5 + scale * Math.min(Math.max(x, 0), 1))

// ---- bits

export function countOneBits(x: number): number {
  const pairs = x - ((x >>> 1) & 0x55555555)
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

export function reverseBits(x: number): number {
  const ones = ((x >>> 1) & 0x55555555) | ((x & 0x55555555) << 1)
  const pairs = ((ones >>> 2) & 0x33333333) | ((ones & 0x33333333) << 2)
  const fours = ((pairs >>> 4) & 0x0f0f0f0f) | ((pairs & 0x0f0f0f0f) << 4)
  return (fours << 24) | ((fours & 0xff00) << 8) | ((fours >>> 8) & 0xff00) | (fours >>> 24)
}

/** `count` bits from `offset` on, of those that are there, with the sign of the highest. */
export function extractBits(x: number, offset: number, count: number): number {
  const from = Math.min(offset, 32)
  const width = Math.min(count, 32 - from)
  return width === 0 ? 0 : (x << (32 - from - width)) >> (32 - width)
}
/** The same without sign. */
export function extractUnsigned(x: number, offset: number, count: number): number {
  const from = Math.min(offset, 32)
  const width = Math.min(count, 32 - from)
  return width === 0 ? 0 : (x << (32 - from - width)) >>> (32 - width)
}
/** x with `count` bits from `offset` on, of those that are there, from the lowest ones of `bits`. */
export function insertBits(x: number, bits: number, offset: number, count: number): number {
  const from = Math.min(offset, 32)
  const width = Math.min(count, 32 - from)
  if (width === 0) return x
  const mask = (-1 >>> (32 - width)) << from
  return (x & ~mask) | ((bits << from) & mask)
}

// ---- subgroups and atomics

type Combine = (a: number, b: number) => number

/** Their results are wrapped or rounded afterwards. */
const COMBINE: { readonly [name: string]: Combine } = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Max: (a, b) => (a < b ? b : a),
  Min: (a, b) => (b < a ? b : a),
  And: (a, b) => a & b,
  Or: (a, b) => a | b,
  Xor: (a, b) => a ^ b,
}

/** `Add`, `Max`, … of two values of a type: what subgroup and atomic functions of that name combine values with. */
export function subgroupCombine(name: string, of: Scalar): Combine {
  const combine = name === 'Mul' && of.name !== 'f32' && of.name !== 'f16' ? Math.imul : COMBINE[name]
  switch (of.name) {
    case 'f32':
      return (a, b) => Math.fround(combine(a, b))
    case 'f16':
      return (a, b) => roundF16(combine(a, b))
    case 'u32':
      return (a, b) => combine(a, b) >>> 0
    default:
      return (a, b) => combine(a, b) | 0
  }
}
