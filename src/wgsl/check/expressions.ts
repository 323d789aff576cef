/**
 * @file The type, stage and value of each expression.
 * Source: WGSL, sections "Expressions", "Overload Resolution" and "Evaluation".
 */
import { binaryOperator, unaryOperator } from '../operators.ts'
import type { Resolved } from '../resolved.ts'
import type { Binary, Constant, Expression, Identifier, Index, MemberAccess, Stage, Unary, Variable } from '../tree.ts'
import {
  type ArrayType,
  componentOf,
  f16,
  isAbstract,
  isInteger,
  type Matrix,
  nameOf,
  pointer,
  reference,
  type Type,
  type Vector,
  valueType,
  vector,
} from '../types.ts'
import { concreteOf } from '../values.ts'
import { call } from './calls.ts'
import { type Context, fail, isLater, latest } from './context.ts'
import { convertTo, invalid, loaded, settle, settleInside } from './materialize.ts'
import { conversion, textOf } from './text.ts'
import { describeName, needs } from './typenames.ts'

/** Checks an expression; its type may be a reference, abstract or none. */
export function expression(c: Context, e: Expression): Type {
  switch (e.kind) {
    case 'literal':
      if (e.type === f16) needs(c, e.at, 'f16', e.text)
      return set(e, e.type as Type, 'const', e.value)
    case 'identifier':
      return identifier(c, e)
    case 'unary':
      return e.operator === '&' ? address(c, e) : e.operator === '*' ? indirection(c, e) : unary(c, e)
    case 'binary':
      return binary(c, e)
    case 'call':
      return call(c, e)
    case 'index':
      return index(c, e)
    case 'member':
      return member(c, e)
  }
}

/** Checks an expression and gives the type of its value, which may be abstract. */
export function anyValue(c: Context, e: Expression): Type {
  expression(c, e)
  return loaded(c, e)
}

/** Checks an expression and gives the type of its value: what is abstract becomes i32 or f32. */
export function concreteValue(c: Context, e: Expression): Type {
  const type = concreteOf(anyValue(c, e))
  settle(c, e, type)
  return type
}

/** Checks an expression that is to be of a type: `what` it is for, as in "what x is, `what` f32". */
export function valueAs(c: Context, e: Expression, to: Type, what: string | (() => string)): void {
  expression(c, e)
  convertTo(c, e, to, what)
}

/** Checks an i32 or u32. */
export function integerOf(c: Context, e: Expression, what: string): void {
  const type = anyValue(c, e)
  if (type.kind !== 'scalar' || !isInteger(type)) fail(c, e.at, `${what} is ${nameOf(type)}, not i32 or u32`)
  settle(c, e, concreteOf(type))
}

/** Checks a const-expression and gives its value: of one of the types, the first if it is abstract. */
export function constantOf(c: Context, e: Expression, types: readonly Type[], what: string): Constant {
  const type = anyValue(c, e)
  refuseLater(c, e, 'const', what)
  convertTo(c, e, types.includes(type) ? type : types[0], `${what} wants`)
  return e.value as Constant
}

const STAGES: Readonly<Record<Stage, string>> = {
  const: 'in the text',
  override: 'when a pipeline is made',
  runtime: 'when a thread runs',
}

/** Refuses an expression whose value is known later than it is wanted. */
export function refuseLater(c: Context, e: Expression, wanted: 'const' | 'override', what: string): void {
  if (!isLater(e.stage as Stage, wanted)) return
  const known = STAGES[e.stage as Stage]
  fail(c, e.at, `${what} has to be known ${STAGES[wanted]}, and ${textOf(e)} is known only ${known}`)
}

export function set(e: Expression, type: Type, stage: Stage, value?: Constant): Type {
  e.type = type
  e.stage = stage
  if (stage === 'const') e.value = value
  return type
}

