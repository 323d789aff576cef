/**
 * @file Random compute programs. Each has buffers, functions and a function `…run` of its own; several of them are one
 * module with one entry point, because adapters take long for each pipeline.
 */
import * as types from '../../../src/wgsl/types.ts'
import type { Ball } from './balls.ts'
import { braced, type Context, declare, f32, fresh, i32, type Type, typeText, u32, visible, write } from './context.ts'
import { Draw } from './draw.ts'
import { expression } from './expressions.ts'
import { floatPart } from './floats.ts'
import { constants, makeFunction, makeInner, makeTypes, overrides, privates, writeStruct } from './functions.ts'
import { asWord, common, counting, exchange, own, type Phase, told } from './phases.ts'
import { statements } from './statements.ts'
import { bytesOf, fill, scalars } from './values.ts'

/** What a word of a buffer has to be afterwards. */
export interface Check {
  readonly byte: number
  /** Member and element, for messages. */
  readonly path: string
  /** The same bits; the same number; a number that the specification allows. */
  readonly is: 'bits' | 'number' | Ball
}

export interface Binding {
  readonly binding: number
  readonly kind: 'uniform' | 'storage' | 'written'
  readonly data: ArrayBuffer
  /** Which bytes are values: of the one that is written. */
  readonly checks: readonly Check[]
}

export interface RandomProgram {
  readonly seed: number
  readonly text: string
  readonly bindings: readonly Binding[]
  readonly constants: Readonly<Record<string, number>>
}

/** Programs that are dispatched together. */
export interface Batch {
  readonly programs: readonly RandomProgram[]
  readonly text: string
  readonly groups: readonly [number, number, number]
  readonly constants: Readonly<Record<string, number>>
}

interface Grid {
  readonly size: readonly [number, number, number]
  readonly groups: readonly [number, number, number]
  /** Of a workgroup, and of all. */
  readonly threads: number
  readonly all: number
}

const grids: readonly (readonly [readonly number[], readonly number[]])[] = [
  [
    [8, 1, 1],
    [2, 1, 1],
  ],
  [
    [4, 2, 1],
    [1, 2, 1],
  ],
  [
    [2, 2, 2],
    [1, 1, 2],
  ],
  [
    [5, 1, 1],
    [3, 1, 1],
  ],
  [
    [3, 2, 2],
    [1, 1, 1],
  ],
  [
    [16, 1, 1],
    [1, 1, 1],
  ],
]

export function makeBatch(seeds: readonly number[]): Batch {
  const draw = new Draw(seeds[0])
  const [size, groups] = draw.pick(grids) as [Grid['size'], Grid['groups']]
  const product = ([x, y, z]: Grid['size']): number => x * y * z
  const grid: Grid = { size, groups, threads: product(size), all: product(size) * product(groups) }
  const programs = seeds.map((seed, i) => makeProgram(seed, i, grid))
  const text = [shared, ...programs.map((one) => one.text), entry(draw, programs, grid)].join('\n')
  return { programs, text, groups, constants: Object.assign({}, ...programs.map((one) => one.constants)) }
}

/** No bit of what is folded in is lost, nor the order. */
const shared = `fn fold(h: u32, x: u32) -> u32 {
  return (h * 0x2c9277b5u) ^ x;
}`

