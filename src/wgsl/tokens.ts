/**
 * @file The tokens of a text.
 * Source: WGSL, sections "Blankspace and Line Breaks", "Comments", "Identifiers" and "Keyword and Token Summary".
 */
import type { Source, WgslError } from './source.ts'

/** A `word` is a keyword. The last token is `end`, or `wrong` where the text goes on with what is none. */
export type TokenKind = 'name' | 'word' | 'number' | 'symbol' | 'end' | 'wrong'

/** No two kinds have a text in common, so a keyword or symbol is known by its text alone. */
export interface Token {
  readonly kind: TokenKind
  readonly text: string
  readonly at: number
  /** Of a wrong one: what is wrong. It is thrown when the parser gets there, so the first mistake is the one told. */
  readonly error?: WgslError
}

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

const KEYWORDS = words(`
  alias break case const const_assert continue continuing default diagnostic discard else enable false fn for if let
  loop override requires return struct switch true var while`)

const RESERVED = words(`
  NULL Self abstract active alignas alignof as asm asm_fragment async attribute auto await become cast catch class
  co_await co_return co_yield coherent column_major common compile compile_fragment concept const_cast consteval
  constexpr constinit crate debugger decltype delete demote demote_to_helper do dynamic_cast enum explicit export
  extends extern external fallthrough filter final finally friend from fxgroup get goto groupshared highp impl
  implements import inline instanceof interface layout lowp macro macro_rules match mediump meta mod module move mut
  mutable namespace new nil noexcept noinline nointerpolation non_coherent noncoherent noperspective null nullptr of
  operator package packoffset partition pass patch pixelfragment precise precision premerge priv protected pub
  public readonly ref regardless register reinterpret_cast require resource restrict self set shared sizeof smooth
  snorm static static_assert static_cast std subroutine super target template this thread_local throw trait try type
  typedef typeid typename typeof union unless unorm unsafe unsized use using varying virtual volatile wgsl where
  with writeonly yield`)

/** Blankspace, or a comment up to the end of its line. */
const BLANK = /[ \t\n\v\f\r\u0085\u200e\u200f\u2028\u2029]+|\/\/[^\n\v\f\r\u0085\u2028\u2029]*/y

const NAME = /[\p{XIDS}_]\p{XIDC}*/uy

/** A number goes on for as long as letters do: what is wrong with it is found out by numbers.ts. */
const NUMBER =
  /(?=\.?\d)(?:0[xX][\da-fA-F]*(?:\.[\da-fA-F]*)?(?:[pP][+-]?\d*)?|\d*(?:\.\d*)?(?:[eE][+-]?\d*)?)\p{XIDC}*/uy

const SYMBOL = /<<=|>>=|<<|>>|->|\+\+|--|&&|\|\||[-+*/%&|^=!<>]=|[-+*/%&|^=!<>~@(){}[\],.:;]/y

/** Where what the pattern matches at an offset ends: there if it does not match. */
function past(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : at
}

const OTHER = 'choose another name'

/** Where block comments begin and end. */
const COMMENT = /\/\*|\*\//g

/** All tokens of a text but comments. */
export function tokenize(source: Source): Token[] {
  const { text } = source
  const tokens: Token[] = []
  const wrong = (at: number, what: string, remedy?: string) => {
    tokens.push({ kind: 'wrong', text: '', at, error: source.error(at, what, remedy) })
    return tokens
  }
  const nul = text.indexOf('\0')
  if (nul >= 0) return wrong(nul, 'a program has no null characters', 'remove it')
  for (let at = 0; at < text.length; ) {
    if (text.startsWith('/*', at)) {
      const end = commentEnd(text, at)
      if (end === undefined) return wrong(at, "'/*' begins a comment that does not end", "write '*/' where it ends")
      at = end
      continue
    }
    let end = past(BLANK, text, at)
    if (end > at) {
      at = end
      continue
    }
    let kind: TokenKind = 'name'
    if ((end = past(NAME, text, at)) === at) {
      kind = (end = past(NUMBER, text, at)) > at ? 'number' : 'symbol'
      if (end === at && (end = past(SYMBOL, text, at)) === at) {
        return wrong(at, `${characterAt(text, at)} has no place in a program`)
      }
    }
    const token = text.slice(at, end)
    if (kind === 'name') {
      if (RESERVED.has(token)) return wrong(at, `'${token}' is a reserved word`, OTHER)
      if (token.startsWith('__')) return wrong(at, `'${token}' begins with two underscores`, OTHER)
      if (KEYWORDS.has(token)) kind = 'word'
      else if (token === '_') kind = 'symbol'
    }
    tokens.push({ kind, text: token, at })
    at = end
  }
  tokens.push({ kind: 'end', text: '', at: text.length })
  return tokens
}

/** The offset behind the block comment that begins at `at`; comments nest. */
function commentEnd(text: string, at: number): number | undefined {
  COMMENT.lastIndex = at
  let open = 0
  do {
    const mark = COMMENT.exec(text)
    if (!mark) return undefined
    open += mark[0] === '/*' ? 1 : -1
  } while (open > 0)
  return COMMENT.lastIndex
}

function characterAt(text: string, at: number): string {
  const code = text.codePointAt(at) ?? 0
  const character = String.fromCodePoint(code)
  const number = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(character) ? `'${character}' (${number})` : `the character ${number}`
}
