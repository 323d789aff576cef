/** @file Generated code of operators: as const-expressions are, and where those are wrong. */
import { describe, expect, test } from 'vitest'
import { fma32, subgroupCombine } from '../../src/interpreter/arithmetic.ts'
import { binaryParts, fmaPart, unaryParts } from '../../src/interpreter/code/operators.ts'
import { binaryOperator, unaryOperator } from '../../src/wgsl/operators.ts'
import type { Resolved } from '../../src/wgsl/resolved.ts'
import type { BinaryOperator, UnaryOperator } from '../../src/wgsl/tree.ts'
import { bool, f16, f32, i32, matrix, nameOf, type Scalar, type Type, u32, vector } from '../../src/wgsl/types.ts'
import { assemble, compare, draw, exactFma, type Flat, generator, round, shapesOf } from './assembled.ts'

const SCALARS = [bool, i32, u32, f32, f16]
const TYPES = SCALARS.flatMap(shapesOf)
const BINARY: readonly BinaryOperator[] = [
  '+',
  '-',
  '*',
  '/',
  '%',
  '&',
  '|',
  '^',
  '<<',
  '>>',
  '==',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
]

const binary = (operator: BinaryOperator, [left, right]: readonly Type[], result: Type, literals?: Flat) =>
  assemble([left, right], ([a, b], emit) => binaryParts(operator, a, b, result, emit), literals)
const unary = (operator: UnaryOperator, type: Type, literals?: Flat) =>
  assemble([type], ([x], emit) => unaryParts(operator, x, type, emit), literals)

describe('as const-expressions are', () => {
  test.each(BINARY)('a %s b', (operator) => {
    const random = generator(1)
    let overloads = 0
    for (const left of TYPES) {
      for (const right of TYPES) {
        const found = binaryOperator(operator, left, right, false)
        if (!found) continue
        overloads++
        const known = compare(found, (literals) => binary(operator, found.params, found.result, literals), random)
        expect(known, `${nameOf(left)} ${operator} ${nameOf(right)}`).toBeGreaterThan(5)
      }
    }
    expect(overloads).toBeGreaterThan(7)
  })

  test.each<[UnaryOperator, readonly Scalar[]]>([
    ['-', [i32, f32, f16]],
    ['!', [bool]],
    ['~', [i32, u32]],
  ])('%s x', (operator, scalars) => {
    for (const type of scalars.flatMap((of) => [of, vector(2, of), vector(3, of), vector(4, of)])) {
      const found = unaryOperator(operator, type) as Resolved
      expect(compare(found, (literals) => unary(operator, type, literals), generator(2))).toBeGreaterThan(55)
    }
  })
})

describe('where const-expressions are wrong', () => {
  test.each<[string, Scalar, number, number, number]>([
    ['/', i32, 7, 0, 7],
    ['/', i32, -(2 ** 31), -1, -(2 ** 31)],
    ['/', u32, 2 ** 32 - 1, 0, 2 ** 32 - 1],
    ['%', i32, 7, 0, 0],
    ['%', i32, -(2 ** 31), -1, 0],
    ['%', i32, -4, 2, 0],
    ['%', u32, 7, 0, 0],
    ['<<', u32, 3, 31, 2 ** 31],
    ['<<', i32, 3, 32, 3],
    ['<<', u32, 3, 33, 6],
    ['<<', i32, 1, 31, -(2 ** 31)],
    ['>>', u32, 2 ** 31, 63, 1],
    ['>>', i32, -(2 ** 31), 2 ** 32 - 1, -1],
    ['/', f32, 1, 0, Infinity],
    ['/', f32, 0, 0, NaN],
    ['%', f32, 1, 0, NaN],
    ['*', f32, 2 ** 127, 2, Infinity],
    ['+', f16, 65504, 16, Infinity],
    ['+', f16, 65504, 8, 65504],
    ['-', f16, -65504, 65504, -Infinity],
    ['/', f16, -1, 0, -Infinity],
  ])('%s of %o: %d, %d', (operator, of, a, b, result) => {
    const right = operator === '<<' || operator === '>>' ? u32 : of
    for (const literals of [undefined, [a, b]]) {
      expect(binary(operator as BinaryOperator, [of, right], of, literals).run([a, b])).toEqual([result])
    }
  })

  test('integers wrap: as BigInt has them', () => {
    const random = generator(3)
    const exact: { readonly [operator: string]: (a: bigint, b: bigint) => bigint } = {
      '+': (a, b) => a + b,
      '-': (a, b) => a - b,
      '*': (a, b) => a * b,
      '/': (a, b) => (b ? a / b : a),
      '%': (a, b) => (b ? a % b : 0n),
      '&': (a, b) => a & b,
      '|': (a, b) => a | b,
      '^': (a, b) => a ^ b,
      '<<': (a, b) => a << (b & 31n),
      '>>': (a, b) => a >> (b & 31n),
    }
    for (const of of [i32, u32]) {
      for (const [operator, f] of Object.entries(exact)) {
        const types = [of, operator.length === 2 ? u32 : of]
        const code = binary(operator as BinaryOperator, types, of)
        for (let i = 0; i < 500; i++) {
          const [a, b] = types.map((type) => draw(type, random)) as number[]
          const wanted = Number((of === i32 ? BigInt.asIntN : BigInt.asUintN)(32, f(BigInt(a), BigInt(b))))
          const [value] = code.run([a, b])
          if (!Object.is(value, wanted)) expect(value, `${a} ${operator} ${b}`).toBe(wanted)
        }
      }
    }
  })

  test('NaN is not equal to itself, less or greater', () => {
    const compared = (operator: BinaryOperator) => binary(operator, [f32, f32], bool).run([NaN, NaN])[0]
    const all: readonly BinaryOperator[] = ['==', '!=', '<', '<=', '>', '>=']
    expect(all.map(compared)).toEqual([false, true, false, false, false, false])
  })
})

