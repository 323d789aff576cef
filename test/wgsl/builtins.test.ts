/** @file Overloads of builtin functions and constructors, and what const-expressions of them are. */
import { describe, expect, test } from 'vitest'
import { builtinFunction, resolveBuiltin } from '../../src/wgsl/builtins/index.ts'
import { groups } from '../../src/wgsl/builtins/table.ts'
import { resolveConstructor } from '../../src/wgsl/constructors.ts'
import { Invalid, type Resolved } from '../../src/wgsl/resolved.ts'
import { exchangeResult, partsResult } from '../../src/wgsl/results.ts'
import type { Constant } from '../../src/wgsl/tree.ts'
import {
  abstractFloat,
  abstractInt,
  array,
  atomic,
  bool,
  f16,
  f32,
  i32,
  matrix,
  none,
  pointer,
  reference,
  struct,
  type Type,
  u32,
  vector,
} from '../../src/wgsl/types.ts'
import { convert } from '../../src/wgsl/values.ts'

const vec2f = vector(2, f32)
const vec3f = vector(3, f32)
const vec4f = vector(4, f32)

/** A type that has these values, as literals would: whole numbers are abstract-int, others abstract-float. */
function typeOf(value: Constant): Type {
  if (typeof value === 'boolean') return bool
  if (typeof value === 'bigint') return abstractInt
  if (typeof value === 'number') return abstractFloat
  const of = typeOf(value[0])
  const size = value.length as 2 | 3 | 4
  return of.kind === 'vector' ? matrix(size, of.size, of.of) : vector(size, of as typeof f32)
}

function evaluate(resolved: Resolved | string, args: readonly Constant[]): Constant | undefined {
  if (typeof resolved === 'string') throw Error(resolved)
  return resolved.evaluate?.(args.map((arg, i) => convert(arg, resolved.params[i])))
}

/** The value of a call; numbers are abstract. */
const of = (name: string, ...args: Constant[]) => evaluate(resolveBuiltin(name, [], args.map(typeOf)), args)
/** The value of a call of arguments of one type. */
const as = (type: Type, name: string, ...args: Constant[]) =>
  evaluate(
    resolveBuiltin(
      name,
      [],
      args.map(() => type),
    ),
    args,
  )

