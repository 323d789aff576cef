/** @file Expressions as text, for messages. */
import type { Expression } from '../tree.ts'
import { nameOf, type Type } from '../types.ts'

const LONGEST = 28

/** An expression as it would be written, `otherwise` if that is long. */
export function textOf(e: Expression, otherwise = 'it'): string {
  const text = written(e, 0)
  return text && text.length <= LONGEST ? text : otherwise
}

/** The text, at most about as long as is asked for; undefined if it would be longer. */
function written(e: Expression, depth: number): string | undefined {
  if (depth > 6) return undefined
  const part = (x: Expression) => written(x, depth + 1)
  const list = (xs: readonly Expression[]) => {
    const texts = xs.slice(0, 8).map(part)
    return xs.length > 8 || texts.includes(undefined) ? undefined : texts.join(', ')
  }
  const inner = (x: Expression) => (x.kind === 'binary' ? join`(${part(x)})` : part(x))
  switch (e.kind) {
    case 'literal':
      return e.text
    case 'identifier':
      return e.template ? join`${e.name}<${list(e.template)}>` : e.name
    case 'unary':
      return join`${e.operator}${inner(e.operand)}`
    case 'binary':
      return join`${inner(e.left)} ${e.operator} ${inner(e.right)}`
    case 'call':
      return join`${part(e.callee)}(${list(e.args)})`
    case 'index':
      return join`${inner(e.of)}[${part(e.index)}]`
    case 'member':
      return join`${inner(e.of)}.${e.name}`
  }
}

/** A template of texts that is undefined if one of them is, or if it is longer than wanted. */
function join(strings: TemplateStringsArray, ...parts: readonly (string | undefined)[]): string | undefined {
  const text = strings.reduce((all, string, i) => `${all}${parts[i - 1]}${string}`)
  return parts.includes(undefined) || text.length > 4 * LONGEST ? undefined : text
}

/** How a value of one type is made one of another, if a constructor does that. */
export function conversion(e: Expression, from: Type, to: Type): string | undefined {
  const plain = (type: Type) => type.kind === 'scalar' || type.kind === 'vector'
  if (from === to || !plain(from) || !plain(to) || (from.kind === 'vector') !== (to.kind === 'vector')) return undefined
  if (from.kind === 'vector' && to.kind === 'vector' && from.size !== to.size) return undefined
  return `write ${nameOf(to)}(${textOf(e, '…')})`
}
