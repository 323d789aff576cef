/** @file Text and JSON of a tokenizer's files, which may be hostile and larger than other files' JSON. */
import { failFormat } from '../core/errors.ts'
import { nameOf } from '../io/given.ts'
import { parseJson } from '../io/json.ts'

/** Bytes that a file of a tokenizer may have, 64 MiB; the largest known ones have 33. */
export const MOST_BYTES = 2 ** 26

/** Text of a file. @throws FormatError if it is too large, or is not UTF-8 */
export function textIn(op: string, name: string, given: string | Uint8Array): string {
  const { length } = given
  if (length > MOST_BYTES) failFormat(op, `${nameOf(name)} has ${length} bytes`, `at most ${MOST_BYTES} are read`)
  if (typeof given === 'string') return given
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(given)
  } catch {
    return failFormat(op, `${nameOf(name)} is not UTF-8`)
  }
}

/** The value of a file's JSON. @throws FormatError if it is none, or more than a tokenizer needs */
export const jsonIn = (op: string, name: string, given: string | Uint8Array): unknown =>
  parseJson(op, nameOf(name), textIn(op, name, given), MOST_BYTES)

/** An object in JSON. */
export type Json = Readonly<Record<string, unknown>>

/** True for an object, neither null nor a list. */
export const isObject = (x: unknown): x is Json => typeof x === 'object' && x !== null && !Array.isArray(x)
