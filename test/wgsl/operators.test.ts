/** @file Which operators take which types, and what const-expressions of them are. */
import { describe, expect, test } from 'vitest'
import { binaryOperator, unaryOperator } from '../../src/wgsl/operators.ts'
import { Invalid } from '../../src/wgsl/resolved.ts'
import type { BinaryOperator, Constant } from '../../src/wgsl/tree.ts'
import {
  abstractFloat,
  abstractInt,
  bool,
  f16,
  f32,
  i32,
  matrix,
  reference,
  type Type,
  u32,
  vector,
} from '../../src/wgsl/types.ts'
import { convert } from '../../src/wgsl/values.ts'

const vec2f = vector(2, f32)
const vec3f = vector(3, f32)

/** The value of `a operator b`, of constants of these types. */
function value(operator: BinaryOperator, left: Type, a: Constant, right: Type, b: Constant): Constant | undefined {
  const found = binaryOperator(operator, left, right)
  const [x, y] = [a, b].map((each, i) => convert(each, found?.params[i] as Type))
  return found?.evaluate?.([x, y])
}

describe('types', () => {
  test.each<[BinaryOperator, Type, Type, Type | undefined]>([
    ['+', abstractInt, abstractInt, abstractInt],
    ['+', abstractInt, abstractFloat, abstractFloat],
    ['+', abstractInt, u32, u32],
    ['+', reference('private', f32), abstractInt, f32],
    ['+', vec3f, f32, vec3f],
    ['+', abstractFloat, vec3f, vec3f],
    ['+', vector(2, abstractInt), abstractFloat, vector(2, abstractFloat)],
    ['+', i32, u32, undefined],
    ['+', f16, f32, undefined],
    ['+', bool, bool, undefined],
    ['+', vec2f, vec3f, undefined],
    ['+', matrix(2, 3, f32), matrix(2, 3, f32), matrix(2, 3, f32)],
    ['+', matrix(2, 3, f32), f32, undefined],
    ['/', matrix(2, 2, f32), f32, undefined],
    ['*', matrix(2, 3, f32), f32, matrix(2, 3, f32)],
    ['*', matrix(2, 3, f32), vec2f, vec3f],
    ['*', vec3f, matrix(2, 3, f32), vec2f],
    ['*', vec2f, matrix(2, 3, f32), undefined],
    ['*', matrix(2, 3, f32), matrix(4, 2, f32), matrix(4, 3, f32)],
    ['*', matrix(2, 3, f32), matrix(2, 3, f32), undefined],
    ['*', matrix(2, 2, abstractFloat), vec2f, vec2f],
    ['&', bool, bool, bool],
    ['|', vector(2, u32), vector(2, u32), vector(2, u32)],
    ['&', u32, vector(2, u32), undefined],
    ['^', bool, bool, undefined],
    ['&', f32, f32, undefined],
    ['<<', i32, abstractInt, i32],
    ['<<', i32, i32, undefined],
    ['>>', vector(2, i32), vector(2, u32), vector(2, i32)],
    ['>>', vector(2, i32), u32, undefined],
    ['&&', bool, bool, bool],
    ['&&', vector(2, bool), vector(2, bool), undefined],
    ['==', vector(2, bool), vector(2, bool), vector(2, bool)],
    ['<', vec2f, vec2f, vector(2, bool)],
    ['<', bool, bool, undefined],
    ['==', matrix(2, 2, f32), matrix(2, 2, f32), undefined],
    ['<=', abstractInt, f32, bool],
  ])('%s of %o and %o', (operator, left, right, result) => {
    expect(binaryOperator(operator, left, right)?.result).toBe(result)
  })

  test('beside what is not a constant, abstract numbers become concrete', () => {
    expect(binaryOperator('<<', abstractInt, u32, true)?.result).toBe(abstractInt)
    expect(binaryOperator('<<', abstractInt, u32, false)?.params).toEqual([i32, u32])
  })

  test.each([
    ['!', bool, bool],
    ['!', vector(3, bool), vector(3, bool)],
    ['!', u32, undefined],
    ['~', u32, u32],
    ['~', abstractInt, abstractInt],
    ['~', f32, undefined],
    ['-', u32, undefined],
    ['-', vec3f, vec3f],
    ['-', matrix(2, 2, f32), undefined],
  ] as const)('%s of %o', (operator, operand, result) => {
    expect(unaryOperator(operator, operand)?.result).toBe(result)
  })
})

