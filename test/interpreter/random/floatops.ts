/** @file Random float expressions, with what their value may be in each thread. */
import * as types from '../../../src/wgsl/types.ts'
import * as balls from './balls.ts'
import { Outside, type Real } from './balls.ts'
import type { Draw } from './draw.ts'
import { binary, operators, ternary, unary } from './floatnames.ts'

const { f32, vector } = types

/** An expression, or what has a name. */
export interface Float {
  readonly text: string
  readonly type: types.Type
  /** For each thread its components, of matrices column by column. */
  readonly values: readonly (readonly Real[])[]
}

export interface Floats {
  readonly draw: Draw
  readonly threads: number
  /** What can be named. */
  pool: Float[]
}

export const sizeOf = (type: types.Type): number =>
  type.kind === 'vector' ? type.size : type.kind === 'matrix' ? type.columns * type.rows : 1

/** The same in all threads. */
export const everywhere = ({ threads }: Floats, values: readonly Real[]): Float['values'] => Array(threads).fill(values)

type Values = readonly Real[]

/** From the components of operands to those of a result, thread by thread. */
const lift = (text: string, type: types.Type, args: readonly Float[], f: (...args: Values[]) => Values): Float => ({
  text,
  type,
  values: args[0].values.map((_, thread) => f(...args.map(({ values }) => values[thread]))),
})

/** Component by component; a scalar goes with each. */
const each =
  (f: (...xs: Real[]) => Real, size: number) =>
  (...args: Values[]): Values =>
    Array.from({ length: size }, (_, i) => f(...args.map((arg) => (arg.length === 1 ? arg[0] : arg[i]))))

const column = (m: Values, i: number, rows: number): Values => m.slice(i * rows, (i + 1) * rows)
const row = (m: Values, i: number, rows: number): Values => m.filter((_, at) => at % rows === i)
const lengthOf = (x: Values): Real => balls.sqrt(balls.dot(x, x))

/** An expression of a type; where nothing works out, something that has a name. */
export function float(c: Floats, type: types.Type, depth: number): Float {
  if (depth > 0) {
    for (let tries = 0; tries < 6; tries++) {
      try {
        return c.draw.weighted(type.kind === 'matrix' ? matrices : type.kind === 'vector' ? vectors : numbers)(
          c,
          type,
          depth - 1,
        )
      } catch (error) {
        if (!(error instanceof Outside)) throw error
      }
    }
  }
  return leaf(c, type)
}

/** Something of the type, or made of components. */
export function leaf(c: Floats, type: types.Type): Float {
  const { draw } = c
  const all = c.pool.filter((one) => one.type === type)
  if (all.length > 0 && draw.chance(0.9)) return draw.pick(all)
  if (type.kind === 'scalar') {
    const wide = c.pool.filter((one) => one.type.kind === 'vector')
    if (wide.length === 0 || draw.chance(0.4)) return number(c)
    const from = draw.pick(wide)
    const i = draw.below(sizeOf(from.type))
    return lift(`${from.text}.${'xyzw'[i]}`, type, [from], (x) => [x[i]])
  }
  const parts = Array.from({ length: sizeOf(type) }, () => leaf(c, f32))
  return lift(`${types.nameOf(type)}(${parts.map(({ text }) => text).join(', ')})`, type, parts, (...xs) => xs.flat())
}

/** Of few digits, so that f32 has it. */
function number(c: Floats): Float {
  const x = c.draw.between(1, 40) / 8
  return { text: c.draw.chance(0.5) ? `${x}f` : `f32(${x})`, type: f32, values: everywhere(c, [balls.exact(x)]) }
}

type Make = (c: Floats, type: types.Type, depth: number) => Float

const operation: Make = (c, type, depth) => {
  const name = c.draw.weighted([
    [3, '+'],
    [3, '-'],
    [3, '*'],
    [2, '/'],
    [0.5, '%'],
  ])
  const other = type.kind === 'vector' && c.draw.chance(0.3) ? f32 : type
  const sides = [float(c, type, depth), float(c, other, depth)]
  const args = c.draw.chance(0.5) ? sides : sides.reverse()
  return lift(`(${args[0].text} ${name} ${args[1].text})`, type, args, each(operators[name], sizeOf(type)))
}

