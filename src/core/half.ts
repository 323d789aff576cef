/**
 * @file Floating point of 16 bits, in which numbers are stored and not computed: float16 (IEEE 754 binary16: 5 bits of
 * exponent, 10 of mantissa) and bfloat16 (8 and 7: the upper half of a float32). Each such number is a float32 too. The
 * same on the GPU is shaders/lib/half.wgsl.
 */
import { copy } from './contracts.generated.ts'
import { arrayOf, type DType, isHalf } from './device.ts'
import type { TypedArray } from './kernel.ts'
import type { Tensor } from './tensor.ts'

/**
 * float16 as float32, exactly: subnormals become normal numbers, ±0 and ±∞ stay, NaN keeps sign and payload.
 */
export function fromFloat16(halves: Uint16Array): Float32Array {
  const y = new Float32Array(halves.length)
  const bits = new Uint32Array(y.buffer)
  for (let i = 0; i < halves.length; i++) {
    const sign = (halves[i] & 0x8000) << 16
    const rest = halves[i] & 0x7fff
    // Below the smallest normal number 2⁻¹⁴ it counts steps of 2⁻²⁴; above, exponents have another bias: 127, not 15.
    if (rest < 0x400) y[i] = (sign ? -rest : rest) * 2 ** -24
    else bits[i] = sign | ((rest << 13) + ((rest < 0x7c00 ? 112 : 224) << 23))
  }
  return y
}

/** bfloat16 as float32, exactly, NaN too: the same bits, with 16 of 0 below. */
export function fromBFloat16(halves: Uint16Array): Float32Array {
  const y = new Float32Array(halves.length)
  const bits = new Uint32Array(y.buffer)
  for (let i = 0; i < halves.length; i++) bits[i] = halves[i] << 16
  return y
}

/** To the nearest float16, ties to even; beyond 65,520 ±∞; NaN is 0x7e00. */
export const toFloat16 = (values: ArrayLike<number>): Uint16Array => nearest(values, 10, 15)

/** To the nearest bfloat16, ties to even; beyond 3.396e38 ±∞; NaN is 0x7fc0. */
export const toBFloat16 = (values: ArrayLike<number>): Uint16Array => nearest(values, 7, 127)

/** 2^(digits − e) by e − the least exponent, for formats of so many digits: a power takes longer than all the rest. */
const powers: Float64Array[] = []

/**
 * The nearest numbers of a format in one rounding, also from float64: x = n · 2^(e − digits) with the exponent e of x,
 * or the least one of the format, and n rounded to an integer. The first bit of n, which the format leaves out, is
 * counted with the exponent, so that an n that is rounded up to the next power of two needs no care, also where that
 * is ∞.
 */
function nearest(values: ArrayLike<number>, digits: number, bias: number): Uint16Array {
  const y = new Uint16Array(values.length)
  const infinity = 0x8000 - (1 << digits)
  const least = 1 - bias
  const scales = (powers[digits] ??= Float64Array.from({ length: 1025 - least }, (_, i) => 2 ** (digits - least - i)))
  const one = new Float64Array(1)
  const bits = new Int32Array(one.buffer)
  for (let i = 0; i < y.length; i++) {
    const x = (one[0] = values[i])
    if (Number.isNaN(x)) {
      y[i] = infinity + (1 << (digits - 1))
      continue
    }
    const e = Math.max(((bits[1] >>> 20) & 0x7ff) - 1023, least)
    // The product is exact: a power of two. Adding 2⁵² leaves no room for a fraction, which rounds it, ties to even.
    const n = Math.abs(x) * scales[e - least] + 2 ** 52 - 2 ** 52
    y[i] = ((bits[1] >>> 16) & 0x8000) | Math.min(((e + bias - 1) << digits) + n, infinity)
  }
  return y
}

/** What kernels call the formats. */
export const formatOf = (dtype: DType): number =>
  dtype === 'float16' ? copy.consts.FLOAT16 : dtype === 'bfloat16' ? copy.consts.BFLOAT16 : 0

/** The numbers that elements of a format stand for; of format 0 those that are given. */
export const widened = (format: number, data: TypedArray): TypedArray =>
  format === 0 ? data : (format === copy.consts.FLOAT16 ? fromFloat16 : fromBFloat16)(data as Uint16Array)

const tables: Float64Array[] = []

/** The number that each of the 65,536 elements of a format stands for, by its bits. */
export const numbersIn = (format: number): Float64Array =>
  (tables[format] ??= Float64Array.from(widened(format, Uint16Array.from(Array(65536).keys()))))

/** Numbers as elements of a format: the nearest ones. */
export const rounded = (format: number, values: ArrayLike<number>): Uint16Array =>
  (format === copy.consts.FLOAT16 ? toFloat16 : toBFloat16)(values)

/** Numbers in the array that holds a dtype; an array of that type is taken as it is. */
export function heldAs(dtype: DType, data: ArrayLike<number>): TypedArray {
  const Type = arrayOf[dtype]
  return data instanceof Type ? data : isHalf(dtype) ? rounded(formatOf(dtype), data) : Type.from(data)
}

/** What a number is in 16 bits. */
export const nearestIn = (dtype: DType, x: number): number => widened(formatOf(dtype), heldAs(dtype, [x]))[0]

/** As `data()`, but of 16 bits numbers, not bits. */
export const numbersOf = async (x: Tensor): Promise<TypedArray> => widened(formatOf(x.dtype), await x.data())