describe('overloads', () => {
  const counter = pointer('storage', atomic(u32), 'read_write')
  test.each<[string, readonly Type[], Type]>([
    ['abs', [abstractInt], abstractInt],
    ['abs', [vector(2, f16)], vector(2, f16)],
    ['abs', [reference('private', u32)], u32],
    ['sqrt', [abstractInt], abstractFloat],
    ['max', [abstractInt, u32], u32],
    ['max', [abstractInt, abstractFloat], abstractFloat],
    ['clamp', [f32, abstractInt, abstractFloat], f32],
    ['mix', [vec3f, vec3f, abstractFloat], vec3f],
    ['countOneBits', [abstractInt], i32],
    ['extractBits', [vector(2, i32), abstractInt, u32], vector(2, i32)],
    ['dot', [vector(2, i32), vector(2, abstractInt)], i32],
    ['length', [vec3f], f32],
    ['transpose', [matrix(2, 3, f32)], matrix(3, 2, f32)],
    ['determinant', [matrix(3, 3, f16)], f16],
    ['ldexp', [vec2f, vector(2, i32)], vec2f],
    ['quantizeToF16', [abstractInt], f32],
    ['select', [vec2f, vec2f, vector(2, bool)], vec2f],
    ['select', [vector(2, bool), vector(2, bool), bool], vector(2, bool)],
    ['frexp', [vec2f], partsResult('frexp', vec2f)],
    ['modf', [abstractInt], partsResult('modf', abstractFloat)],
    ['pack4xI8', [vector(4, abstractInt)], u32],
    ['unpack4x8snorm', [abstractInt], vec4f],
    ['arrayLength', [pointer('storage', array(vec3f, null), 'read_write')], u32],
    ['atomicAdd', [counter, abstractInt], u32],
    ['atomicStore', [pointer('workgroup', atomic(i32)), i32], none],
    ['atomicCompareExchangeWeak', [counter, u32, u32], exchangeResult(u32)],
    ['workgroupUniformLoad', [pointer('workgroup', array(f32, 2))], array(f32, 2)],
    ['workgroupUniformLoad', [pointer('workgroup', atomic(i32))], i32],
    ['workgroupBarrier', [], none],
    ['subgroupAdd', [vector(2, f16)], vector(2, f16)],
    ['subgroupBroadcast', [u32, abstractInt], u32],
    ['subgroupBallot', [bool], vector(4, u32)],
    ['quadSwapX', [abstractFloat], f32],
  ])('%s of %o', (name, args, result) => {
    expect(resolveBuiltin(name, [], args)).toMatchObject({ result })
  })

  test.each<[string, readonly Type[], string]>([
    ['abs', [bool], 'abs takes (T) or (vecN<T>), T is i32, u32, f32 or f16; given: (bool)'],
    ['abs', [], 'given: ()'],
    ['sqrt', [i32], 'T is f32 or f16; given: (i32)'],
    ['max', [i32, u32], 'given: (i32, u32)'],
    ['max', [f32, vec2f], 'given: (f32, vec2<f32>)'],
    ['cross', [vec2f, vec2f], 'cross takes (vec3<T>, vec3<T>)'],
    ['determinant', [matrix(2, 3, f32)], 'determinant takes (matNxN<T>)'],
    ['ldexp', [f32, u32], 'ldexp takes (T, i32) or (vecN<T>, vecN<i32>)'],
    ['ldexp', [vec2f, i32], 'given: (vec2<f32>, i32)'],
    ['countOneBits', [f32], 'T is i32 or u32'],
    ['atomicAdd', [u32, u32], 'atomicAdd takes (&atomic<T>, T)'],
    ['atomicAdd', [pointer('storage', atomic(u32)), u32], 'read_write'],
    ['atomicAdd', [pointer('workgroup', atomic(u32)), i32], 'given: (ptr<workgroup, atomic<u32>>, i32)'],
    ['arrayLength', [pointer('storage', array(f32, 4))], 'runtime-sized'],
    ['workgroupUniformLoad', [pointer('private', f32)], 'workgroup memory'],
    ['workgroupUniformLoad', [pointer('workgroup', array(atomic(u32), 2))], 'without atomics'],
    ['subgroupAdd', [bool], 'given: (bool)'],
    ['textureLoad', [u32], 'textureLoad is for textures'],
    ['dpdxFine', [f32], 'dpdxFine is for derivatives'],
    ['foo', [], 'there is no builtin function foo'],
  ])('%s of %o is refused', (name, args, message) => {
    expect(resolveBuiltin(name, [], args)).toContain(message)
  })

  test('beside what is not a constant, abstract numbers become concrete', () => {
    expect(resolveBuiltin('select', [], [abstractInt, abstractInt, bool], false)).toMatchObject({ result: i32 })
    expect(resolveBuiltin('ldexp', [], [abstractFloat, i32], false)).toMatchObject({ result: f32 })
  })

  test('what is said of functions', () => {
    expect(resolveBuiltin('workgroupBarrier', [], [])).toEqual({
      params: [],
      result: none,
      uniform: 'workgroup',
      runtime: true,
    })
    expect(resolveBuiltin('subgroupElect', [], [])).toMatchObject({
      uniform: 'subgroup',
      needs: 'subgroups',
      mustUse: true,
    })
    expect(resolveBuiltin('abs', [f32], [f32])).toContain('takes no types')
    expect(['bitcast', 'fma', 'textureStore', 'fwidth', 'textureBarrier'].every(builtinFunction)).toBe(true)
    expect(['vec2', 'texture', 'constructor', 'toString'].some(builtinFunction)).toBe(false)
  })

  test('every function of values has its values', () => {
    for (const name of groups[0].rows.keys()) {
      const [row] = groups[0].rows.get(name) ?? []
      const args = row.params.map(({ shape, of }): Constant => {
        if (shape === 'mat')
          return [
            [1, 0],
            [0, 1],
          ]
        const one: Constant = of === 'bool' || row.kinds[0] === bool ? true : 1n
        return shape === 'vec' ? Array(name.includes('4x') ? 4 : name === 'cross' ? 3 : 2).fill(one) : one
      })
      if (name === 'smoothstep') args[1] = 2n
      if (name === 'atanh') args[0] = 0.5
      expect(of(name, ...args), name).toBeDefined()
    }
  })
})

