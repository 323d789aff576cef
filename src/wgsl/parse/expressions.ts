/**
 * @file Expressions and types.
 * Source: WGSL, sections "Expression Grammar Summary" and "Operator Precedence and Associativity".
 */
import { numberOf } from '../numbers.ts'
import { Invalid } from '../resolved.ts'
import { CLOSE, OPEN } from '../templates.ts'
import type { Binary, BinaryOperator, Call, Expression, Identifier, Literal, UnaryOperator } from '../tree.ts'
import { bool } from '../types.ts'
import type { Cursor } from './cursor.ts'

type Operand = (c: Cursor, where: string) => Expression

const UNARY: readonly UnaryOperator[] = ['-', '!', '~', '&', '*']
const MULTIPLICATIVE: readonly BinaryOperator[] = ['*', '/', '%']
const ADDITIVE: readonly BinaryOperator[] = ['+', '-']
const SHIFTS: readonly BinaryOperator[] = ['<<', '>>']
const COMPARISONS: readonly BinaryOperator[] = ['==', '!=', '<', '<=', '>', '>=']
/** Of these each stands only beside its like. */
const BITWISE: readonly BinaryOperator[] = ['&', '|', '^']
const LOGICAL: readonly BinaryOperator[] = ['&&', '||']
const ALL = [MULTIPLICATIVE, ADDITIVE, SHIFTS, COMPARISONS, BITWISE, LOGICAL].flat()

/** An expression; `where` says after what it must stand. */
export function expression(c: Cursor, where: string): Expression {
  const first = unary(c, where)
  const bitwise = operatorAmong(c, BITWISE)
  let whole: Expression
  if (bitwise) whole = chain(c, first, [bitwise], unary)
  else {
    whole = comparison(c, first)
    const logical = operatorAmong(c, LOGICAL)
    if (logical) whole = chain(c, whole, [logical], (c, where) => comparison(c, unary(c, where)))
  }
  const operator = operatorAmong(c, ALL)
  if (operator && whole.kind === 'binary') mixed(c, operator, whole)
  return whole
}

const operatorAmong = (c: Cursor, operators: readonly BinaryOperator[]): BinaryOperator | undefined =>
  c.token.kind === 'symbol' ? operators.find((operator) => c.is(operator)) : undefined

/** What may follow an operand up to a comparison; there is at most one. */
const comparison = (c: Cursor, first: Expression): Expression =>
  chain(c, shift(c, first), COMPARISONS, (c, where) => shift(c, unary(c, where)), 1)

/** One shift of an operand, or sums and products. */
function shift(c: Cursor, first: Expression): Expression {
  const shifted = chain(c, first, SHIFTS, unary, 1)
  return shifted === first ? chain(c, product(c, first), ADDITIVE, (c, where) => product(c, unary(c, where))) : shifted
}

const product = (c: Cursor, first: Expression): Expression => chain(c, first, MULTIPLICATIVE, unary)

/** Operators of one rank and their right sides, as many as there are, or at most so many. */
function chain(
  c: Cursor,
  first: Expression,
  operators: readonly BinaryOperator[],
  operand: Operand,
  most = Infinity,
): Expression {
  let whole = first
  let { height } = c
  for (let count = 0; count < most; count++) {
    // a--b is a - -b
    if (operators === ADDITIVE && c.is('--')) c.split()
    const operator = operatorAmong(c, operators)
    if (!operator) break
    const { at: operatorAt } = c.next()
    const right = operand(c, `after '${operator}'`)
    whole = { kind: 'binary', at: first.at, operator, operatorAt, left: whole, right }
    c.grow(Math.max(height, c.height), operatorAt)
    height = c.height
  }
  c.height = height
  return whole
}

/** An operator stands after one that it does not go together with. */
function mixed(c: Cursor, operator: BinaryOperator, { operator: before }: Binary): never {
  const chained = COMPARISONS.includes(operator) && COMPARISONS.includes(before)
  const remedy = chained ? 'combine two comparisons with &&' : 'put parentheses around what belongs together'
  throw c.source.error(c.token.at, `'${operator}' cannot follow '${before}' without parentheses`, remedy)
}

