/** @file Generated code of builtin functions and conversions: as const-expressions are, and where those are wrong. */
import { describe, expect, test } from 'vitest'
import { roundF16 } from '../../src/interpreter/arithmetic.ts'
import { bitcastParts, builtinParts, convertParts } from '../../src/interpreter/code/builtins.ts'
import { resolveBuiltin } from '../../src/wgsl/builtins/index.ts'
import { constant } from '../../src/wgsl/builtins/table.ts'
import { resolveConstructor } from '../../src/wgsl/constructors.ts'
import type { Row } from '../../src/wgsl/overloads.ts'
import type { Resolved } from '../../src/wgsl/resolved.ts'
import {
  bool,
  f16,
  f32,
  i32,
  isAbstract,
  matrix,
  nameOf,
  type Scalar,
  type Type,
  u32,
  vector,
} from '../../src/wgsl/types.ts'
import { each, roundF16 as nearestF16 } from '../../src/wgsl/values.ts'
import { assemble, compare, draw, exactFma, type Flat, generator, SIZES, shapesOf } from './assembled.ts'

const SCALARS = [bool, i32, u32, f32, f16]

type Size = (typeof SIZES)[number]

const builtin = (name: string, params: readonly Type[], result: Type, literals?: Flat) =>
  assemble(params, (args, emit) => builtinParts(name, args, result, emit), literals)

/** What a call means, of arguments of these types. */
function resolved(name: string, args: readonly Type[], template: readonly Type[] = []): Resolved {
  const found = resolveBuiltin(name, template, args, false)
  if (typeof found === 'string') throw new Error(found)
  return found
}

/** A running call of arguments of these types. */
const call = (name: string, types: readonly Type[], ...args: Flat): Flat =>
  builtin(name, types, resolved(name, types).result).run(args)

/** All lists of types that overloads take, without abstract ones. */
function listsOf({ params, choices }: Row): Type[][] {
  const variables = [...new Set(params.flatMap(({ sizes }) => sizes))].filter((name) => /\D/.test(name))
  const assigned = variables.reduce<{ [name: string]: Size }[]>(
    (all, name) => all.flatMap((known) => SIZES.map((size) => ({ ...known, [name]: size }))),
    [{}],
  )
  return choices.flatMap((choice) =>
    assigned.map((known) =>
      params.map(({ shape, sizes, of }) => {
        const scalar = choice[of] ?? SCALARS.find((one) => one.name === of)
        const [n, m] = sizes.map((size) => known[size] ?? (Number(size) as Size))
        return shape === 'vec' ? vector(n, scalar) : shape === 'mat' ? matrix(n, m, scalar) : scalar
      }),
    ),
  )
}

/** Takes numbers from -4 to 4 and others into what a function is defined for; rounding is not needed for it. */
const INTO: { readonly [name: string]: (x: number) => number } = {
  acos: (x) => (Math.abs(x) <= 4 ? x / 4 : 1),
  asin: (x) => (Math.abs(x) <= 4 ? x / 4 : -1),
  atanh: (x) => (Math.abs(x) <= 4 ? x / 8 : 0),
  acosh: (x) => (Math.abs(x) < 1 ? 1 : Math.abs(x)),
  inverseSqrt: (x) => Math.abs(x) || 1,
  log: (x) => Math.abs(x) || 1,
  log2: (x) => Math.abs(x) || 1,
  pow: (x) => Math.abs(x) || 1,
  sqrt: Math.abs,
  quantizeToF16: (x) => (Math.abs(x) <= 65504 ? x : 1),
}

/** In const-expressions abs(-0) is -0. */
const unsigned = (found: Resolved): Resolved => ({
  ...found,
  evaluate: (args) => each((x) => (x === 0 ? 0 : x), [found.evaluate!(args)]),
})