function identifier(c: Context, e: Identifier): Type {
  const { target, name } = e
  if (!target || target.kind === 'struct' || target.kind === 'alias' || target.kind === 'function') {
    const what = describeName(e)
    if (!what) fail(c, e.at, `there is no ${name} here`, `declare ${name}`)
    fail(c, e.at, `${name} is ${what}, not a value`, what.includes('function') ? `call it: ${name}(…)` : undefined)
  }
  if (e.template) fail(c, e.at, `${name} takes no template`)
  const type = target.type as Type
  if (target.kind === 'param' || target.form === 'let') return set(e, type, 'runtime')
  if (target.form === 'const') return set(e, type, 'const', target.value)
  if (target.form === 'override') return set(e, type, 'override')
  let memory = references.get(target)
  if (!memory) references.set(target, (memory = reference(target.space!, type, target.access)))
  return set(e, memory, 'runtime')
}

/** Of variables: what their names are, which is asked often. */
const references = new WeakMap<Variable, Type>()

// ---- operators

function unary(c: Context, e: Unary): Type {
  const type = anyValue(c, e.operand)
  const resolved = unaryOperator(e.operator, type)
  if (!resolved) fail(c, e.at, `${textOf(e.operand)} is ${nameOf(type)}, which has no ${e.operator}`)
  return apply(c, e, [e.operand], resolved)
}

function binary(c: Context, e: Binary): Type {
  const { left, right, operator } = e
  const a = anyValue(c, left)
  // Of what decides by itself the other side is checked, but not evaluated.
  const decided = (operator === '&&' && left.value === false) || (operator === '||' && left.value === true)
  if (decided) c.unevaluated++
  const b = anyValue(c, right)
  if (decided) c.unevaluated--
  const resolved = binaryOperator(operator, a, b, areConstant([left, right]))
  if (!resolved) mismatch(c, e, a, b)
  apply(c, e, [left, right], resolved, decided)
  if (decided && right.stage === 'const') e.value = left.value
  return e.type as Type
}

function mismatch(c: Context, { left, right, operator, operatorAt }: Binary, a: Type, b: Type): never {
  const shift = operator === '<<' || operator === '>>'
  if (a === b) fail(c, operatorAt, `both sides are ${nameOf(a)}, which has no ${operator}`)
  const remedy = shift ? 'shift by u32' : (conversion(left, a, concreteOf(b)) ?? conversion(right, b, concreteOf(a)))
  const names = `${textOf(left, 'the left side')} is ${nameOf(a)}, the other side ${nameOf(b)}`
  const same = componentOf(a) !== undefined && componentOf(a) === componentOf(b)
  fail(c, operatorAt, `${names}${same ? `, which ${operator} does not take` : ''}`, same ? undefined : remedy)
}

export const areConstant = (all: readonly Expression[]): boolean => all.every(({ stage }) => stage === 'const')

/** Converts the operands as an operator or a builtin function wants it, and sets type, stage and value of the whole. */
export function apply(
  c: Context,
  e: Expression,
  operands: readonly Expression[],
  { result, params, evaluate, check, needs: feature }: Resolved,
  decided = false,
): Type {
  if (feature) needs(c, e.at, feature, textOf(e, 'this'))
  operands.forEach((x, i) => settle(c, x, params[i]))
  set(e, result, evaluate ? latest(operands.map((x) => x.stage as Stage)) : 'runtime')
  if (!c.unevaluated && !decided) {
    try {
      if (e.stage === 'const') e.value = evaluate?.(operands.map((x) => x.value as Constant))
      else check?.(operands.map((x) => x.value))
    } catch (error) {
      invalid(c, e.kind === 'binary' ? e.operatorAt : e.at, error)
    }
  }
  if (!isAbstract(result)) for (const x of operands) settleInside(c, x)
  return result
}

// ---- memory and parts

function address(c: Context, e: Unary): Type {
  const of = e.operand
  const type = expression(c, of)
  if (type.kind !== 'reference') {
    fail(c, e.at, `${textOf(of)} is ${nameOf(type)}, a value, which has no address`, 'declare a var')
  }
  if ((of.kind === 'index' || of.kind === 'member') && pointee(of.of.type as Type).kind === 'vector') {
    const remedy = `point to ${textOf(of.of, 'the vector')}`
    fail(c, e.at, `${textOf(of)} is a component of a vector, which has no address`, remedy)
  }
  return set(e, pointer(type.space, type.to, type.access), 'runtime')
}