const negative: Make = (c, type, depth) => {
  const x = float(c, type, depth)
  return lift(`(-${x.text})`, type, [x], (x) => x.map(balls.neg))
}

const called =
  (table: { readonly [name: string]: (...xs: Real[]) => Real }, count: number): Make =>
  (c, type, depth) => {
    const name = c.draw.pick(Object.keys(table))
    const args = Array.from({ length: count }, () => float(c, type, depth))
    return lift(`${name}(${args.map(({ text }) => text).join(', ')})`, type, args, each(table[name], sizeOf(type)))
  }

/** By an integer that each thread knows. */
const chosen: Make = (c, type, depth) => {
  const [a, b] = [float(c, type, depth), float(c, type, depth)]
  const [mask, thread] = [c.draw.between(1, 3), (i: number) => (i & mask) === 0]
  return {
    text: `select(${a.text}, ${b.text}, (g & ${mask}) == 0)`,
    type,
    values: a.values.map((one, i) => (thread(i) ? b.values[i] : one)),
  }
}

const reduced: Make = (c, type, depth) => {
  const of = vector(c.draw.pick([2, 3, 4]), f32)
  const [x, y] = [float(c, of, depth), float(c, of, depth)]
  return c.draw.pick([
    () => lift(`dot(${x.text}, ${y.text})`, type, [x, y], (a, b) => [balls.dot(a, b)]),
    () => lift(`length(${x.text})`, type, [x], (a) => [lengthOf(a)]),
    () =>
      lift(`distance(${x.text}, ${y.text})`, type, [x, y], (a, b) => [
        lengthOf(a.map((one, i) => balls.sub(one, b[i]))),
      ]),
  ])()
}

const scaled: Make = (c, type, depth) => {
  const x = float(c, type, depth)
  const by = c.draw.between(-3, 3)
  return lift(
    `ldexp(${x.text}, ${by})`.replace(/, (-?\d)\)$/, type.kind === 'vector' ? `, vec${type.size}<i32>($1))` : ', $1)'),
    type,
    [x],
    each((one) => balls.mul(one, balls.exact(2 ** by)), sizeOf(type)),
  )
}

/** What is packed into an integer, which differs between threads in its lowest part. */
const unpacked: Make = (c, type) => {
  const size = sizeOf(type)
  if (size === 3) throw new Outside()
  const [kind, bits] = [c.draw.pick(size === 2 ? ['snorm', 'unorm', 'float'] : ['snorm', 'unorm']), 32 / size]
  // As f16 the parts are normal numbers.
  const word = kind === 'float' ? 0x34007400 - c.draw.below(256) * 0x40004 : c.draw.bits() - 64
  const values = Array.from({ length: c.threads }, (_, g) =>
    Array.from({ length: size }, (_, i): Real => part(kind, (Math.max(word, 0) + g) >>> (bits * i), bits)),
  )
  return { text: `unpack${size}x${bits}${kind}(${Math.max(word, 0)}u + g)`, type, values }
}

function part(kind: string, from: number, bits: number): Real {
  const x = from & (2 ** bits - 1)
  if (kind === 'float') return balls.exact((1 + (x & 0x3ff) / 0x400) * 2 ** (((x >> 10) & 31) - 15))
  if (kind === 'unorm') return balls.normed(x / (2 ** bits - 1))
  return balls.normed(Math.max(((x << (32 - bits)) >> (32 - bits)) / (2 ** (bits - 1) - 1), -1))
}