/** The entry point calls all programs, one after the other. */
function entry(draw: Draw, programs: readonly RandomProgram[], { size, threads }: Grid): string {
  const [x, y, z] = size
  const sizes = draw.chance(0.3) ? 'SIZE' : `${x}`
  const list = z > 1 || draw.chance(0.2) ? `${sizes}, ${y}, ${z}` : y > 1 ? `${sizes}, ${y}` : sizes
  const builtins = [
    '@builtin(local_invocation_index) l: u32',
    '@builtin(workgroup_id) w: vec3<u32>',
    '@builtin(num_workgroups) k: vec3<u32>',
    '@builtin(global_invocation_id) id: vec3<u32>',
    '@builtin(local_invocation_id) at: vec3<u32>',
  ]
  const inStruct = draw.chance(0.4)
  const from = inStruct ? 'i.' : ''
  const group = `((${from}w.z * ${from}k.y + ${from}w.y) * ${from}k.x + ${from}w.x)`
  return [
    draw.chance(0.5) ? `override SIZE = ${x}u;` : `const SIZE = ${x};`,
    ...(inStruct ? [`struct Inputs { ${builtins.join(', ')} }`] : []),
    `@compute @workgroup_size(${list})`,
    `fn main(${inStruct ? 'i: Inputs' : builtins.join(', ')}) {`,
    `  let g = ${group} * ${threads} + ${from}l;`,
    ...programs.map((_, i) => `  p${i}run(g, ${from}l, ${from}id, ${from}at);`),
    '}',
  ].join('\n')
}

function makeProgram(seed: number, number: number, grid: Grid): RandomProgram {
  const draw = new Draw(seed)
  const p = `p${number}`
  const buffered = makeTypes(draw, p)
  const inner = makeInner(draw, p, buffered)
  const c: Context = {
    draw,
    lines: [`// seed ${seed}`],
    scopes: [[]],
    composite: [...buffered, inner],
    functions: [],
    result: undefined,
    around: [],
    calls: 3,
    budget: 26,
    loops: 0,
    hides: true,
    count: 0,
    depth: 0,
  }
  for (const type of [...buffered, inner]) if (type.kind === 'struct') writeStruct(c, type)
  const floats = floatPart(draw, p, grid.threads, grid.all)
  const given = buffers(c, p, number, grid, buffered, floats)
  constants(c, p)
  const values = overrides(c, p, number)
  privates(c, p)
  for (let i = 0; i < draw.between(1, 3); i++) makeFunction(c, `${p}f${i}`)
  c.lines.push(...floats.functions)
  run(c, p, grid, given.out, floats.call)
  return { seed, text: `${c.lines.join('\n')}\n`, bindings: given.bindings, constants: values }
}

// ---- buffers

interface Floats {
  readonly type: types.Struct
  readonly inputs: types.Struct
  readonly data: readonly number[]
  readonly expected: readonly (readonly Ball[])[]
}

function buffers(c: Context, p: string, number: number, { all }: Grid, buffered: readonly Type[], floats: Floats) {
  const { draw } = c
  const [binding, tail] = [3 * number, draw.between(1, 5)]
  const order = <T>(list: T[]): T[] => (draw.chance(0.5) ? list : list.reverse())
  const uniform = types.struct(
    `${p}U`,
    order([draw.pick(buffered), draw.pick([f32, i32, types.vector(3, u32)])]).map(member),
  )
  const last = draw.pick(buffered.concat(types.vector(3, i32), u32))
  const inputs = types.struct(`${p}I`, [
    { name: 'x', type: floats.inputs },
    ...[draw.pick(buffered)].map(member),
    { name: 'tail', type: types.array(last, null) },
  ])
  const cells = draw.between(1, 3)
  const atomic = draw.pick([i32, u32])
  const parts: types.Member[] = [
    { name: 'h', type: types.array(u32, all) },
    { name: 's', type: types.array(draw.pick(buffered), all) },
    { name: 'f', type: types.array(floats.type, all) },
    { name: 'c', type: types.array(types.atomic(atomic), cells) },
  ]
  const out = types.struct(`${p}R`, order(parts))
  for (const type of [floats.inputs, floats.type, uniform, inputs, out]) writeStruct(c, type)
  const bind = (i: number): string =>
    draw.pick([`@group(0) @binding(${binding + i})`, `@binding(${binding + i}) @group(0)`])
  write(c, `${bind(0)} var<uniform> ${p}u: ${p}U;`)
  write(c, `${bind(1)} var<storage${draw.chance(0.5) ? ', read' : ''}> ${p}i: ${p}I;`)
  write(c, `${bind(2)} var<storage, read_write> ${p}r: ${p}R;`)
  declare(c, { text: `${p}u`, type: uniform, is: 'variable', weight: 0.5 })
  declare(c, { text: `${p}i.m0`, type: inputs.members[1].type, is: 'variable', weight: 0.3 })
  declare(c, { text: `${p}i.tail`, type: inputs.members[2].type, is: 'variable', weight: 0.3 })
  const filled = fill(draw, inputs, tail)
  let next = 0
  scalars(floats.inputs, 0, 0, (byte) => new DataView(filled).setFloat32(byte, floats.data[next++], true))
  const data = new ArrayBuffer(bytesOf(out, 1))
  const bindings: Binding[] = [
    { binding, kind: 'uniform', data: fill(draw, uniform, 1), checks: [] },
    { binding: binding + 1, kind: 'storage', data: filled, checks: [] },
    { binding: binding + 2, kind: 'written', data, checks: checksOf(out, floats.expected) },
  ]
  return { bindings, out }
}