describe('as const-expressions are', () => {
  // A const-expression of fma rounds the product, too.
  test.each([...constant.rows.keys()].filter((name) => name !== 'fma'))('%s', (name) => {
    const random = generator(1)
    const lists = (constant.rows.get(name) ?? []).flatMap(listsOf).filter((list) => !list.some(isAbstract))
    expect(lists.length).toBeGreaterThan(0)
    for (const list of lists) {
      const found = name === 'abs' ? unsigned(resolved(name, list)) : resolved(name, list)
      expect(found.params).toEqual(list)
      const code = (literals?: Flat) => builtin(name, found.params, found.result, literals)
      // That low is above high is wrong often.
      const least = name === 'clamp' ? 0 : 9
      expect(compare(found, code, random, INTO[name]), `${name}(${list.map(nameOf)})`).toBeGreaterThan(least)
    }
  })

  test.each(SCALARS)('bitcast of $name', (of) => {
    const random = generator(2)
    let overloads = 0
    for (const from of shapesOf(of)) {
      for (const to of SCALARS.flatMap(shapesOf)) {
        const found = resolveBuiltin('bitcast', [to], [from], false)
        if (typeof found === 'string') continue
        overloads++
        const code = (literals?: Flat) => assemble([from], ([x], emit) => bitcastParts(x, to, emit), literals)
        expect(compare(found, code, random), `bitcast<${nameOf(to)}>(${nameOf(from)})`).toBeGreaterThan(9)
      }
    }
    expect(overloads).toBe(of === bool ? 0 : of === f16 ? 10 : 14)
  })

  test.each(SCALARS.flatMap((from) => SCALARS.map((to) => [from, to] as const)))('$0.name as $1.name', (from, to) => {
    const found = resolveConstructor(to, [from])
    if (typeof found === 'string') throw new Error(found)
    const code = (literals?: Flat) =>
      assemble([from], ([x], emit) => [convertParts(x.parts[0], from, to, emit)], literals)
    expect(compare({ ...found, params: [from] }, code, generator(3))).toBeGreaterThan(20)
  })
})

test.each([f32, f16])('fma rounds once: $name', (of) => {
  const random = generator(4)
  const code = builtin('fma', [vector(2, of), vector(2, of), vector(2, of)], vector(2, of))
  for (let i = 0; i < 1000; i++) {
    const args = Array.from({ length: 6 }, () => draw(of, random) as number)
    const wanted = [0, 1].map((j) => exactFma(of, args[j], args[j + 2], args[j + 4]) + 0)
    expect(code.run(args).map((x) => Number(x) + 0)).toEqual(wanted)
  }
})

