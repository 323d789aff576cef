/**
 * @file Statements.
 * Source: WGSL, section "Statements Grammar Summary".
 */
import { OPEN } from '../templates.ts'
import type {
  ArithmeticOperator,
  Assign,
  Attribute,
  Block,
  CallStatement,
  Case,
  ConstAssert,
  Expression,
  For,
  If,
  Jump,
  Loop,
  Return,
  Statement,
  Step,
  Switch,
  Variable,
  While,
} from '../tree.ts'
import { attributes, refuse } from './attributes.ts'
import type { Cursor } from './cursor.ts'
import { call, expression, named, target, templateList, type } from './expressions.ts'

type Compound = (c: Cursor, attributes: readonly Attribute[]) => Statement

/** Statements that end with a block, by their first word. */
const compound: ReadonlyMap<string, Compound> = new Map<string, Compound>([
  ['if', ifStatement],
  ['switch', switchStatement],
  ['loop', loopStatement],
  ['for', forStatement],
  ['while', whileStatement],
])

/** Statements that end with `;`, by their first word. */
const simple: ReadonlyMap<string, (c: Cursor) => Statement> = new Map<string, (c: Cursor) => Statement>([
  ['var', (c) => variable(c, 'var', [])],
  ['let', (c) => variable(c, 'let', [])],
  ['const', (c) => variable(c, 'const', [])],
  ['const_assert', constAssert],
  ['return', returnStatement],
  ['break', breakStatement],
  ['continue', jump('continue')],
  ['discard', jump('discard')],
])

/** Where words stand that begin no statement. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ...['fn', 'struct', 'alias', 'override', 'enable', 'requires', 'diagnostic'].map(
    (word) => [word, 'outside of functions'] as const,
  ),
  ['case', 'in the body of a switch'],
  ['default', 'in the body of a switch'],
  ['else', 'after the block of an if'],
  ['continuing', 'at the end of the body of a loop'],
])

/** `=` and the operators that have one: what they do before they assign. */
const ASSIGNMENTS: ReadonlyMap<string, ArithmeticOperator | undefined> = new Map<
  string,
  ArithmeticOperator | undefined
>([
  ['=', undefined],
  ...(['+', '-', '*', '/', '%', '&', '|', '^', '<<', '>>'] as const).map((it) => [`${it}=`, it] as const),
])

/** A block that is the body of something. */
export const body = (c: Cursor, where: string): Block => c.nestStatement(() => block(c, where, attributes(c)))

function block(c: Cursor, where: string, attributes: readonly Attribute[]): Block {
  const { at } = c.expect('{', where)
  const body = c.nest(() => statements(c, at))
  return { kind: 'block', at, body, attributes, end: c.next().at }
}

/** Statements up to the closing brace, or up to what `ends` them. */
function statements(c: Cursor, open: number, ends: () => boolean = () => false): Statement[] {
  const found: Statement[] = []
  while (!c.is('}') && !ends()) {
    if (c.take(';')) continue
    if (c.token.kind === 'end') c.unexpected("'}'", `at the end of the block of line ${c.source.place(open).line}`)
    found.push(c.nestStatement(() => statement(c)))
  }
  return found
}

function statement(c: Cursor): Statement {
  const before = attributes(c)
  if (c.is('{')) return block(c, '', before)
  const parse = compound.get(c.token.text)
  if (parse) return parse(c, before)
  refuse(c, before)
  const found = simple.get(c.token.text)?.(c) ?? update(c)
  if (!c.take(';')) c.unexpected("';'", `after ${inWords(found)}`)
  return found
}

function inWords(statement: Statement): string {
  switch (statement.kind) {
    case 'variable': {
      const { form, name, initializer } = statement
      return initializer ? `the value of ${form} ${name}` : `${form} ${name}`
    }
    case 'call-statement':
      return `the call of ${statement.call.callee.name}`
    case 'assign':
      return 'an assignment'
    case 'step':
      return statement.by > 0 ? "'++'" : "'--'"
    case 'return':
      return statement.value ? 'the value of return' : "'return'"
    case 'const-assert':
      return 'the condition of const_assert'
    default:
      return `'${statement.kind}'`
  }
}

/** `var`, `let`, `const` or `override`, up to the semicolon. */
export function variable(c: Cursor, form: Variable['form'], attributes: readonly Attribute[]): Variable {
  const { at } = c.next()
  const template = form === 'var' && c.is(OPEN) ? templateList(c, form) : []
  const { text: name, at: nameAt } = c.name(`after '${form}'`)
  const written = c.take(':') ? type(c, `after ':'`) : undefined
  if (!c.is('=') && (form === 'let' || form === 'const')) c.unexpected("'='", `after ${form} ${name}`)
  const initializer = c.take('=') ? expression(c, "after '='") : undefined
  return { kind: 'variable', at, form, name, nameAt, template, written, initializer, attributes }
}

export function constAssert(c: Cursor): ConstAssert {
  const { at } = c.next()
  return { kind: 'const-assert', at, condition: expression(c, "after 'const_assert'") }
}

function returnStatement(c: Cursor): Return {
  const { at } = c.next()
  return { kind: 'return', at, value: c.is(';') ? undefined : expression(c, "after 'return'") }
}

function jump(kind: Jump['kind']): (c: Cursor) => Jump {
  return (c) => ({ kind, at: c.next().at })
}

