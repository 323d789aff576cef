/**
 * @file Expressions: each becomes statements that compute it, and a `Value` that names its scalars. What is known
 * before the program runs is a literal.
 */
import type { Binary, Call, Expression, Identifier, Index, MemberAccess } from '../../wgsl/tree.ts'
import { bool, componentOf, isFloat, type Scalar, type Type, type Vector, valueType } from '../../wgsl/types.ts'
import { atomicCall, isAtomic } from './atomics.ts'
import type { Body } from './body.ts'
import { bitcastParts, builtinParts, convertParts } from './builtins.ts'
import { callFunction, collective } from './calls.ts'
import { binaryParts, fmaPart, unaryParts } from './operators.ts'
import { elementOf, lengthOf, load, memberOf, type Place, placeOfRoot } from './places.ts'
import { constantParts, partsAt } from './scalars.ts'
import { isCount, type Part, type Value } from './value.ts'

/** The value of an expression; what is in memory is loaded. */
export function value(body: Body, e: Expression): Value {
  const type = valueType(e.type as Type)
  if (e.value !== undefined) return { type, parts: constantParts(e.value) }
  if (e.type?.kind === 'reference') return load(body, place(body, e), e.at)
  switch (e.kind) {
    case 'identifier':
      return named(body, e)
    case 'unary':
      return { type, parts: unaryParts(e.operator, value(body, e.operand), type, body.w) }
    case 'binary':
      return { type, parts: binary(body, e, type) }
    case 'call':
      return call(body, e) as Value
    case 'index':
      return indexed(body, e)
    case 'member':
      return component(body, e)
    case 'literal':
      throw new Error(`the literal ${e.text} has no value`)
  }
}

function named(body: Body, { target, name }: Identifier): Value {
  const variable = target?.kind === 'variable' || target?.kind === 'param' ? target : undefined
  const type = valueType(variable?.type as Type)
  const registers = variable && body.registers.get(variable)
  if (registers) return { type, parts: registers }
  const override = variable?.kind === 'variable' ? body.g.pipeline.overrides.get(variable) : undefined
  if (override === undefined) throw new Error(`${name} has no value here`)
  return { type, parts: constantParts(override) }
}

// ---- places

/** What a reference refers to. */
export function place(body: Body, e: Expression): Place {
  switch (e.kind) {
    case 'identifier':
      return placeOfVariable(body, e)
    case 'unary':
      return pointee(body, e.operand)
    case 'index':
      return elementOf(body, within(body, e.of), value(body, e.index).parts[0], e.index.at)
    case 'member':
      return memberOf(body, within(body, e.of), (e.indices as readonly number[])[0])
    default:
      throw new Error(`a ${e.kind} refers to no memory`)
  }
}

/** What `of.x` and `of[i]` look into: memory, or what a pointer points to. */
const within = (body: Body, of: Expression): Place =>
  of.type?.kind === 'pointer' ? pointee(body, of) : place(body, of)

function placeOfVariable(body: Body, { target }: Identifier): Place {
  if (target?.kind !== 'variable') throw new Error('only a var is memory')
  const registers = body.registers.get(target)
  if (registers)
    return { kind: 'registers', type: target.type as Type, variable: target, choices: [registers], index: '0' }
  return placeOfRoot(body.g.rootOf(target))
}

/** What a pointer points to. */
export function pointee(body: Body, e: Expression): Place {
  if (e.kind === 'unary' && e.operator === '&') return place(body, e.operand)
  if (e.kind === 'identifier' && (e.target?.kind === 'variable' || e.target?.kind === 'param')) {
    const found = body.pointers.get(e.target)
    if (found) return found
  }
  throw new Error(`a ${e.kind} points to nothing that is known here`)
}

// ---- parts of values

function component(body: Body, e: MemberAccess): Value {
  const type = valueType(e.type as Type)
  const indices = e.indices as readonly number[]
  const of = e.of.type as Type
  const swizzled =
    of.kind === 'reference' || of.kind === 'pointer' ? load(body, within(body, e.of), e.at) : value(body, e.of)
  const parts = indices.flatMap((i) => {
    const [begin, count] = partsAt(swizzled.type, i)
    return swizzled.parts.slice(begin, begin + count)
  })
  return { type, parts }
}

/** An element of a value: of a list of constants, or of registers. */
function indexed(body: Body, e: Index): Value {
  const { w, g } = body
  const of = value(body, e.of)
  const type = valueType(e.type as Type)
  const [, each] = partsAt(of.type, 0)
  const count = of.parts.length / each
  const i = body.inside(value(body, e.index).parts[0], String(count), e.index.at, undefined)
  if (isCount(i)) return { type, parts: of.parts.slice(Number(i) * each, (Number(i) + 1) * each) }
  const isConstant = e.of.value !== undefined
  const table = isConstant ? g.table(of.parts) : undefined
  const parts = Array.from({ length: each }, (_, k): Part => {
    const choice = (name: (part: Part) => string): string =>
      w.fresh(
        Array.from({ length: count - 1 }, (_, j) => j).reduceRight(
          (rest, j) => `${i} === ${j} ? ${name(of.parts[j * each + k])} : ${rest}`,
          name(of.parts[(count - 1) * each + k]),
        ),
      )
    if (table) return { js: w.fresh(`${table}[${i} * ${each} + ${k}]`), bad: '0' }
    const isBad = of.parts.some(({ bad }) => bad !== '0')
    return { js: choice(({ js }) => js), bad: isBad ? choice(({ bad }) => bad) : '0' }
  })
  return { type, parts }
}

// ---- operators

