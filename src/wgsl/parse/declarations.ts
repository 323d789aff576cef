/**
 * @file Directives and declarations.
 * Source: WGSL, sections "Directives" and "Declaration and Scope".
 */
import type {
  Alias,
  Attribute,
  Declaration,
  Directive,
  FunctionDeclaration,
  MemberDeclaration,
  Module,
  Param,
  StructDeclaration,
} from '../tree.ts'
import { attributes, diagnosticControl, refuse } from './attributes.ts'
import type { Cursor } from './cursor.ts'
import { type } from './expressions.ts'
import { body, constAssert, variable } from './statements.ts'

/** A whole program. */
export function program(c: Cursor): Module {
  const directives: Directive[] = []
  for (let kind = directiveKind(c); kind; kind = directiveKind(c)) directives.push(directive(c, kind))
  const declarations: Declaration[] = []
  while (c.token.kind !== 'end') if (!c.take(';')) declarations.push(declaration(c))
  return { source: c.source, directives, declarations }
}

const directiveKind = (c: Cursor): Directive['kind'] | undefined =>
  (['enable', 'requires', 'diagnostic'] as const).find((kind) => c.is(kind))

function directive(c: Cursor, kind: Directive['kind']): Directive {
  const { at } = c.next()
  const names: string[] = []
  if (kind === 'diagnostic') names.push(...diagnosticControl(c).map(({ name }) => name))
  else {
    do {
      names.push(c.name(`after '${kind}'`).text)
    } while (c.take(',') && !c.is(';'))
  }
  c.expect(';', `after ${kind} ${names.join(', ')}`)
  return { kind, at, names }
}

function declaration(c: Cursor): Declaration {
  const before = attributes(c)
  const { text, at } = c.token
  if (text === 'fn') return functionDeclaration(c, before)
  if (text === 'var' || text === 'override') return ended(c, variable(c, text, before))
  refuse(c, before)
  switch (text) {
    case 'const':
      return ended(c, variable(c, text, []))
    case 'struct':
      return structDeclaration(c)
    case 'alias':
      return ended(c, alias(c))
    case 'const_assert':
      return ended(c, constAssert(c))
    case 'let':
      throw c.source.error(at, "'let' stands only in functions", 'write const, or var<private>')
  }
  const remedy = directiveKind(c) ? 'directives stand before all declarations' : 'statements stand in functions'
  return c.unexpected('a declaration', 'here', remedy)
}

/** The semicolon after a declaration. */
function ended<T extends Declaration>(c: Cursor, declared: T): T {
  const what =
    declared.kind === 'const-assert' ? 'the condition of const_assert' : `the declaration of ${declared.name}`
  c.expect(';', `after ${what}`)
  return declared
}

function alias(c: Cursor): Alias {
  const { at } = c.next()
  const { text: name, at: nameAt } = c.name("after 'alias'")
  c.expect('=', `after alias ${name}`)
  return { kind: 'alias', at, name, nameAt, written: type(c, "after '='") }
}

function structDeclaration(c: Cursor): StructDeclaration {
  const { at } = c.next()
  const { text: name, at: nameAt } = c.name("after 'struct'")
  c.expect('{', `after struct ${name}`)
  if (c.is('}')) throw c.source.error(nameAt, `struct ${name} has no members`, 'a struct has at least one')
  return { kind: 'struct', at, name, nameAt, members: typedNames(c, '}', 'member') }
}

function functionDeclaration(c: Cursor, before: readonly Attribute[]): FunctionDeclaration {
  const { at } = c.next()
  const { text: name, at: nameAt } = c.name("after 'fn'")
  c.expect('(', `after fn ${name}`)
  const params = typedNames(c, ')', 'parameter').map((param): Param => ({ kind: 'param', ...param }))
  const arrow = c.take('->')
  const resultAttributes = arrow ? attributes(c) : []
  const written = arrow ? type(c, "after '->'") : undefined
  const after = arrow ? `after the type of what ${name} returns` : `after the parameters of ${name}`
  return {
    kind: 'function',
    at,
    name,
    nameAt,
    params,
    written,
    resultAttributes,
    body: body(c, after),
    attributes: before,
  }
}

/** Names with types, commas between them, and what ends them. */
function typedNames(c: Cursor, end: string, what: string): MemberDeclaration[] {
  const found: MemberDeclaration[] = []
  while (!c.is(end)) {
    const before = attributes(c)
    const { text: name, at } = c.name('here', `a ${what}`)
    c.expect(':', `after ${what} ${name}`)
    found.push({ at, name, written: type(c, "after ':'"), attributes: before })
    if (!c.take(',') && !c.is(end)) c.unexpected(`',' or '${end}'`, `after ${what} ${name}`)
  }
  c.next()
  return found
}
