/** @file Where the parser stands in the tokens, what it expects there, and how deep it may go. */
import type { Source } from '../source.ts'
import { CLOSE, markTemplates, OPEN } from '../templates.ts'
import { type Token, tokenize } from '../tokens.ts'

/** How deep parentheses, indices, unary operators, lists and the blocks around them may be nested; as in Chrome. */
const MOST_NESTED = 127
/** How many operators, calls and accesses may be on the way from an expression to its innermost part; as in Chrome. */
const MOST_OPERATORS = 512
/**
 * How deep statements may be nested; as in Chrome, bodies and cases count as statements, too, and each `else if` as one
 * inside of the `if` before.
 */
const MOST_STATEMENTS = 127

export class Cursor {
  readonly source: Source
  /** The next token. */
  token: Token
  /** The token before it. */
  before: Token | undefined
  /** Of the expression that was parsed last: how many operators, calls and accesses are on the way to its innermost. */
  height = 0
  private readonly tokens: readonly Token[]
  private index = 0
  /** The second part of the next token, if that is the first part of one. */
  private rest: Token | undefined
  private nested = 0
  private statements = 0

  constructor(source: Source) {
    this.source = source
    this.tokens = markTemplates(tokenize(source))
    this.token = this.tokens[0]
  }

  /** Is it the next token? Keywords and symbols have the text for themselves. */
  is(text: string): boolean {
    return this.token.text === text
  }

  /** The text of the token after the next. */
  get second(): string | undefined {
    return this.tokens[this.index + 1]?.text
  }

  /** The next token, past which it goes. */
  next(): Token {
    const { token, rest } = this
    this.before = token
    this.rest = undefined
    this.token = rest ?? this.tokens[++this.index]
    return token
  }

  /** Go past a token if it is the next one. */
  take(text: string): boolean {
    if (this.token.text !== text) return false
    this.next()
    return true
  }

  /** Go past a token that must be there. */
  expect(text: string, where: string): Token {
    return this.token.text === text ? this.next() : this.unexpected(`'${text}'`, where)
  }

  /** Go past a name that must be there. */
  name(where: string, what = 'a name'): Token {
    if (this.token.kind === 'name') return this.next()
    const { kind, text } = this.token
    return this.unexpected(what, where, kind === 'word' ? `'${text}' is a keyword` : undefined)
  }

  /** Take the next token, of two characters, as two. */
  split(): void {
    const { kind, text, at } = this.token
    this.rest = { kind, text: text.slice(1), at: at + 1 }
    this.token = { kind, text: text.slice(0, 1), at }
  }

  /** The next token is not what must stand here. */
  unexpected(expected: string, where: string, remedy = this.remedy()): never {
    if (this.token.error) throw this.token.error
    throw this.source.error(this.token.at, `${expected} expected ${where}, found ${this.found()}`, remedy)
  }

  /** The next token in words. */
  found(): string {
    const { kind, text } = this.token
    if (kind === 'end') return 'the end of the text'
    if (text === OPEN || text === CLOSE) return text === OPEN ? "'<'" : "'>'"
    return text.length > 40 ? `'${text.slice(0, 40)}…'` : `'${text}'`
  }

  private remedy(): string | undefined {
    if (this.is('<')) return "the '>' that ends its list is missing"
    return this.is(OPEN) || (this.before?.text === CLOSE && this.token.kind !== 'symbol')
      ? 'what stands between < and > was read as a template list: put comparisons in parentheses'
      : undefined
  }

  /** Parse what is nested in an expression, or in a block. */
  nest<T>(parse: () => T): T {
    if (++this.nested > MOST_NESTED) {
      throw this.source.error(
        this.token.at,
        `more than ${MOST_NESTED} parentheses, operators or lists are nested`,
        NAME,
      )
    }
    const result = parse()
    this.nested--
    return result
  }

  /** Parse what is nested in a statement. */
  nestStatement<T>(parse: () => T): T {
    if (++this.statements > MOST_STATEMENTS) {
      const remedy = 'write a function of the inner ones, a switch in place of else if'
      throw this.source.error(this.token.at, `more than ${MOST_STATEMENTS} statements are nested`, remedy)
    }
    const result = parse()
    this.statements--
    return result
  }

  /** An operator, call or access at `at` stands around parts of that height. */
  grow(height: number, at: number): void {
    this.height = height + 1
    if (this.height > MOST_OPERATORS) {
      throw this.source.error(
        at,
        `an expression of more than ${MOST_OPERATORS} operators that follow one another`,
        NAME,
      )
    }
  }
}

const NAME = 'give parts of it names, with let'
