/**
 * @file Random f32 that are whole numbers from -1024 to 1024, however they are computed: no operation here rounds, in
 * whichever order and with whichever of them fused. Only the sign of a zero is left open.
 */

import * as types from '../../../src/wgsl/types.ts'
import { at, bool, type Context, f32, i32, isVector, likewise, primary, type Type, typeText, u32 } from './context.ts'
import { expression, type Producer, type Producers } from './expressions.ts'
import { named } from './places.ts'

/** Back to the range. */
const kept = (c: Context, type: Type, text: string): string => {
  const end = (x: string): string => (isVector(type) ? `${typeText(c, type)}(${x})` : x)
  return `clamp(${text}, ${end('-1024.0')}, ${end('1024.0')})`
}

const fromInteger: Producer = (c, type, depth) => {
  const of = c.draw.pick([i32, u32, bool])
  const x = expression(c, likewise(type, of), depth)
  const few =
    of === bool ? x.text : of === u32 ? `${at(x, 0)} & ${typeText(c, likewise(type, u32))}(255)` : `${at(x, 1)} % 256`
  return primary(`${typeText(c, type)}(${few})`, x.constant)
}

const arithmetic: Producer = (c, type, depth) => {
  const [x, y, z] = [0, 1, 2].map(() => expression(c, type, depth))
  const text = c.draw.pick([
    `${at(x, 0)} * ${at(y, 0)} + ${at(z, 0)}`,
    `${at(x, 0)} + ${at(y, 0)}`,
    `${at(x, 0)} - ${at(y, 0)} * ${at(z, 0)}`,
    `fma(${x.text}, ${y.text}, ${z.text})`,
    `${at(x, 0)} - ${at(y, 0)}`,
  ])
  return primary(kept(c, type, text), x.constant && y.constant && z.constant)
}

/** Rounding needs something to round: quarters, and halves, which lie between two numbers. */
const rounded: Producer = (c, type, depth) => {
  const x = expression(c, type, depth)
  const part = c.draw.pick(['0.25', '0.5', '0.125f'])
  const name = c.draw.pick(['floor', 'ceil', 'round', 'trunc'])
  return primary(`${name}(${at(x, 0)} * ${part})`, x.constant)
}

const ofOne: Producer = (c, type, depth) => {
  const x = expression(c, type, depth)
  const quarters = `fract(${at(x, 0)} * 0.25) * 4.0`
  const text = c.draw.pick([
    `abs(${x.text})`,
    `sign(${x.text})`,
    `(-${at(x, 0).replace(/^-/, ' -')})`,
    `saturate(${x.text})`,
    `(${quarters})`,
    `quantizeToF16(${x.text})`,
    `modf(${at(x, 0)} * 0.5).whole`,
    `kept(${x.text})`,
  ])
  return primary(
    text.startsWith('kept') ? kept(c, type, `ldexp(${x.text}, ${typeText(c, likewise(type, i32))}(3))`) : text,
    x.constant,
  )
}

const ofTwo: Producer = (c, type, depth) => {
  const [x, y] = [expression(c, type, depth), expression(c, type, depth)]
  return primary(`${c.draw.pick(['min', 'max', 'step'])}(${x.text}, ${y.text})`, x.constant && y.constant)
}

const ofVectors: Producer = (c, type, depth) => {
  if (isVector(type)) return undefined
  const of = types.vector(c.draw.pick([2, 3, 4]), f32)
  const [x, y] = [expression(c, of, depth), expression(c, of, depth)]
  return primary(kept(c, type, `dot(${x.text}, ${y.text})`), x.constant && y.constant)
}

/** A matrix times a vector, from either side. */
const ofMatrix: Producer = (c, type, depth) => {
  if (type.kind !== 'vector') return undefined
  const other = c.draw.pick([2, 3, 4] as const)
  const left = c.draw.chance(0.5)
  const shape = left ? types.matrix(other, type.size, f32) : types.matrix(type.size, other, f32)
  const flipped = types.matrix(shape.rows, shape.columns, f32)
  const m = named(c, shape, 0) ?? named(c, flipped, 0)
  if (!m) return undefined
  const [a, b] = [m.text, expression(c, types.vector(other, f32), depth)]
  const matrix = named(c, shape, 0) ? a : `transpose(${a})`
  return primary(kept(c, type, left ? `${matrix} * ${at(b, 0)}` : `${at(b, 0)} * ${matrix}`))
}

export const floats: Producers = [
  [3, fromInteger],
  [3, arithmetic],
  [2, rounded],
  [2, ofOne],
  [1, ofTwo],
  [1, ofVectors],
  [2, ofMatrix],
]
