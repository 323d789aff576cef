/**
 * @file Type and value of numbers as they are written.
 * Source: WGSL, section "Numeric Literals".
 */
import { Invalid } from './resolved.ts'
import type { Constant } from './tree.ts'
import { abstractFloat, abstractInt, f16, f32, i32, type Scalar, u32 } from './types.ts'
import { convert } from './values.ts'

const INTEGER = /^(0|[1-9]\d*|0[xX][\da-fA-F]+)([iu]?)$/
const DECIMAL = /^((?:0|[1-9]\d*)(?=[fh])|\d*\.\d+(?:[eE][+-]?\d+)?|\d+(?:\.(?:[eE][+-]?\d+)?|[eE][+-]?\d+))([fh]?)$/
const HEXADECIMAL = /^0[xX](?=\.?[\da-fA-F])([\da-fA-F]*)(?:\.([\da-fA-F]*))?(?:[pP]([+-]?\d+)([fh]?))?$/

const SUFFIXES: Readonly<Record<string, Scalar>> = { i: i32, u: u32, f: f32, h: f16 }

/** A number's type and its value, of that type; throws `Invalid`. */
export function numberOf(text: string): { readonly type: Scalar; readonly value: Constant } {
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text
  const integer = INTEGER.exec(text)
  if (integer) {
    const type = SUFFIXES[integer[2]] ?? abstractInt
    // So many digits are too much for every type, and take long to count.
    const value = /^[1-9]\d{19}/.test(text) ? 2n ** 64n : BigInt(integer[1])
    if (BigInt.asIntN(64, value) !== value) throw new Invalid(`${shown} does not fit in ${type.name}`)
    return { type, value: toType(value, type, shown) }
  }
  const decimal = DECIMAL.exec(text)
  if (decimal) {
    const type = SUFFIXES[decimal[2]] ?? abstractFloat
    return { type, value: toType(Number(decimal[1]), type, shown) }
  }
  const hexadecimal = HEXADECIMAL.exec(text)
  if (hexadecimal) {
    const [, whole, fraction = '', exponent = '0', suffix = ''] = hexadecimal
    const type = SUFFIXES[suffix] ?? abstractFloat
    const { exact, double } = hexadecimalValue(whole, fraction, Number(exponent), shown)
    const value = toType(double, type, shown)
    if (suffix && !(exact && value === double)) throw new Invalid(`${shown} is not exactly a value of ${type.name}`)
    return { type, value }
  }
  throw new Invalid(/^0\d+[iu]?$/.test(text) ? `${shown} begins with a 0 (leave it out)` : `${shown} is not a number`)
}

/** A value as one of the type. */
function toType(value: number | bigint, type: Scalar, shown: string): Constant {
  try {
    return convert(value, type)
  } catch (error) {
    throw error instanceof Invalid ? new Invalid(`${shown} does not fit in ${type.name}`) : error
  }
}

/** The value of hexadecimal digits times a power of two, as a double, and whether it is that exactly. */
function hexadecimalValue(whole: string, fraction: string, exponent: number, shown: string) {
  let places = fraction.length
  while (fraction[places - 1] === '0') places--
  const digits = (whole + fraction.slice(0, places)).replace(/^0+/, '')
  // 64 bits behind the first are as many as Chrome takes.
  if (digits.length > 17 || (digits.length === 17 && digits[0] !== '1')) {
    throw new Invalid(`${shown} has more than 16 significant digits`)
  }
  if (digits === '') return { exact: true, double: 0 }
  const significand = BigInt(`0x${digits}`)
  const power = Math.min(Math.max(exponent - 4 * places, -3000), 3000)
  // Half of the power at a time: 2 ** -1100 is zero even where the product is not.
  const half = Math.trunc(power / 2)
  const double = Number(significand) * 2 ** half * 2 ** (power - half)
  return { exact: BigInt(Number(significand)) === significand && double > 0, double }
}
