/** @file Expressions that there are of all types: names, constructors, parts, choices, calls. */
import {
  at,
  bool,
  type Callable,
  type Context,
  f32,
  type i32,
  likewise,
  primary,
  type Text,
  type Type,
  typeText,
  u32,
} from './context.ts'
import { argument, expression, leaf, type Producer, type Producers, runtime } from './expressions.ts'
import { named } from './places.ts'

/** A value from its parts. */
export const construct: Producer = (c, type, depth) => {
  const { draw } = c
  const part = (of: Type): Text => expression(c, of, depth - 1)
  const made = (parts: readonly Text[], name = typeText(c, type)): Text =>
    primary(
      `${name}(${parts.map(({ text }) => text).join(', ')})`,
      parts.every(({ constant }) => constant),
    )
  switch (type.kind) {
    case 'scalar':
      return undefined
    case 'vector': {
      if (draw.chance(0.2)) return made([part(type.of)])
      if (type.size > 2 && draw.chance(0.3)) {
        const pair = part(likewise({ ...type, size: 2 }, type.of))
        const rest = Array.from({ length: type.size - 2 }, () => part(type.of))
        return made(draw.chance(0.5) ? [pair, ...rest] : [...rest, pair])
      }
      return made(
        Array.from({ length: type.size }, () => part(type.of)),
        draw.chance(0.2) ? `vec${type.size}` : undefined,
      )
    }
    case 'matrix':
      if (draw.chance(0.3)) return made(Array.from({ length: type.columns * type.rows }, () => leaf(c, type.of, 0)))
      return made(
        Array.from({ length: type.columns }, () => part(likewise({ kind: 'vector', size: type.rows, of: f32 }, f32))),
      )
    case 'struct':
      return draw.chance(0.1) ? primary(`${type.name}()`, true) : made(type.members.map((member) => part(member.type)))
    case 'array':
      if (draw.chance(0.1)) return primary(`${typeText(c, type)}()`, true)
      return made(
        Array.from({ length: Number(type.count) }, () => part(type.of)),
        draw.chance(0.2) ? 'array' : undefined,
      )
    default:
      return undefined
  }
}

const leafProducer: Producer = (c, type, depth) => named(c, type, depth)

export const component: Producer = (c, type, depth) => {
  if (type.kind === 'vector') {
    const from = likewise({ kind: 'vector', size: c.draw.pick([2, 3, 4]), of: type.of }, type.of)
    const x = expression(c, from, depth)
    const letters = c.draw.pick(['xyzw', 'rgba'])
    const count = from.kind === 'vector' ? from.size : 0
    const swizzle = Array.from({ length: type.size }, () => letters[c.draw.below(count)]).join('')
    return { text: `${at(x, 0)}.${swizzle}`, level: 0, constant: x.constant }
  }
  const size = c.draw.pick([2, 3, 4] as const)
  const x = expression(c, likewise({ kind: 'vector', size, of: type as typeof i32 }, type as typeof i32), depth)
  if (c.draw.chance(0.6)) return { text: `${at(x, 0)}.${'xyzw'[c.draw.below(size)]}`, level: 0, constant: x.constant }
  const y = runtime(c, u32, Math.min(depth, 1))
  return primary(`${at(x, 0)}[${at(y, 1)} % ${size}]`)
}

const selection: Producer = (c, type, depth) => {
  const condition = expression(c, c.draw.chance(0.5) ? likewise(type, bool) : bool, depth)
  const [no, yes] = [expression(c, type, depth), expression(c, type, depth)]
  return primary(
    `select(${no.text}, ${yes.text}, ${condition.text})`,
    condition.constant && no.constant && yes.constant,
  )
}

/** A call of a function of the program, with a pointer to a variable where it wants one. */
const call: Producer = (c, type, depth) => {
  const fitting = c.functions.filter(({ result }) => result === type)
  if (fitting.length === 0 || c.calls <= 0 || c.loops > 1) return undefined
  const text = callOf(c, c.draw.pick(fitting), depth)
  return text ? primary(text) : undefined
}

/** Nothing, where there is no variable that the function could get a pointer to. */
export function callOf(c: Context, { name, params, pointer, target }: Callable, depth: number): string | undefined {
  const variable = target ?? (pointer && pointerTo(c, pointer))
  if (pointer && !variable) return undefined
  c.calls--
  const args = [u32, ...params].map((param) => argument(c, param, depth))
  return `${name}(${[...args, ...(variable ? [variable] : [])].join(', ')})`
}

/** A pointer to a variable of the function that is being written. */
function pointerTo(c: Context, type: Type): string | undefined {
  const all = c.scopes.flat().filter((name) => name.local && name.writable && name.type === type)
  const seen = all.filter((name) => c.scopes.flat().findLast(({ text }) => text === name.text) === name)
  if (seen.length === 0) return undefined
  const { text, is } = c.draw.pick(seen)
  return is === 'pointer' ? text : `&${text}`
}

export const shared: Producers = [
  [3, leafProducer],
  [1, construct],
  [1, component],
  [1, selection],
  [2, call],
]
