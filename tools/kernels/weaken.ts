/**
 * @file Mutants of WGSL that read or write where, or when, they must not: a guard or a barrier dropped, an index
 * shifted by one. Many of them give right values on a GPU, which clamps addresses and runs in step.
 */
import { type Mutant, ranked, shuffled } from '../mutants/mutant.ts'
import { expressionsOf, type Fn, functionsOf } from '../mutants/shaders.ts'

export const KINDS = ['guard', 'barrier', 'index'] as const
export type Kind = (typeof KINDS)[number]

export interface Weakened {
  readonly kind: Kind
  readonly mutant: Mutant
}

/** Every one of a file. */
export const weakenedOf = (file: string, text: string): Weakened[] =>
  functionsOf(text)
    .flatMap((fn) => inFunction(file, text, fn))
    .filter(({ kind }) => kind !== 'guard' || !ARITHMETIC.test(file))

/** Files of functions of numbers, whose branches and bounds are arithmetic. */
const ARITHMETIC = /functions|lib\/(apply|bits|elementary|order|scale|special|wide)/

/** Comparisons of numbers of threads and elements, and names for them; those of overrides do not guard. */
const isGuard = (condition: string): boolean =>
  /[<>]|\blane\b.*==|\b(inside\w*|in_\d|first)\b/.test(condition) && !/^[A-Z_\d]+ [=!<>]|is_nan/.test(condition)

function inFunction(file: string, text: string, { name, tokens }: Fn): Weakened[] {
  const found: Weakened[] = []
  const { endOf, span, precedence, partner, leftOf, rightOf, argumentsOf } = expressionsOf(text, tokens)
  const put = (kind: Kind, i: number, j: number, mutated: string): void => {
    const [start, end] = [tokens[i].at, endOf(j)]
    const original = text.slice(start, end)
    // Faults are told by line: what follows stays where it is.
    const lines = original.split('\n').length - mutated.split('\n').length
    found.push({
      kind,
      mutant: { group: 'shader', file, where: name, start, end, original, mutated: mutated + '\n'.repeat(lines) },
    })
  }
  const blockEnd = (i: number): number => {
    for (let depth = 0, j = i; ; j++) {
      if (tokens[j].text === '{') depth++
      if (tokens[j].text === '}' && --depth === 0) return j
    }
  }
  /** Not those of random numbers, `offset_lo` and `offset_hi`. */
  const isPlace = (field: string): boolean => /offset$|^starts?$/.test(field)
  const isWhole = (field: string): boolean => new RegExp(`\\b${field}: [ui]32`).test(text.slice(0, tokens[0].at))

  const ifs = (i: number): void => {
    const close = partner(i + 1)
    const end = blockEnd(close + 1)
    const condition = span(i + 2, close - 1)
    if (tokens[end + 1]?.text === 'else' || tokens[i - 1].text === 'else' || !isGuard(condition)) return
    const body = span(close + 1, end)
    if (/^\{\s*(return|continue|break);\s*\}$/.test(body)) put('guard', i, end, '')
    else if (!/\breturn\s+[^;\s]/.test(body)) put('guard', i, close, '')
  }

  for (let i = 1; i < tokens.length - 1; i++) {
    const { text: t, type } = tokens[i]
    if (type) continue
    const calls = tokens[i + 1].text === '('
    if (t === 'if') ifs(i)
    else if (t === 'workgroupBarrier') put('barrier', i, i + 3, '')
    else if ((t === '&&' || t === '||') && precedence(i) > 0) {
      const [from, to] = [leftOf(i), rightOf(i)]
      const [left, right] = [span(from, i - 1), span(i + 1, to)]
      // What `||` joins is a guard where nothing is done if it holds.
      if (t === '||' && !/^\s*\)\s*\{\s*(return|continue);/.test(text.slice(endOf(to)))) continue
      if (isGuard(left)) put('guard', from, to, right)
      if (isGuard(right)) put('guard', from, to, left)
    } else if (t === 'min' && calls) {
      const [value, bound] = argumentsOf(i + 1)
      if (/\d+u\b|\bp\.\w+/.test(bound) && !/\d\.\d/.test(value)) put('guard', i, partner(i + 1), `(${value})`)
    } else if (t === 'select' && calls) {
      const [otherwise, value, condition] = argumentsOf(i + 1)
      if (isGuard(condition) && /\[|\bold/.test(otherwise + value)) put('guard', i, partner(i + 1), `(${value})`)
    } else if (t === '[' && /^[\w)\]]/.test(tokens[i - 1].text) && !/^\d/.test(tokens[i + 1].text)) {
      const end = partner(i)
      for (const by of ['+ 1', '- 1']) put('index', i + 1, end - 1, `(${span(i + 1, end - 1)}) ${by}`)
    } else if (t === 'p' && tokens[i + 1].text === '.') {
      const field = tokens[i + 2].text
      const last = tokens[i + 3].text === '.' ? i + 4 : i + 2
      const scales = tokens[i - 1].text === '*' || tokens[last + 1].text === '*'
      if (isPlace(field) || (scales && last === i + 2 && isWhole(field)))
        put('index', i, last, `(${span(i, last)} + 1)`)
    }
  }
  return found
}

/** All of them in an order in which the kinds take turns, of a kind the files, and of a file the functions. */
export function inTurns(candidates: readonly Weakened[], textOf: (file: string) => string, seed: number): Weakened[] {
  const queues = KINDS.map((kind) => {
    const files = new Map<string, Mutant[]>()
    const own = candidates.filter((one) => one.kind === kind).map(({ mutant }) => mutant)
    for (const mutant of shuffled(own, textOf, seed))
      files.set(mutant.file, [...(files.get(mutant.file) ?? []), mutant])
    const lists = [...files].map(([file, list]) => ranked(list, textOf(file), seed))
    return turns(lists).map((mutant): Weakened => ({ kind, mutant }))
  })
  return turns(queues)
}

/** The first of each list, the second of each, … */
function turns<T>(lists: readonly (readonly T[])[]): T[] {
  const most = Math.max(0, ...lists.map(({ length }) => length))
  return Array.from({ length: most }, (_, i) => lists.flatMap((list) => (i < list.length ? [list[i]] : []))).flat()
}
