/** @file Random integers and vectors of them: operators, conversions, builtin functions. */
import * as types from '../../../src/wgsl/types.ts'
import {
  at,
  bool,
  type Context,
  componentOf,
  f32,
  i32,
  isVector,
  likewise,
  primary,
  type Text,
  type Type,
  typeText,
  u32,
} from './context.ts'
import { expression, literal, type Producer, type Producers, runtime } from './expressions.ts'

/** Both sides of an operator that takes a vector and a number, too; one of them is known only when a thread runs. */
function sides(c: Context, type: Type, depth: number): [Text, Text] {
  const { draw } = c
  const of = componentOf(type)!
  const mixed = isVector(type) && draw.chance(0.3)
  const [a, b] = mixed ? (draw.chance(0.5) ? [type, of] : [of, type]) : [type, type]
  // A number without suffix takes the type of the other side.
  if (!isVector(b) && draw.chance(0.2)) return [runtime(c, a, depth), literal(c, b, false)]
  const right = expression(c, b, depth)
  return [right.constant ? runtime(c, a, depth) : expression(c, a, depth), right]
}

const arithmetic: Producer = (c, type, depth) => {
  const operator = c.draw.pick(['+', '-', '*'])
  const [a, b] = sides(c, type, depth)
  const level = operator === '*' ? 1 : 2
  return { text: `${at(a, level)} ${operator} ${at(b, level - 1)}`, level, constant: false }
}

/** By anything that a thread finds, 0 included; by a constant only where that is not 0. */
const division: Producer = (c, type, depth) => {
  const operator = c.draw.pick(['/', '%'])
  const a = runtime(c, type, depth)
  const of = componentOf(type)!
  const few = (): string => `${c.draw.between(1, 40)}${of === u32 ? 'u' : 'i'}`
  const wide = isVector(type) && c.draw.chance(0.7)
  const known = wide ? `${typeText(c, type)}(${few()})` : of === i32 && c.draw.chance(0.3) ? `-${few()}` : few()
  const b = c.draw.chance(0.4) ? primary(known) : runtime(c, wide ? type : of, depth)
  return { text: `${at(a, 1)} ${operator} ${at(b, 0)}`, level: 1, constant: false }
}

const bitwise: Producer = (c, type, depth) => {
  const [a, b] = [runtime(c, type, depth), expression(c, type, depth)]
  return { text: `${at(a, 0)} ${c.draw.pick(['&', '|', '^'])} ${at(b, 0)}`, level: 3, constant: false }
}

/** By any number of places: 33 are 1. A constant has to be below 32. */
const shift: Producer = (c, type, depth) => {
  const a = runtime(c, type, depth)
  const places = likewise(type, u32)
  const few = `${c.draw.below(32)}${c.draw.pick(['u', ''])}`
  const b = c.draw.chance(0.5)
    ? runtime(c, places, depth)
    : primary(isVector(type) ? `vec${(type as types.Vector).size}<u32>(${few})` : few)
  return { text: `${at(a, 0)} ${c.draw.pick(['<<', '>>'])} ${at(b, 0)}`, level: 3, constant: false }
}

const unary: Producer = (c, type, depth) => {
  const x = runtime(c, type, depth)
  const operator = componentOf(type) === i32 && c.draw.chance(0.5) ? '-' : '~'
  // Two signs together would be an operator of their own.
  const operand = x.text.startsWith('-') ? `(${x.text})` : at(x, 0)
  return primary(`${operator}${operand}`)
}

const converted: Producer = (c, type, depth) => {
  const { draw } = c
  const of = componentOf(type)!
  const name = typeText(c, type)
  const kind = draw.below(5)
  if (kind === 0) return primary(`${name}(${runtime(c, likewise(type, bool), depth).text})`)
  const other = likewise(type, of === i32 ? u32 : i32)
  const x = runtime(c, other, depth)
  if (kind < 3) return primary(draw.chance(0.5) ? `${name}(${x.text})` : `bitcast<${name}>(${x.text})`)
  const y = at(runtime(c, likewise(type, f32), depth), 0)
  // Cut towards zero; what is too large becomes the largest f32 that the integer type has.
  return primary(`${name}(${draw.pick([y, `${y} * 0.25`, `${y} * 4194304.0`, `${y} * -8388608.0`, `${y} * 1e30`])})`)
}

