/**
 * @file Which `<` and `>` stand around template lists and which are operators.
 * Source: WGSL, section "Template Lists", whose algorithm for discovery this is.
 */
import type { Token } from './tokens.ts'

/** The texts of tokens that begin and end a template list. */
export const OPEN = '‹'
export const CLOSE = '›'

/** The tokens with those of template lists marked; of `>>`, `>=` and `>>=` the part that ends a list is split off. */
export function markTemplates(tokens: readonly Token[]): Token[] {
  const marked: Token[] = []
  /** Each `<` that may begin a list: its index in `marked`, and how many brackets are open there. */
  const pending: { readonly index: number; readonly depth: number }[] = []
  let depth = 0
  for (let token of tokens) {
    while (token.text.startsWith('>')) {
      const list = pending.at(-1)
      if (list?.depth !== depth) break
      pending.pop()
      marked[list.index] = { ...marked[list.index], text: OPEN }
      marked.push({ ...token, text: CLOSE })
      token = { ...token, text: token.text.slice(1), at: token.at + 1 }
    }
    if (token.text === '' && token.kind === 'symbol') continue
    switch (token.text) {
      case '<': {
        const before = marked.at(-1)
        if (before?.kind === 'name' || before?.text === 'var') pending.push({ index: marked.length, depth })
        break
      }
      case '(':
      case '[':
        depth++
        break
      case ')':
      case ']':
        while (pending.at(-1)?.depth === depth) pending.pop()
        depth = Math.max(depth - 1, 0)
        break
      // an operator that binds less than comparisons do: a < b || c > d
      case '&&':
      case '||':
        while (pending.at(-1)?.depth === depth) pending.pop()
        break
      // what no expression has in it
      case ';':
      case ':':
      case '{':
      case '=':
        pending.length = depth = 0
        break
    }
    marked.push(token)
  }
  return marked
}
