/**
 * @file Statements: their types, where they may stand, and how control leaves them.
 * Source: WGSL, sections "Statements" and "Statements Behavior Analysis".
 */
import { binaryOperator } from '../operators.ts'
import type { Assign, Block, Case, Expression, For, If, Loop, Return, Statement, Step, Switch, While } from '../tree.ts'
import { abstractInt, bool, i32, nameOf, type Reference, type Type, u32, type Vector } from '../types.ts'
import { checkAttributes } from './attributes.ts'
import { call } from './calls.ts'
import { type Context, fail, lineOf } from './context.ts'
import { anyValue, apply, areConstant, concreteValue, expression, refuseLater, valueAs } from './expressions.ts'
import { convertTo, loaded } from './materialize.ts'
import { textOf } from './text.ts'
import { constAssert, localVariable } from './variables.ts'

/** Ways in which control leaves a statement: bits. */
export const NEXT = 1
const BREAK = 2
export const CONTINUE = 4
const RETURN = 8

/** Where a statement stands: what may be left from there. */
interface Inside {
  /** `break` leaves a loop or switch; in a `continuing` it may not. */
  readonly breaks: 'yes' | 'no' | 'continuing'
  readonly continues: 'yes' | 'no' | 'continuing'
  readonly returns: boolean
}
const FUNCTION: Inside = { breaks: 'no', continues: 'no', returns: true }

/** Case selectors of one switch: Tint's limit. */
const SELECTORS = 16383

/** Checks the body of a function. */
export const functionBody = (c: Context, body: Block): number => block(c, body, FUNCTION)

function block(c: Context, b: Block, inside: Inside): number {
  checkAttributes(c, b.attributes, 'statement')
  return note(c, b, sequence(c, b.body, inside))
}

/** What comes after a jump is checked, too, but says nothing of how control goes on. */
function sequence(c: Context, statements: readonly Statement[], inside: Inside): number {
  let behavior = NEXT
  for (const s of statements) {
    const one = statement(c, s, inside)
    if (behavior & NEXT) behavior = (behavior & ~NEXT) | one
  }
  return behavior
}

function note(c: Context, of: object, behavior: number): number {
  if (behavior !== NEXT) c.behaviors.set(of, behavior)
  return behavior
}

function statement(c: Context, s: Statement, inside: Inside): number {
  return note(c, s, behaviorOf(c, s, inside))
}

function behaviorOf(c: Context, s: Statement, inside: Inside): number {
  switch (s.kind) {
    case 'block':
      return block(c, s, inside)
    case 'variable':
      localVariable(c, s)
      return NEXT
    case 'assign':
      assign(c, s)
      return NEXT
    case 'step':
      step(c, s)
      return NEXT
    case 'call-statement':
      call(c, s.call, true)
      return NEXT
    case 'const-assert':
      constAssert(c, s)
      return NEXT
    case 'if':
      return ifStatement(c, s, inside)
    case 'switch':
      return switchStatement(c, s, inside)
    case 'loop':
      return loop(c, s, inside)
    case 'for':
      return forStatement(c, s, inside)
    case 'while':
      checkAttributes(c, s.attributes, 'statement')
      condition(c, s.condition, 'while')
      return left(c, s, block(c, s.body, body(inside)) | BREAK)
    case 'break':
      if (inside.breaks === 'yes') return BREAK
      if (inside.breaks === 'no') fail(c, s.at, 'break leaves a loop or a switch, and there is none around it')
      return fail(c, s.at, 'break cannot leave continuing', 'write break if at its end')
    case 'continue':
      if (inside.continues === 'yes') return CONTINUE
      return fail(c, s.at, inside.continues === 'no' ? 'continue is not in a loop' : 'continue is in continuing')
    case 'return':
      return returnStatement(c, s, inside)
    case 'discard':
      return fail(c, s.at, 'discard is of fragment shaders, which are not supported here')
  }
}

// ---- assignments

