/**
 * @file Overloads of operators and builtin functions: tables of them, and which one is meant.
 * Source: WGSL, section "Overload Resolution".
 *
 * A line of a table is `kinds: names (params) -> result; (params) -> result`. In it T is a scalar type of those kinds,
 * S is T or a vector of T, N, C, R and K are sizes, I is what an exponent is (abstract-int, i32), J what a number of a
 * thread is (i32, u32), E any type; `&` is a pointer: `&atomic<T>` to an atomic that may be written, `&array<E>` to a
 * runtime-sized array, `&E` to what stands in workgroup memory.
 */
import { isConstructible } from './layout.ts'
import { exchangeResult, partsResult } from './results.ts'
import {
  abstractFloat,
  abstractInt,
  atomic,
  bool,
  f16,
  f32,
  i32,
  isAbstract,
  matrix,
  nameOf,
  none,
  type Pointer,
  pointer,
  type Scalar,
  type Type,
  u32,
  type Vector,
  vector,
} from './types.ts'
import { conversionRank } from './values.ts'

// ---- tables

const SCALARS = [abstractInt, abstractFloat, i32, u32, f32, f16, bool]
const scalars: { readonly [name: string]: Scalar } = Object.fromEntries(SCALARS.map((type) => [type.name, type]))

/** What T may be. */
const KINDS: { readonly [kind: string]: readonly Scalar[] } = {
  scalar: SCALARS,
  numeric: [abstractInt, abstractFloat, i32, u32, f32, f16],
  signed: [abstractInt, abstractFloat, i32, f32, f16],
  float: [abstractFloat, f32, f16],
  integer: [abstractInt, i32, u32],
  'concrete-integer': [i32, u32],
  'concrete-numeric': [i32, u32, f32, f16],
  bool: [bool],
  u32: [u32],
  f32: [f32],
}
const INDICES: { readonly [name: string]: readonly Scalar[] } = { I: [abstractInt, i32], J: [i32, u32] }

type Scalars = { readonly [variable: string]: Scalar }
type Sizes = { [variable: string]: 2 | 3 | 4 }

/** `vecN<T>`, `matCxR<T>`, `T`, `u32`, `&atomic<T>`, … */
interface Pattern {
  readonly shape: 'scalar' | 'vec' | 'mat' | '&' | 'word'
  readonly sizes: readonly string[]
  readonly of: string
}

/** One overload, of each type that T may be. */
export interface Row {
  readonly text: string
  readonly kinds: readonly Scalar[]
  readonly params: readonly Pattern[]
  readonly result: Pattern
  /** What T, and I or J, may be together. */
  readonly choices: readonly Scalars[]
}

