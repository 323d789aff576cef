/**
 * @file Nested state as JSON and tensors: what `stateDict()` of anything gives, and what a program keeps beside it. JSON
 * holds the structure; tensors, typed arrays and long lists of numbers become tensors of a file, under the path that
 * they have in the state. What JSON lacks is an object with the key `$`, which says what it is.
 */

import { describe, fail, failFormat } from '../core/errors.ts'
import type { TypedArray } from '../core/kernel.ts'
import { Tensor } from '../core/tensor.ts'
import type { HostTensor } from './elements.ts'
import { nameOf } from './given.ts'

/** What JSON.stringify takes and gives back as it was. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

/** Deeper state is taken for one that holds itself. */
const MOST_LEVELS = 64
/** Lists of at least so many numbers are written as float64, which is exact, and shorter than their digits. */
const LONG = 32
const MARK = '$'

type ArrayType = { new (buffer: ArrayBuffer): TypedArray; name: string; BYTES_PER_ELEMENT: number }
/** Typed arrays by name. Those that a file has a type for are written in it, others as their bytes. */
const arrayTypes: Readonly<Record<string, ArrayType>> = Object.fromEntries(
  [Float64Array, Float32Array, Int32Array, Uint32Array, Int16Array, Uint16Array, Int8Array, Uint8Array].map((Type) => [
    Type.name,
    // The constructors differ in what they iterate over, which is not used here.
    Type as unknown as ArrayType,
  ]),
)
const dtypes: Readonly<Record<string, 'float64' | 'float32' | 'int32'>> = {
  Float64Array: 'float64',
  Float32Array: 'float32',
  Int32Array: 'int32',
}

/** A typed array as a file holds it. */
function hostOf(data: TypedArray, type: string): HostTensor {
  const dtype = dtypes[type]
  const bytes = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength)
  // The type's name says that data is the array of the dtype.
  if (dtype) return { dtype, shape: [data.length], data } as HostTensor
  return { dtype: 'uint8', shape: [bytes.length], data: bytes }
}

/**
 * The JSON of a state.
 * @param path  what the state is called, for errors and for the names of tensors
 * @param put   takes what is no JSON, and gives the name that it has in the file
 * @throws HandgradError at what is neither JSON, tensor nor typed array, naming its place
 */
export function pack(op: string, path: string, value: unknown, put: (path: string, x: Tensor | HostTensor) => string) {
  const marked = (kind: string, more: object): Json => ({ [MARK]: kind, ...more })
  const inner = (path: string, value: unknown, level: number): Json => {
    if (level > MOST_LEVELS) fail(op, `${nameOf(path)} is nested more than ${MOST_LEVELS} deep`, 'does it hold itself?')
    if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
    if (typeof value === 'number')
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : marked('number', { value: Object.is(value, -0) ? '-0' : String(value) })
    if (value instanceof Tensor) return marked('tensor', { name: put(path, value) })
    if (ArrayBuffer.isView(value)) {
      const type = value.constructor.name
      if (Object.hasOwn(arrayTypes, type))
        return marked(type, { name: put(path, hostOf(value as unknown as TypedArray, type)) }) // its name says so
    }
    if (Array.isArray(value)) {
      if (value.length >= LONG && value.every((x) => typeof x === 'number'))
        return marked('numbers', { name: put(path, hostOf(Float64Array.from(value), 'Float64Array')) })
      return Array.from(value, (item, i) => inner(`${path}.${i}`, item, level + 1))
    }
    const prototype: unknown = typeof value === 'object' && Object.getPrototypeOf(value)
    if (prototype !== null && prototype !== Object.prototype)
      fail(op, `${nameOf(path)} is ${describe(value)}`, 'a state is of tensors, typed arrays, and what JSON has')
    const entries: Record<string, Json> = {}
    for (const [name, item] of Object.entries(value as object)) {
      if (name === '__proto__') fail(op, `${nameOf(path)} has the key __proto__`, 'choose another name')
      if (item !== undefined) entries[name] = inner(`${path}.${name}`, item, level + 1)
    }
    return MARK in entries ? marked('object', { value: entries }) : entries
  }
  return inner(path, value, 0)
}

/** What `unpack` asks for by name: a tensor, or the elements of an array. */
export type Get = (kind: 'tensor' | 'array', name: string) => unknown

/**
 * The state that {@link pack} made JSON of.
 * @param where  the file, for errors
 * @throws FormatError at what `pack` does not write
 */
export function unpack(op: string, where: string, json: unknown, get: Get): unknown {
  const wrong = (what: string): never => failFormat(op, `${where}: ${what}`, 'was the checkpoint changed by hand?')
  const text = (value: unknown): string => (typeof value === 'string' ? value : wrong('a name in the state is no text'))
  const inner = (value: unknown, level: number): unknown => {
    if (level > 2 * MOST_LEVELS) wrong(`the state is nested more than ${MOST_LEVELS} deep`)
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map((item) => inner(item, level + 1))
    if (!Object.hasOwn(value, MARK)) return object(value, level)
    const { [MARK]: kind, name, value: held } = value as Record<string, unknown>
    if (kind === 'tensor') return get('tensor', text(name))
    if (kind === 'numbers') return Array.from(get('array', text(name)) as Float64Array)
    if (kind === 'number')
      return ['NaN', 'Infinity', '-Infinity', '-0'].includes(text(held))
        ? Number(held)
        : wrong('a number in the state is none')
    if (kind === 'object' && typeof held === 'object' && held !== null) return object(held, level)
    if (typeof kind !== 'string' || !Object.hasOwn(arrayTypes, kind))
      wrong(`the state has ${describe(kind)} as ${MARK}`)
    const Type = arrayTypes[kind as string]
    const data = get('array', text(name)) as TypedArray
    if (data instanceof (Type as unknown as new () => object)) return data
    if (data.byteLength % Type.BYTES_PER_ELEMENT) wrong(`${nameOf(text(name))} is no ${Type.name}`)
    return new Type(data.slice().buffer as ArrayBuffer)
  }
  const object = (value: object, level: number): object => {
    const entries: Record<string, unknown> = {}
    for (const [name, item] of Object.entries(value)) {
      if (name === '__proto__') wrong('the state has the key __proto__')
      entries[name] = inner(item, level + 1)
    }
    return entries
  }
  return inner(json, 0)
}