function assign(c: Context, { target, operator, value }: Assign): void {
  if (!target) {
    concreteValue(c, value)
    return
  }
  const to = storable(c, target)
  if (!operator) {
    valueAs(c, value, to, () => `${textOf(target, 'the target')} holds`)
    return
  }
  // The two sides are those of the operator, but the left one stays memory.
  const right = anyValue(c, value)
  const resolved = binaryOperator(operator, to, right, areConstant([target, value]))
  if (resolved?.result !== to) {
    const [name, other] = [textOf(target, 'the target'), textOf(value, 'the other side')]
    fail(c, target.at, `${name} is ${nameOf(to)}, ${other} ${nameOf(right)}: there is no ${operator}= for them`)
  }
  apply(
    c,
    { kind: 'binary', at: target.at, operator, operatorAt: value.at, left: target, right: value },
    [target, value],
    resolved,
  )
}

function step(c: Context, { target, by }: Step): void {
  const to = storable(c, target)
  if (to !== i32 && to !== u32) {
    fail(
      c,
      target.at,
      `${textOf(target)} is ${nameOf(to)}: ${by > 0 ? '++' : '--'} is for i32 and u32`,
      `write ${by > 0 ? '+=' : '-='} 1`,
    )
  }
}

/** The type of what is stored to an expression; refuses what nothing can be stored to. */
function storable(c: Context, target: Expression): Type {
  const type = expression(c, target)
  const [memory, to] = type.kind === 'reference' ? [type, type.to] : [swizzled(c, target), type]
  if (!memory) immutable(c, target, type)
  if (memory.access === 'read') {
    const remedy = memory.space === 'storage' ? 'write var<storage, read_write>' : undefined
    fail(c, target.at, `${textOf(target)} is in ${memory.space}, which is only read`, remedy)
  }
  if (to.kind === 'atomic') {
    fail(c, target.at, `${textOf(target)} is an atomic`, `write atomicStore(&${textOf(target, 'x')}, …)`)
  }
  loaded(c, target)
  return to
}

function immutable(c: Context, target: Expression, type: Type): never {
  const text = textOf(target)
  const named = target.kind === 'identifier' ? target.target : undefined
  const what = named?.kind === 'variable' ? `a ${named.form}` : named?.kind === 'param' ? 'a parameter' : 'a value'
  const remedy =
    type.kind === 'pointer' ? `write *${text}` : what === 'a let' ? `write var ${text}` : 'copy it to a var'
  fail(c, target.at, `${text} is ${what}, to which nothing is assigned`, remedy)
}

/** The vector that several components of are assigned to: `v.xy = …`, the feature swizzle_assignment. */
function swizzled(c: Context, target: Expression): Reference | undefined {
  if (target.kind !== 'member' || !target.indices || target.indices.length < 2) return undefined
  const of = target.of.type as Type
  if (of.kind !== 'reference' && of.kind !== 'pointer') return undefined
  if (new Set(target.indices).size < target.indices.length) {
    fail(c, target.nameAt, `.${target.name} has a component twice, which would be assigned two values`)
  }
  return { kind: 'reference', space: of.space, to: of.to as Vector, access: of.access }
}

// ---- control flow

function condition(c: Context, e: Expression, of: string): void {
  const type = anyValue(c, e)
  if (type !== bool)
    fail(c, e.at, `the condition of ${of}, ${textOf(e, 'a value')}, is ${nameOf(type)}, not bool`, 'compare it')
}

function ifStatement(c: Context, s: If, inside: Inside): number {
  checkAttributes(c, s.attributes, 'statement')
  condition(c, s.condition, 'if')
  const then = block(c, s.then, inside)
  return then | (s.else ? statement(c, s.else, inside) : NEXT)
}

const body = (inside: Inside): Inside => ({ ...inside, breaks: 'yes', continues: 'yes' })

