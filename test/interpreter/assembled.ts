/** @file Generated code of an operator or builtin function as a function, arguments for it, and what it has to give. */
import { expect } from 'vitest'
import * as arithmetic from '../../src/interpreter/arithmetic.ts'
import type { Emitter, Part, Value } from '../../src/interpreter/code/value.ts'
import { Invalid, type Resolved } from '../../src/wgsl/resolved.ts'
import type { Constant } from '../../src/wgsl/tree.ts'
import { componentOf, matrix, nameOf, type Scalar, type Type, vector } from '../../src/wgsl/types.ts'
import { each } from '../../src/wgsl/values.ts'

/** Numbers from 0 to 1, the same ones for a seed. Source: mulberry32, T. Ettinger. */
export function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    const mixed = Math.imul(state ^ (state >>> 15), state | 1)
    const more = mixed ^ (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61))
    return ((more ^ (more >>> 14)) >>> 0) / 2 ** 32
  }
}

// ---- arguments

const NUMBERS = [0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 3, 100, 2 ** -14, 2 ** -24, 65504, -65504]
const SPECIAL: { readonly [name: string]: readonly (number | boolean)[] } = {
  bool: [false, true],
  i32: [0, 1, -1, 2, -2, 31, 32, 2 ** 31 - 1, -(2 ** 31), 1 - 2 ** 31, 0x55555555],
  u32: [0, 1, 2, 3, 8, 31, 32, 33, 2 ** 31, 2 ** 31 - 1, 2 ** 32 - 1, 0xaaaaaaaa],
  f32: [...NUMBERS, 2 ** 24, 2 ** -126, 2 ** -149, -(2 ** -149), 2 ** 128 - 2 ** 104, 2 ** 104 - 2 ** 128],
  f16: [...NUMBERS, 1 + 2 ** -10],
}

/** A scalar that its type has: small, or special or any, too. */
function drawScalar(of: Scalar, random: () => number, plain: boolean): number | boolean {
  const { name } = of
  const special = SPECIAL[name]
  if (name === 'bool' || (!plain && random() < 0.3)) return special[Math.floor(random() * special.length)]
  const small = plain || random() < 0.6
  if (name === 'u32') return Math.floor(random() * (small ? 34 : 2 ** 32))
  if (name === 'i32') return Math.floor((random() - 0.5) * (small ? 40 : 2 ** 32))
  const size = small ? 4 : 2 ** ((random() - 0.5) * (name === 'f16' ? 28 : 250))
  return round(of, (random() - 0.5) * 2 * size)
}

/** A value of a type; half of the values have small numbers only. */
export function draw(type: Type, random: () => number, plain = random() < 0.5): Constant {
  const list = (length: number, of: Type) => Array.from({ length }, () => draw(of, random, plain))
  if (type.kind === 'vector') return list(type.size, type.of)
  if (type.kind === 'matrix') return list(type.columns, vector(type.rows, type.of))
  return drawScalar(type as Scalar, random, plain)
}

export const SIZES = [2, 3, 4] as const

/** A scalar type, its vectors and its matrices. */
export const shapesOf = (of: Scalar): Type[] => [
  of,
  ...SIZES.map((size) => vector(size, of)),
  ...(of.name === 'f32' || of.name === 'f16' ? SIZES.flatMap((c) => SIZES.map((r) => matrix(c, r, of))) : []),
]

// ---- code

export type Flat = readonly (number | boolean)[]

/** Constants as their scalars. */
// Values of operators and builtin functions are lists of at most three levels, and have no bigint after the check.
export const flat = (values: readonly Constant[]): Flat => [values].flat(4) as unknown as Flat

/** Where code of a test goes; literals of every sign stay, as a writer may leave them. */
class Lines implements Emitter {
  readonly lines: string[] = []

  name(js: string): string {
    if (/^(-?[\w.]+|-?\d+(\.\d+)?e[+-]\d+)$/.test(js)) return js
    this.lines.push(`const t${this.lines.length} = ${js}`)
    return `t${this.lines.length - 1}`
  }
}

export interface Assembled {
  /** The scalars of the result. */
  run(args: Flat): Flat
  /** Where undefined data came into each. @param bads  of each scalar of the arguments */
  bads(args: Flat, bads: readonly number[]): readonly number[]
}

/** How many scalars a type has. */
export const countOf = (type: Type): number => {
  if (type.kind === 'matrix') return type.columns * type.rows
  return type.kind === 'vector' ? type.size : 1
}

type Make = (args: readonly Value[], emit: Emitter) => readonly Part[]

