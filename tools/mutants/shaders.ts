/**
 * @file Mutants of WGSL, in function bodies, from its tokens. Reads the generated module (comments are gone there, line
 * numbers are those of the files).
 */
import type { Mutant } from './mutant.ts'

export interface Token {
  readonly text: string
  readonly at: number
  /** Part of a type such as `array<u32, 4>`, or of an attribute. */
  type: boolean
}

const TOKENS =
  /0x[\da-f]+[iu]?|(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?[fhiu]?|[A-Za-z_]\w*|->|\+\+|--|&&|\|\||<<=|>>=|<<|>>|[<>=!]=|[-+*/%&|^]=|\S/gi

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [...text.matchAll(TOKENS)].map((m) => ({ text: m[0], at: m.index, type: false }))
  const generic = /^(array|atomic|bitcast|ptr|var|vec[234]|mat[234]x[234])$/
  for (let i = 1; i < tokens.length; i++) {
    if (tokens[i].text !== '<' || !generic.test(tokens[i - 1].text)) continue
    let depth = 0
    do {
      tokens[i].type = true
      depth += tokens[i].text === '<' ? 1 : tokens[i].text === '>' ? -1 : tokens[i].text === '>>' ? -2 : 0
    } while (depth > 0 && ++i < tokens.length)
  }
  return tokens
}

export interface Fn {
  readonly name: string
  readonly entry: boolean
  /** Its tokens, braces included. */
  readonly tokens: readonly Token[]
  readonly start: number
  readonly end: number
}

export function functionsOf(text: string): Fn[] {
  const tokens = tokensOf(text)
  const functions: Fn[] = []
  let entry = false
  for (let i = 0; i < tokens.length; i++) {
    if (tokens[i].text === 'compute' && tokens[i - 1]?.text === '@') entry = true
    if (tokens[i].text !== 'fn') continue
    const name = tokens[i + 1].text
    while (tokens[i].text !== '{') i++
    const first = i
    for (let depth = 0; ; i++) {
      if (tokens[i].text === '{') depth++
      if (tokens[i].text === '}' && --depth === 0) break
    }
    functions.push({ name, entry, tokens: tokens.slice(first, i + 1), start: tokens[first].at, end: tokens[i].at + 1 })
    entry = false
  }
  return functions
}

/** Binary operators from loose to tight. */
const PRECEDENCE: Readonly<Record<string, number>> = {
  '||': 1,
  '&&': 2,
  '|': 3,
  '^': 4,
  '&': 5,
  '==': 6,
  '!=': 6,
  '<': 6,
  '>': 6,
  '<=': 6,
  '>=': 6,
  '<<': 7,
  '>>': 7,
  '+': 8,
  '-': 8,
  '*': 9,
  '/': 9,
  '%': 9,
}
const OTHER: Readonly<Record<string, string>> = {
  '+': '-',
  '-': '+',
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '==': '!=',
  '!=': '==',
  '&&': '||',
  '||': '&&',
  '&': '|',
  '|': '&',
  '^': '|',
  '<<': '>>',
  '>>': '<<',
  '+=': '-=',
  '-=': '+=',
  min: 'max',
  max: 'min',
  nan_min: 'nan_max',
  nan_max: 'nan_min',
  sin: 'cos',
  cos: 'sin',
  floor: 'ceil',
  ceil: 'floor',
  round: 'floor',
}
const COMPONENT: Readonly<Record<string, string>> = { x: 'y', y: 'x', z: 'y', w: 'z' }

const isOperand = (t: Token | undefined): boolean =>
  t !== undefined && (/^[\w.]/.test(t.text) || t.text === ')' || t.text === ']') && t.text !== 'return'

/** Every mutant of the functions of one file. */
export function mutantsOf(file: string, text: string): Mutant[] {
  return functionsOf(text).flatMap((fn) => inFunction(file, text, fn))
}

