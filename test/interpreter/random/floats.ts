/**
 * @file The floats of a program: a function that computes numbers which steer nothing, through variables, parts of
 * vectors, loops, branches, other functions and pointers. What each may be is known when the program is made.
 */
import * as types from '../../../src/wgsl/types.ts'
import * as balls from './balls.ts'
import { type Ball, Outside, type Real } from './balls.ts'
import type { Draw } from './draw.ts'
import { everywhere, type Float, type Floats, float, sizeOf } from './floatops.ts'

const { f32, matrix, vector } = types
const sized = [2, 3, 4] as const

export interface FloatPart {
  /** A struct that a buffer holds, and its numbers, scalar by scalar. */
  readonly inputs: types.Struct
  readonly data: readonly number[]
  readonly lines: readonly string[]
  /** The calls that give the results. */
  readonly results: readonly string[]
  /** Of each thread. */
  readonly expected: readonly (readonly Ball[])[]
}

interface Writer extends Floats {
  readonly prefix: string
  /** The function, and others that it calls. */
  lines: string[]
  readonly others: string[]
  count: number
}

const fresh = (c: Writer): string => `x${c.count++}`

/** `buffer`: where the inputs are. */
export function floatPart(draw: Draw, prefix: string, threads: number, buffer: string, count: number): FloatPart {
  const fields = [f32, vector(draw.pick(sized), f32), vector(3, f32), matrix(draw.pick(sized), draw.pick(sized), f32)]
  const inputs = types.struct(
    `${prefix}X`,
    fields.map((type, i) => ({ name: `x${i}`, type })),
  )
  const data: number[] = []
  const c: Writer = { draw, threads, prefix, pool: [], lines: [], others: [], count: 0 }
  for (const { name, type } of inputs.members) {
    // Of all sizes, but none so small or large that powers of it leave the range.
    const numbers = Array.from({ length: sizeOf(type) }, () =>
      Math.fround((draw.chance(0.5) ? 1 : -1) * 2 ** (6 * (draw.bits() / 2 ** 32) - 3)),
    )
    data.push(...numbers)
    c.pool.push({ text: `${buffer}.${name}`, type, values: everywhere(c, numbers.map(balls.exact)) })
  }
  const step = draw.between(1, 7) / 8
  const own = Array.from({ length: threads }, (_, g): Real[] => [balls.exact(g * step + 0.5)])
  c.pool.push({ text: 't', type: f32, values: own })
  const body: string[] = [`let t = f32(g) * ${step} + 0.5;`]
  c.lines = body
  const steps = draw.pick([1, 1, 2])
  for (let i = 0; i < steps; i++) statement(c)
  const type = count === 1 ? f32 : vector(count as 2 | 3 | 4, f32)
  const result = float(c, type, 2)
  const lines = [
    ...c.others,
    `fn ${prefix}floats(g: u32) -> ${types.nameOf(type)} {`,
    ...body.map((line) => `  ${line}`),
    `  return ${result.text};`,
    '}',
  ]
  const results = count === 1 ? [''] : Array.from({ length: count }, (_, i) => `.${'xyzw'[i]}`)
  return { inputs, data, lines, results, expected: result.values.map((values) => values.map(balls.ballOf)) }
}

const anyType = (draw: Draw): types.Type => draw.pick([f32, f32, ...sized.map((n) => vector(n, f32))])

/** Where a value would leave what can be compared, nothing is written. */
function statement(c: Writer): void {
  const kept = { pool: [...c.pool], lines: c.lines.length, others: c.others.length }
  try {
    c.draw.pick([declared, assigned, branched, looped, helped, pointed, listed])(c)
  } catch (error) {
    if (!(error instanceof Outside)) throw error
    c.pool = kept.pool
    c.lines.length = kept.lines
    c.others.length = kept.others
  }
}

const add = (c: Writer, text: string, type: types.Type, values: Float['values']): void => {
  c.pool.push({ text, type, values })
}

function declared(c: Writer): void {
  const value = float(c, anyType(c.draw), 2)
  const name = fresh(c)
  c.lines.push(`${c.draw.pick(['let', 'var'])} ${name}: ${types.nameOf(value.type)} = ${value.text};`)
  add(c, name, value.type, value.values)
}

