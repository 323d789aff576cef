/** @file What the parts of the generator share: names in scope, text and what operators do with it, lines. */

import type { Type } from '../../../src/wgsl/types.ts'
import * as types from '../../../src/wgsl/types.ts'
import type { Draw } from './draw.ts'

/** An expression's text. */
export interface Text {
  readonly text: string
  /** How tightly it holds together: 0 unary, 1 products, 2 sums, 3 what every operator wants parentheses around. */
  readonly level: number
  /** Known before a thread runs, so that what overflows in it would be an error instead of wrapping. */
  readonly constant: boolean
}

export const primary = (text: string, constant = false): Text => ({ text, level: 0, constant })
/** As an operand of an operator that takes at most this level. */
export const at = (x: Text, level: number): string => (x.level <= level ? x.text : `(${x.text})`)

/** What can be named. */
export interface Name {
  readonly text: string
  readonly type: Type
  readonly is: 'value' | 'variable' | 'pointer'
  readonly constant?: boolean
  readonly writable?: boolean
  /** Declared in a function, so that a pointer to it may be passed. */
  readonly local?: boolean
  /** Counters, which nobody else writes or hides. */
  readonly kept?: boolean
  /** How often it is chosen; 1 unless given. */
  readonly weight?: number
}

export interface Callable {
  readonly name: string
  /** After the first one, a number that differs between threads. */
  readonly params: readonly Type[]
  /** The last param points to a variable of a function, or to the one that is named. */
  readonly pointer?: Type
  readonly target?: string
  readonly result: Type
  readonly mustUse: boolean
}

export interface Context {
  readonly draw: Draw
  readonly lines: string[]
  /** From the module inwards. */
  scopes: Name[][]
  /** Types with a name or of several parts that variables may have; those of buffers have no bools. */
  readonly composite: readonly Type[]
  /** Another name of the first of them, once it is declared. */
  alias?: string
  readonly functions: Callable[]
  /** Of the function that is being written. */
  result: Type | undefined
  /** What `break` and `continue` would leave, from the outside. */
  around: ('loop' | 'switch' | 'continuing')[]
  /** Calls that may still be written: each of them is compiled by itself. */
  calls: number
  /** Statements that may still be written. */
  budget: number
  /** Loops around. */
  loops: number
  /** A new name may hide one of outside. */
  hides: boolean
  /** For names that are different. */
  count: number
  /** Of the lines. */
  depth: number
}

export const write = (c: Context, line: string): void => {
  c.lines.push('  '.repeat(c.depth) + line)
}

/** Writes lines between braces. */
export function braced(c: Context, head: string, body: () => void, tail = ''): void {
  write(c, `${head}{`)
  c.depth++
  c.scopes.push([])
  body()
  c.scopes.pop()
  c.depth--
  write(c, `}${tail}`)
}

/** Names that are not hidden by others. */
export function visible(c: Context): Name[] {
  const found = new Map<string, Name>()
  for (const scope of c.scopes) for (const name of scope) found.set(name.text, name)
  return [...found.values()]
}

export function declare(c: Context, name: Name): void {
  c.scopes[c.scopes.length - 1].push(name)
}

/** A name for something new; now and then that of something outside, which it hides. */
export function fresh(c: Context, mayHide = true): string {
  const inner = c.scopes[c.scopes.length - 1]
  // Scope 0 is the module, 1 a function's params and its body.
  const outer = c.scopes.slice(1, -1).flat()
  const hidden = outer.filter(({ text, kept }) => !kept && !inner.some((name) => name.text === text))
  const readable = hidden.filter(({ text }) => visible(c).find((name) => name.text === text)?.kept !== true)
  if (mayHide && c.hides && readable.length > 0 && c.draw.chance(0.1)) return c.draw.pick(readable).text
  return `v${c.count++}`
}

// ---- types

export const { i32, u32, bool, f32 } = types
export const isVector = (type: Type): boolean => type.kind === 'vector'
export const componentOf = types.componentOf

/** Scalars and vectors of them. */
export const plain: readonly Type[] = [i32, u32, bool, f32].flatMap((of) => [
  of,
  ...([2, 3, 4] as const).map((size) => types.vector(size, of)),
])

/** A vector as wide as another type, or a scalar where that is one. */
export const likewise = (type: Type, of: types.Scalar): Type =>
  type.kind === 'vector' ? types.vector(type.size, of) : of

/** The types of the parts of a type. */
export function partsOf(type: Type): readonly Type[] {
  if (type.kind === 'struct') return [...new Set(type.members.map((member) => member.type))]
  if (type.kind === 'array') return [type.of]
  if (type.kind === 'vector') return [type.of]
  return type.kind === 'matrix' ? [types.vector(type.rows, type.of)] : []
}

const held = new WeakMap<Type, Set<Type>>()
/** A type and all that is inside of it. */
export function inside(type: Type): Set<Type> {
  let all = held.get(type)
  if (!all) held.set(type, (all = new Set([type, ...partsOf(type).flatMap((part) => [...inside(part)])])))
  return all
}

/** A type as text, sometimes by its short name. */
export function typeText(c: Context, type: Type): string {
  if ((type.kind === 'vector' || type.kind === 'matrix') && type.of !== bool && c.draw.chance(0.5)) {
    const shape = type.kind === 'vector' ? `vec${type.size}` : `mat${type.columns}x${type.rows}`
    return shape + type.of.name[0]
  }
  if (c.alias && type === c.composite[0] && c.draw.chance(0.3)) return c.alias
  if (type.kind === 'array') return `array<${typeText(c, type.of)}${type.count === null ? '' : `, ${type.count}`}>`
  return types.nameOf(type)
}

export type { Type }