describe('values', () => {
  test('of bools', () => {
    expect([of('all', [true, false]), of('any', [true, false]), of('any', false)]).toEqual([false, true, false])
    expect(of('select', 1n, 2.5, true)).toBe(2.5)
    expect(of('select', [1n, 2n], [3n, 4n], [true, false])).toEqual([3n, 2n])
    expect(of('select', [1n, 2n], [3n, 4n], true)).toEqual([3n, 4n])
  })

  test('of single numbers', () => {
    expect([of('abs', -3n), as(i32, 'abs', -(2 ** 31)), of('sign', [-3n, 0n, 5n])]).toEqual([
      3n,
      -(2 ** 31),
      [-1n, 0n, 1n],
    ])
    expect([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.6].map((x) => Number(of('round', x)) + 0)).toEqual([
      -2, -2, 0, 0, 2, 2, 3,
    ])
    expect([of('min', 1n, 2n), as(u32, 'max', 3, 0xffffffff), of('clamp', 5n, 1n, 3n)]).toEqual([1n, 0xffffffff, 3n])
    expect([of('fract', -0.25), of('saturate', 2n), of('step', 1n, 1n)]).toEqual([0.75, 1, 1])
    expect(as(f32, 'exp', 1)).toBe(Math.fround(Math.E))
    expect(as(f16, 'sqrt', 2)).toBe(1.4140625)
    expect(of('quantizeToF16', 0.1)).toBe(0.0999755859375)
    expect([of('mix', [0n, 2n], [4n, 4n], 0.25), of('fma', 2n, 3n, 4n), of('smoothstep', 0n, 2n, 1n)]).toEqual([
      [1, 2.5],
      10,
      0.5,
    ])
    expect([of('ldexp', 0.75, 3n), of('ldexp', 0.5, 1024n), of('ldexp', 1n, -1074n)]).toEqual([6, 2 ** 1023, 5e-324])
    expect(Number(of('degrees', Math.PI))).toBeCloseTo(180)
  })

  test('of bits', () => {
    expect([0, 1, 0x80000000].map((x) => as(u32, 'countLeadingZeros', x))).toEqual([32, 31, 0])
    expect([0, 8, 0x80000000].map((x) => as(u32, 'countTrailingZeros', x))).toEqual([32, 3, 31])
    expect([as(i32, 'countOneBits', -1), as(u32, 'reverseBits', 1)]).toEqual([32, 0x80000000])
    expect([0, 5, 0xffffffff].map((x) => as(u32, 'firstLeadingBit', x))).toEqual([0xffffffff, 2, 31])
    expect([0, -1, -2, 5].map((x) => as(i32, 'firstLeadingBit', x))).toEqual([-1, -1, 0, 2])
    expect([as(u32, 'firstTrailingBit', 0), as(i32, 'firstTrailingBit', -8)]).toEqual([0xffffffff, 3])
    const bits = (type: Type, name: string, args: readonly number[], from: number) =>
      evaluate(
        resolveBuiltin(
          name,
          [],
          args.map((_, i) => (i < from ? type : u32)),
        ),
        args,
      )
    expect(bits(u32, 'extractBits', [0xabcd, 4, 8], 1)).toBe(0xbc)
    expect(bits(i32, 'extractBits', [0xf0, 4, 4], 1)).toBe(-1)
    expect([bits(i32, 'extractBits', [-5, 0, 32], 1), bits(i32, 'extractBits', [-5, 32, 0], 1)]).toEqual([-5, 0])
    expect(bits(u32, 'insertBits', [0xffffffff, 0x5, 4, 8], 2)).toBe(0xfffff05f)
    expect([bits(u32, 'insertBits', [1, 2, 0, 32], 2), bits(u32, 'insertBits', [1, 2, 32, 0], 2)]).toEqual([2, 1])
  })

  test('of vectors and matrices', () => {
    expect([of('dot', [1n, 2n], [3n, 4n]), of('length', [3n, 4n]), of('length', -2n)]).toEqual([11n, 5, 2])
    expect([of('distance', [1n, 1n], [4n, 5n]), of('normalize', [0n, 2n])]).toEqual([5, [0, 1]])
    expect(of('cross', [1n, 2n, 3n], [4n, 5n, 6n])).toEqual([-3, 6, -3])
    expect(of('reflect', [1n, -1n], [0n, 1n])).toEqual([1, 1])
    expect(of('refract', [0n, -1n], [0n, 1n], 0.5)).toEqual([0, -1])
    expect(of('refract', [0.8, -0.6], [0n, 1n], 2n)).toEqual([0, 0])
    expect(of('faceForward', [1n, 2n], [0n, 1n], [0n, 1n])).toEqual([-1, -2])
    expect([
      of('determinant', [
        [1, 2],
        [3, 4],
      ]),
      of('determinant', [
        [2, 0, 1],
        [1, 3, 2],
        [1, 1, 1],
      ]),
    ]).toEqual([-2, 0])
    const four = [
      [1, 0, 2, -1],
      [3, 0, 0, 5],
      [2, 1, 4, -3],
      [1, 0, 5, 0],
    ]
    expect(of('determinant', four)).toBe(30)
    expect(
      of('transpose', [
        [1, 2, 3],
        [4, 5, 6],
      ]),
    ).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ])
  })

  test('of parts', () => {
    expect([of('frexp', 6.5), as(f32, 'frexp', -0.125), as(f32, 'frexp', 0)]).toEqual([
      [0.8125, 3n],
      [-0.5, -2],
      [0, 0],
    ])
    expect(of('frexp', [5e-324, 1n])).toEqual([
      [0.5, 0.5],
      [-1073n, 1n],
    ])
    expect(of('modf', [-1.5, 2.25])).toEqual([
      [-0.5, 0.25],
      [-1, 2],
    ])
  })

  test('of packed numbers', () => {
    expect([of('pack4x8snorm', [1n, -1n, 0.5, 2n]), of('pack4x8unorm', [1n, 0n, 0.5, -1n])]).toEqual([
      0x7f40817f, 0x8000ff,
    ])
    expect([of('pack2x16float', [1n, -2n]), of('pack2x16unorm', [1n, 0n])]).toEqual([0xc0003c00, 0xffff])
    expect([of('pack4xI8', [1n, -1n, 300n, 0n]), of('pack4xI8Clamp', [1n, -1n, 300n, -300n])]).toEqual([
      0x2cff01, 0x807fff01,
    ])
    expect([of('pack4xU8', [1n, 2n, 3n, 511n]), of('pack4xU8Clamp', [1n, 2n, 3n, 511n])]).toEqual([
      0xff030201, 0xff030201,
    ])
    expect([of('unpack4xI8', 0x80ff01n), of('unpack4xU8', 0x80ff01n)]).toEqual([
      [1, -1, -128, 0],
      [1, 255, 128, 0],
    ])
    expect([of('unpack2x16float', 0xc0003c00n), of('unpack2x16snorm', 0x80007fffn)]).toEqual([
      [1, -2],
      [1, -1],
    ])
    expect(of('unpack4x8unorm', 0xffn)).toEqual([1, 0, 0, 0])
    expect([of('dot4U8Packed', 0xff01n, 0x0203n), of('dot4I8Packed', 0xff01n, 0x0203n)]).toEqual([513, 1])
  })

  const cast = (to: Type, from: Type, x: Constant) => evaluate(resolveBuiltin('bitcast', [to], [from]), [x])
  test('of the same bits', () => {
    expect([cast(u32, f32, 1), cast(f32, u32, 0x3f800000), cast(u32, i32, -1)]).toEqual([0x3f800000, 1, 0xffffffff])
    expect([cast(u32, abstractInt, -1n), cast(u32, abstractInt, 0xffffffffn)]).toEqual([0xffffffff, 0xffffffff])
    expect([cast(f32, vector(2, abstractInt), [0n, 1n]), cast(i32, abstractFloat, 1)]).toEqual([0.0078125, 0x3f800000])
    expect([cast(u32, vector(2, f16), [1, -2]), cast(vector(4, f16), vec2f, [0, 0])]).toEqual([
      0xc0003c00,
      [0, 0, 0, 0],
    ])
    expect(cast(vector(2, i32), vector(2, u32), [0xffffffff, 1])).toEqual([-1, 1])
    expect(resolveBuiltin('bitcast', [f16], [u32])).toContain('16 bits are not 32')
    expect(resolveBuiltin('bitcast', [bool], [u32])).toContain('numbers and vectors of them')
    expect(resolveBuiltin('bitcast', [], [u32])).toContain('one type and one value')
    expect(() => cast(f32, u32, 0x7fc00000)).toThrow('bitcast<f32>(2143289344) is NaN')
  })
})