function breakStatement(c: Cursor): Jump {
  if (c.second !== 'if') return jump('break')(c)
  const remedy = 'elsewhere write if … { break; }'
  throw c.source.error(c.token.at, "'break if' stands only at the end of the block of continuing", remedy)
}

/** An assignment, `++`, `--` or a call. */
function update(c: Cursor): Assign | Step | CallStatement {
  const { at, kind, text } = c.token
  if (c.take('_')) {
    c.expect('=', "after '_'")
    return { kind: 'assign', at, target: undefined, operator: undefined, value: expression(c, "after '='") }
  }
  if (kind === 'name') {
    if (c.second === '(' || c.second === OPEN) return { kind: 'call-statement', at, call: call(c, named(c, '')) }
    if (c.second === ':') throw c.source.error(at, `${text} is declared without a word before it`, `write var ${text}`)
  } else if (!['*', '&', '&&', '('].includes(text)) {
    const place = ELSEWHERE.get(text)
    c.unexpected('a statement', 'here', place && `'${text}' stands ${place}`)
  }
  const to = target(c, 'in what is assigned to')
  if (c.is('++') || c.is('--')) return { kind: 'step', at, target: to, by: c.next().text === '++' ? 1 : -1 }
  const { text: sign } = c.token
  if (!ASSIGNMENTS.has(sign)) c.unexpected("'='", 'after what is assigned to')
  c.next()
  const value = expression(c, `after '${sign}'`)
  return { kind: 'assign', at, target: to, operator: ASSIGNMENTS.get(sign), value }
}

function ifStatement(c: Cursor, attributes: readonly Attribute[]): If {
  const { at } = c.next()
  const condition = expression(c, "after 'if'")
  const then = body(c, 'after the condition of if')
  return { kind: 'if', at, condition, then, else: elsePart(c), attributes }
}

function elsePart(c: Cursor): If | Block | undefined {
  if (!c.take('else')) return undefined
  return c.is('if') ? c.nestStatement(() => ifStatement(c, [])) : body(c, "after 'else'")
}

function switchStatement(c: Cursor, before: readonly Attribute[]): Switch {
  const { at } = c.next()
  const on = expression(c, "after 'switch'")
  const bodyAttributes = attributes(c)
  c.expect('{', 'after the value of switch')
  const cases: Case[] = []
  while (!c.take('}')) cases.push(c.nestStatement(() => caseClause(c)))
  return { kind: 'switch', at, on, cases, attributes: before, bodyAttributes }
}

function caseClause(c: Cursor): Case {
  const { at } = c.token
  const selectors: (Expression | 'default')[] = []
  if (c.take('default')) selectors.push('default')
  else if (c.take('case')) {
    do {
      selectors.push(c.take('default') ? 'default' : expression(c, "after 'case'"))
    } while (c.take(',') && !c.is(':') && !c.is('{') && !c.is('@'))
  } else c.unexpected("'case', 'default' or '}'", 'in the body of switch')
  c.take(':')
  return { at, selectors, body: body(c, 'after the values of a case') }
}

function loopStatement(c: Cursor, before: readonly Attribute[]): Loop {
  const { at } = c.next()
  return c.nestStatement(() => {
    const bodyAttributes = attributes(c)
    const { at: open } = c.expect('{', "after 'loop'")
    const found = statements(c, open, () => c.is('continuing'))
    const continuing = c.is('continuing') ? continuingPart(c) : undefined
    const { at: end } = c.expect('}', 'after the block of continuing')
    const body: Block = { kind: 'block', at: open, body: found, attributes: bodyAttributes, end }
    return { kind: 'loop', at, body, continuing, attributes: before }
  })
}

function continuingPart(c: Cursor): Loop['continuing'] {
  const { at } = c.next()
  return c.nestStatement(() => {
    const before = attributes(c)
    const { at: open } = c.expect('{', "after 'continuing'")
    const found = statements(c, open, () => c.is('break') && c.second === 'if')
    let breakIf: Expression | undefined
    if (c.take('break')) {
      c.next()
      breakIf = expression(c, "after 'break if'")
      c.expect(';', "after the condition of 'break if'")
    }
    const { at: end } = c.expect('}', "after 'break if'")
    return { at, body: { kind: 'block', at: open, body: found, attributes: before, end }, breakIf }
  })
}

function forStatement(c: Cursor, attributes: readonly Attribute[]): For {
  const { at } = c.next()
  c.expect('(', "after 'for'")
  const declares = c.is('var') || c.is('let') || c.is('const')
  const first = c.is(';') ? undefined : (declares && simple.get(c.token.text)?.(c)) || update(c)
  c.expect(';', first ? `after ${inWords(first)}` : '')
  const condition = c.is(';') ? undefined : expression(c, "after ';'")
  c.expect(';', 'after the condition of for')
  const next = c.is(')') ? undefined : update(c)
  c.expect(')', 'after the last part of for')
  return { kind: 'for', at, first, condition, next, body: body(c, "after 'for (…)'"), attributes }
}

function whileStatement(c: Cursor, attributes: readonly Attribute[]): While {
  const { at } = c.next()
  const condition = expression(c, "after 'while'")
  return { kind: 'while', at, condition, body: body(c, 'after the condition of while'), attributes }
}
