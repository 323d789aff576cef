/**
 * @file What makes values of types: `vec4(p, 1)`, `array<u32, 2>(…)`, `i32(x)`.
 * Source: WGSL, sections "Value Constructor Built-in Functions", "Floating Point Conversion".
 */
import { isConstructible } from './layout.ts'
import type { Resolved } from './resolved.ts'
import type { Constant } from './tree.ts'
import {
  abstractFloat,
  abstractInt,
  array,
  bool,
  componentOf,
  isFloat,
  isInteger,
  matrix,
  nameOf,
  type Scalar,
  type Type,
  type Vector,
  valueType,
  vector,
} from './types.ts'
import { conversionRank, convert, each, rangeOf, type Single, show, within, zeroOf } from './values.ts'

type Size = 2 | 3 | 4
type VectorName = `vec${Size}`
type MatrixName = `mat${Size}x${Size}`

const sizesOf = (name: VectorName | MatrixName): Size[] =>
  (name.match(/\d/g) ?? []).map((digit) => Number(digit) as Size)

// ---- what makes values

type Evaluate = (args: readonly Constant[]) => Constant

function resolved(result: Type, params: readonly Type[], evaluate: Evaluate): Resolved {
  return { result, params, evaluate, mustUse: true }
}

/** The meaning of `type(args)`, or what is wrong with it. A generator's components get the type that all have. */
export function resolveConstructor(
  type: Type | VectorName | MatrixName | 'array',
  args: readonly Type[],
): Resolved | string {
  const values = args.map(valueType)
  if (type === 'array') return inferredArray(values)
  if (typeof type === 'string') return inferred(type, values)
  if (!isConstructible(type)) return `${nameOf(type)} is not made by a call: it has atomics, or no constant size`
  if (args.length === 0) return resolved(type, [], () => zeroOf(type))
  switch (type.kind) {
    case 'scalar':
      return scalarOf(type, values)
    case 'vector':
      return vectorOf(type, values)
    case 'matrix':
      return matrixOf(type.columns, type.rows, type.of, values)
    case 'array':
      return partsOf(type, Number(type.count), (i) => [`element ${i}`, type.of], values)
    case 'struct': {
      const { members } = type
      return partsOf(type, members.length, (i) => [`member ${members[i].name}`, members[i].type], values)
    }
    default:
      return `${nameOf(type)} has no values that a call makes`
  }
}

function scalarOf(type: Scalar, args: readonly Type[]): Resolved | string {
  const [from] = args
  if (args.length > 1 || from.kind !== 'scalar') return wrong(nameOf(type), 'one number or bool', args)
  return conversion(type, from)
}

function vectorOf(type: Vector, args: readonly Type[]): Resolved | string {
  const [from] = args
  const name = nameOf(type)
  if (args.length === 1 && from.kind === 'scalar') {
    if (conversionRank(from, type.of) === Infinity) return wrong(name, `a ${type.of.name}`, args)
    return resolved(type, [type.of], ([x]) => Array(type.size).fill(x))
  }
  if (args.length === 1 && from.kind === 'vector' && from.size === type.size) return conversion(type, from)
  const params = args.map((arg) => (arg.kind === 'vector' ? vector(arg.size, type.of) : type.of))
  const count = args.reduce((sum, arg) => sum + (arg.kind === 'vector' ? arg.size : 1), 0)
  if (count !== type.size || args.some((arg, i) => conversionRank(arg, params[i]) === Infinity)) {
    return wrong(name, `${type.size} components of ${type.of.name}, one value of it, or a vec${type.size}`, args)
  }
  return resolved(type, params, (values) => values.flat())
}

function matrixOf(columns: Size, rows: Size, of: Scalar, args: readonly Type[]): Resolved | string {
  const type = matrix(columns, rows, of)
  const [from] = args
  if (args.length === 1 && from.kind === 'matrix' && from.columns === columns && from.rows === rows) {
    return conversion(type, from)
  }
  const param = args.length === columns ? vector(rows, of) : of
  if ((param === of && args.length !== columns * rows) || args.some((arg) => conversionRank(arg, param) === Infinity)) {
    return wrong(nameOf(type), `${columns} columns of vec${rows}, or ${columns * rows} numbers`, args)
  }
  const params = args.map(() => param)
  if (param !== of) return resolved(type, params, (values) => values)
  return resolved(type, params, (values) =>
    Array.from({ length: columns }, (_, i) => values.slice(i * rows, (i + 1) * rows)),
  )
}

/** Of arrays and structs; `part` has the name and type of each of their parts. */
function partsOf(type: Type, count: number, part: (i: number) => readonly [string, Type], args: readonly Type[]) {
  if (args.length !== count) return `${nameOf(type)} is made of ${count} values; given: ${args.length}`
  const params = args.map((_, i) => part(i)[1])
  const bad = args.findIndex((arg, i) => conversionRank(arg, params[i]) === Infinity)
  if (bad >= 0) return `${nameOf(type)}: ${part(bad)[0]} is ${nameOf(params[bad])}; given: ${nameOf(args[bad])}`
  return resolved(type, params, (values) => values)
}

const wrong = (name: string, takes: string, args: readonly Type[]): string =>
  `${name} is made of ${takes}; given: (${args.map(nameOf).join(', ')})`

// ---- inference

/** The one of two types that values of both become by themselves. */
const common = (a: Type | undefined, b: Type | undefined): Type | undefined =>
  a && b && (conversionRank(b, a) < Infinity ? a : conversionRank(a, b) < Infinity ? b : undefined)

const commonOf = (types: readonly (Type | undefined)[]): Type | undefined => types.reduce(common)

function inferred(name: VectorName | MatrixName, args: readonly Type[]): Resolved | string {
  const [n, m] = sizesOf(name)
  const components = args.map(componentOf)
  const numbers = m === undefined ? [] : [abstractFloat]
  const of = args.length === 0 && m === undefined ? abstractInt : commonOf([...numbers, ...components])
  if (of?.kind !== 'scalar' || (m !== undefined && args.length === 0)) {
    return wrong(name, m === undefined ? 'components of one type' : 'numbers of f32 or f16', args)
  }
  if (m !== undefined) return isFloat(of) ? matrixOf(n, m, of, args) : wrong(name, 'numbers of f32 or f16', args)
  return resolveConstructor(vector(n, of), args)
}

function inferredArray(args: readonly Type[]): Resolved | string {
  const of = args.length > 0 ? commonOf(args) : undefined
  if (!of || !isConstructible(of)) return wrong('array', 'values of one type', args)
  return resolved(array(of, args.length), Array(args.length).fill(of), (values) => values)
}

// ---- conversions that are asked for

/** A value as another type with as many components. */
function conversion(type: Type, from: Type): Resolved {
  if (conversionRank(from, type) < Infinity) return resolved(type, [type], ([x]) => x)
  const [source, of] = [from, type].map(componentOf) as [Scalar, Scalar]
  return resolved(type, [from], (args) => each((x) => cast(x, source, of), args))
}

/** A number or bool as another type: wrapped, cut, or as near as that type comes. */
function cast(x: Single, from: Scalar, to: Scalar): Single {
  if (to === bool) return Boolean(x)
  if (!isInteger(to)) return typeof x === 'boolean' ? Number(x) : (convert(x, to) as Single)
  if (!isFloat(from)) return within(to, x, () => show(x))
  const [low, high] = rangeOf(to)
  // The greatest number that both types have: f32 has 24 bits.
  const most = from.name === 'f32' ? high + 1 - (high + 1) / 2 ** 24 : high
  return Math.min(most, Math.max(low, Math.trunc(Number(x)))) + 0
}
