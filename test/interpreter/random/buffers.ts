/** @file The buffers of a random program: their types, what is in them before, which words of them count afterwards. */
import * as types from '../../../src/wgsl/types.ts'
import type { Ball } from './balls.ts'
import { type Context, declare, f32, i32, type Type, u32, write } from './context.ts'
import type { FloatPart } from './floats.ts'
import { writeStruct } from './functions.ts'
import { bytesOf, fill, scalars } from './values.ts'

/** What a word of a buffer has to be afterwards. */
export interface Check {
  readonly byte: number
  /** Of the program, in its batch. */
  readonly place: number
  /** Member and element, for messages. */
  readonly path: string
  /** The same bits; the same number; a number that the specification allows. */
  readonly is: 'bits' | 'number' | Ball
}

export interface Binding {
  readonly binding: number
  readonly kind: 'uniform' | 'storage' | 'written'
  readonly data: ArrayBuffer
  /** Of one that is written. */
  readonly checks: readonly Check[]
}

/** Which buffers a program has besides a uniform one. */
export interface Wanted {
  readonly storage: boolean
  readonly written: boolean
}

export interface Buffers {
  readonly bindings: readonly Binding[]
  /** What the program writes, besides its results: parts that are a thread's own, and atomics of all. */
  readonly out: { readonly own: Type; readonly atomic: types.Scalar; readonly cells: number } | undefined
}

/** Buffers that a program may have. */
const MOST = 3

function countOf(type: Type): number {
  let count = 0
  scalars(type, 0, 1, () => count++)
  return count
}

const named = (type: Type, i: number): types.Member => ({ name: `m${i}`, type })

/** The floats' inputs are in the uniform buffer. */
export function buffers(c: Context, place: number, wanted: Wanted, floats: FloatPart, all: number): Buffers {
  const { draw } = c
  const [p, first] = [`p${place}`, 1 + MOST * place]
  const buffered = c.composite.slice(0, -1)
  const bindings: Binding[] = []
  const bind = (space: string, name: string, type: Type): number => {
    const binding = first + bindings.length
    const attributes = draw.pick([`@group(0) @binding(${binding})`, `@binding(${binding}) @group(0)`])
    write(c, `${attributes} var<${space}> ${p}${name}: ${types.nameOf(type)};`)
    return binding
  }
  const order = <T>(list: T[]): T[] => (draw.chance(0.5) ? list : list.reverse())

  const others = [draw.pick(buffered), draw.pick([f32, i32, types.vector(3, u32)])].map(named)
  const uniform = types.struct(`${p}U`, order([{ name: 'x', type: floats.inputs }, ...others]))
  for (const type of [floats.inputs, uniform]) writeStruct(c, type)
  const data = fill(draw, uniform, 1)
  let next = 0
  scalars(uniform, 0, 1, (byte, _, path) => {
    if (path.startsWith('.x.')) new DataView(data).setFloat32(byte, floats.data[next++], true)
  })
  bindings.push({ binding: bind('uniform', 'u', uniform), kind: 'uniform', data, checks: [] })
  for (const { name, type } of others) {
    declare(c, { text: `${p}u.${name}`, type, is: 'variable', weight: 0.5 })
  }

  if (wanted.storage) {
    const elements = types.array(draw.pick([...buffered, types.vector(3, i32), u32]), null)
    const inputs = types.struct(`${p}I`, [draw.pick(buffered), elements].map(named))
    writeStruct(c, inputs)
    const binding = bind(draw.pick(['storage', 'storage, read']), 'i', inputs)
    bindings.push({ binding, kind: 'storage', data: fill(draw, inputs, draw.between(1, 5)), checks: [] })
    declare(c, { text: `${p}i.m0`, type: inputs.members[0].type, is: 'variable', weight: 0.3 })
    declare(c, { text: `${p}i.m1`, type: elements, is: 'variable', weight: 0.15 })
  }

  if (!wanted.written) return { bindings, out: undefined }
  // Adapters are slow with each scalar that a thread writes.
  const small = buffered.filter((type) => countOf(type) <= 6)
  const [own, atomic, cells] = [draw.pick([...small, types.vector(3, i32)]), draw.pick([i32, u32]), draw.between(1, 3)]
  const lists = [types.array(own, all), types.array(types.atomic(atomic), cells)]
  const out = types.struct(`${p}R`, order(['s', 'c'].map((name, i) => ({ name, type: lists[i] }))))
  writeStruct(c, out)
  const checks: Check[] = []
  scalars(out, 0, 1, (byte, of, path) => checks.push({ byte, place, path, is: of === f32 ? 'number' : 'bits' }))
  const binding = bind('storage, read_write', 'r', out)
  bindings.push({ binding, kind: 'written', data: new ArrayBuffer(bytesOf(out, 1)), checks })
  return { bindings, out: { own, atomic, cells } }
}