const geometric: Make = (c, type, depth) => {
  const [x, y, z] = [0, 1, 2].map(() => float(c, type, depth))
  const choices: (() => Float)[] = [
    () => lift(`normalize(${x.text})`, type, [x], (a) => a.map((one) => balls.div(one, lengthOf(a)))),
    () =>
      lift(`reflect(${x.text}, ${y.text})`, type, [x, y], (a, b) => {
        const twice = balls.mul(balls.exact(2), balls.dot(a, b))
        return a.map((one, i) => balls.sub(one, balls.mul(twice, b[i])))
      }),
    () =>
      lift(`faceForward(${x.text}, ${y.text}, ${z.text})`, type, [x, y, z], (a, b, n) => {
        const away = balls.sign(balls.dot(n, b)).x < 0
        return away ? a : a.map(balls.neg)
      }),
  ]
  if (sizeOf(type) === 3) {
    choices.push(() =>
      lift(`cross(${x.text}, ${y.text})`, type, [x, y], (a, b) =>
        [
          [1, 2],
          [2, 0],
          [0, 1],
        ].map(([i, j]) => balls.sub(balls.mul(a[i], b[j]), balls.mul(a[j], b[i]))),
      ),
    )
  }
  return c.draw.pick(choices)()
}

/** A matrix and a vector, from either side. */
const transformed: Make = (c, type, depth) => {
  const [size, other] = [sizeOf(type) as 2 | 3 | 4, c.draw.pick([2, 3, 4] as const)]
  const v = float(c, vector(other, f32), depth)
  if (c.draw.chance(0.5)) {
    const m = float(c, types.matrix(other, size, f32), depth)
    return lift(`(${m.text} * ${v.text})`, type, [m, v], (a, b) =>
      Array.from({ length: size }, (_, i) => balls.dot(row(a, i, size), b)),
    )
  }
  const m = float(c, types.matrix(size, other, f32), depth)
  return lift(`(${v.text} * ${m.text})`, type, [m, v], (a, b) =>
    Array.from({ length: size }, (_, i) => balls.dot(b, column(a, i, other))),
  )
}

const swizzled: Make = (c, type, depth) => {
  const size = c.draw.pick([2, 3, 4] as const)
  const x = float(c, vector(size, f32), depth)
  const at = Array.from({ length: sizeOf(type) }, () => c.draw.below(size))
  return lift(`${x.text}.${at.map((i) => 'xyzw'[i]).join('')}`, type, [x], (a) => at.map((i) => a[i]))
}

const ofMatrices: Make = (c, type, depth) => {
  if (type.kind !== 'matrix') return leaf(c, type)
  const { columns, rows } = type
  const size = columns * rows
  return c.draw.pick([
    () => {
      const [a, b] = [float(c, type, depth), float(c, type, 0)]
      const name = c.draw.pick(['+', '-'])
      return lift(`(${a.text} ${name} ${b.text})`, type, [a, b], each(operators[name], size))
    },
    () => {
      const [a, s] = [float(c, type, depth), float(c, f32, depth)]
      return lift(`(${s.text} * ${a.text})`, type, [a, s], each(balls.mul, size))
    },
    () => {
      const a = float(c, types.matrix(rows, columns, f32), depth)
      return lift(`transpose(${a.text})`, type, [a], (m) =>
        Array.from({ length: columns }, (_, i) => row(m, i, columns)).flat(),
      )
    },
    () => {
      const k = c.draw.pick([2, 3, 4] as const)
      const [a, b] = [float(c, types.matrix(k, rows, f32), 0), float(c, types.matrix(columns, k, f32), depth)]
      return lift(`(${a.text} * ${b.text})`, type, [a, b], (m, n) =>
        Array.from({ length: size }, (_, i) => balls.dot(row(m, i % rows, rows), column(n, Math.floor(i / rows), k))),
      )
    },
  ])()
}

const both: readonly (readonly [number, Make])[] = [
  [6, operation],
  [0.5, negative],
  [5, called(unary, 1)],
  [2, called(binary, 2)],
  [2, called(ternary, 3)],
  [1, chosen],
  [0.5, scaled],
]
const numbers = [...both, [2, reduced], [1, swizzled]] as const
const vectors = [...both, [1, unpacked], [2, geometric], [2, transformed], [1, swizzled]] as const
const matrices: readonly (readonly [number, Make])[] = [[1, ofMatrices]]