/** Reads a table; a name in several lines has the overloads of all. */
export function parseTable(table: string): ReadonlyMap<string, readonly Row[]> {
  const rows = new Map<string, Row[]>()
  for (const line of table.trim().split('\n')) {
    const [, kind, names, signatures] = /^ *([\w-]+): (.+?) (\(.*)$/.exec(line) as RegExpExecArray
    const parsed = signatures.split('; ').flatMap((signature) => parseSignature(KINDS[kind], signature))
    for (const name of names.split(' ')) rows.set(name, [...(rows.get(name) ?? []), ...parsed])
  }
  return rows
}

function parseSignature(kinds: readonly Scalar[], text: string): Row[] {
  if (/\bS\b/.test(text)) {
    const ofVectors = text.replace(/\bS\b/g, 'vecN<T>').replace(/\bI\b/g, 'vecN<I>')
    return [text.replace(/\bS\b/g, 'T'), ofVectors].flatMap((each) => parseSignature(kinds, each))
  }
  const [, list, result] = /^\((.*)\) -> (.*)$/.exec(text) as RegExpExecArray
  const params = list ? list.split(', ').map(parsePattern) : []
  const index = params.find((param) => INDICES[param.of])?.of
  const choices = kinds.flatMap((T): Scalars[] => (index ? INDICES[index].map((I) => ({ T, [index]: I })) : [{ T }]))
  return [{ text, kinds, params, result: parsePattern(result), choices }]
}

function parsePattern(text: string): Pattern {
  const [, shape, first, second, of] = /^(vec|mat)(\w)(?:x(\w))?<(\w+)>$/.exec(text) ?? []
  if (of) return { shape: shape as 'vec' | 'mat', sizes: second ? [first, second] : [first], of }
  if (text.startsWith('&')) return { shape: '&', sizes: [], of: text.slice(1) }
  return { shape: /^[TIJ]$/.test(text) || scalars[text] ? 'scalar' : 'word', sizes: [], of: text }
}

// ---- one overload

/** An argument has the shape of a parameter; sizes that are free are set. */
function fits({ shape, sizes, of }: Pattern, type: Type, known: Sizes): boolean {
  const same = (at: number, size: 2 | 3 | 4) =>
    Number(sizes[at]) === size || (!/\d/.test(sizes[at]) && (known[sizes[at]] ??= size) === size)
  switch (shape) {
    case 'vec':
      return type.kind === 'vector' && same(0, type.size)
    case 'mat':
      return type.kind === 'matrix' && same(0, type.columns) && same(1, type.rows)
    case '&':
      return type.kind === 'pointer' && pointsTo(type, of)
    default:
      return type.kind === 'scalar'
  }
}

function pointsTo({ space, to, access }: Pointer, what: string): boolean {
  if (what === 'array<E>') return space === 'storage' && to.kind === 'array' && to.count === null
  if (what === 'E') return space === 'workgroup' && (isConstructible(to) || to.kind === 'atomic')
  return (space === 'storage' || space === 'workgroup') && to.kind === 'atomic' && access === 'read_write'
}

/** The type of a parameter or a result, for one choice of its variables and the arguments' types. */
function make({ shape, sizes, of }: Pattern, choice: Scalars, known: Sizes, args: readonly Type[], at: number): Type {
  const scalar = choice[of] ?? scalars[of]
  const size = (i: number) => known[sizes[i]] ?? (Number(sizes[i]) as 2 | 3 | 4)
  switch (shape) {
    case 'scalar':
      return scalar
    case 'vec':
      return vector(size(0), scalar)
    case 'mat':
      return matrix(size(0), size(1), scalar)
    case '&':
      return of === 'atomic<T>' ? pointer((args[at] as Pointer).space, atomic(choice.T), 'read_write') : args[at]
    default:
      return special(of, args)
  }
}

/** Results that are not said by variables; `params` are those of the call. */
function special(word: string, params: readonly Type[]): Type {
  const [first] = params
  switch (word) {
    case 'frexp':
    case 'modf':
      return partsResult(word, first as Scalar | Vector)
    case 'exchange':
      return exchangeResult(params[1] as Scalar)
    case 'E': {
      const { to } = first as Pointer
      return to.kind === 'atomic' ? to.of : to
    }
    default:
      return none
  }
}

// ---- which one is meant

/** An overload with all its types. */
export interface Match {
  readonly params: readonly Type[]
  readonly result: Type
}

interface Candidate extends Match {
  readonly ranks: readonly number[]
}

/**
 * The overload whose arguments are converted the least.
 * @param constant  all arguments are const-expressions: others have no abstract types
 */
export function choose(rows: readonly Row[], args: readonly Type[], constant: boolean): Match | undefined {
  const found: Candidate[] = []
  for (const { params: patterns, result, choices } of rows) {
    const sizes: Sizes = {}
    if (patterns.length !== args.length || !patterns.every((pattern, i) => fits(pattern, args[i], sizes))) continue
    for (const choice of choices) {
      const params = patterns.map((pattern, i) => make(pattern, choice, sizes, args, i))
      if (!constant && params.some(isAbstract)) continue
      const ranks = params.map((param, i) => conversionRank(args[i], param))
      if (ranks.every(Number.isFinite)) found.push({ params, ranks, result: make(result, choice, sizes, params, 0) })
    }
  }
  const best = found.find((one) => found.every((other) => one === other || isBetter(one, other)))
  return best && { params: best.params, result: best.result }
}

const isBetter = (a: Candidate, b: Candidate): boolean =>
  a.ranks.every((rank, i) => rank <= b.ranks[i]) && a.ranks.some((rank, i) => rank < b.ranks[i])

interface Answers {
  readonly next: WeakMap<Type, Answers>
  known?: { readonly answer: unknown }
}

const answers = new Map<string, Answers>()

function below<K>(map: { get(key: K): Answers | undefined; set(key: K, value: Answers): unknown }, key: K): Answers {
  const there = map.get(key) ?? { next: new WeakMap() }
  map.set(key, there)
  return there
}

/** What `find` finds, asked once for each question about types: programs ask the same ones again and again. */
export function remember<T>(question: string, types: readonly Type[], find: () => T): T {
  const at = types.reduce(({ next }, type) => below(next, type), below(answers, question))
  at.known ??= { answer: find() }
  return at.known.answer as T
}

/** What is wrong with arguments that no overload takes: `abs takes (T) or (vecN<T>), T is i32, …; given: (bool)`. */
export function refuse(name: string, rows: readonly Row[], args: readonly Type[]): string {
  const takes = [...new Set(rows.map(({ text }) => text.slice(0, text.indexOf(' ->'))))]
  const kinds = rows[0].kinds.filter((type) => !isAbstract(type)).map(nameOf)
  const variables = [
    /\bT\b/.test(takes[0]) ? `, T is ${kinds.join(', ').replace(/, (\w+)$/, ' or $1')}` : '',
    takes.some((text) => text.includes('&atomic')) ? ', the atomic in workgroup or storage memory, read_write' : '',
    takes.some((text) => text.includes('&array')) ? ', the array runtime-sized' : '',
    takes.some((text) => text.includes('&E'))
      ? ', E in workgroup memory and of fixed size, without atomics inside'
      : '',
  ]
  const shown = takes.map((text) => text.replace(/\bI\b/g, 'i32').replace(/\bJ\b/g, 'u32'))
  return `${name} takes ${shown.join(' or ')}${variables.join('')}; given: (${args.map(nameOf).join(', ')})`
}