describe('errors of const-expressions', () => {
  test.each<[string, ...Constant[]]>([
    ['acos', 1.5],
    ['acosh', 0.5],
    ['asin', -2n],
    ['atanh', 1n],
    ['clamp', [1n, 1n], [0n, 3n], [2n, 2n]],
    ['cosh', 1000n],
    ['degrees', 1e308],
    [
      'determinant',
      [
        [1e200, 0],
        [0, 1e200],
      ],
    ],
    ['dot', [1e200, 1e200], [1e200, 1e200]],
    ['exp', 1000n],
    ['exp2', 1024n],
    ['fma', 1e300, 1e300, 0n],
    ['inverseSqrt', 0n],
    ['ldexp', 1n, 1025n],
    ['ldexp', 1n, 1024n],
    ['log', 0n],
    ['log2', -1n],
    ['normalize', [0n, 0n]],
    ['pack2x16float', [70000n, 0n]],
    ['pow', -1n, 2n],
    ['pow', 0n, 0n],
    ['quantizeToF16', 65505n],
    ['smoothstep', [0n, 1n], [1n, 1n], [0n, 0n]],
    ['sqrt', -1n],
    ['unpack2x16float', 0x7c00n],
    ['extractBits', 1n, 16n, 17n],
    ['insertBits', 1n, 1n, 32n, 1n],
  ])('%s(%o)', (name, ...args) => {
    expect(() => of(name, ...args)).toThrow(Invalid)
  })

  const check = (name: string, args: readonly Type[], known: readonly (Constant | undefined)[]) => () => {
    const resolved = resolveBuiltin(name, [], args, false)
    if (typeof resolved === 'string') throw Error(resolved)
    resolved.check?.(known)
  }
  test('of arguments that are constants beside others', () => {
    expect(check('clamp', [f32, f32, f32], [undefined, 2, 1])).toThrow('clamp: low 2 is above high 1')
    expect(check('clamp', [f32, f32, f32], [undefined, 2, undefined])).not.toThrow()
    expect(check('smoothstep', [f32, f32, f32], [1, 1, undefined])).toThrow('low and high are both 1')
    expect(check('extractBits', [u32, u32, u32], [undefined, 30, 3])).toThrow('reach beyond 32 bits')
    expect(check('ldexp', [f16, i32], [undefined, 17])).toThrow('exponent 17 is above 16')
    expect(check('subgroupBroadcast', [f32, u32], [undefined, undefined])).toThrow('has to be a const-expression')
    expect(check('quadBroadcast', [f32, u32], [undefined, 4])).toThrow('4 is not from 0 to 3')
    expect(check('subgroupShuffle', [f32, i32], [undefined, -1])).toThrow('-1 is not from 0 to 127')
    expect(check('subgroupShuffle', [f32, u32], [undefined, undefined])).not.toThrow()
  })
})

