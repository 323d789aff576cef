/**
 * @file Nested state as JSON and tensors: what `stateDict()` of anything gives, and what a program keeps beside it.
 * JSON holds the structure; tensors, typed arrays and long lists of numbers become tensors of a file, under the path
 * that they have in the state. What JSON lacks is an object with the key `$`, which says what it is.
 */

import { describe, fail } from '../core/errors.ts'
import type { TypedArray } from '../core/kernel.ts'
import { Tensor } from '../core/tensor.ts'
import type { HostTensor } from './elements.ts'
import { checkRecord, nameOf } from './given.ts'

/** The layout of a checkpoint that is written; a newer one is refused. */
export const VERSION = 1
export const FORMAT = 'handgrad checkpoint'
/** The version of this package: a test compares it with package.json. */
export const PACKAGE = '0.1.0'

/**
 * What can be saved in a checkpoint: modules, optimizers, schedules, loaders, averages, and anything else with these
 * two. A state is of plain objects and lists of tensors, typed arrays and what JSON has.
 */
export interface Stateful {
  /** Nested plain objects and arrays of tensors, typed arrays and what JSON has. */
  stateDict(): unknown
  /**
   * Check all of the state, then take it over. Its tensors are freed afterwards: copy them, or `keep(x)`. Its type is
   * what `stateDict` gives, whatever that is.
   */
  loadStateDict(state: never): unknown
}

/** The class of a part, for errors; minified ones have other names. */
export const className = (part: Stateful): string => part.constructor?.name ?? 'Object'

/** Refuse parts that cannot be saved. */
export function checkParts(op: string, parts: unknown): asserts parts is Readonly<Record<string, Stateful>> {
  const todo = 'give { model, optimizer, … }, each with stateDict() and loadStateDict(state)'
  checkRecord(op, 'the object of parts', parts, todo)
  for (const [name, part] of Object.entries(parts as object)) {
    if (name === '' || name === '__proto__') fail(op, `a part is named '${name}'`, 'choose another name')
    if (typeof part?.stateDict !== 'function' || typeof part?.loadStateDict !== 'function')
      fail(op, `part ${nameOf(name)} is ${describe(part)}`, todo)
  }
}

/** What JSON.stringify takes and gives back as it was. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

/** Deeper state is taken for one that holds itself. */
export const MOST_LEVELS = 64
/** Lists of at least so many numbers are written as float64, which is exact, and shorter than their digits. */
const LONG = 32
export const MARK = '$'
/** Values in the JSON of a file: what more of them take before they are looked at is too much for a small file. */
const MOST_VALUES = 200_000

/** True if a JSON text has too many values to be read; strings may be long. */
export function tooMany(text: string): boolean {
  let count = 0
  for (let i = 0; i < text.length && count <= MOST_VALUES; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x2c || code === 0x5b || code === 0x7b) count++ // , [ {
  }
  return count > MOST_VALUES
}

type ArrayType = { new (buffer: ArrayBuffer): TypedArray; name: string; BYTES_PER_ELEMENT: number }
/** Typed arrays by name. Those that a file has a type for are written in it, others as their bytes. */
export const arrayTypes: Readonly<Record<string, ArrayType>> = Object.fromEntries(
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
 * @param put   takes what is not JSON, and gives the name that it has in the file
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
        // A view of a class in arrayTypes is one of these typed arrays.
        return marked(type, { name: put(path, hostOf(value as unknown as TypedArray, type)) })
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