/** Where the expressions around a token begin and end, by its number. */
export function expressionsOf(text: string, tokens: readonly Token[]) {
  const endOf = (i: number) => tokens[i].at + tokens[i].text.length
  const span = (i: number, j: number) => text.slice(tokens[i].at, endOf(j))
  const precedence = (i: number): number =>
    !tokens[i].type && isOperand(tokens[i - 1]) ? (PRECEDENCE[tokens[i].text] ?? 0) : 0
  const closes = (s: string) => s === ')' || s === ']'
  const opens = (s: string) => s === '(' || s === '['
  /** The partner of a bracket. */
  const partner = (i: number): number => {
    const step = opens(tokens[i].text) ? 1 : -1
    for (let depth = 0, j = i; ; j += step) {
      if (opens(tokens[j].text)) depth += step
      if (closes(tokens[j].text)) depth -= step
      if (depth === 0) return j
    }
  }
  const stop = /^([,;{}=?:]|[-+*/%&|^]=|<<=|>>=|return|if|for|while|switch|case|else)$/
  const leftOf = (i: number): number => {
    const p = precedence(i)
    let j = i - 1
    for (; j > 0; j--) {
      const t = tokens[j]
      if (closes(t.text)) j = partner(j)
      else if (opens(t.text) || (stop.test(t.text) && !t.type)) break
      else if (precedence(j) > 0 && precedence(j) < p) break
    }
    return j + 1
  }
  const rightOf = (i: number): number => {
    const p = precedence(i)
    let j = i + 1
    for (; j < tokens.length; j++) {
      const t = tokens[j]
      if (opens(t.text)) j = partner(j)
      else if (closes(t.text) || (stop.test(t.text) && !t.type)) break
      else if (precedence(j) > 0 && precedence(j) <= p) break
    }
    return j - 1
  }
  /** Arguments of the call whose bracket is at i. */
  const argumentsOf = (i: number): string[] => {
    const end = partner(i)
    const args: string[] = []
    let from = i + 1
    for (let j = i + 1; j <= end; j++) {
      if (opens(tokens[j].text)) j = partner(j)
      else if (j === end || (tokens[j].text === ',' && !tokens[j].type)) {
        if (j > from) args.push(span(from, j - 1))
        from = j + 1
      }
    }
    return args
  }
  return { endOf, span, precedence, partner, leftOf, rightOf, argumentsOf }
}

function inFunction(file: string, text: string, { name, tokens }: Fn): Mutant[] {
  const mutants: Mutant[] = []
  const { endOf, span, precedence, partner, leftOf, rightOf, argumentsOf } = expressionsOf(text, tokens)
  const put = (i: number, j: number, mutated: string): void => {
    const [start, end] = [tokens[i].at, endOf(j)]
    mutants.push({ group: 'shader', file, where: name, start, end, original: text.slice(start, end), mutated })
  }

  for (let i = 1; i < tokens.length - 1; i++) {
    const { text: t, type } = tokens[i]
    if (type) continue
    const [before, after] = [tokens[i - 1].text, tokens[i + 1].text]
    const p = precedence(i)
    if (p > 0) {
      const [from, to] = [leftOf(i), rightOf(i)]
      const [left, right] = [span(from, i - 1), span(i + 1, to)]
      // `i >= 0` of an unsigned number is a loop without end, which says nothing of tests.
      const endless = t === '>' && /^0u?$/.test(right)
      if (OTHER[t] && !endless) put(i, i, OTHER[t])
      if (t === '*' || t === '/') put(from, to, left)
      if (t === '*') put(from, to, right)
      if ((t === '-' || t === '/') && left !== right) put(from, to, `(${right}) ${t} (${left})`)
    } else if (t === '-' && !isOperand(tokens[i - 1])) {
      put(i, i + 1, tokens[i + 1].text)
    } else if (t === '!') {
      put(i, i + 1, tokens[i + 1].text)
    } else if (t === '+=' || t === '-=') {
      put(i, i, OTHER[t])
    } else if (/^\d/.test(t) && before !== 'case' && !(before === ',' && inCase(tokens, i))) {
      // Any lane may do what one does for all.
      const anyLane = before === '==' && /^(lane|local_index)$/.test(tokens[i - 2]?.text ?? '')
      if (!anyLane) put(i, i, changed(t))
    } else if (after === '(' && OTHER[t] && /^\w/.test(t)) {
      put(i, i, OTHER[t])
    } else if (t === 'select' && after === '(') {
      const [a, b, c] = argumentsOf(i + 1)
      if (a !== b) put(i, partner(i + 1), `select(${b}, ${a}, ${c})`)
    } else if (t === 'abs' && after === '(') {
      put(i, partner(i + 1), span(i + 1, partner(i + 1)))
    } else if (t === '[' && isOperand(tokens[i - 1]) && !/^[\d]/.test(after)) {
      const end = partner(i)
      const inner = span(i + 1, end - 1)
      put(i + 1, end - 1, /^[\w. ]+$/.test(inner) ? `${inner} + 1` : `(${inner}) + 1`)
    } else if (before === '.' && COMPONENT[t] && after !== '(') {
      put(i, i, COMPONENT[t])
    }
  }
  return mutants
}

/** Among the labels of `case 1u, 2u:`. */
function inCase(tokens: readonly Token[], i: number): boolean {
  while (i > 0 && /^(\w+|,)$/.test(tokens[i].text) && tokens[i].text !== 'case') i--
  return tokens[i].text === 'case'
}

/** Another number of the same type: one more, or twice as much where it is not whole. */
function changed(literal: string): string {
  const [, digits, suffix] = /^(0x[\da-f]+|[\d.]+(?:e[-+]?\d+)?)([fhiu]?)$/i.exec(literal) ?? []
  const value = Number(digits)
  if (/^0x/i.test(digits)) return `0x${((value + 1) >>> 0).toString(16)}${suffix}`
  if (suffix !== 'f' && !/[.e]/.test(digits)) return `${value + 1}${suffix}`
  const next = value === 0 ? 1 : value * 2
  return `${/[.e]/.test(String(next)) ? next : next.toFixed(1)}${suffix}`
}
