/**
 * @file Builtin functions of single numbers, which go component by component over vectors.
 * Source: WGSL, section "Numeric Built-in Functions".
 */
import { calculate } from '../operators.ts'
import { Invalid } from '../resolved.ts'
import { type Scalar, u32 } from '../types.ts'
import { each, exponentOf, roundF16, type Single, show, within } from '../values.ts'
import type { Evaluate } from './index.ts'

type Numeric = number | bigint
type Floats = (...xs: number[]) => number

// ---- f32, f16, abstract-float

const FLOATS: { readonly [name: string]: Floats } = {
  acos: Math.acos,
  acosh: Math.acosh,
  asin: Math.asin,
  asinh: Math.asinh,
  atan: Math.atan,
  atan2: Math.atan2,
  atanh: Math.atanh,
  ceil: Math.ceil,
  cos: Math.cos,
  cosh: Math.cosh,
  degrees: (x) => x * (180 / Math.PI),
  exp: Math.exp,
  exp2: (x) => 2 ** x,
  floor: Math.floor,
  fract: (x) => x - Math.floor(x),
  inverseSqrt: (x) => 1 / Math.sqrt(x),
  log: Math.log,
  log2: Math.log2,
  pow: (x, y) => x ** y,
  quantizeToF16: roundF16,
  radians: (x) => x * (Math.PI / 180),
  round: (x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x)),
  saturate: (x) => Math.min(Math.max(x, 0), 1),
  sin: Math.sin,
  sinh: Math.sinh,
  sqrt: Math.sqrt,
  step: (edge, x) => (edge <= x ? 1 : 0),
  tan: Math.tan,
  tanh: Math.tanh,
  trunc: Math.trunc,
}

/** What the arguments of some have to be. */
const DOMAINS: { readonly [name: string]: readonly [(...xs: number[]) => boolean, string] } = {
  acos: [(x) => Math.abs(x) <= 1, 'from -1 to 1'],
  acosh: [(x) => x >= 1, 'at least 1'],
  asin: [(x) => Math.abs(x) <= 1, 'from -1 to 1'],
  atanh: [(x) => Math.abs(x) < 1, 'between -1 and 1'],
  inverseSqrt: [(x) => x > 0, 'above 0'],
  log: [(x) => x > 0, 'above 0'],
  log2: [(x) => x > 0, 'above 0'],
  pow: [(x, y) => x > 0 || (x === 0 && y > 0), 'a base above 0, or 0 and an exponent above 0'],
  quantizeToF16: [(x) => Math.abs(x) <= 65504, 'a number that f16 has, at most 65504'],
  sqrt: [(x) => x >= 0, 'at least 0'],
}

// ---- integers, too

const NUMBERS: { readonly [name: string]: (...xs: Numeric[]) => Numeric } = {
  abs: (x) => (x < 0 ? -x : x),
  clamp: (x, low, high) => least(greatest(x, low), high),
  max: (x, y) => greatest(x, y),
  min: (x, y) => least(x, y),
  sign: (x) => (typeof x === 'bigint' ? BigInt(Math.sign(Number(x))) : Math.sign(x)),
}

const least = (x: Numeric, y: Numeric): Numeric => (y < x ? y : x)
const greatest = (x: Numeric, y: Numeric): Numeric => (x < y ? y : x)

// ---- bits of i32 and u32

const BITS: { readonly [name: string]: Floats } = {
  countLeadingZeros: Math.clz32,
  countOneBits: (x) => (x >>> 0).toString(2).replaceAll('0', '').length,
  countTrailingZeros: (x) => (x === 0 ? 32 : trailing(x)),
  firstTrailingBit: (x) => (x === 0 ? -1 : trailing(x)),
  // Of a negative i32, the first bit that is unlike its sign.
  firstLeadingBit: (x) => 31 - Math.clz32(x < 0 ? ~x : x),
  reverseBits: (x) => Array.from({ length: 32 }, (_, i) => ((x >>> i) & 1) << (31 - i)).reduce((a, b) => a | b),
}

const trailing = (x: number): number => 31 - Math.clz32(x & -x)

/** So many bits from the right, up to all 32. */
const mask = (count: number): number => (count === 32 ? -1 : (1 << count) - 1)

function extractBits(of: Scalar, x: number, offset: number, count: number): number {
  if (count === 0) return 0
  const moved = x << (32 - offset - count)
  return of === u32 ? moved >>> (32 - count) : moved >> (32 - count)
}

const insertBits = (x: number, bits: number, offset: number, count: number): number =>
  count === 0 ? x : (x & ~(mask(count) << offset)) | ((bits & mask(count)) << offset)

// ---- in several steps, each rounded

const fma: Evaluate = ([x, y, z], { of }) => calculate('+', of, calculate('*', of, x, y), z)

const mix: Evaluate = ([x, y, t], { of }) =>
  calculate('+', of, calculate('*', of, x, calculate('-', of, 1, t)), calculate('*', of, y, t))

const smoothstep: Evaluate = ([low, high, x], { of }) => {
  const place = calculate('/', of, calculate('-', of, x, low), calculate('-', of, high, low))
  const t = each((one) => FLOATS.saturate(Number(one)), [place])
  return calculate('*', of, calculate('*', of, t, t), calculate('-', of, 3, calculate('*', of, 2, t)))
}

/** In two steps, for powers of two that are not numbers themselves. */
function ldexp(x: number, exponent: number): number {
  const half = Math.trunc(Math.max(exponent, -2200) / 2)
  return x * 2 ** half * 2 ** (Math.max(exponent, -2200) - half)
}

/** `[fract, exp]`, with fract from 0.5 to 1, or both 0. */
export function frexp(x: number): readonly [number, number] {
  if (x === 0) return [x, 0]
  const exponent = exponentOf(x) + 1
  return [ldexp(x, -exponent), exponent]
}

// ---- all of them

/** Component by component, in words where the result is too large. */
const overComponents =
  (name: string, f: (of: Scalar, ...xs: Single[]) => Single): Evaluate =>
  (args, { of }) =>
    each((...xs) => within(of, f(of, ...xs), () => `${name}(${xs.map(show).join(', ')})`), args)

function inDomain(name: string, f: Floats): Floats {
  const domain = DOMAINS[name]
  if (!domain) return f
  const [holds, words] = domain
  return (...xs) => {
    if (!holds(...xs)) throw new Invalid(`${name}(${xs.join(', ')}): ${name} takes ${words}`)
    return f(...xs)
  }
}

// The table of overloads gives each of them numbers of the right kind.
const entries: (readonly [string, Evaluate])[] = [
  ...Object.entries({ ...FLOATS, ...BITS }).map(([name, f]) => {
    const checked = inDomain(name, f)
    return [name, overComponents(name, (_, ...xs) => checked(...(xs as number[])))] as const
  }),
  ...Object.entries(NUMBERS).map(
    ([name, f]) => [name, overComponents(name, (_, ...xs) => f(...(xs as Numeric[])))] as const,
  ),
  ['ldexp', overComponents('ldexp', (_, x, exponent) => ldexp(Number(x), Number(exponent)))],
  ['extractBits', overComponents('extractBits', (of, ...xs) => extractBits(of, ...(xs as [number, number, number])))],
  ['insertBits', overComponents('insertBits', (_, ...xs) => insertBits(...(xs as [number, number, number, number])))],
]

export const numeric: { readonly [name: string]: Evaluate } = { ...Object.fromEntries(entries), fma, mix, smoothstep }