const compounds = { '+': balls.add, '-': balls.sub, '*': balls.mul }

/** A variable of which one component changes. */
function assigned(c: Writer): void {
  const value = float(c, vector(c.draw.pick(sized), f32), 1)
  const part = float(c, f32, 2)
  const name = fresh(c)
  const size = sizeOf(value.type)
  const operator = c.draw.pick(['+', '-', '*'] as const)
  c.lines.push(`var ${name} = ${value.text};`, `${name}[g % ${size}] ${operator}= ${part.text};`)
  const values = value.values.map((all, g) =>
    all.map((one, i) => (i === g % size ? compounds[operator](one, part.values[g][0]) : one)),
  )
  add(c, name, value.type, values)
}

function branched(c: Writer): void {
  const type = anyType(c.draw)
  const [a, b] = [float(c, type, 2), float(c, type, 2)]
  const name = fresh(c)
  const last = c.draw.below(c.threads)
  c.lines.push(`var ${name} = ${a.text};`, `if (g > ${last}u) { ${name} = ${b.text}; }`)
  add(
    c,
    name,
    type,
    a.values.map((one, g) => (g > last ? b.values[g] : one)),
  )
}

/** x = x · a + b, some times over. */
function looped(c: Writer): void {
  const type = anyType(c.draw)
  const [x, a, b] = [0, 1, 2].map(() => float(c, type, 1))
  const [name, i] = [fresh(c), fresh(c)]
  const times = c.draw.between(2, 3)
  c.lines.push(`var ${name} = ${x.text};`)
  c.lines.push(`for (var ${i} = 0; ${i} < ${times}; ${i}++) { ${name} = ${name} * ${a.text} + ${b.text}; }`)
  const values = x.values.map((all, g) => {
    let now = all
    for (let k = 0; k < times; k++) now = now.map((one, j) => balls.add(balls.mul(one, a.values[g][j]), b.values[g][j]))
    return now
  })
  add(c, name, type, values)
}

/** Writes a function that sees its params alone. */
function inside(c: Writer, params: readonly Float[], make: () => Float): Float {
  const pool = c.pool
  c.pool = [...params]
  const made = make()
  c.pool = pool
  return made
}

function helped(c: Writer): void {
  const args = [float(c, anyType(c.draw), 1), float(c, anyType(c.draw), 1)]
  const params = args.map((arg, i): Float => ({ ...arg, text: `p${i}` }))
  const result = inside(c, params, () => float(c, anyType(c.draw), 2))
  const name = `${c.prefix}${fresh(c)}`
  const list = params.map(({ text, type }) => `${text}: ${types.nameOf(type)}`).join(', ')
  c.others.push(`fn ${name}(${list}, g: u32) -> ${types.nameOf(result.type)} { return ${result.text}; }`)
  const value = fresh(c)
  c.lines.push(`let ${value} = ${name}(${args.map(({ text }) => text).join(', ')}, g);`)
  add(c, value, result.type, result.values)
}

function pointed(c: Writer): void {
  const [target, arg] = [float(c, anyType(c.draw), 1), float(c, anyType(c.draw), 1)]
  const { type } = target
  const params = [
    { ...target, text: '(*q)' },
    { ...arg, text: 'p' },
  ]
  const result = inside(c, params, () => float(c, type, 2))
  const [name, variable] = [`${c.prefix}${fresh(c)}`, fresh(c)]
  const list = `q: ptr<function, ${types.nameOf(type)}>, p: ${types.nameOf(arg.type)}, g: u32`
  c.others.push(`fn ${name}(${list}) { *q = ${result.text}; }`)
  c.lines.push(`var ${variable} = ${target.text};`, `${name}(&${variable}, ${arg.text}, g);`)
  add(c, variable, type, result.values)
}

/** An array, of which each thread takes an element of its own. */
function listed(c: Writer): void {
  const type = anyType(c.draw)
  const all = Array.from({ length: c.draw.between(2, 3) }, () => float(c, type, 1))
  const name = fresh(c)
  c.lines.push(`let ${name} = array(${all.map(({ text }) => text).join(', ')});`)
  const values = all[0].values.map((_, g) => all[g % all.length].values[g])
  add(c, `${name}[g % ${all.length}u]`, type, values)
}