/** @param literals  values of the arguments to stand in the code, instead of names */
export function assemble(params: readonly Type[], make: Make, literals?: Flat): Assembled {
  const build = (tracked: boolean) => {
    let n = 0
    const part = (): Part => {
      const given = literals?.[n]
      return {
        js: given === undefined ? `x${n}` : Object.is(given, -0) ? '-0' : String(given),
        bad: tracked ? `b${n++}` : String(0 * n++),
      }
    }
    const args = params.map((type): Value => ({ type, parts: Array.from({ length: countOf(type) }, part) }))
    const emit = new Lines()
    const parts = make(args, emit)
    const wrong = tracked ? undefined : parts.find(({ bad }) => bad !== '0')
    if (wrong) throw new Error(`of defined arguments ${wrong.js} is not known to be defined: ${wrong.bad}`)
    const names = ['x', 'b'].flatMap((letter) => Array.from({ length: n }, (_, i) => letter + i))
    const results = parts.map((one) => (tracked ? one.bad : one.js))
    const body = `${emit.lines.join('\n')}\nreturn [${results.join(', ')}]`
    const run = new Function(...Object.keys(arithmetic), ...names, body)
    return (...args: readonly unknown[]) => run(...Object.values(arithmetic), ...args)
  }
  const run = build(false)
  return { run: (args) => run(...args), bads: (args, given) => build(true)(...args, ...given) }
}

/** A scalar that its type has, as generated code holds it. */
function has(of: Scalar, x: number | boolean): boolean {
  const { name } = of
  if (typeof x === 'boolean' || name === 'bool') return typeof x === 'boolean' && name === 'bool'
  if (name === 'i32') return Object.is(x, x | 0)
  if (name === 'u32') return Object.is(x, x >>> 0)
  return Object.is(x, round(of, x))
}

// ---- exact arithmetic

export const round = (of: Scalar, x: number): number => (of.name === 'f16' ? arithmetic.roundF16(x) : Math.fround(x))

/** x as an integer of units of 2^-298, which every product of two f32 is a whole number of. */
const units = (x: number): bigint => BigInt(x * 2 ** 149) << 149n

/** The nearest number of `precision` bits, none worth less than 2^lowest, in units of 2^-298. */
function nearest(n: bigint, precision: number, lowest: number): number {
  const size = n < 0n ? -n : n
  const drop = BigInt(Math.max(size.toString(2).length - precision, lowest + 298))
  const whole = size >> drop
  const rest = size - (whole << drop)
  const half = 1n << (drop - 1n)
  const up = rest > half || (rest === half && (whole & 1n) === 1n)
  return (n < 0n ? -1 : 1) * Number(whole + (up ? 1n : 0n)) * 2 ** (Number(drop) - 298)
}

/** a·b + c as the nearest number of f32 or f16; a 0 has no sign. */
export function exactFma(of: Scalar, a: number, b: number, c: number): number {
  const [precision, lowest] = of.name === 'f16' ? [11, -24] : [24, -149]
  return round(of, nearest((units(a) * units(b)) / (1n << 298n) + units(c), precision, lowest))
}

// ---- comparison

/** The value of a const-expression; undefined where that is an error. */
function constant({ evaluate }: Resolved, args: readonly Constant[]): Flat | undefined {
  try {
    return flat([evaluate!(args)])
  } catch (error) {
    if (error instanceof Invalid) return undefined
    throw error
  }
}

/** The type of each of a value's scalars. */
function scalarsOf(type: Type): Scalar[] {
  if (type.kind === 'struct') return type.members.flatMap((member) => scalarsOf(member.type))
  return Array<Scalar>(countOf(type)).fill(componentOf(type) as Scalar)
}

const same = (a: Flat, b: Flat): boolean => a.length === b.length && a.every((x, i) => Object.is(x, b[i]))

const show = (args: readonly Constant[]): string =>
  flat(args)
    .map((x) => (Object.is(x, -0) ? '-0' : x))
    .join(', ')

/**
 * Code and const-expression on 60 lists of random arguments, some of which are literals in the code.
 * @param into  half of the arguments are taken by it into what the const-expression has a value of
 * @returns of how many it has one
 */
export function compare(
  found: Resolved,
  make: (literals?: Flat) => Assembled,
  random: () => number,
  into = (x: number): number => x,
): number {
  const code = make()
  const types = scalarsOf(found.result)
  let known = 0
  for (let i = 0; i < 60; i++) {
    const drawn = found.params.map((type) => draw(type, random))
    const args = i % 2 ? drawn : (each((x) => (typeof x === 'number' ? into(x) : x), [drawn]) as Constant[])
    const values = (i % 30 === 0 ? make(flat(args)) : code).run(flat(args))
    const wanted = constant(found, args)
    // Asked before `expect` is, which takes far longer than what is tested.
    if (wanted && !same(values, wanted)) expect(values, show(args)).toEqual(wanted)
    const fit = values.length === types.length && values.every((x, i) => has(types[i], x))
    if (!fit) expect.fail(`${nameOf(found.result)} of ${show(args)}: ${show(values)}`)
    known += Number(wanted !== undefined)
  }
  return known
}
