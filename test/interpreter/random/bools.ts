/** @file Random bools and vectors of them. */

import * as types from '../../../src/wgsl/types.ts'
import { at, bool, type Context, f32, i32, isVector, likewise, primary, type Text, u32 } from './context.ts'
import { expression, type Producer, type Producers, runtime } from './expressions.ts'

const comparison: Producer = (c, type, depth) => {
  const { draw } = c
  const of = draw.weighted([
    [3, i32],
    [3, u32],
    [2, f32],
    [1, bool],
  ])
  const side = likewise(type, of)
  const [a, b] = [expression(c, side, depth), expression(c, side, depth)]
  const operator = draw.pick(of === bool ? ['==', '!='] : ['==', '!=', '<', '<=', '>', '>='])
  // Always in parentheses: `f(a < b, c > d)` would be a template.
  return primary(`(${at(a, 2)} ${operator} ${at(b, 2)})`, a.constant && b.constant)
}

const both: Producer = (c, type, depth) => {
  // Only && and || leave out what they need not look at; of vectors there are & and |.
  const operator = c.draw.pick(isVector(type) || c.draw.chance(0.2) ? ['&', '|'] : ['&&', '||'])
  const [a, b] = [expression(c, type, depth), expression(c, type, depth)]
  return { text: `${at(a, 0)} ${operator} ${at(b, 0)}`, level: 3, constant: a.constant && b.constant }
}

const not: Producer = (c, type, depth) => {
  const x = expression(c, type, depth)
  return primary(`!${at(x, 0)}`, x.constant)
}

const reduction: Producer = (c, type, depth) => {
  if (isVector(type)) return undefined
  const x = expression(c, types.vector(c.draw.pick([2, 3, 4]), bool), depth)
  return primary(`${c.draw.pick(['all', 'any'])}(${x.text})`, x.constant)
}

/** As a bool a number is whether it is not 0. */
const converted: Producer = (c, type, depth) => {
  const x = runtime(c, likewise(type, c.draw.pick([i32, u32, f32])), depth)
  return primary(`${types.nameOf(type)}(${x.text})`)
}

export const bools: Producers = [
  [4, comparison],
  [2, both],
  [1, not],
  [1, reduction],
  [1, converted],
]

/** A condition of a statement, known only when a thread runs. */
export const condition = (c: Context, depth: number): Text => runtime(c, bool, depth)