const member = (type: Type, i: number): types.Member => ({ name: `m${i}`, type })

function checksOf(out: Type, expected: readonly (readonly Ball[])[]): Check[] {
  const checks: Check[] = []
  const balls = expected.flat()
  let next = 0
  scalars(out, 0, 1, (byte, of, path) => {
    const is = path.startsWith('.f[') ? balls[next++] : of === f32 ? 'number' : 'bits'
    checks.push({ byte, path, is })
  })
  return checks
}

// ---- what all threads go through

function run(c: Context, p: string, grid: Grid, out: types.Struct, floats: string): void {
  const { draw } = c
  const { threads } = grid
  const phases = Array.from({ length: draw.between(1, 2) }, (_, i): Phase => {
    const name = `${p}w${i}`
    const make = draw.pick([exchange, exchange, counting, own, told])
    return make(c, name, make === counting ? draw.between(1, 4) : threads)
  })
  for (const phase of phases) phase.declare(c)
  const typeOf = (name: string) => out.members.find((one) => one.name === name)!.type as types.ArrayType
  const vec = types.vector(3, u32)
  write(c, `fn ${p}run(g: u32, l: u32, id: vec3<u32>, at: ${typeText(c, vec)}) {`)
  c.depth++
  c.scopes.push([
    { text: 'g', type: u32, is: 'value', kept: true },
    { text: 'l', type: u32, is: 'value', kept: true },
    { text: 'id', type: vec, is: 'value', kept: true },
    { text: 'at', type: vec, is: 'value', kept: true },
    // The thread's own part of the results, which it may read, too.
    { text: `${p}r.s[g]`, type: typeOf('s').of, is: 'variable', writable: true, kept: true, weight: 0.3 },
  ])
  write(c, 'var h = g;')
  c.budget = Math.max(c.budget, 12)
  statements(c, 3)
  for (const phase of phases) {
    phase.write(c)
    statements(c, 2)
  }
  const cells = typeOf('c')
  if (draw.chance(0.5)) common(c, `${p}r.c`, (cells.of as types.Atomic).of, Number(cells.count))
  if (draw.chance(0.5)) write(c, `${p}r.s[g] = ${expression(c, typeOf('s').of, 1).text};`)
  foldAll(c)
  write(c, `${p}r.h[g] = h;`)
  write(c, `${p}r.f[g] = ${floats};`)
  c.scopes.pop()
  c.depth--
  write(c, '}')
}

/** What variables are in the end shows in one word. */
function foldAll(c: Context): void {
  for (const { text, type, is, writable } of visible(c)) {
    if (is !== 'pointer' && !writable && !/^v/.test(text)) continue
    if (text.includes('[')) continue
    const words: string[] = []
    scalars(type, 0, 1, (_, of, path) => words.push(asWord(`${is === 'pointer' ? `(*${text})` : text}${path}`, of)))
    for (const word of words.slice(0, 6)) write(c, `h = fold(h, ${word});`)
  }
}

export { braced, fresh }
