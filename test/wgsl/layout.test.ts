/** @file Sizes, alignments and offsets as the tables of the specification have them, and the kinds of types. */
import { describe, expect, test } from 'vitest'
import {
  alignOf,
  hasFixedFootprint,
  isConstructible,
  isHostShareable,
  isPlain,
  isStorable,
  offsetsOf,
  sizeOf,
  strideOf,
} from '../../src/wgsl/layout.ts'
import {
  abstractInt,
  array,
  atomic,
  bool,
  f16,
  f32,
  i32,
  matrix,
  pointer,
  type Struct,
  struct,
  type Type,
  u32,
  vector,
} from '../../src/wgsl/types.ts'

const vec3f = vector(3, f32)

describe('where values stand', () => {
  test.each<[Type, number, number]>([
    [f16, 2, 2],
    [u32, 4, 4],
    [atomic(i32), 4, 4],
    [vector(2, f32), 8, 8],
    [vec3f, 16, 12],
    [vector(4, f32), 16, 16],
    [vector(2, f16), 4, 4],
    [vector(3, f16), 8, 6],
    [matrix(2, 2, f32), 8, 16],
    [matrix(2, 3, f32), 16, 32],
    [matrix(4, 3, f32), 16, 64],
    [matrix(3, 2, f32), 8, 24],
    [matrix(4, 3, f16), 8, 32],
    [array(f32, 5), 4, 20],
    [array(vec3f, 3), 16, 48],
    [array(matrix(2, 2, f16), 3), 4, 24],
  ])('%o', (type, align, size) => {
    expect([alignOf(type), sizeOf(type)]).toEqual([align, size])
  })

  // The example of the section "Structure Member Layout", and its attributes.
  const inner = struct('Inner', [
    { name: 'u', type: f32 },
    { name: 'v', type: f32 },
    { name: 'w', type: vector(2, f32) },
    { name: 'x', type: f32 },
  ])
  const outer = struct('Outer', [
    { name: 'a', type: f32 },
    { name: 'b', type: vector(2, f32) },
    { name: 'c', type: vec3f },
    { name: 'd', type: f32 },
    { name: 'e', type: inner },
    { name: 'f', type: vec3f },
    { name: 'g', type: array(inner, 3) },
    { name: 'h', type: i32 },
  ])

  test('members of structs', () => {
    expect([alignOf(inner), sizeOf(inner), offsetsOf(inner)]).toEqual([8, 24, [0, 4, 8, 16]])
    expect([alignOf(outer), sizeOf(outer)]).toEqual([16, 160])
    expect(offsetsOf(outer)).toEqual([0, 8, 16, 28, 32, 64, 80, 152])
  })

  test('@align and @size', () => {
    const type = struct('Wide', [
      { name: 'a', type: f32, size: 12 },
      { name: 'b', type: f32, align: 32 },
      { name: 'c', type: u32 },
    ])
    expect([alignOf(type), sizeOf(type), offsetsOf(type)]).toEqual([32, 64, [0, 32, 36]])
    expect(strideOf(array(type, 2))).toBe(64)
  })

  test('a runtime-sized array counts as one element', () => {
    const type = struct('Buffer', [
      { name: 'n', type: u32 },
      { name: 'items', type: array(vec3f, null) },
    ])
    expect([offsetsOf(type), sizeOf(type)]).toEqual([[0, 16], 32])
  })

  test('structs of structs of structs take no time', () => {
    let type: Struct = inner
    for (let i = 0; i < 60; i++)
      type = struct(
        'S',
        [1, 2].map((n) => ({ name: `m${n}`, type })),
      )
    expect(sizeOf(type)).toBe(24 * 2 ** 60)
    expect(isConstructible(type) && isHostShareable(type)).toBe(true)
  })
})

describe('kinds of types', () => {
  const withAtomic = struct('A', [{ name: 'n', type: atomic(u32) }])
  const runtime = struct('R', [{ name: 'all', type: array(f32, null) }])
  //                         constructible, storable, host-shareable, of fixed footprint
  test.each<[Type, boolean, boolean, boolean, boolean]>([
    [bool, true, true, false, true],
    [f32, true, true, true, true],
    [abstractInt, true, false, false, false],
    [vector(2, bool), true, true, false, true],
    [matrix(2, 2, f16), true, true, true, true],
    [atomic(u32), false, true, true, true],
    [withAtomic, false, true, true, true],
    [runtime, false, true, true, false],
    [array(f32, null), false, true, true, false],
    [array(f32, 'n'), false, true, false, true],
    [array(array(f32, 'n'), 2), false, true, false, false],
    [array(withAtomic, 2), false, true, true, true],
    [pointer('function', f32), false, false, false, false],
  ])('%o', (type, ...kinds) => {
    expect([isConstructible(type), isStorable(type), isHostShareable(type), hasFixedFootprint(type)]).toEqual(kinds)
    expect(isPlain(type)).toBe(type.kind !== 'pointer')
  })
})
