/** @file Automatic conversions, rounding to f16 against all its values, zero values. */
import { describe, expect, test } from 'vitest'
import { Invalid } from '../../src/wgsl/resolved.ts'
import { partsResult } from '../../src/wgsl/results.ts'
import {
  abstractFloat,
  abstractInt,
  array,
  bool,
  f16,
  f32,
  i32,
  matrix,
  reference,
  struct,
  type Type,
  u32,
  vector,
} from '../../src/wgsl/types.ts'
import {
  bitsOfF16,
  concreteOf,
  conversionRank,
  convert,
  exponentOf,
  f16OfBits,
  roundF16,
  zeroOf,
} from '../../src/wgsl/values.ts'

describe('conversionRank', () => {
  test.each<[Type, Type, number]>([
    [u32, u32, 0],
    [reference('private', u32), u32, 0],
    [abstractFloat, f32, 1],
    [abstractFloat, f16, 2],
    [abstractInt, i32, 3],
    [abstractInt, u32, 4],
    [abstractInt, abstractFloat, 5],
    [abstractInt, f32, 6],
    [abstractInt, f16, 7],
    [abstractFloat, i32, Infinity],
    [i32, u32, Infinity],
    [f16, f32, Infinity],
    [bool, u32, Infinity],
    [vector(2, abstractInt), vector(2, f32), 6],
    [vector(2, abstractInt), vector(3, f32), Infinity],
    [matrix(2, 3, abstractFloat), matrix(2, 3, f16), 2],
    [matrix(2, 3, abstractFloat), matrix(3, 2, f16), Infinity],
    [array(vector(2, abstractInt), 4), array(vector(2, u32), 4), 4],
    [array(abstractInt, 4), array(u32, 3), Infinity],
    [partsResult('modf', abstractFloat), partsResult('modf', f32), 1],
    [partsResult('modf', abstractFloat), partsResult('frexp', f32), Infinity],
    [struct('S', [{ name: 'x', type: f32 }]), struct('S', [{ name: 'x', type: f32 }]), Infinity],
  ])('%o to %o', (from, to, rank) => {
    expect(conversionRank(from, to)).toBe(rank)
  })
})

test('concreteOf', () => {
  expect(concreteOf(array(vector(3, abstractInt), 2))).toBe(array(vector(3, i32), 2))
  expect(concreteOf(matrix(2, 2, abstractFloat))).toBe(matrix(2, 2, f32))
  expect(concreteOf(partsResult('frexp', vector(2, abstractFloat)))).toBe(partsResult('frexp', vector(2, f32)))
  expect(concreteOf(u32)).toBe(u32)
})

describe('convert', () => {
  test('numbers become what their type has', () => {
    expect(convert(7n, u32)).toBe(7)
    expect(convert(7n, abstractFloat)).toBe(7)
    expect(convert(0.1, f32)).toBe(Math.fround(0.1))
    expect(convert(0.1, f16)).toBe(0.0999755859375)
    expect(convert([1n, 2n], vector(2, f32))).toEqual([1, 2])
    expect(convert([[1, 2], [3n]], partsResult('frexp', f32))).toEqual([[1, 2], [3]])
  })

  test.each<[bigint | number, Type]>([
    [2n ** 31n, i32],
    [-(2n ** 31n) - 1n, i32],
    [-1n, u32],
    [2n ** 32n, u32],
    [3.5e38, f32],
    [65505, f16],
  ])('%o is not a value of %o', (value, type) => {
    expect(() => convert(value, type)).toThrow(Invalid)
  })

  test('lists that are parts of many take no time', () => {
    let value: readonly (bigint | readonly unknown[])[] = [1n, 2n]
    let type: Type = array(f32, 2)
    for (let i = 0; i < 60; i++) {
      value = [value, value]
      type = array(type, 2)
    }
    let converted = convert(value as never, type)
    for (let i = 0; i < 60; i++) converted = (converted as readonly never[])[1]
    expect(converted).toEqual([1, 2])
  })
})

describe('f16', () => {
  const finite = Array.from({ length: 0x7c00 }, (_, bits) => f16OfBits(bits))

  test('bits there and back', () => {
    expect(finite.every((x, bits) => bitsOfF16(x) === bits && bitsOfF16(-x) === bits + 0x8000)).toBe(true)
    expect([f16OfBits(0x3c00), f16OfBits(1), f16OfBits(0x7bff), f16OfBits(0xfc00)]).toEqual([
      1,
      2 ** -24,
      65504,
      -Infinity,
    ])
    expect(f16OfBits(0x7c01)).toBe(NaN)
  })

  test('its own values stay, those between go to the nearest, halfway to the even one', () => {
    for (let bits = 0; bits + 1 < finite.length; bits++) {
      const [low, high] = [finite[bits], finite[bits + 1]]
      const middle = (low + high) / 2
      const even = bits % 2 ? high : low
      const step = 2 ** -50 * high
      const rounded = [low, middle, middle - step, middle + step].map(roundF16)
      if (String(rounded) !== String([low, even, low, high])) expect(rounded).toEqual([low, even, low, high])
      if (roundF16(-middle) !== -even) expect(roundF16(-middle)).toBe(-even)
    }
    expect([roundF16(65519.999), roundF16(65520), roundF16(-1e9)]).toEqual([65504, Infinity, -Infinity])
    expect([roundF16(-1e-9), roundF16(5e-324)]).toEqual([-0, 0])
  })

  test('exponentOf', () => {
    expect([1, 1.99, 2, 0.5, -3, 5e-324, 2 ** -1022].map(exponentOf)).toEqual([0, 0, 1, -1, 1, -1074, -1022])
  })
})

describe('zeroOf', () => {
  test('of all kinds', () => {
    const type = struct('S', [
      { name: 'a', type: matrix(2, 3, f32) },
      { name: 'b', type: array(vector(2, bool), 2) },
      { name: 'c', type: abstractInt },
    ])
    const no = [false, false]
    expect(zeroOf(type)).toEqual([
      [
        [0, 0, 0],
        [0, 0, 0],
      ],
      [no, no],
      0n,
    ])
  })

  test('arrays that would fill the memory are refused', () => {
    expect(zeroOf(array(array(array(f32, 4096), 4096), 4096))).toHaveLength(4096)
    expect(() => zeroOf(array(f32, 4097))).toThrow('array<f32, 4097> has more than 4096 elements')
  })
})
