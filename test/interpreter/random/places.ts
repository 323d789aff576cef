/** @file Parts of what has a name: members, elements by indices that stay inside, components. */
import {
  at,
  type Context,
  i32,
  inside,
  isVector,
  type Name,
  partsOf,
  type Text,
  type Type,
  u32,
  visible,
} from './context.ts'
import { expression, integerText, runtime } from './expressions.ts'

interface Place {
  readonly text: string
  readonly type: Type
}

/** An index below a count: a number, or an expression that never leaves the range. */
export function index(c: Context, count: number, depth: number): string {
  const { draw } = c
  if (depth <= 0 || draw.chance(0.5)) return integerText(draw.below(count), draw.pick(['', 'u', 'i']))
  if (draw.chance(0.5)) {
    const x = expression(c, i32, depth - 1)
    if (x.constant) return `${draw.below(count)}`
    // The remainder of a negative number is negative.
    return draw.chance(0.2) ? `abs(${at(x, 0)} % ${count})` : `clamp(${x.text}, 0, ${count - 1}i)`
  }
  const x = expression(c, u32, depth - 1)
  if (x.constant) return `${draw.below(count)}u`
  if ((count & (count - 1)) === 0 && draw.chance(0.7)) return `${at(x, 0)} & ${count - 1}`
  return draw.chance(0.3) ? `${at(x, 1)} % ${count}u` : `min(${x.text}, ${count - 1})`
}

/** One of the parts of a place. */
function part(c: Context, { text, type }: Place, wanted: (type: Type) => boolean, depth: number): Place | undefined {
  const { draw } = c
  if (type.kind === 'struct') {
    const member = draw.pick(type.members.filter((one) => wanted(one.type)))
    return member && { text: `${text}.${member.name}`, type: member.type }
  }
  const [of] = partsOf(type)
  if (!of || !wanted(of)) return undefined
  if (type.kind === 'vector' && draw.chance(0.7)) {
    return { text: `${text}.${draw.pick(['xyzw', 'rgba'])[draw.below(type.size)]}`, type: of }
  }
  // Elements that the buffer counts.
  if (type.kind === 'array' && type.count === null) {
    return { text: `${text}[${at(runtime(c, u32, Math.min(depth, 1)), 1)} % arrayLength(&${text})]`, type: of }
  }
  const count =
    type.kind === 'vector'
      ? type.size
      : type.kind === 'matrix'
        ? type.columns
        : Number((type as { count: number }).count)
  return { text: `${text}[${index(c, count, depth)}]`, type: of }
}

/** What stands for a name where a part of it is wanted, or the whole. */
const whole = ({ text, is }: Name): Place['text'] => (is === 'pointer' ? `(*${text})` : text)

/** From a name to a part of a type. */
export function descend(c: Context, name: Name, wanted: Type, depth: number): Place {
  let place: Place = { text: whole(name), type: name.type }
  while (place.type !== wanted || (partsOf(place.type).some((one) => inside(one).has(wanted)) && c.draw.chance(0.5))) {
    // A pointer needs no * before a part.
    const of = place.text === `(*${name.text})` && c.draw.chance(0.5) ? { ...place, text: name.text } : place
    place = part(c, of, (one) => inside(one).has(wanted), depth) as Place
  }
  return place
}

/** A value of a type that has a name or is part of one. */
export function named(c: Context, type: Type, depth: number): Text | undefined {
  const names = visible(c).filter((name) => inside(name.type).has(type))
  if (names.length === 0) return undefined
  const name = c.draw.weighted(names.map((one) => [one.weight ?? 1, one] as const))
  const { text } = descend(c, name, type, Math.min(depth, 1))
  return { text, level: 0, constant: name.constant === true }
}

/** A place that may be written, of any type, or of one. */
export function writable(c: Context, depth: number, wanted?: (type: Type) => boolean): Place | undefined {
  const accepts = wanted ?? (() => true)
  const names = visible(c).filter(({ writable, type }) => writable && [...inside(type)].some(accepts))
  if (names.length === 0) return undefined
  const name = c.draw.weighted(names.map((one) => [one.weight ?? 1, one] as const))
  let place: Place = { text: whole(name), type: name.type }
  const deeper = (one: Type): boolean => [...inside(one)].some(accepts)
  while (
    !accepts(place.type) ||
    (partsOf(place.type).some(deeper) && c.draw.chance(isVector(place.type) ? 0.3 : 0.7))
  ) {
    const of = place.text === `(*${name.text})` && c.draw.chance(0.5) ? { ...place, text: name.text } : place
    place = part(c, of, deeper, depth) as Place
  }
  // (*p) as a statement's beginning is what WGSL wants parentheses for only before a part.
  return place.text === `(*${name.text})` ? { ...place, text: `*${name.text}` } : place
}
