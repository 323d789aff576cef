/**
 * @file Attributes, and what stands in the parentheses of diagnostics.
 * Source: WGSL, sections "Attributes" and "Diagnostics".
 */
import type { Attribute, Expression, Identifier } from '../tree.ts'
import type { Cursor } from './cursor.ts'
import { list } from './expressions.ts'

/** `@name` and `@name(…)`, as many as follow. */
export function attributes(c: Cursor): Attribute[] {
  const found: Attribute[] = []
  while (c.is('@')) {
    const { at } = c.next()
    const { text: name } = c.is('const') || c.is('diagnostic') ? c.next() : c.name("after '@'", 'an attribute')
    found.push({ at, name, args: name === 'diagnostic' ? diagnosticControl(c) : attributeArgs(c, name, at) })
  }
  return found
}

function attributeArgs(c: Cursor, name: string, at: number): Expression[] {
  if (!c.take('(')) return []
  if (c.is(')')) throw c.source.error(at, `@${name}() has nothing in its parentheses`, 'leave them out')
  return list(c, ')', `the arguments of @${name}`)
}

/** `(severity, rule)`, after the attribute or the directive; a rule of two names with a dot is one identifier. */
export function diagnosticControl(c: Cursor): Identifier[] {
  c.expect('(', "after 'diagnostic'")
  const { text: severity, at } = c.name("after '('", 'a severity')
  c.expect(',', 'after the severity')
  const { text, at: ruleAt } = c.name("after ','", 'a rule')
  const rule = c.take('.') ? `${text}.${c.name("after '.'").text}` : text
  c.take(',')
  c.expect(')', 'after the rule')
  return [
    { kind: 'identifier', at, name: severity },
    { kind: 'identifier', at: ruleAt, name: rule },
  ]
}

/** Attributes stand where none may. */
export function refuse(c: Cursor, attributes: readonly Attribute[]): void {
  if (attributes.length === 0 || c.token.error) return
  throw c.source.error(attributes[0].at, `@${attributes[0].name} cannot stand before ${c.found()}`, 'leave it out')
}