function unary(c: Cursor, where: string): Expression {
  // --a is - -a: there is no operator -- in expressions
  if (c.is('--')) c.split()
  const operator = c.token.kind === 'symbol' ? UNARY.find((operator) => c.is(operator)) : undefined
  return operator ? prefixed(c, operator, unary) : accesses(c, primary(c, where))
}

function prefixed(c: Cursor, operator: UnaryOperator, parse: Operand): Expression {
  const { at } = c.next()
  const operand = c.nest(() => parse(c, `after '${operator}'`))
  c.grow(c.height, at)
  return { kind: 'unary', at, operator, operand }
}

/** `.name` and `[index]`, as many as follow. */
function accesses(c: Cursor, first: Expression): Expression {
  let of = first
  for (;;) {
    const { height } = c
    const { at } = c.token
    if (c.take('.')) {
      const { text: name, at: nameAt } = c.name("after '.'")
      of = { kind: 'member', at: first.at, of, name, nameAt }
      c.grow(height, at)
    } else if (c.take('[')) {
      const index = c.nest(() => expression(c, "after '['"))
      c.expect(']', 'after an index')
      of = { kind: 'index', at: first.at, of, index }
      c.grow(Math.max(height, c.height), at)
    } else return of
  }
}

function primary(c: Cursor, where: string): Expression {
  const { kind, text, at } = c.token
  if (kind === 'name') {
    const name = named(c, where)
    return c.is('(') ? call(c, name) : name
  }
  c.height = 0
  if (kind === 'number') return number(c)
  if (text === 'true' || text === 'false') {
    c.next()
    return { kind: 'literal', at, text, type: bool, stage: 'const', value: text === 'true' }
  }
  if (text === '(') {
    c.next()
    const inner = c.nest(() => expression(c, "after '('"))
    c.expect(')', 'after an expression in parentheses')
    return inner
  }
  return c.unexpected('an expression', where)
}

function number(c: Cursor): Literal {
  const { text, at } = c.next()
  try {
    return { kind: 'literal', at, text, ...numberOf(text), stage: 'const' }
  } catch (error) {
    throw error instanceof Invalid ? c.source.error(at, error.message) : error
  }
}

/** A name, perhaps with a template list. */
export function named(c: Cursor, where: string, what?: string): Identifier {
  const { text: name, at } = c.name(where, what)
  c.height = 0
  if (!c.is(OPEN)) return { kind: 'identifier', at, name }
  const template = templateList(c, name)
  c.grow(c.height, at)
  return { kind: 'identifier', at, name, template }
}

export const type = (c: Cursor, where: string): Identifier => named(c, where, 'a type')

export function templateList(c: Cursor, of: string): Expression[] {
  c.expect(OPEN, `after ${of}`)
  if (c.is(CLOSE)) c.unexpected('an expression', `after '${of}<'`)
  return list(c, CLOSE, `the template of ${of}`)
}

/** The arguments of a call, and what is called. */
export function call(c: Cursor, callee: Identifier): Call {
  const { height } = c
  c.expect('(', `after ${callee.name}`)
  const args = list(c, ')', `the arguments of ${callee.name}`)
  c.grow(Math.max(height, c.height), callee.at)
  return { kind: 'call', at: callee.at, callee, args }
}

/** Expressions with commas between them, and what ends them; a comma may stand before the end, too. */
export function list(c: Cursor, end: string, what: string): Expression[] {
  const items: Expression[] = []
  let height = 0
  const closing = end === CLOSE ? '>' : end
  c.nest(() => {
    while (!c.is(end)) {
      items.push(expression(c, `in ${what}`))
      height = Math.max(height, c.height)
      if (!c.take(',') && !c.is(end)) c.unexpected(`',' or '${closing}'`, `in ${what}`)
    }
  })
  c.next()
  c.height = height
  return items
}

/** What may stand on the left of `=`: a name, `*p`, `&x`, or such in parentheses, with accesses. */
export function target(c: Cursor, where: string): Expression {
  if (c.is('&&')) c.split()
  const operator = c.is('*') ? '*' : c.is('&') ? '&' : undefined
  if (operator) return prefixed(c, operator, target)
  if (c.take('(')) {
    const inner = c.nest(() => target(c, "after '('"))
    c.expect(')', 'after what is assigned to')
    return accesses(c, inner)
  }
  const { text: name, at } = c.name(where)
  c.height = 0
  return accesses(c, { kind: 'identifier', at, name })
}
