/**
 * @file Builtin functions of bools, vectors and matrices as a whole, and those that give structs, as JavaScript.
 * Source: WGSL, sections "Logical Built-in Functions", "Numeric Built-in Functions".
 */
import type { Scalar, Type } from '../../wgsl/types.ts'
import { calculate, columnsOf, componentwise, jsOf, made, rounded, sumOfProducts } from './operators.ts'
import { badOf, type Emitter, type Part, type Value } from './value.ts'

/** `of` is what the first argument's components are. */
export type Composite = (
  args: readonly Value[],
  call: { readonly of: Scalar; readonly result: Type; readonly emit: Emitter },
) => Part[]

/** √Σxᵢ². */
const lengthOf = (of: Scalar, x: readonly string[]): string =>
  x.length === 1 ? `Math.abs(${x[0]})` : rounded(of, `Math.sqrt(${sumOfProducts(of, x, x)})`)

/** Along the first column, with what is left without it and one row each time. */
function determinant(of: Scalar, [first, ...rest]: readonly (readonly string[])[]): string {
  if (rest.length === 0) return first[0]
  const without = (row: number) => rest.map((column) => column.filter((_, i) => i !== row))
  const terms = first.map((x, row) => calculate('*', of, x, determinant(of, without(row))))
  return terms.reduce((sum, term, i) => calculate(i % 2 ? '-' : '+', of, sum, term))
}

/** What was chosen may be undefined, or the choice. */
function selected(no: Part, yes: Part, which: Part, emit: Emitter): Part {
  const bad = no.bad === yes.bad ? no.bad : emit.name(`(${which.js} ? ${yes.bad} : ${no.bad})`)
  return { js: emit.name(`(${which.js} ? ${yes.js} : ${no.js})`), bad: badOf([which, { ...no, bad }], emit) }
}

export const composite: { readonly [name: string]: Composite } = {
  all: ([x], { emit }) => [made(`(${jsOf(x.parts).join(' && ')})`, x.parts, emit)],
  any: ([x], { emit }) => [made(`(${jsOf(x.parts).join(' || ')})`, x.parts, emit)],
  select: ([no, yes, which], { emit }) =>
    no.parts.map((part, i) => selected(part, yes.parts[i], which.parts[i] ?? which.parts[0], emit)),
  dot: ([a, b], { of, emit }) => [
    made(sumOfProducts(of, jsOf(a.parts), jsOf(b.parts)), [...a.parts, ...b.parts], emit),
  ],
  length: ([x], { of, emit }) => [made(lengthOf(of, jsOf(x.parts)), x.parts, emit)],
  distance: ([a, b], { of, emit }) => {
    const parts = componentwise([a.parts, b.parts], emit, ([x, y]) => calculate('-', of, x, y))
    return [made(lengthOf(of, jsOf(parts)), parts, emit)]
  },
  normalize: ([x], { of, emit }) => {
    const length = made(lengthOf(of, jsOf(x.parts)), x.parts, emit)
    return componentwise([x.parts, [length]], emit, ([one, size]) => calculate('/', of, one, size))
  },
  cross: ([a, b], { of, emit }) =>
    [1, 2, 0].map((i) => {
      const j = (i + 1) % 3
      const [x, y] = [a.parts, b.parts]
      const product = (one: Part, other: Part) => calculate('*', of, one.js, other.js)
      return made(calculate('-', of, product(x[i], y[j]), product(x[j], y[i])), [x[i], x[j], y[i], y[j]], emit)
    }),
  faceForward: ([x, incident, reference], { of, emit }) => {
    const [i, r] = [incident.parts, reference.parts]
    const cosine = made(sumOfProducts(of, jsOf(i), jsOf(r)), [...i, ...r], emit)
    return componentwise([x.parts, [cosine]], emit, ([one, side]) => `(${side} < 0 ? ${one} : - ${one})`)
  },
  reflect: ([x, normal], { of, emit }) => {
    const product = sumOfProducts(of, jsOf(normal.parts), jsOf(x.parts))
    const twice = made(calculate('*', of, '2', product), [...x.parts, ...normal.parts], emit)
    return componentwise([x.parts, normal.parts, [twice]], emit, ([one, n, by]) =>
      calculate('-', of, one, calculate('*', of, by, n)),
    )
  },
  refract: ([x, normal, { parts }], { of, emit }) => {
    const times = (a: string, b: string) => calculate('*', of, a, b)
    const oneLess = (a: string) => calculate('-', of, '1', a)
    const ratio = parts[0].js
    const all = [...x.parts, ...normal.parts, ...parts]
    const cosine = made(sumOfProducts(of, jsOf(normal.parts), jsOf(x.parts)), all, emit)
    const k = { ...cosine, js: emit.name(oneLess(times(times(ratio, ratio), oneLess(times(cosine.js, cosine.js))))) }
    const root = rounded(of, `Math.sqrt(${k.js})`)
    const along = { ...cosine, js: emit.name(calculate('+', of, times(ratio, cosine.js), root)) }
    return componentwise(
      [x.parts, normal.parts, [k], [along]],
      emit,
      ([one, n, rest, by]) => `(${rest} < 0 ? 0 : ${calculate('-', of, times(ratio, one), times(by, n))})`,
    )
  },
  determinant: ([x], { of, emit }) => [made(determinant(of, columnsOf(x).map(jsOf)), x.parts, emit)],
  transpose: ([x]) => {
    const columns = columnsOf(x)
    return columns[0].flatMap((_, row) => columns.map((column) => column[row]))
  },
  frexp: ([x], { emit }) =>
    ['frexpFract', 'frexpExp'].flatMap((part) => componentwise([x.parts], emit, ([one]) => `${part}(${one})`)),
  modf: ([x], { emit }) => [
    ...componentwise([x.parts], emit, ([one]) => `(${one} % 1)`),
    ...componentwise([x.parts], emit, ([one]) => `Math.trunc(${one})`),
  ],
}