function indirection(c: Context, e: Unary): Type {
  const type = anyValue(c, e.operand)
  if (type.kind !== 'pointer')
    fail(c, e.at, `${textOf(e.operand)} is ${nameOf(type)}, not a pointer`, 'leave the * out')
  return set(e, reference(type.space, type.to, type.access), 'runtime')
}

/** What is behind a reference or a pointer. */
const pointee = (type: Type): Type => (type.kind === 'pointer' ? type.to : valueType(type))

/** A part of what `of` is: memory if that is memory or points to it. */
const partOf = (of: Type, part: Type): Type =>
  of.kind === 'pointer' || of.kind === 'reference' ? reference(of.space, part, of.access) : part

const COMPONENTS = ['xyzw', 'rgba']

function member(c: Context, e: MemberAccess): Type {
  const { of, name, nameAt } = e
  const type = expression(c, of)
  const whole = pointee(type)
  if (whole.kind === 'struct') {
    const i = whole.members.findIndex((one) => one.name === name)
    if (i < 0) {
      fail(
        c,
        nameAt,
        `${nameOf(whole)} has no member ${name}`,
        `it has ${whole.members
          .map((one) => one.name)
          .slice(0, 9)
          .join(', ')}`,
      )
    }
    e.indices = [i]
    return set(e, partOf(type, whole.members[i].type), of.stage as Stage, parts(of.value)?.[i])
  }
  if (whole.kind !== 'vector') fail(c, nameAt, `${textOf(of)} is ${nameOf(whole)}, which has no .${name}`)
  const letters = COMPONENTS.find((all) => [...name].every((letter) => all.includes(letter)))
  const indices = [...name].map((letter) => letters?.indexOf(letter) ?? -1)
  if (!letters || indices.length > 4)
    fail(c, nameAt, `.${name} names no components`, 'write up to 4 of xyzw or of rgba')
  const beyond = indices.findIndex((i) => i >= whole.size)
  if (beyond >= 0) fail(c, nameAt, `${textOf(of)} is ${nameOf(whole)}, which has no .${name[beyond]}`)
  e.indices = indices
  const all = parts(of.value)
  if (indices.length === 1) return set(e, partOf(type, whole.of), of.stage as Stage, all?.[indices[0]])
  return set(
    e,
    vector(indices.length as Vector['size'], whole.of),
    of.stage as Stage,
    all && indices.map((i) => all[i]),
  )
}

const parts = (value: Constant | undefined): readonly Constant[] | undefined =>
  typeof value === 'object' ? value : undefined

function index(c: Context, e: Index): Type {
  const { of } = e
  expression(c, of)
  integerOf(c, e.index, 'the index')
  const whole = pointee(of.type as Type)
  if (whole.kind !== 'vector' && whole.kind !== 'matrix' && whole.kind !== 'array') {
    fail(c, e.at, `${textOf(of)} is ${nameOf(whole)}, which has no elements`)
  }
  const { value } = e.index
  const count = countOf(whole)
  if (value !== undefined && (Number(value) < 0 || (typeof count === 'number' && Number(value) >= count))) {
    const range = typeof count === 'number' ? `: the last is ${count - 1}` : ''
    fail(c, e.index.at, `${nameOf(whole)} has no element ${value}${range}`)
  }
  const stage = latest([of.stage as Stage, e.index.stage as Stage])
  // An element that is known only later is not of a list of abstract numbers.
  if (stage !== 'const') settle(c, of, concreteOf(of.type as Type))
  const type = of.type as Type
  return set(e, partOf(type, elementOf(pointee(type) as typeof whole)), stage, parts(of.value)?.[Number(value)])
}

const countOf = (type: Vector | Matrix | ArrayType): ArrayType['count'] =>
  type.kind === 'vector' ? type.size : type.kind === 'matrix' ? type.columns : type.count

const elementOf = (type: Vector | Matrix | ArrayType): Type =>
  type.kind === 'matrix' ? vector(type.rows, type.of) : type.of