const builtin: Producer = (c, type, depth) => {
  const { draw } = c
  const x = runtime(c, type, depth).text
  const y = (): string => expression(c, type, depth).text
  const range = (): string => `${draw.chance(0.5) ? runtime(c, u32, Math.min(depth, 1)).text : `${draw.below(17)}u`}`
  const least = c.draw.pick([1, 2, 3, 5])
  return primary(
    draw.weighted<() => string>([
      [2, () => `${draw.pick(['abs', 'countOneBits', 'reverseBits'])}(${x})`],
      [
        2,
        () => `${draw.pick(['countLeadingZeros', 'countTrailingZeros', 'firstLeadingBit', 'firstTrailingBit'])}(${x})`,
      ],
      [1, () => (componentOf(type) === i32 ? `sign(${x})` : `abs(${x})`)],
      [2, () => `${draw.pick(['min', 'max'])}(${x}, ${y()})`],
      // The ends in order: else adapters may take the middle of the three.
      [1, () => `clamp(${x}, ${whole(c, type, -least * 100)}, ${whole(c, type, least * 200)})`],
      [2, () => `extractBits(${x}, ${range()}, ${range()})`],
      [2, () => `insertBits(${x}, ${y()}, ${range()}, ${range()})`],
    ])(),
  )
}

/** A small number as a scalar or a vector. */
function whole(c: Context, type: Type, x: number): string {
  const of = componentOf(type)!
  const number = of === u32 ? `${Math.max(x, 0)}u` : `${x}i`
  return isVector(type) ? `${typeText(c, type)}(${number})` : number
}

const ofVectors: Producer = (c, type, depth) => {
  if (isVector(type)) return undefined
  const of = types.vector(c.draw.pick([2, 3, 4]), type as types.Scalar)
  return primary(`dot(${runtime(c, of, depth).text}, ${expression(c, of, depth).text})`)
}

const packed: Producer = (c, type, depth) => {
  const { draw } = c
  const of = componentOf(type)!
  const four = types.vector(4, of)
  const letter = of === i32 ? 'I' : 'U'
  const number = (): string => runtime(c, u32, depth).text
  if (type === four) return primary(`unpack4x${letter}8(${number()})`)
  if (isVector(type)) return undefined
  if (draw.chance(0.4)) return primary(`dot4${letter}8Packed(${number()}, ${number()})`)
  if (of === i32) return undefined
  if (draw.chance(0.5)) {
    const size = draw.pick([2, 4] as const)
    const x = runtime(c, types.vector(size, f32), depth)
    // Without signs: a zero may have one or not.
    if (size === 2 && draw.chance(0.3)) return primary(`pack2x16float(abs(${x.text}))`)
    // None of these parts lies in the middle of two numbers, where adapters round to the even one, WGSL's text upwards.
    // pack4x8snorm of known numbers spreads the sign of one over those after it in Mesa 25.
    const positive = size === 4 ? `abs(${x.text})` : at(x, 0)
    return primary(`pack${size === 2 ? '2x16' : '4x8'}${draw.pick(['snorm', 'unorm'])}(${positive} * 0.3125)`)
  }
  const kind = draw.pick(['I', 'U'])
  const parts = runtime(c, types.vector(4, kind === 'I' ? i32 : u32), depth).text
  return primary(`pack4x${kind}8${draw.pick(['', 'Clamp'])}(${parts})`)
}

const exponent: Producer = (c, type, depth) => {
  if (componentOf(type) !== i32) return undefined
  return primary(`frexp(${runtime(c, likewise(type, f32), depth).text}).exp`)
}

export const integers: Producers = [
  [5, arithmetic],
  [1, division],
  [3, bitwise],
  [2, shift],
  [1, unary],
  [3, converted],
  [3, builtin],
  [1, ofVectors],
  [2, packed],
  [0.5, exponent],
]
