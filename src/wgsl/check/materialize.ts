/**
 * @file From what an expression is to what is wanted of it: memory is loaded, abstract numbers get a type.
 * Source: WGSL, sections "Load Rule" and "Conversion Rank", "Overload Resolution".
 */
import { isConstructible } from '../layout.ts'
import { Invalid } from '../resolved.ts'
import { WgslError } from '../source.ts'
import type { Expression } from '../tree.ts'
import { array, componentOf, isAbstract, matrix, nameOf, type Scalar, type Type, valueType, vector } from '../types.ts'
import { concreteOf, conversionRank, convert } from '../values.ts'
import { type Context, fail, operandsOf } from './context.ts'
import { conversion, textOf } from './text.ts'

/** The type of the value of a checked expression; refuses what has no value that could be loaded. */
export function loaded(c: Context, e: Expression): Type {
  const type = e.type as Type
  if (type.kind !== 'void' && (type.kind !== 'reference' || isConstructible(type.to))) return valueType(type)
  const text = textOf(e)
  if (type.kind === 'void') fail(c, e.at, `${text} returns nothing`)
  if (type.to.kind === 'atomic') fail(c, e.at, `${text} is an atomic`, `write atomicLoad(&${text})`)
  if (type.to.kind === 'array' && type.to.count === null) {
    fail(c, e.at, `${text} is an array whose length the buffer says`, `load an element, or point to it: &${text}`)
  }
  fail(c, e.at, `${text} is ${nameOf(type.to)}, which cannot be loaded as a whole`, 'load parts of it')
}

/** Makes an expression one of a type that it converts to; refuses others. `what` it is for: `x holds`. */
export function convertTo(c: Context, e: Expression, to: Type, what: string | (() => string)): void {
  const from = loaded(c, e)
  if (conversionRank(from, to) === Infinity) {
    const name = textOf(e, 'the value')
    const remedy =
      to.kind === 'pointer' && e.type?.kind === 'reference' ? `write &${name}` : conversion(e, concreteOf(from), to)
    fail(c, e.at, `${name} is ${nameOf(from)}, ${typeof what === 'string' ? what : what()} ${nameOf(to)}`, remedy)
  }
  settle(c, e, to)
}

/** Gives an abstract expression and what it consists of a type that it converts to. */
export function settle(c: Context, e: Expression, to: Type): void {
  const from = e.type as Type
  if (from === to || from.kind === 'reference' || !isAbstract(from)) return
  if (e.value !== undefined) {
    try {
      e.value = convert(e.value, to)
    } catch (error) {
      invalid(c, e.at, error)
    }
  }
  e.type = to
  if (e.kind === 'call' && e.meaning?.kind === 'constructor' && e.callee.denotes) e.callee.denotes = to
  const component = componentOf(to.kind === 'array' ? elementOf(to) : to)
  for (const x of operandsOf(e)) settleInside(c, x, component)
  if (e.kind === 'call' && e.meaning?.kind === 'builtin') {
    e.meaning = { ...e.meaning, params: e.args.map((arg) => valueType(arg.type as Type)) }
  }
}

const elementOf = (type: Type): Type => (type.kind === 'array' ? elementOf(type.of) : type)

/**
 * Gives the parts of a const-expression types of their own where these have their values. Nobody computes with the
 * parts: 4294967296 stays abstract in 4294967296 - 1.
 */
export function settleInside(c: Context, e: Expression, component?: Scalar): void {
  const from = e.type
  if (!from || !isAbstract(from)) return
  for (const to of [component && withComponent(from, component), concreteOf(from)]) {
    if (!to || conversionRank(from, to) === Infinity) continue
    try {
      settle(c, e, to)
      return
    } catch (error) {
      if (!(error instanceof WgslError)) throw error
      e.type = from
    }
  }
}

function withComponent(type: Type, of: Scalar): Type {
  switch (type.kind) {
    case 'vector':
      return vector(type.size, of)
    case 'matrix':
      return matrix(type.columns, type.rows, of)
    case 'array':
      return array(withComponent(type.of, of), type.count)
    default:
      return of
  }
}

/** A value that there is not, as an error with its place. */
export function invalid(c: Context, at: number, error: unknown): never {
  if (error instanceof Invalid) fail(c, at, error.message)
  throw error
}
