/**
 * @file Structs that builtin functions give. Programs cannot write their names.
 * Source: WGSL, sections "frexp", "modf", "atomicCompareExchangeWeak".
 */
import {
  abstractFloat,
  abstractInt,
  bool,
  i32,
  type Member,
  type Scalar,
  type Struct,
  struct,
  type Vector,
  vector,
} from './types.ts'

const known = new Map<string, Struct>()

function one(name: string, members: readonly Member[]): Struct {
  const type = known.get(name) ?? struct(name, members)
  known.set(name, type)
  return type
}

export const exchangeResult = (of: Scalar): Struct =>
  one(`__atomic_compare_exchange_result_${of.name}`, [
    { name: 'old_value', type: of },
    { name: 'exchanged', type: bool },
  ])

/** What `frexp` and `modf` of a number or a vector give. */
export function partsResult(of: 'frexp' | 'modf', type: Scalar | Vector): Struct {
  const scalar = type.kind === 'vector' ? type.of : type
  const like = (other: Scalar) => (type.kind === 'vector' ? vector(type.size, other) : other)
  const size = type.kind === 'vector' ? `vec${type.size}_` : ''
  const exponent = scalar === abstractFloat ? abstractInt : i32
  return one(`__${of}_result_${size}${scalar === abstractFloat ? 'abstract' : scalar.name}`, [
    { name: 'fract', type },
    of === 'frexp' ? { name: 'exp', type: like(exponent) } : { name: 'whole', type },
  ])
}

/** The same parts of another type: what a struct of abstract numbers is converted to. */
export const partsLike = (type: Struct, fract: Scalar | Vector): Struct =>
  partsResult(type.name.startsWith('__frexp') ? 'frexp' : 'modf', fract)