function binary(body: Body, e: Binary, type: Type): readonly Part[] {
  const { operator, left, right } = e
  if (operator === '&&' || operator === '||') return [shortCircuit(body, e)]
  const contracted = contraction(body, e, type)
  if (contracted) {
    countFlops(body, type, 2 * contracted.length)
    return contracted
  }
  const [a, b] = [value(body, left), value(body, right)]
  const parts = binaryParts(operator, a, b, type, body.w)
  const isProduct = operator === '*' && a.type.kind !== 'scalar' && b.type.kind !== 'scalar'
  const terms = !isProduct ? 1 : a.type.kind === 'matrix' ? a.type.columns : b.type.kind === 'matrix' ? b.type.rows : 1
  countFlops(body, type, parts.length * (2 * terms - 1))
  return parts
}

/** Adds up operations on floats, where accesses are told one by one, too. */
function countFlops(body: Body, type: Type, count: number): void {
  const of = componentOf(type)
  if (body.g.code.tracing && of && isFloat(of)) body.w.line(`flops += ${count}`)
}

/** Floats that builtin functions only hand on. */
const MOVES = new Set(['select', 'transpose', 'abs'])

/** The right side is evaluated only where the left does not decide. */
function shortCircuit(body: Body, { operator, left, right }: Binary): Part {
  const { w } = body
  const [first] = value(body, left).parts
  body.decides(first, left.at)
  const js = w.variable()
  w.line(`${js} = ${first.js}`)
  // Whether what is only sometimes evaluated is defined is known where it was.
  let bad = '0'
  w.block(`if (${operator === '&&' ? '' : '!'}${js}) `, () => {
    const [second] = value(body, right).parts
    w.line(`${js} = ${second.js}`)
    if (second.bad === '0') return
    bad = w.variable()
    w.line(`${bad} = ${second.bad}`)
  })
  return {
    js: w.fresh(js),
    bad: bad === '0' ? bad : w.fresh(`${operator === '&&' ? '' : '!'}${first.js} ? ${bad} : 0`),
  }
}

/** a·b + c with one rounding, which compilers may choose; here the seed does, for each place in the text. */
function contraction(body: Body, { operator, left, right, operatorAt }: Binary, type: Type): Part[] | undefined {
  const { contract } = body.g.code
  const of = componentOf(type) as Scalar
  if (contract === undefined || of.name !== 'f32' || type.kind === 'matrix') return undefined
  if (operator !== '+' && operator !== '-') return undefined
  if (Math.imul(operatorAt + 1, 0x9e3779b1 ^ contract) & 0x10000) return undefined
  const product = [left, right].find((side) => side.kind === 'binary' && side.operator === '*') as Binary | undefined
  if (!product || product.value !== undefined) return undefined
  const factors = [product.left, product.right]
  if (factors.some((x) => valueType(x.type as Type).kind === 'matrix')) return undefined
  const parts = (x: Expression) => value(body, x).parts
  // In the order of the text: calls have effects.
  const before = product === right ? parts(left) : undefined
  const [a, b] = factors.map(parts)
  const c = before ?? parts(right)
  const minus = (part: Part): Part => ({ ...part, js: body.w.name(`-${part.js}`) })
  const pick = (all: readonly Part[], i: number) => all[all.length === 1 ? 0 : i]
  const count = type.kind === 'vector' ? type.size : 1
  return Array.from({ length: count }, (_, i) => {
    const [x, y, z] = [pick(a, i), pick(b, i), pick(c, i)]
    if (operator === '+') return fmaPart(of, x, y, z, body.w)
    return product === left ? fmaPart(of, x, y, minus(z), body.w) : fmaPart(of, minus(x), y, z, body.w)
  })
}

// ---- calls

/** The value of a call; undefined of a function that returns nothing. */
export function call(body: Body, e: Call): Value | undefined {
  const { meaning, args } = e
  if (meaning?.kind === 'function') return callFunction(body, e, meaning.target)
  const type = valueType(e.type as Type)
  if (meaning?.kind === 'constructor') return { type, parts: construct(body, args, type) }
  const { name } = e.callee
  if (name === 'arrayLength') {
    const target = pointee(body, args[0])
    if (target.kind !== 'memory' || target.type.kind !== 'array') throw new Error('arrayLength takes a buffer')
    return { type, parts: [{ js: lengthOf(body, target.root, target.type), bad: '0' }] }
  }
  if (isAtomic(name)) return atomicCall(body, e, name, type)
  const together = collective(body, e, name, type)
  if (together !== 'other') return together
  const values = args.map((arg) => value(body, arg))
  if (name === 'bitcast') return { type, parts: bitcastParts(values[0], type, body.w) }
  const parts = builtinParts(name, values, type, body.w)
  const each = name === 'fma' ? 2 : name === 'dot' ? 2 * values[0].parts.length - 1 : 1
  if (!MOVES.has(name)) countFlops(body, type, each * parts.length)
  return { type, parts }
}

/** `vec4<f32>(…)`, `Light(…)`, `u32(x)` */
function construct(body: Body, args: readonly Expression[], type: Type): readonly Part[] {
  const values = args.map((arg) => value(body, arg))
  const parts = values.flatMap((one) => one.parts)
  const to = componentOf(type)
  // Parts of arrays and structs have their types already.
  if (!to) return parts
  const from = componentOf(values[0].type) as Scalar
  const converted = from === to ? parts : parts.map((part) => convertParts(part, from, to, body.w))
  const splat = type.kind === 'vector' && values.length === 1 && values[0].type.kind === 'scalar'
  return splat ? Array<Part>((type as Vector).size).fill(converted[0]) : converted
}

/** A condition that decides where a thread goes on, as JavaScript. */
export function condition(body: Body, e: Expression): string {
  const { type, parts } = value(body, e)
  if (type !== bool) throw new Error('a condition is a bool')
  body.decides(parts[0], e.at)
  return parts[0].js
}
