/**
 * @file Operators: which types they take, and their values in const-expressions.
 * Source: WGSL, sections "Logical Expressions", "Arithmetic Expressions", "Comparison Expressions", "Bit Expressions".
 */
import { choose, parseTable, remember } from './overloads.ts'
import type { Resolved } from './resolved.ts'
import type { BinaryOperator, Constant, UnaryOperator } from './tree.ts'
import {
  abstractFloat,
  abstractInt,
  componentOf,
  i32,
  isInteger,
  type Scalar,
  type Type,
  u32,
  valueType,
} from './types.ts'
import { among, each, notIn, type Single, show, within } from './values.ts'

const UNARY = parseTable(`
  bool: ! (S) -> S
  integer: ~ (S) -> S
  signed: - (S) -> S
`)

const BINARY = parseTable(`
  numeric: + - * / % (S, S) -> S; (vecN<T>, T) -> vecN<T>; (T, vecN<T>) -> vecN<T>
  float: + - (matCxR<T>, matCxR<T>) -> matCxR<T>
  float: * (matCxR<T>, T) -> matCxR<T>; (T, matCxR<T>) -> matCxR<T>
  float: * (matCxR<T>, vecC<T>) -> vecR<T>; (vecR<T>, matCxR<T>) -> vecC<T>; (matKxR<T>, matCxK<T>) -> matCxR<T>
  integer: & | ^ (S, S) -> S
  bool: & | (S, S) -> S
  integer: << >> (T, u32) -> T; (vecN<T>, vecN<u32>) -> vecN<T>
  bool: && || (T, T) -> T
  scalar: == != (T, T) -> bool; (vecN<T>, vecN<T>) -> vecN<bool>
  numeric: < <= > >= (T, T) -> bool; (vecN<T>, vecN<T>) -> vecN<bool>
`)

/** The meaning of an operator before a value; undefined where it has none. */
export function unaryOperator(operator: UnaryOperator, operand: Type): Resolved | undefined {
  const args = [valueType(operand)]
  return remember(`unary ${operator}`, args, () => findUnary(operator, args))
}

function findUnary(operator: UnaryOperator, args: readonly Type[]): Resolved | undefined {
  const match = choose(UNARY.get(operator) ?? [], args, true)
  if (!match) return undefined
  const of = componentOf(match.result) as Scalar
  const one = (x: Single) => within(of, negated(operator, x), () => `${operator}(${show(x)})`)
  return { ...match, mustUse: true, evaluate: (args) => each(one, args) }
}

function negated(operator: UnaryOperator, x: Single): Single {
  if (typeof x === 'boolean') return !x
  if (operator === '-') return -x
  return ~x
}

/**
 * The meaning of an operator between two values; undefined where it has none.
 * @param constant  both are const-expressions; else abstract numbers become concrete: `1 << n` is an i32
 */
export function binaryOperator(
  operator: BinaryOperator,
  left: Type,
  right: Type,
  constant = true,
): Resolved | undefined {
  const args = [valueType(left), valueType(right)]
  return remember(`binary ${operator} ${constant}`, args, () => findBinary(operator, args, constant))
}

function findBinary(operator: BinaryOperator, args: readonly Type[], constant: boolean): Resolved | undefined {
  const match = choose(BINARY.get(operator) ?? [], args, constant)
  if (!match) return undefined
  const of = componentOf(match.params[0]) as Scalar
  const check = checkOf(operator, of)
  const evaluate = evaluateOf(operator, of, match.params)
  if (!check) return { ...match, mustUse: true, evaluate }
  const checked = (args: readonly Constant[]) => {
    check(args)
    return evaluate(args)
  }
  return { ...match, mustUse: true, evaluate: checked, check }
}

/** What is asked of the right side even where the left is not known. */
function checkOf(operator: BinaryOperator, of: Scalar): Resolved['check'] {
  if ((operator === '/' || operator === '%') && isInteger(of)) {
    return ([, right]) => among([right], (x) => Number(x) === 0 && `${operator} 0: integers cannot be divided by zero`)
  }
  if ((operator === '<<' || operator === '>>') && of !== abstractInt) {
    return ([, right]) =>
      among([right], (x) => Number(x) > 31 && `${operator} ${show(x)}: ${of.name} has 32 bits, shift by 31 at most`)
  }
  return undefined
}

