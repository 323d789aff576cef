/**
 * @file Random compute programs. Each has buffers, functions and a function `…run` of its own. Several of them are
 * one module with one entry point, because adapters take long for each pipeline, and for each place that writes a
 * buffer.
 */
import * as types from '../../../src/wgsl/types.ts'
import { type Binding, type Buffers, buffers, type Check, type Wanted } from './buffers.ts'
import { type Context, type Type, typeText, u32, visible, write } from './context.ts'
import { Draw } from './draw.ts'
import { expression } from './expressions.ts'
import { type FloatPart, floatPart } from './floats.ts'
import { constants, makeFunction, makeInner, makeTypes, overrides, privates, writeStruct } from './functions.ts'
import { asWord, common, counting, exchange, own, type Phase, told } from './phases.ts'
import { anyType, statements, use, variable } from './statements.ts'
import { scalars } from './values.ts'

interface RandomProgram {
  readonly seed: number
  /** In its batch. */
  readonly place: number
  readonly text: string
  readonly bindings: readonly Binding[]
  readonly constants: Readonly<Record<string, number>>
}

/** Programs that are dispatched together. */
export interface Batch {
  readonly seed: number
  readonly programs: readonly RandomProgram[]
  readonly text: string
  readonly bindings: readonly Binding[]
  readonly groups: readonly [number, number, number]
  readonly constants: Readonly<Record<string, number>>
}

interface Grid {
  readonly size: readonly [number, number, number]
  readonly groups: readonly [number, number, number]
  /** Of a workgroup, and of all. */
  readonly threads: number
  readonly all: number
  /**
   * Threads of a workgroup wait for each other. Not in all batches, because barriers are what adapters take longest
   * for.
   */
  readonly together: boolean
}

const grids: readonly (readonly [Grid['size'], Grid['groups']])[] = [
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

/** Buffers of the programs of a batch: with the results' no more than the 8 that every device has in storage. */
const plans: readonly Wanted[] = ['io', '', 'i', '', 'o', '', 'i', '', 'i', '', '', ''].map((one) => ({
  storage: one.includes('i'),
  written: one.includes('o'),
}))
const PLACES = plans.map((_, place) => place)

/**
 * Every second batch has threads that wait for each other, and one program: waiting is what adapters take longest for,
 * longer than in proportion where there is more of it.
 */
const isTogether = (seed: number): boolean => seed % 2 === 1

/** Words that a program leaves for each thread: one of its integers, the rest floats. */
const SLOTS = 3

/** The batch of a seed; or some of its programs, by their place. */
export function makeBatch(
  seed: number,
  places = isTogether(seed) ? [PLACES[(seed >> 1) % PLACES.length]] : PLACES,
): Batch {
  const draw = new Draw(~seed)
  const [size, groups] = draw.pick(grids)
  const product = ([x, y, z]: Grid['size']): number => x * y * z
  const grid: Grid = {
    size,
    groups,
    threads: product(size),
    all: product(size) * product(groups),
    together: isTogether(seed),
  }
  const made = places.map((i) => makeProgram(seed * plans.length + i, i, grid))
  const programs = made.map(({ program }) => program)
  const text = [shared, ...programs.map((one) => one.text), entry(draw, places, grid)].join('\n')
  const checks: Check[] = []
  for (let g = 0; g < grid.all; g++) {
    for (let word = 0; word < plans.length * SLOTS; word++) {
      const place = Math.floor(word / SLOTS)
      const at = places.indexOf(place)
      const ball = at < 0 ? undefined : made[at].floats.expected[g][(word % SLOTS) - 1]
      checks.push({ byte: 4 * checks.length, place, path: `[${g}]`, is: ball ?? 'bits' })
    }
  }
  const results: Binding = { binding: 0, kind: 'written', data: new ArrayBuffer(4 * checks.length), checks }
  const bindings = [results, ...programs.flatMap((one) => one.bindings)]
  const constants = Object.assign({}, ...programs.map((one) => one.constants))
  return { seed, programs, text, bindings, groups, constants }
}

/** Results are kept, and written in one place. No bit of what is folded in is lost, nor the order. */
const shared = `@group(0) @binding(0) var<storage, read_write> results: array<u32>;
var<private> kept: array<u32, ${PLACES.length * SLOTS}>;

fn fold(h: u32, x: u32) -> u32 {
  return (h * 0x2c9277b5u) ^ x;
}
`

/** The entry point calls all programs, one after the other. */
function entry(draw: Draw, places: readonly number[], { size, threads, all }: Grid): string {
  const [x, y, z] = size
  const first = draw.chance(0.5) ? 'SIZE' : `${x}`
  const list = z > 1 || draw.chance(0.2) ? `${first}, ${y}, ${z}` : y > 1 ? `${first}, ${y}` : first
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
    ...places.map((i) => `  p${i}run(g, ${from}l, ${from}id, ${from}at);`),
    `  let words = arrayLength(&results) / ${all};`,
    '  for (var word = 0u; word < words; word++) { results[g * words + word] = kept[word]; }',
    '}',
  ].join('\n')
}

