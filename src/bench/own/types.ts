/**
 * @file What elements a buffer holds, by WGSL's types: scalars, vectors, atomics; numbers of float64 into their bytes
 * and back (https://www.w3.org/TR/WGSL/#alignment-and-size).
 */
import { fromFloat16, toFloat16 } from '../../core/half.ts'

export type Scalar = 'f32' | 'u32' | 'i32' | 'f16'

export interface Element {
  readonly scalar: Scalar
  /** Components of a vector, 1 of a scalar. */
  readonly width: 1 | 2 | 3 | 4
}

export const bytesOf: Readonly<Record<Scalar, number>> = { f32: 4, u32: 4, i32: 4, f16: 2 }

const LETTERS: Readonly<Record<string, Scalar>> = { f: 'f32', u: 'u32', i: 'i32', h: 'f16' }

/** The element that a type's name stands for: `f32`, `vec4<f32>`, `vec4f`, `atomic<u32>`; null: another type. */
export function elementOf(type: string): Element | null {
  const name = type.replace(/\s+/g, '')
  const atomic = /^atomic<(u32|i32)>$/.exec(name)
  if (atomic) return { scalar: atomic[1] as Scalar, width: 1 }
  if (Object.hasOwn(bytesOf, name)) return { scalar: name as Scalar, width: 1 }
  const vector = /^vec([234])(?:<(f32|u32|i32|f16)>|([fuih]))$/.exec(name)
  if (!vector) return null
  return { scalar: (vector[2] as Scalar) ?? LETTERS[vector[3]], width: Number(vector[1]) as Element['width'] }
}

/** Scalars from one element to the next: a vector of three takes the room of four. */
export const strideOf = ({ width }: Element): number => (width === 3 ? 4 : width)

/** Bytes of so many numbers. */
export const sizeOf = (element: Element, count: number): number =>
  Math.ceil(count / element.width) * strideOf(element) * bytesOf[element.scalar]

/** Where number i stands, counted in scalars. */
const placeOf = (element: Element, i: number): number => (element.width === 3 ? 4 * Math.floor(i / 3) + (i % 3) : i)

/** Numbers as the device has them: rounded to the scalar. */
export function pack(element: Element, values: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sizeOf(element, values.length))
  const { scalar } = element
  const halves = scalar === 'f16' ? toFloat16(values) : null
  const to = viewOf(scalar, bytes)
  for (let i = 0; i < values.length; i++) to[placeOf(element, i)] = halves ? halves[i] : values[i]
  return bytes
}

/** The first `count` numbers in bytes. */
export function unpack(element: Element, bytes: Uint8Array<ArrayBuffer>, count: number): Float64Array {
  const from = viewOf(element.scalar, bytes)
  const numbers = element.scalar === 'f16' ? fromFloat16(from as Uint16Array) : from
  return Float64Array.from({ length: count }, (_, i) => numbers[placeOf(element, i)])
}

/** The bits of the same numbers. */
export function bitsOf(element: Element, bytes: Uint8Array<ArrayBuffer>, count: number): Uint32Array {
  const from = element.scalar === 'f16' ? viewOf('f16', bytes) : viewOf('u32', bytes)
  return Uint32Array.from({ length: count }, (_, i) => from[placeOf(element, i)])
}

function viewOf(scalar: Scalar, { buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>) {
  const length = Math.floor(byteLength / bytesOf[scalar])
  if (scalar === 'f32') return new Float32Array(buffer, byteOffset, length)
  if (scalar === 'i32') return new Int32Array(buffer, byteOffset, length)
  return scalar === 'u32' ? new Uint32Array(buffer, byteOffset, length) : new Uint16Array(buffer, byteOffset, length)
}

/** What an output holds before a kernel writes it: NaN with these bits. Integers: the same. */
export const unwrittenBits = (scalar: Scalar): number => (scalar === 'f16' ? 0x7e5a : 0x7fc5a5a5)

/** A word of an output that nothing was written to. */
export const unwrittenWord = (scalar: Scalar): number => (scalar === 'f16' ? 0x7e5a7e5a : 0x7fc5a5a5)

/**
 * A word outside of an array. Behind an input it is NaN, of other bits than an output's, because arithmetic hands on
 * the bits of a NaN. Where a kernel could write it is a number, so that NaN and sums both change it.
 */
export function outsideWord(scalar: Scalar, writable: boolean): number {
  if (writable) return 0x5a5a5a5a
  return scalar === 'f16' ? 0x7e2d7e2d : 0x7fd2d2d2
}
