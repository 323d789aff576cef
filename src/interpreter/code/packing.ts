/**
 * @file Numbers in the bits of others as JavaScript: pack*, unpack*, dot4*Packed and bitcast.
 * Source: WGSL, sections "Bit Reinterpretation", "Data Packing", "Data Unpacking".
 */
import { sizeOf } from '../../wgsl/layout.ts'
import { componentOf, f16, f32, i32, type Scalar, type Type } from '../../wgsl/types.ts'
import type { Composite } from './composite.ts'
import { jsOf, made, rounded } from './operators.ts'
import type { Emitter, Part, Value } from './value.ts'

/** Integers of which the lowest bits count side by side, the first lowest. */
const joined = (width: 8 | 16, integers: readonly string[]): string =>
  `(${integers.map((x, i) => `(${x} & ${2 ** width - 1}) << ${i * width}`).join(' | ')})`

/** The integers that stand so. */
const split = (width: 8 | 16, signed: boolean, x: string): string[] =>
  Array.from({ length: 32 / width }, (_, i) =>
    signed ? `(${x} << ${32 - width - i * width} >> ${32 - width})` : `(${x} >>> ${i * width} & ${2 ** width - 1})`,
  )

const pack =
  (width: 8 | 16, integer: (x: string) => string): Composite =>
  ([x], { emit }) => [made(`(${joined(width, jsOf(x.parts).map(integer))} >>> 0)`, x.parts, emit)]

const unpack =
  (width: 8 | 16, signed: boolean, value: (integer: string) => string): Composite =>
  ([x], { emit }) =>
    split(width, signed, x.parts[0].js).map((integer) => made(value(integer), x.parts, emit))

/** The sum of products of four bytes each, which is exact. */
const dot4 =
  (signed: boolean): Composite =>
  ([{ parts: a }, { parts: b }], { result, emit }) => {
    const bytes = split(8, signed, b[0].js)
    const products = split(8, signed, a[0].js).map((byte, i) => `${byte} * ${bytes[i]}`)
    return [made(rounded(componentOf(result) as Scalar, products.join(' + ')), [...a, ...b], emit)]
  }

const scaled = (kind: 'snorm' | 'unorm', scale: number) => (x: string) => `${kind}(${x}, ${scale})`
const unscaled = (scale: number) => (integer: string) => `Math.fround(Math.max(${integer} / ${scale}, -1))`
const clamped = (low: number, high: number) => (x: string) => `Math.min(Math.max(${x}, ${low}), ${high})`
const same = (x: string): string => x

export const packing: { readonly [name: string]: Composite } = {
  pack4x8snorm: pack(8, scaled('snorm', 127)),
  pack4x8unorm: pack(8, scaled('unorm', 255)),
  pack4xI8: pack(8, same),
  pack4xU8: pack(8, same),
  pack4xI8Clamp: pack(8, clamped(-128, 127)),
  pack4xU8Clamp: pack(8, clamped(0, 255)),
  pack2x16snorm: pack(16, scaled('snorm', 32767)),
  pack2x16unorm: pack(16, scaled('unorm', 65535)),
  pack2x16float: pack(16, (x) => `bitsF16(roundF16(${x}))`),
  unpack4x8snorm: unpack(8, true, unscaled(127)),
  unpack4x8unorm: unpack(8, false, unscaled(255)),
  unpack4xI8: unpack(8, true, same),
  unpack4xU8: unpack(8, false, same),
  unpack2x16snorm: unpack(16, true, unscaled(32767)),
  unpack2x16unorm: unpack(16, false, unscaled(65535)),
  unpack2x16float: unpack(16, false, (integer) => `f16OfBits(${integer})`),
  dot4U8Packed: dot4(false),
  dot4I8Packed: dot4(true),
}

// ---- bitcast

/** The bits of a number of 32 bits as an i32 or u32, and such a number from bits. */
const bitsOf = (of: Scalar, x: string): string => (of === f32 ? `bitsF32(${x})` : x)
const ofBits = (of: Scalar, bits: string): string =>
  of === f32 ? `f32OfBits(${bits})` : of === i32 ? `(${bits} | 0)` : `(${bits} >>> 0)`

/** As many bits as another type: numbers, and vectors of them. */
export function bitcastParts(arg: Value, to: Type, emit: Emitter): Part[] {
  const [from, of] = [arg.type, to].map(componentOf) as [Scalar, Scalar]
  if (from === of) return [...arg.parts]
  if (of === f16) {
    return arg.parts.flatMap((part) =>
      split(16, false, emit.name(bitsOf(from, part.js))).map((half) => made(`f16OfBits(${half})`, [part], emit)),
    )
  }
  if (from !== f16) return arg.parts.map((part) => made(ofBits(of, bitsOf(from, part.js)), [part], emit))
  return Array.from({ length: sizeOf(to) / 4 }, (_, i) => {
    const halves = arg.parts.slice(2 * i, 2 * i + 2)
    const bits = joined(
      16,
      jsOf(halves).map((x) => `bitsF16(${x})`),
    )
    return made(ofBits(of, bits), halves, emit)
  })
}
