/**
 * @file Operators as JavaScript. Each operation of f32 and f16 is rounded, of i32 and u32 wrapped; what is wrong in a
 * const-expression has the value that WGSL says: x / 0 = x and x % 0 = 0 of integers, the least i32 divided by -1 is
 * itself, of the count of a shift five bits matter.
 * Source: WGSL, sections "Arithmetic Expressions", "Comparison Expressions", "Bit Expressions".
 */
import type { BinaryOperator, UnaryOperator } from '../../wgsl/tree.ts'
import { componentOf, f16, i32, isFloat, type Matrix, type Scalar, type Type, u32 } from '../../wgsl/types.ts'
import { badOf, type Emitter, type Part, type Value } from './value.ts'

// ---- of scalars: expressions that may stand anywhere

/** An exact result as a value of its type. @param js  binds tighter than a shift */
export function rounded(of: Scalar, js: string): string {
  switch (of.name) {
    case 'f32':
      return `Math.fround(${js})`
    case 'f16':
      return `roundF16(${js})`
    case 'i32':
      return `(${js} | 0)`
    case 'u32':
      return `(${js} >>> 0)`
    default:
      return `(${js})`
  }
}

/** `-x`, `!x`, `~x`; the blank keeps the sign of a literal apart. */
const negated = (operator: UnaryOperator, of: Scalar, x: string): string =>
  isFloat(of) ? `(- ${x})` : rounded(of, `${operator} ${x}`)

/** `a operator b`. @param of  what the operands are, or bool where they are compared */
export function calculate(operator: BinaryOperator, of: Scalar, a: string, b: string): string {
  switch (operator) {
    case '==':
    case '!=':
      return `(${a} ${operator}= ${b})`
    case '*':
      return of === i32 ? `Math.imul(${a}, ${b})` : rounded(of, of === u32 ? `Math.imul(${a}, ${b})` : `${a} * ${b}`)
    case '/':
      return isFloat(of) ? rounded(of, `${a} / ${b}`) : `(${b} === 0 ? ${a} : ${rounded(of, `${a} / ${b}`)})`
    case '%':
      // As GPUs have it: the quotient is rounded before it is cut, and the product after it. NaN | 0 is 0.
      if (!isFloat(of)) return rounded(of, `${a} % ${b}`)
      return rounded(of, `${a} - Math.fround(${b} * Math.trunc(Math.fround(${a} / ${b})))`)
    case '&':
    case '|':
      return of.name === 'bool' ? `(${a} ${operator}${operator} ${b})` : rounded(of, `(${a} ${operator} ${b})`)
    case '>>':
      return of === u32 ? `(${a} >>> ${b})` : `(${a} >> ${b})`
    case '^':
    case '<<':
      return rounded(of, `(${a} ${operator} ${b})`)
    case '+':
    case '-':
      return rounded(of, `${a} ${operator} ${b}`)
    default:
      return `(${a} ${operator} ${b})`
  }
}

/** Σ aᵢ·bᵢ, each product and each sum rounded, from the first to the last. */
export const sumOfProducts = (of: Scalar, a: readonly string[], b: readonly string[]): string =>
  a.map((x, i) => calculate('*', of, x, b[i])).reduce((sum, product) => calculate('+', of, sum, product))

// ---- of values

export const jsOf = (parts: readonly Part[]): string[] => parts.map(({ js }) => js)

/** A value that all of some others go into. */
export const made = (js: string, from: readonly Part[], emit: Emitter): Part => ({
  js: emit.name(js),
  bad: badOf(from, emit),
})

/** A function of each component, where single values stand for as many equal ones. */
export function componentwise(
  args: readonly (readonly Part[])[],
  emit: Emitter,
  js: (x: readonly string[]) => string,
): Part[] {
  return Array.from({ length: Math.max(...args.map((parts) => parts.length)) }, (_, i) => {
    const components = args.map((parts) => (parts.length === 1 ? parts[0] : parts[i]))
    return made(js(jsOf(components)), components, emit)
  })
}

/** The columns of a matrix. */
export const columnsOf = (matrix: Value): Part[][] => {
  const { columns, rows } = matrix.type as Matrix
  return Array.from({ length: columns }, (_, i) => matrix.parts.slice(i * rows, (i + 1) * rows))
}

/** a·b + c of f32 or f16, rounded once. */
export const fmaPart = (of: Scalar, a: Part, b: Part, c: Part, emit: Emitter): Part =>
  made(of === f16 ? `roundF16(${a.js} * ${b.js} + ${c.js})` : `fma32(${a.js}, ${b.js}, ${c.js})`, [a, b, c], emit)

/** @param operator  not `&` and `*`, which are of memory */
export const unaryParts = (operator: UnaryOperator, operand: Value, result: Type, emit: Emitter): Part[] =>
  componentwise([operand.parts], emit, ([x]) => negated(operator, componentOf(result) as Scalar, x))

/** @param operator  not `&&` and `||`, which may leave out their right side */
export function binaryParts(operator: BinaryOperator, left: Value, right: Value, result: Type, emit: Emitter): Part[] {
  const of = componentOf(result) as Scalar
  const dot = (a: readonly Part[], b: readonly Part[]) => made(sumOfProducts(of, jsOf(a), jsOf(b)), [...a, ...b], emit)
  const kinds = `${left.type.kind} ${operator} ${right.type.kind}`
  if (kinds === 'vector * matrix') return columnsOf(right).map((column) => dot(left.parts, column))
  if (kinds === 'matrix * vector' || kinds === 'matrix * matrix') {
    const columns = columnsOf(left)
    const rows = columns[0].map((_, row) => columns.map((column) => column[row]))
    const by = right.type.kind === 'matrix' ? columnsOf(right) : [right.parts]
    return by.flatMap((column) => rows.map((row) => dot(row, column)))
  }
  return componentwise([left.parts, right.parts], emit, ([a, b]) => calculate(operator, of, a, b))
}