describe('where const-expressions are wrong', () => {
  const vec2f = vector(2, f32)
  const vec4u = vector(4, u32)

  test.each<[string, readonly Type[], Flat, Flat]>([
    ['exp', [f32], [100], [Infinity]],
    ['exp', [f16], [1000], [Infinity]],
    ['exp2', [f16], [1023], [Infinity]],
    ['log', [f32], [0], [-Infinity]],
    ['sqrt', [f32], [-1], [NaN]],
    ['pow', [f32, f32], [-2, 2], [NaN]],
    ['inverseSqrt', [f32], [0], [Infinity]],
    ['quantizeToF16', [f32], [1e30], [Infinity]],
    ['normalize', [vec2f], [0, 0], [NaN, NaN]],
    ['clamp', [f32, f32, f32], [0.5, 3, 2], [2]],
    ['clamp', [i32, i32, i32], [5, 3, -2], [-2]],
    ['smoothstep', [f32, f32, f32], [1, 1, 2], [1]],
    ['abs', [i32], [-(2 ** 31)], [-(2 ** 31)]],
    ['abs', [f32], [-0], [0]],
    ['dot', [vector(2, i32), vector(2, i32)], [2 ** 30, 1, 2, 0], [-(2 ** 31)]],
    ['ldexp', [f32, i32], [0, 2 ** 31 - 1], [0]],
    ['ldexp', [f32, i32], [1, 129], [Infinity]],
    ['ldexp', [f32, i32], [2 ** -149, 276], [2 ** 127]],
    ['ldexp', [f32, i32], [1, -(2 ** 31)], [0]],
    ['extractBits', [u32, u32, u32], [2 ** 32 - 1, 28, 9], [15]],
    ['extractBits', [i32, u32, u32], [-(2 ** 31), 31, 2 ** 32 - 1], [-1]],
    ['extractBits', [u32, u32, u32], [2 ** 32 - 1, 40, 3], [0]],
    ['insertBits', [u32, u32, u32, u32], [0, 2 ** 32 - 1, 28, 9], [15 * 2 ** 28]],
    ['insertBits', [i32, i32, u32, u32], [7, -1, 2 ** 32 - 1, 1], [7]],
    ['frexp', [f32], [Infinity], [Infinity, 0]],
    ['round', [f32], [NaN], [NaN]],
    ['saturate', [f32], [NaN], [0]],
    ['min', [f32, f32], [-Infinity, NaN], [-Infinity]],
    ['pack2x16float', [vec2f], [1e6, -1e6], [0xfc007c00]],
    ['pack4x8unorm', [vector(4, f32)], [NaN, 2, -1, 0.5], [0x8000ff00]],
    ['unpack2x16float', [u32], [0xfc007c00], [Infinity, -Infinity]],
    ['pack4xU8Clamp', [vec4u], [300, 255, 0, 2 ** 32 - 1], [0xff00ffff]],
    ['refract', [vec2f, vec2f, f32], [1, 0, NaN, 0, 1], [NaN, NaN]],
  ])('%s of %o: %o', (name, types, args, result) => {
    expect(call(name, types, ...args)).toEqual(result)
    expect(builtin(name, types, resolved(name, types).result, args).run([])).toEqual(result)
  })

  test.each<[Scalar, Scalar, number, number | boolean]>([
    [f32, i32, NaN, 0],
    [f32, u32, NaN, 0],
    [f32, i32, Infinity, 2 ** 31 - 128],
    [f32, i32, -Infinity, -(2 ** 31)],
    [f32, u32, 2 ** 40, 2 ** 32 - 256],
    [f32, u32, -1.5, 0],
    [f32, i32, -0.5, 0],
    [f16, i32, -Infinity, -65504],
    [f16, u32, Infinity, 65504],
    [f32, f16, 65520, Infinity],
    [f32, f16, 1e38, Infinity],
    [u32, f16, 2 ** 32 - 1, Infinity],
    [f32, bool, NaN, true],
    [f32, bool, -0, false],
    [u32, i32, 2 ** 32 - 1, -1],
  ])('%o as %o: %d', (from, to, x, result) => {
    expect(assemble([from], ([arg], emit) => [convertParts(arg.parts[0], from, to, emit)]).run([x])).toEqual([result])
  })

  test('bits of infinities and NaN', () => {
    const bitcast = (from: Type, to: Type, ...x: Flat) =>
      assemble([from], ([arg], emit) => bitcastParts(arg, to, emit)).run(x)
    expect(bitcast(u32, f32, 0x7f800000)).toEqual([Infinity])
    expect(bitcast(f32, u32, -Infinity)).toEqual([0xff800000])
    expect(bitcast(i32, f32, 0x7fc00001)).toEqual([NaN])
    expect(bitcast(u32, vector(2, f16), 0x7e00fc00)).toEqual([-Infinity, NaN])
    expect(bitcast(vector(2, f16), u32, -Infinity, NaN)).toEqual([0x7e00fc00])
  })
})