// ---- a·b + c, rounded once

describe('fma', () => {
  /** Products that lie halfway between two f32, and a little more or less than that. */
  function* hard(random: () => number): Generator<[number, number, number]> {
    for (let i = 0; i < 2000; i++) {
      const [a, b] = [
        2 ** 12 + 2 * Math.floor(random() * 2 ** 11) + 1,
        2 ** 11 + 2 * Math.floor(random() * 2 ** 10) + 1,
      ]
      const scale = 2 ** Math.floor((random() - 0.5) * 200)
      const little = scale * 2 ** -Math.floor(random() * 50)
      yield [(random() < 0.5 ? -a : a) * scale, b, random() < 0.5 ? little : -little]
    }
  }

  test('of f32, where rounding twice is wrong', () => {
    let twice = 0
    for (const [a, b, c] of hard(generator(4))) {
      const wanted = exactFma(f32, a, b, c)
      expect(fma32(a, b, c), `${a}·${b} + ${c}`).toBe(wanted)
      twice += Number(Math.fround(a * b + c) !== wanted)
    }
    expect(twice).toBeGreaterThan(50)
  })

  test.each([f32, f16])('of any arguments: $name', (of) => {
    const random = generator(5)
    const code = assemble([of, of, of], ([a, b, c], emit) => [fmaPart(of, a.parts[0], b.parts[0], c.parts[0], emit)])
    for (let i = 0; i < 5000; i++) {
      const args = [0, 1, 2].map(() => draw(of, random) as number)
      if (i % 2) args[2] = round(of, -args[0] * args[1] * (1 + (random() - 0.5) * 2 ** -9))
      const [a, b, c] = args
      if (!Number.isFinite(c)) continue
      // Whether a sum of 0 is -0 is not in the whole numbers.
      expect((code.run(args)[0] as number) + 0, `${a}·${b} + ${c}`).toBe(exactFma(of, a, b, c) + 0)
    }
  })

  test('signs of zero, infinities and NaN', () => {
    expect(fma32(-1, 0, -0)).toBe(-0)
    expect(fma32(2 ** 127, 2, -Infinity)).toBe(-Infinity)
    expect(fma32(2 ** 127, 2, 2 ** -149)).toBe(Infinity)
    expect(fma32(Infinity, 0, 1)).toBeNaN()
  })
})

// ---- undefined data

describe('undefined data', () => {
  const bads = (operator: BinaryOperator, types: readonly Type[], result: Type, bad: readonly number[]) =>
    binary(operator, types, result).bads(Array(bad.length).fill(1), bad)

  test('goes into the components that it is in', () => {
    const vec3f = vector(3, f32)
    expect(bads('+', [vec3f, vec3f], vec3f, [0, 7, 0, 0, 0, 9])).toEqual([0, 7, 9])
    expect(bads('<', [vec3f, vec3f], vector(3, bool), [1, 0, 0, 2, 0, 0])).toEqual([1, 0, 0])
    expect(bads('*', [f32, vec3f], vec3f, [5, 0, 0, 0])).toEqual([5, 5, 5])
    expect(unary('-', vec3f).bads([1, 1, 1], [0, 3, 0])).toEqual([0, 3, 0])
  })

  test('goes through products of matrices', () => {
    const [vec2f, vec3f, mat] = [vector(2, f32), vector(3, f32), matrix(2, 3, f32)]
    expect(bads('*', [mat, vec2f], vec3f, [0, 0, 0, 4, 0, 0, 0, 0])).toEqual([4, 0, 0])
    expect(bads('*', [mat, vec2f], vec3f, [0, 0, 0, 0, 0, 0, 0, 8])).toEqual([8, 8, 8])
    expect(bads('*', [vec3f, mat], vec2f, [0, 0, 0, 0, 0, 0, 0, 0, 6])).toEqual([0, 6])
    expect(bads('*', [mat, f32], mat, [0, 0, 3, 0, 0, 0, 0])).toEqual([0, 0, 3, 0, 0, 0])
  })
})

test.each<[string, Scalar, number, number, number]>([
  ['Add', f32, 1, 2 ** -24, 1],
  ['Add', f16, 2048, 1, 2048],
  ['Add', i32, 2 ** 31 - 1, 1, -(2 ** 31)],
  ['Sub', u32, 0, 1, 2 ** 32 - 1],
  ['Mul', u32, 2 ** 32 - 1, 2 ** 32 - 1, 1],
  ['Mul', i32, 0x10001, 0x10001, 0x20001],
  ['Mul', f32, 2 ** 127, 2, Infinity],
  ['Max', u32, 2 ** 31, 1, 2 ** 31],
  ['Min', i32, -1, 1, -1],
  ['And', u32, 2 ** 32 - 1, 2 ** 31, 2 ** 31],
  ['Or', u32, 2 ** 31, 1, 2 ** 31 + 1],
  ['Xor', i32, -1, 1, -2],
])('subgroups and atomics combine: %s of %o', (name, of, a, b, result) => {
  expect(subgroupCombine(name, of)(a, b)).toBe(result)
})
