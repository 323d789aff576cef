/**
 * @file Small arithmetic for what a command line counts: `n/64`, `ceil(m/16),ceil(n/16)`, `2*m*n*k`. Numbers, names,
 * + − * / %, parentheses, and the functions below; read by this parser, never run as a program.
 */
import { fail, nearest, shown } from '../../core/errors.ts'

/** Values by name; a name may have a part: `x.size`. */
export type Names = Readonly<Record<string, number>>

/**
 * What a quotient is. `up`: rounded up, for counts, as the groups or elements that cover a size; `exact`: as it is, for
 * operations and bytes.
 */
export type Division = 'up' | 'exact'

const functions: Readonly<Record<string, (...x: number[]) => number>> = {
  ceil: Math.ceil,
  floor: Math.floor,
  log2: Math.log2,
  max: Math.max,
  min: Math.min,
  sqrt: Math.sqrt,
}

/** A number in decimal or hexadecimal, a name, or a sign. */
const TOKEN = /\s*(0[xX][\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[A-Za-z_]\w*(?:\.\w+)?|[-+*/%(),])/y

/**
 * The value of an expression.
 * @param what  names it in errors: `--groups`
 * @param op    the command
 * @throws HandgradError if it is none, or names what is not known
 */
export function evaluate(text: string, names: Names, what: string, division: Division, op = 'bench'): number {
  const values = evaluateAll(text, names, what, division, op)
  if (values.length !== 1) fail(op, `${what} is '${shown(text)}', ${values.length} numbers`, 'give one')
  return values[0]
}

/** The values of expressions with commas between them. */
export function evaluateAll(text: string, names: Names, what: string, division: Division, op = 'bench'): number[] {
  return new Parser(text, names, what, division, op).list()
}

/** Recursive descent, a method for each level of precedence. */
class Parser {
  private readonly tokens: readonly string[]
  private at = 0
  private readonly text: string
  private readonly names: Names
  private readonly what: string
  private readonly division: Division
  private readonly op: string

  constructor(text: string, names: Names, what: string, division: Division, op: string) {
    this.text = text
    this.names = names
    this.what = what
    this.division = division
    this.op = op
    this.tokens = this.split()
  }

  list(): number[] {
    const values = [this.sum()]
    while (this.takes(',')) values.push(this.sum())
    if (this.at < this.tokens.length) this.wrong(`'${this.tokens[this.at]}' is one too many`)
    return values
  }

  private split(): string[] {
    const found: string[] = []
    const { text } = this
    for (TOKEN.lastIndex = 0; TOKEN.lastIndex < text.trimEnd().length; ) {
      const from = TOKEN.lastIndex
      const match = TOKEN.exec(text)
      if (!match) this.wrong(`'${shown(text.slice(from).trim(), 10)}' cannot be read`)
      found.push(match[1])
    }
    return found
  }

  private sum(): number {
    let value = this.product()
    for (;;) {
      if (this.takes('+')) value += this.product()
      else if (this.takes('-')) value -= this.product()
      else return value
    }
  }

  private product(): number {
    let value = this.signed()
    for (;;) {
      if (this.takes('*')) value *= this.signed()
      else if (this.takes('/')) value = this.quotient(value, this.signed())
      else if (this.takes('%')) value %= this.signed()
      else return value
    }
  }

  private quotient(a: number, b: number): number {
    return this.division === 'up' ? Math.ceil(a / b) : a / b
  }

  private signed(): number {
    if (this.takes('-')) return -this.signed()
    return this.takes('+') ? this.signed() : this.value()
  }

  private value(): number {
    const token = this.tokens[this.at++]
    if (token === undefined) return this.wrong('it ends too early')
    if (token === '(') return this.closed(this.sum())
    if (/^[\d.]/.test(token)) return Number(token)
    if (!/^[A-Za-z_]/.test(token)) return this.wrong(`'${token}' stands where a number should`)
    if (this.takes('(')) return this.call(token)
    if (Object.hasOwn(this.names, token)) return this.names[token]
    return this.unknown(token, Object.keys(this.names))
  }

  private call(name: string): number {
    if (!Object.hasOwn(functions, name)) this.unknown(name, Object.keys(functions))
    const given = [this.sum()]
    while (this.takes(',')) given.push(this.sum())
    return this.closed(functions[name](...given))
  }

  private closed(value: number): number {
    if (!this.takes(')')) this.wrong("a ')' is missing")
    return value
  }

  private takes(sign: string): boolean {
    if (this.tokens[this.at] !== sign) return false
    this.at++
    return true
  }

  private unknown(name: string, known: readonly string[]): never {
    const near = nearest(name, known)
    const list = known.length > 0 ? `known are ${known.join(', ')}` : 'give it by --param or --const'
    return this.wrong(`there is no ${name}`, near ? `did you mean ${near}?` : list)
  }

  private wrong(why: string, todo = '+ - * / %, parentheses, ceil floor min max log2 sqrt, names and numbers'): never {
    return fail(this.op, `${this.what} is '${shown(this.text)}': ${why}`, todo)
  }
}