function makeProgram(seed: number, place: number, grid: Grid): { program: RandomProgram; floats: FloatPart } {
  const draw = new Draw(seed)
  const p = `p${place}`
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
    calls: 1,
    budget: grid.together ? 4 : 6,
    loops: 0,
    hides: true,
    count: 0,
    depth: 0,
  }
  for (const type of c.composite) if (type.kind === 'struct') writeStruct(c, type)
  write(c, `alias ${p}A = ${typeText(c, c.composite[0])};`)
  c.alias = `${p}A`
  const floats = floatPart(draw, p, grid.all, `${p}u.x`, draw.chance(0.6) ? 1 : 2)
  const given = buffers(c, place, plans[place], floats, grid.all)
  constants(c, p)
  const values = overrides(c, p, place)
  privates(c, p)
  const count = draw.pick([0, 1, 1, 1, 2])
  for (let i = 0; i < count; i++) makeFunction(c, `${p}f${i}`)
  c.lines.push(...floats.lines)
  run(c, p, place, grid, given.out, floats)
  return {
    program: { seed, place, text: `${c.lines.join('\n')}\n`, bindings: given.bindings, constants: values },
    floats,
  }
}

/** The function that all threads go through. */
function run(
  c: Context,
  p: string,
  place: number,
  { threads, together }: Grid,
  out: Buffers['out'],
  floats: FloatPart,
): void {
  const { draw } = c
  const phases = Array.from({ length: together ? draw.pick([1, 1, 2]) : 0 }, (_, i): Phase => {
    const name = `${p}w${i}`
    const make = draw.pick([exchange, exchange, counting, own, told])
    return make(c, name, make === counting ? draw.between(1, 4) : threads)
  })
  for (const phase of phases) phase.declare(c)
  const three = types.vector(3, u32)
  write(c, `fn ${p}run(g: u32, l: u32, id: vec3<u32>, at: ${typeText(c, three)}) {`)
  c.depth++
  c.scopes.push([
    { text: 'g', type: u32, is: 'value', kept: true },
    { text: 'l', type: u32, is: 'value', kept: true },
    { text: 'id', type: three, is: 'value', kept: true },
    { text: 'at', type: three, is: 'value', kept: true },
  ])
  // The thread's own part of what is written, which it may read, too.
  const part = `${p}r.s[g]`
  if (out) c.scopes[1].push({ text: part, type: out.own, is: 'variable', writable: true, kept: true, weight: 0.15 })
  write(c, 'var h = g + 1;')
  c.budget = Math.max(c.budget, 3)
  for (let i = 0; i < 2; i++) variable(c, anyType(c))
  for (const callable of c.functions) use(c, callable)
  statements(c, 2)
  for (const phase of phases) {
    phase.write(c)
    statements(c, 1)
  }
  if (out) {
    if (draw.chance(0.5)) common(c, `${p}r.c`, out.atomic, out.cells)
    write(c, `${part} = ${expression(c, out.own, 1).text};`)
  }
  foldAll(c)
  write(c, `kept[${place * SLOTS}] = h;`)
  write(c, `let floats = ${p}floats(g);`)
  floats.results.forEach((of, i) => write(c, `kept[${place * SLOTS + i + 1}] = bitcast<u32>(floats${of});`))
  c.scopes.pop()
  c.depth--
  write(c, '}')
}

/** What variables are in the end shows in one word; of large ones, some parts. */
function foldAll(c: Context): void {
  for (const { text, type, is, writable } of visible(c)) {
    const counts = /^v\d+$/.test(text) || (writable && !text.includes('['))
    if (!counts) continue
    const words: string[] = []
    const whole = is === 'pointer' ? `(*${text})` : text
    scalars(type as Type, 0, 1, (_, of, path) => words.push(asWord(`${whole}${path}`, of)))
    const few = words.filter(() => words.length <= 4 || c.draw.chance(4 / words.length))
    for (const word of few) write(c, `h = fold(h, ${word});`)
  }
}