/** How control leaves a loop, by how it leaves its body. */
function left(c: Context, s: Loop | For | While, inner: number): number {
  const behavior = inner & BREAK ? (inner | NEXT) & ~(BREAK | CONTINUE) : inner & ~(NEXT | BREAK | CONTINUE)
  if (behavior === 0) fail(c, s.at, `this ${s.kind} never ends`, 'write a break, or a condition')
  return behavior
}

function loop(c: Context, s: Loop, inside: Inside): number {
  checkAttributes(c, s.attributes, 'statement')
  let behavior = block(c, s.body, body(inside))
  if (s.continuing) {
    const { body: after, breakIf } = s.continuing
    behavior |= block(c, after, { breaks: 'continuing', continues: 'continuing', returns: false })
    if (breakIf) {
      condition(c, breakIf, 'break if')
      behavior |= BREAK
    }
  }
  return left(c, s, behavior)
}

function forStatement(c: Context, s: For, inside: Inside): number {
  checkAttributes(c, s.attributes, 'statement')
  if (s.first) statement(c, s.first, FUNCTION)
  if (s.condition) condition(c, s.condition, 'for')
  if (s.next) statement(c, s.next, FUNCTION)
  return left(c, s, block(c, s.body, body(inside)) | (s.condition ? BREAK : 0))
}

function switchStatement(c: Context, s: Switch, inside: Inside): number {
  checkAttributes(c, s.attributes, 'statement')
  checkAttributes(c, s.bodyAttributes, 'statement')
  const selectors = s.cases.flatMap((one) => one.selectors)
  if (selectors.length > SELECTORS) fail(c, s.at, `the switch has ${selectors.length} selectors, at most ${SELECTORS}`)
  selectorTypes(c, s.on, selectors)
  distinct(c, s.at, s.cases)
  let behavior = 0
  for (const { body: one } of s.cases) behavior |= block(c, one, { ...inside, breaks: 'yes' })
  return behavior & BREAK ? (behavior | NEXT) & ~BREAK : behavior
}

/** All are i32 or all u32; abstract ones are what the others are. */
function selectorTypes(c: Context, on: Expression, selectors: Case['selectors']): void {
  const all = [on, ...selectors.filter((one) => one !== 'default')]
  const types = all.map((e) => anyValue(c, e))
  const type = types.find((one) => one === i32 || one === u32) ?? i32
  const found = types[0]
  if (found !== i32 && found !== u32 && found !== abstractInt) {
    fail(c, on.at, `the switch is on ${textOf(on)}, which is ${nameOf(found)}, not i32 or u32`)
  }
  convertTo(c, on, type, 'the cases')
  for (const e of all.slice(1)) {
    refuseLater(c, e, 'const', 'a case of the switch')
    convertTo(c, e, type, 'the switch is on')
  }
}

function distinct(c: Context, at: number, cases: readonly Case[]): void {
  const seen = new Map<unknown, number>()
  for (const { selectors, at: caseAt } of cases) {
    for (const one of selectors) {
      const key = one === 'default' ? one : one.value
      const where = one === 'default' ? caseAt : one.at
      const before = seen.get(key)
      if (before !== undefined) {
        fail(c, where, `${one === 'default' ? 'default' : `case ${key}`} stands twice, first in ${lineOf(c, before)}`)
      }
      seen.set(key, where)
    }
  }
  if (!seen.has('default')) fail(c, at, 'the switch has no default', 'write default: {} if nothing is to be done')
}

function returnStatement(c: Context, { value, at }: Return, inside: Inside): number {
  if (!inside.returns) fail(c, at, 'return is in continuing')
  const { name, result } = c.fn!
  const type = result as Type
  if (type.kind === 'void') {
    if (value)
      fail(c, value.at, `${name} returns nothing, here ${textOf(value, 'a value')}`, `write fn ${name}(…) -> TYPE`)
  } else if (!value) fail(c, at, `${name} returns ${nameOf(type)}, here nothing`)
  else valueAs(c, value, type, `${name} returns`)
  return RETURN
}