function evaluateOf(operator: BinaryOperator, of: Scalar, params: readonly Type[]) {
  const [left, right] = params.map(({ kind }) => kind)
  if (left === 'matrix' && right === 'matrix' && operator === '*') {
    return ([a, b]: readonly Constant[]) => lines(b).map((column) => timesVector(of, a, column))
  }
  if (left === 'matrix' && right === 'vector') {
    return ([a, b]: readonly Constant[]) => timesVector(of, a, b)
  }
  if (left === 'vector' && right === 'matrix') {
    return ([a, b]: readonly Constant[]) => lines(b).map((column) => dot(of, a, column))
  }
  return (args: readonly Constant[]) => calculate(operator, of, args[0], args[1])
}

// ---- values

/** A vector's components, or a matrix's columns. */
export const lines = (value: Constant): readonly Constant[] => value as readonly Constant[]

export const transposed = (matrix: Constant): Constant[] =>
  lines(lines(matrix)[0]).map((_, row) => lines(matrix).map((column) => lines(column)[row]))

const timesVector = (of: Scalar, matrix: Constant, vector: Constant): Constant[] =>
  transposed(matrix).map((row) => dot(of, row, vector))

/** The sum of products, each rounded, from the first to the last. */
export const dot = (of: Scalar, a: Constant, b: Constant): Constant =>
  lines(calculate('*', of, a, b)).reduce((sum, product) => calculate('+', of, sum, product))

/** `a operator b` of each component of a type, with what is too large refused. */
export const calculate = (operator: BinaryOperator, of: Scalar, a: Constant, b: Constant): Constant =>
  each(
    (x, y) => {
      const what = () => `${show(x)} ${operator} ${show(y)}`
      const result = raw(operator, of, x, y, what)
      return typeof result === 'boolean' ? result : within(of, result, what)
    },
    [a, b],
  )

function raw(operator: BinaryOperator, of: Scalar, x: Single, y: Single, what: () => string): Single {
  const compare = COMPARISONS[operator]
  if (compare) return compare(x, y)
  if (typeof x === 'boolean' || typeof y === 'boolean') {
    return operator === '&' || operator === '&&' ? x && y : x || y
  }
  if (typeof x === 'bigint') return BIGINTS[operator](x, BigInt(y))
  const [a, b] = [x, Number(y)]
  if (!isInteger(of)) return operator === '%' ? remainder(of, a, b) : FLOATS[operator](a, b)
  const result = INTEGERS[operator](a, b)
  const whole = operator === '<<' ? (of === u32 ? (result >>> 0) >>> b : result >> b) : a
  // Shifted to the left, bits are lost that the result lacks, or its sign changes; the least i32 has no opposite.
  const opposite = of === i32 && (operator === '/' || operator === '%') && a / b === 2 ** 31
  if (whole !== a || opposite) throw notIn(of, what())
  return result
}

/** As GPUs have it: the quotient is rounded before it is cut, and the product after it. */
function remainder(of: Scalar, a: number, b: number): number {
  const rounded = of === abstractFloat ? Number : Math.fround
  return a - rounded(b * Math.trunc(rounded(a / b)))
}

type Operation<T> = (a: T, b: T) => T

const COMPARISONS: { readonly [operator: string]: (a: Single, b: Single) => boolean } = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
}

const FLOATS: { readonly [operator: string]: Operation<number> } = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
}

/** Of i32 and u32; what they give is wrapped afterwards. */
const INTEGERS: { readonly [operator: string]: Operation<number> } = {
  ...FLOATS,
  '*': Math.imul,
  '/': (a, b) => Math.trunc(a / b),
  '%': (a, b) => a % b,
  '&': (a, b) => a & b,
  '|': (a, b) => a | b,
  '^': (a, b) => a ^ b,
  '<<': (a, b) => a << b,
  '>>': (a, b) => Math.floor(a / 2 ** b),
}

/** Of abstract-int. Shifts by more than its 64 bits are as shifts by 64, which numbers of any length would not be. */
const BIGINTS: { readonly [operator: string]: Operation<bigint> } = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '&': (a, b) => a & b,
  '|': (a, b) => a | b,
  '^': (a, b) => a ^ b,
  '<<': (a, b) => a << (b < 64n ? b : 64n),
  '>>': (a, b) => a >> (b < 64n ? b : 64n),
}

/** The left side decides by itself what `&&` or `||` gives; the other side is not evaluated. */
export const isDecided = (operator: BinaryOperator, left: Constant | undefined): boolean =>
  (operator === '&&' && left === false) || (operator === '||' && left === true)