describe('values', () => {
  test.each<[string, Constant, BinaryOperator, Type, Constant, Type, Constant]>([
    ['i32 wraps', -(2 ** 31), '+', i32, 2 ** 31 - 1, i32, 1],
    ['so do products', 1, '*', u32, 0xffffffff, u32, 0xffffffff],
    ['u32 wraps below 0', 0xffffffff, '-', u32, 0, u32, 1],
    ['quotients are cut', -3, '/', i32, -7, i32, 2],
    ['remainders have the sign of the left', -1, '%', i32, -7, i32, 2],
    ['u32 above 2^31 is divided', 2 ** 31, '/', u32, 2 ** 31, u32, 1],
    ['f32 rounds', 16777216, '+', f32, 16777216, f32, 1],
    ['f16 rounds', 2048, '+', f16, 2048, f16, 1],
    ['abstract-float does not', 16777217, '+', abstractFloat, 16777216, abstractFloat, 1],
    ['of a quotient that rounding makes whole', 0, '%', f32, 1.5, f32, 0.1],
    ['remainders of floats', -1.5, '%', f32, -5.5, f32, 2],
    ['abstract-int has 64 bits', 2n ** 62n, '<<', abstractInt, 1n, u32, 62],
    ['i32 keeps its sign', -8, '>>', i32, -16, u32, 1],
    ['u32 has none', 2 ** 30, '>>', u32, 2 ** 31, u32, 1],
    ['bits of u32', 0xffffffff, '^', u32, 0xffff0000, u32, 0xffff],
    ['shifted to the left', 2 ** 31, '<<', u32, 1, u32, 31],
    ['negative ones, too', -(2 ** 31), '<<', i32, -1, u32, 31],
    ['components with one value', [3, 6], '*', vector(2, i32), [1, 2], i32, 3],
    ['comparisons', [true, false], '<', vec2f, [1, 2], vec2f, [2, 2]],
    ['bools', true, '|', bool, false, bool, true],
    [
      'a matrix and a vector',
      [9, 12],
      '*',
      matrix(2, 2, f32),
      [
        [1, 2],
        [4, 5],
      ],
      vec2f,
      [1, 2],
    ],
    [
      'a vector and a matrix',
      [5, 14],
      '*',
      vec2f,
      [1, 2],
      matrix(2, 2, f32),
      [
        [1, 2],
        [4, 5],
      ],
    ],
    [
      'two matrices',
      [
        [1, 2],
        [9, 12],
      ],
      '*',
      matrix(2, 2, f32),
      [
        [1, 2],
        [4, 5],
      ],
      matrix(2, 2, f32),
      [
        [1, 0],
        [1, 2],
      ],
    ],
    [
      'matrices and numbers',
      [
        [2, 4],
        [6, 8],
      ],
      '*',
      f32,
      2,
      matrix(2, 2, f32),
      [
        [1, 2],
        [3, 4],
      ],
    ],
  ])('%s: %o', (_, expected, operator, left, a, right, b) => {
    expect(value(operator, left, a, right, b)).toEqual(expected)
  })

  test('before one value', () => {
    const of = (operator: '-' | '~' | '!', type: Type, x: Constant) => unaryOperator(operator, type)?.evaluate?.([x])
    expect(of('-', i32, -(2 ** 31))).toBe(-(2 ** 31))
    expect(of('~', u32, 0)).toBe(0xffffffff)
    expect(of('~', abstractInt, 0n)).toBe(-1n)
    expect(of('-', vec2f, [1, -2])).toEqual([-1, 2])
    expect(of('!', vector(2, bool), [true, false])).toEqual([false, true])
  })

  test.each<[string, BinaryOperator, Type, Constant, Type, Constant]>([
    ['is not a value that abstract-int has', '+', abstractInt, 2n ** 63n - 1n, abstractInt, 1n],
    ['is not a value that abstract-int has', '<<', abstractInt, 1n, u32, 4_000_000_000],
    ['3e+38 + 3e+38 is not a value that f32 has', '+', abstractFloat, 3e38, f32, 3e38],
    ['60000 + 60000 is not a value that f16 has', '+', f16, 60000, f16, 60000],
    ['1 / 0 is not a value that f32 has', '/', f32, 1, f32, 0],
    ['cannot be divided by zero', '/', vector(2, i32), [1, 1], vector(2, i32), [1, 0]],
    ['cannot be divided by zero', '%', abstractInt, 1n, abstractInt, 0n],
    ['-2147483648 / -1 is not a value that i32 has', '/', i32, -(2 ** 31), i32, -1],
    ['-2147483648 % -1 is not a value that i32 has', '%', i32, -(2 ** 31), i32, -1],
    ['i32 has 32 bits', '>>', i32, 1, u32, 32],
    ['1 << 31 is not a value that i32 has', '<<', i32, 1, u32, 31],
    ['3 << 31 is not a value that u32 has', '<<', u32, 3, u32, 31],
  ])('error: %s', (message, ...operation) => {
    const compute = () => value(...operation)
    expect(compute).toThrow(Invalid)
    expect(compute).toThrow(message)
  })

  test('what is known of the right side is looked at', () => {
    expect(() => binaryOperator('/', i32, i32, false)?.check?.([undefined, 0])).toThrow('divided by zero')
    expect(() => binaryOperator('<<', u32, abstractInt, false)?.check?.([undefined, 32])).toThrow('32 bits')
    expect(() => binaryOperator('%', u32, u32, false)?.check?.([0, undefined])).not.toThrow()
    expect(binaryOperator('/', f32, f32, false)?.check).toBeUndefined()
  })
})
