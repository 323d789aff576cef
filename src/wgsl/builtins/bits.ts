/**
 * @file Numbers in the bits of others: pack*, unpack*, dot4*Packed and bitcast.
 * Source: WGSL, sections "Bit Reinterpretation", "Data Packing", "Data Unpacking".
 */
import { sizeOf } from '../layout.ts'
import { Invalid, type Resolved } from '../resolved.ts'
import type { Constant } from '../tree.ts'
import {
  abstractInt,
  bool,
  componentOf,
  f16,
  f32,
  i32,
  isAbstract,
  nameOf,
  type Scalar,
  type Type,
  u32,
  vector,
} from '../types.ts'
import { bitsOfF16, conversionRank, convert, each, f16OfBits, show } from '../values.ts'
import type { Evaluate } from './index.ts'

const view = new DataView(new ArrayBuffer(16))

const list = (x: Constant): readonly number[] => [x].flat() as number[]

const clamp = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high)

/** Numbers of equal width, the first in the lowest bits. */
function pack(width: 8 | 16, part: (x: number) => number): Evaluate {
  return ([x]) => list(x).reduce((bits, one, i) => bits | ((part(one) & (2 ** width - 1)) << (i * width)), 0) >>> 0
}

function unpack(width: 8 | 16, signed: boolean, value: (part: number) => number): Evaluate {
  const above = 32 - width
  return ([x]) =>
    Array.from({ length: 32 / width }, (_, i) => {
      const left = Number(x) << (above - i * width)
      return value(signed ? left >> above : left >>> above)
    })
}

const scaled = (scale: number, low: number) => (x: number) => Math.floor(0.5 + scale * clamp(x, low, 1))
const unscaled = (scale: number) => (part: number) => Math.fround(Math.max(part / scale, -1))

function halfOf(part: number): number {
  const x = f16OfBits(part)
  if (!Number.isFinite(x)) throw new Invalid(`unpack2x16float: the bits 0x${part.toString(16)} are ${x}`)
  return x
}

const bytes = (signed: boolean) => unpack(8, signed, (part) => part)

/** Sums of products of at most four bytes each are exact. */
const dot4 =
  (signed: boolean): Evaluate =>
  ([a, b], call) => {
    const [x, y] = [a, b].map((packed) => list(bytes(signed)([packed], call)))
    return x.reduce((sum, one, i) => sum + one * y[i], 0)
  }

export const bits: { readonly [name: string]: Evaluate } = {
  pack4x8snorm: pack(8, scaled(127, -1)),
  pack4x8unorm: pack(8, scaled(255, 0)),
  pack4xI8: pack(8, (x) => x),
  pack4xU8: pack(8, (x) => x),
  pack4xI8Clamp: pack(8, (x) => clamp(x, -128, 127)),
  pack4xU8Clamp: pack(8, (x) => clamp(x, 0, 255)),
  pack2x16snorm: pack(16, scaled(32767, -1)),
  pack2x16unorm: pack(16, scaled(65535, 0)),
  pack2x16float: pack(16, (x) => bitsOfF16(Number(convert(x, f16)))),
  unpack4x8snorm: unpack(8, true, unscaled(127)),
  unpack4x8unorm: unpack(8, false, unscaled(255)),
  unpack4xI8: bytes(true),
  unpack4xU8: bytes(false),
  unpack2x16snorm: unpack(16, true, unscaled(32767)),
  unpack2x16unorm: unpack(16, false, unscaled(65535)),
  unpack2x16float: unpack(16, false, halfOf),
  dot4U8Packed: dot4(false),
  dot4I8Packed: dot4(true),
}

// ---- bitcast

/** The meaning of `bitcast<to>(from)`: as many bits, of numbers. */
export function resolveBitcast(to: Type, from: Type): Resolved | string {
  const target = componentOf(to)
  const source = componentOf(from)
  const usable = (type: Type, of: Scalar | undefined) => of && of !== bool && type.kind !== 'matrix'
  if (!target || !source || !usable(to, target) || !usable(from, source)) {
    return `bitcast<${nameOf(to)}>(${nameOf(from)}): it takes and gives numbers and vectors of them`
  }
  // Abstract numbers become what has as many bits, an i32 first. For a u32 they may be what i32 has or what u32 has.
  const both = source === abstractInt && target === u32
  const params = [i32, f32, f16].map((of): Type => (from.kind === 'vector' ? vector(from.size, of) : of))
  const all = isAbstract(source) && !both ? params.filter((param) => conversionRank(from, param) < Infinity) : [from]
  const param = all.find((type) => sizeOf(type) === sizeOf(to))
  if (!param) return `bitcast<${nameOf(to)}>(${nameOf(from)}): ${8 * sizeOf(to)} bits are not ${8 * sizeOf(all[0])}`
  const of = componentOf(param) as Scalar
  return { result: to, params: [param], mustUse: true, evaluate: ([x]) => recast(x, of, to, target) }
}

function recast(x: Constant, from: Scalar, to: Type, of: Scalar): Constant {
  list(from === abstractInt ? each((one) => convert(one, Number(one) < 0 ? i32 : u32), [x]) : x).forEach((one, i) => {
    if (from === f16) view.setUint16(2 * i, bitsOfF16(one), true)
    else if (from === f32) view.setFloat32(4 * i, one, true)
    else view.setUint32(4 * i, one, true)
  })
  const components = Array.from({ length: sizeOf(to) / sizeOf(of) }, (_, i) => {
    const value = read(of, i)
    if (!Number.isFinite(value)) throw new Invalid(`bitcast<${nameOf(to)}>(${show(x)}) is ${value}`)
    return value
  })
  return to.kind === 'vector' ? components : components[0]
}

function read(of: Scalar, i: number): number {
  if (of === f16) return f16OfBits(view.getUint16(2 * i, true))
  if (of === f32) return view.getFloat32(4 * i, true)
  return of === i32 ? view.getInt32(4 * i, true) : view.getUint32(4 * i, true)
}
