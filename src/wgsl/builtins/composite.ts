/**
 * @file Builtin functions of bools, vectors and matrices as a whole, and those that give structs.
 * Source: WGSL, sections "Logical Built-in Functions", "Numeric Built-in Functions".
 */
import { calculate, dot, lines, transposed } from '../operators.ts'
import { Invalid } from '../resolved.ts'
import type { ArithmeticOperator, Constant } from '../tree.ts'
import { abstractFloat, type Scalar } from '../types.ts'
import { each, within, zeroOf } from '../values.ts'
import type { Evaluate } from './index.ts'
import { frexp } from './numeric.ts'

/** Arithmetic of one type, rounded after each step. */
const arithmetic = (of: Scalar) => {
  const calculating = (operator: ArithmeticOperator) => (a: Constant, b: Constant) => calculate(operator, of, a, b)
  return { plus: calculating('+'), minus: calculating('-'), times: calculating('*'), over: calculating('/') }
}

function length(of: Scalar, x: Constant): Constant {
  if (typeof x !== 'object') return Math.abs(Number(x))
  return within(of, Math.sqrt(Number(dot(of, x, x))), () => 'length(…)')
}

function determinant(of: Scalar, columns: readonly Constant[]): Constant {
  const { plus, minus, times } = arithmetic(of)
  const [first, ...rest] = columns
  if (rest.length === 0) return lines(first)[0]
  // Along the first column, with what is left without it and one row each time.
  const terms = lines(first).map((x, row) =>
    times(
      x,
      determinant(
        of,
        rest.map((column) => lines(column).filter((_, i) => i !== row)),
      ),
    ),
  )
  return terms.reduce((sum, term, i) => (i % 2 ? minus(sum, term) : plus(sum, term)))
}

export const composite: { readonly [name: string]: Evaluate } = {
  all: ([x]) => (typeof x === 'object' ? !x.includes(false) : x),
  any: ([x]) => (typeof x === 'object' ? x.includes(true) : x),
  select: ([no, yes, which]) =>
    typeof which === 'object' ? each((a, b, c) => (c ? b : a), [no, yes, which]) : which ? yes : no,
  dot: ([a, b], { of }) => dot(of, a, b),
  length: ([x], { of }) => length(of, x),
  distance: ([a, b], { of }) => length(of, calculate('-', of, a, b)),
  normalize: ([x], { of }) => {
    const size = length(of, x)
    if (size === 0) throw new Invalid('normalize of a vector of length 0')
    return calculate('/', of, x, size)
  },
  cross: ([a, b], { of }) => {
    const { minus, times } = arithmetic(of)
    const [x, y] = [lines(a), lines(b)]
    return [1, 2, 0].map((i) => {
      const j = (i + 1) % 3
      return minus(times(x[i], y[j]), times(x[j], y[i]))
    })
  },
  faceForward: ([x, incident, reference], { of }) =>
    Number(dot(of, incident, reference)) < 0 ? x : each((one) => -Number(one), [x]),
  reflect: ([x, normal], { of }) => {
    const { minus, times } = arithmetic(of)
    return minus(x, times(times(2, dot(of, normal, x)), normal))
  },
  refract: ([x, normal, ratio], { of, result }) => {
    const { plus, minus, times } = arithmetic(of)
    const cosine = dot(of, normal, x)
    const k = minus(1, times(times(ratio, ratio), minus(1, times(cosine, cosine))))
    if (Number(k) < 0) return zeroOf(result)
    const root = within(of, Math.sqrt(Number(k)), () => 'refract(…)')
    return minus(times(ratio, x), times(plus(times(ratio, cosine), root), normal))
  },
  determinant: ([x], { of }) => determinant(of, lines(x)),
  transpose: ([x]) => transposed(x),
  frexp: ([x], { of }) => {
    const exponent = (of === abstractFloat ? BigInt : Number) as (x: number) => number | bigint
    return [each((one) => frexp(Number(one))[0], [x]), each((one) => exponent(frexp(Number(one))[1]), [x])]
  },
  modf: ([x]) => [each((one) => Number(one) % 1, [x]), each((one) => Math.trunc(Number(one)), [x])],
}
