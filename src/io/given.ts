/** @file Checks of what users hand to the functions of io/ and data/, made before anything is done. */
import { describe, fail, shown } from '../core/errors.ts'

/** Bytes, as a plain Uint8Array: a Buffer's `slice` does not copy, and its offset may be odd. */
export function checkBytes(op: string, name: string, bytes: unknown): Uint8Array {
  if (bytes instanceof Uint8Array) return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return fail(op, `${name} is ${describe(bytes)}`, 'give a Uint8Array; of an ArrayBuffer new Uint8Array(buffer)')
}

/** A path, which Node would refuse by a TypeError or read as the folder of the process. */
export function checkPath(op: string, path: unknown): asserts path is string {
  if (typeof path !== 'string' || path === '' || path.includes('\0'))
    fail(op, `the path is ${describe(path)}`, 'give a path as text; of a URL fileURLToPath(url)')
}

/** A path or another name of a file as messages quote it. */
export const nameOf = (name: string): string => shown(name, 400)

/** A string where one must be. */
export function checkText(op: string, name: string, text: unknown, todo = 'give a string'): asserts text is string {
  if (typeof text !== 'string') fail(op, `${name} is ${describe(text)}`, todo)
}

/** An object of values by name: arrays, Maps and typed arrays would be taken for empty or numbered ones. */
export function checkRecord(op: string, name: string, record: unknown, todo: string): void {
  if (typeof record !== 'object' || record === null || Symbol.iterator in record)
    fail(op, `${name} is ${describe(record)}`, todo)
}

/** Bytes of a file, from 1 up. */
export function checkSize(op: string, name: string, bytes: unknown): void {
  if (!Number.isSafeInteger(bytes) || (bytes as number) < 1)
    fail(op, `${name} is ${describe(bytes)}`, 'give bytes, an integer from 1 up')
}

/** A list of names as messages quote it: the first ten. */
export const listed = (names: readonly string[]): string =>
  names
    .slice(0, 10)
    .map((name) => shown(name))
    .join(', ') + (names.length > 10 ? ` and ${names.length - 10} more` : '')