describe('constructors', () => {
  const light = struct('Light', [
    { name: 'at', type: vec3f },
    { name: 'on', type: bool },
  ])
  test.each<[Parameters<typeof resolveConstructor>[0], readonly Type[], Type]>([
    ['vec2', [], vector(2, abstractInt)],
    ['vec3', [abstractInt], vector(3, abstractInt)],
    ['vec3', [abstractInt, abstractFloat, abstractInt], vector(3, abstractFloat)],
    ['vec4', [vec2f, abstractInt, abstractFloat], vec4f],
    ['vec4', [vec3f, f32], vec4f],
    ['vec2', [abstractInt, u32], vector(2, u32)],
    ['vec2', [bool, bool], vector(2, bool)],
    ['vec3', [vector(3, i32)], vector(3, i32)],
    [vec3f, [vector(3, i32)], vec3f],
    [vec3f, [], vec3f],
    ['mat2x2', [abstractInt, abstractInt, abstractInt, abstractInt], matrix(2, 2, abstractFloat)],
    ['mat2x3', [vec3f, vec3f], matrix(2, 3, f32)],
    [matrix(2, 2, f16), [matrix(2, 2, f32)], matrix(2, 2, f16)],
    ['array', [abstractInt, abstractFloat, f32], array(f32, 3)],
    ['array', [vec2f, vec2f], array(vec2f, 2)],
    ['array', [light], array(light, 1)],
    [array(f32, 2), [abstractInt, f32], array(f32, 2)],
    [light, [vector(3, abstractInt), bool], light],
    [bool, [f32], bool],
    [u32, [abstractFloat], u32],
  ])('%o of %o', (type, args, result) => {
    expect(resolveConstructor(type, args)).toMatchObject({ result, mustUse: true })
  })

  test.each<[Parameters<typeof resolveConstructor>[0], readonly Type[], string]>([
    ['vec3', [f32, f32], 'vec3<f32> is made of 3 components of f32'],
    ['vec2', [i32, u32], 'vec2 is made of components of one type; given: (i32, u32)'],
    ['vec4', [vec2f, vec3f], 'given: (vec2<f32>, vec3<f32>)'],
    ['vec2', [vec3f], 'given: (vec3<f32>)'],
    [vec2f, [i32, f32], '2 components of f32'],
    [vec2f, [u32], 'given: (u32)'],
    ['mat2x2', [], 'numbers of f32 or f16'],
    ['mat2x2', [i32, i32, i32, i32], 'numbers of f32 or f16'],
    ['mat2x2', [f32, f32, f32], '2 columns of vec2, or 4 numbers'],
    ['array', [], 'values of one type'],
    ['array', [f32, u32], 'given: (f32, u32)'],
    ['array', [pointer('private', f32)], 'values of one type'],
    [array(f32, 3), [f32], 'array<f32, 3> is made of 3 values; given: 1'],
    [array(f32, 1e9), [f32], 'is made of 1000000000 values; given: 1'],
    [array(f32, null), [f32], 'no constant size'],
    [array(u32, 2), [u32, f32], 'element 1 is u32; given: f32'],
    [atomic(u32), [], 'atomic<u32>'],
    [light, [vec3f, u32], 'Light: member on is bool; given: u32'],
    [i32, [vec2f], 'i32 is made of one number or bool'],
    [i32, [i32, i32], 'given: (i32, i32)'],
  ])('%o of %o is refused', (type, args, message) => {
    expect(resolveConstructor(type, args)).toContain(message)
  })

  const made = (type: Parameters<typeof resolveConstructor>[0], args: readonly Type[], ...values: Constant[]) =>
    evaluate(resolveConstructor(type, args), values)
  test('their values', () => {
    expect(made('vec4', [vec2f, f32, f32], [1, 2], 3, 4)).toEqual([1, 2, 3, 4])
    expect(made('vec3', [abstractInt], 7n)).toEqual([7n, 7n, 7n])
    expect(made(matrix(2, 3, f32), Array(6).fill(f32), 1, 2, 3, 4, 5, 6)).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ])
    expect(made(light, [])).toEqual([[0, 0, 0], false])
    expect([made(u32, [i32], -1), made(i32, [u32], 0xffffffff)]).toEqual([0xffffffff, -1])
    expect([made(i32, [f32], 1e20), made(u32, [f32], -5), made(i32, [f32], -1.9)]).toEqual([2 ** 31 - 128, 0, -1])
    expect([made(bool, [f32], 0.5), made(f32, [bool], true), made(i32, [bool], true)]).toEqual([true, 1, 1])
    expect([made(i32, [abstractFloat], 1.9), made(f32, [u32], 16777217)]).toEqual([1, 16777216])
    expect(made(vector(2, i32), [vec2f], [1.5, -1.5])).toEqual([1, -1])
    expect([made(i32, [abstractFloat], 1e10), made(u32, [f32], 1e10)]).toEqual([2 ** 31 - 1, 2 ** 32 - 256])
    expect(() => made(u32, [abstractInt], -1n)).toThrow('-1 is not a value that u32 has')
    expect(() => made(f16, [f32], 1e5)).toThrow('100000 is not a value that f16 has')
  })
})