describe('undefined data', () => {
  const [vec2f, vec3f] = [vector(2, f32), vector(3, f32)]

  test.each<[string, readonly Type[], readonly number[], readonly number[]]>([
    ['exp', [vec2f], [0, 3], [0, 3]],
    ['clamp', [vec2f, vec2f, vec2f], [0, 0, 0, 5, 6, 0], [6, 5]],
    ['mix', [vec2f, vec2f, f32], [0, 0, 0, 0, 4], [4, 4]],
    ['dot', [vec2f, vec2f], [0, 0, 0, 2], [2]],
    ['length', [vec2f], [0, 9], [9]],
    ['distance', [vec2f, vec2f], [0, 0, 8, 0], [8]],
    ['normalize', [vec2f], [7, 0], [7, 7]],
    ['cross', [vec3f, vec3f], [5, 0, 0, 0, 0, 0], [0, 5, 5]],
    ['faceForward', [vec2f, vec2f, vec2f], [1, 0, 0, 0, 0, 0], [1, 0]],
    ['faceForward', [vec2f, vec2f, vec2f], [0, 0, 0, 3, 0, 0], [3, 3]],
    ['reflect', [vec2f, vec2f], [0, 0, 0, 2], [2, 2]],
    ['refract', [vec2f, vec2f, f32], [0, 0, 0, 0, 2], [2, 2]],
    ['all', [vector(2, bool)], [0, 4], [4]],
    ['determinant', [matrix(2, 2, f32)], [0, 0, 0, 6], [6]],
    ['transpose', [matrix(3, 2, f32)], [1, 2, 3, 4, 5, 6], [1, 3, 5, 2, 4, 6]],
    ['frexp', [vec2f], [0, 2], [0, 2, 0, 2]],
    ['unpack2x16unorm', [u32], [3], [3, 3]],
    ['pack2x16unorm', [vec2f], [0, 5], [5]],
    ['dot4U8Packed', [u32, u32], [0, 7], [7]],
    ['extractBits', [vector(2, u32), u32, u32], [0, 1, 0, 0], [0, 1]],
  ])('%s', (name, types, bads, result) => {
    expect(
      builtin(name, types, resolved(name, types).result).bads(
        bads.map(() => 1),
        bads,
      ),
    ).toEqual(result)
  })

  test('of select is that of the choice and of what is chosen', () => {
    const bads = (which: boolean, bad: readonly number[]) =>
      builtin('select', [f32, f32, bool], f32).bads([1, 2, which], bad)[0]
    expect([bads(true, [4, 0, 0]), bads(false, [4, 0, 0])]).toEqual([0, 4])
    expect([bads(true, [0, 5, 0]), bads(false, [0, 5, 0])]).toEqual([5, 0])
    expect(bads(true, [0, 0, 6])).toBe(6)
    const vectors = builtin('select', [vec2f, vec2f, vector(2, bool)], vec2f)
    expect(vectors.bads([1, 2, 3, 4, true, false], [7, 8, 0, 0, 0, 0])).toEqual([0, 8])
  })

  test('goes through bitcast and conversions', () => {
    const bitcast = (from: Type, to: Type, bads: readonly number[]) =>
      assemble([from], ([arg], emit) => bitcastParts(arg, to, emit)).bads(
        bads.map(() => 1),
        bads,
      )
    expect(bitcast(vec2f, vector(2, u32), [0, 3])).toEqual([0, 3])
    expect(bitcast(vector(2, f16), u32, [0, 3])).toEqual([3])
    expect(bitcast(u32, vector(2, f16), [4])).toEqual([4, 4])
  })
})

test('roundF16', () => {
  const random = generator(5)
  for (let i = 0; i < 20_000; i++) {
    const x = i % 2 ? (random() - 0.5) * 2 ** (34 * random() - 17) : (draw(f16, random) as number) * (1 + 2 ** -11)
    if (Math.abs(x) < 65520 && !Object.is(roundF16(x), nearestF16(x))) expect(roundF16(x), `${x}`).toBe(nearestF16(x))
  }
  expect([65519, 65520, -65520, 1e300, -Infinity, 2 ** -25, 1.5 * 2 ** -24, NaN].map(roundF16)).toEqual([
    65504,
    Infinity,
    -Infinity,
    Infinity,
    -Infinity,
    0,
    2 ** -23,
    NaN,
  ])
})
