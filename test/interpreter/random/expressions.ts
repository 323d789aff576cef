/**
 * @file Random expressions of which every adapter has the same value: integers, bools, and f32 that are whole and at
 * most 1024, with which all that is computed here is exact.
 */

import { bools } from './bools.ts'
import {
  bool,
  type Context,
  componentOf,
  f32,
  isVector,
  primary,
  type Text,
  type Type,
  typeText,
  u32,
} from './context.ts'
import { floats } from './exact.ts'
import { integers } from './integers.ts'
import { named } from './places.ts'
import { construct, shared } from './shared.ts'

/** Makes an expression of a type, or nothing if it cannot. */
export type Producer = (c: Context, type: Type, depth: number) => Text | undefined
export type Producers = readonly (readonly [number, Producer])[]

/** Any expression of a type. `depth`: how many operators may be above each other. */
export function expression(c: Context, type: Type, depth: number): Text {
  const of = componentOf(type)
  if (depth <= 0 || !of || type.kind === 'matrix') return leaf(c, type, depth)
  const own = of === bool ? bools : of === f32 ? floats : integers
  for (let tries = 0; tries < 8; tries++) {
    const made = c.draw.weighted(c.draw.chance(0.3) ? shared : own)(c, type, depth - 1)
    if (made) return made
  }
  return leaf(c, type, depth)
}

/** An expression that is known only when a thread runs, where too large a value is allowed. */
export function runtime(c: Context, type: Type, depth: number): Text {
  const made = expression(c, type, depth)
  if (!made.constant) return made
  const of = componentOf(type)!
  const thread = c.scopes[1][0].text
  const number =
    of === u32 ? thread : of === bool ? `(${thread} > 2u)` : of === f32 ? `f32(${thread} & 255u)` : `i32(${thread})`
  return primary(isVector(type) ? `${typeText(c, type)}(${number})` : number)
}

/** As an argument. */
export const argument = (c: Context, type: Type, depth: number): string => expression(c, type, depth).text

export function leaf(c: Context, type: Type, depth: number): Text {
  const { draw } = c
  const found = draw.chance(0.75) ? named(c, type, depth) : undefined
  if (found) return found
  if (type.kind === 'scalar') return literal(c, type)
  return construct(c, type, depth) as Text
}

/** Text of an integer. */
export function integerText(x: number, suffix: string): string {
  return Math.abs(x) > 9 && x % 3 === 0 ? `${x < 0 ? '-' : ''}0x${Math.abs(x).toString(16)}${suffix}` : `${x}${suffix}`
}

export function literal(c: Context, type: Type, suffix = true): Text {
  const { draw } = c
  if (type === bool) return primary(draw.pick(['true', 'false']), true)
  if (type === f32) {
    const x = draw.between(-64, 64)
    return primary(
      draw.pick([`${x}.0`, `${x}f`, `${x}.0f`, `${x * 10}e-1f`, `${x < 0 ? '-' : ''}0x${Math.abs(x).toString(16)}p0f`]),
      true,
    )
  }
  const word = draw.word()
  if (type === u32) return primary(integerText(word, suffix ? 'u' : ''), true)
  // The least i32 has no literal: the sign is an operator.
  if (word === 2 ** 31) return primary('i32(-2147483648)', true)
  return primary(integerText(word | 0, suffix ? 'i' : ''), true)
}
