/** @file JSON of a file that may be hostile: bounded in size and depth, without keys that change what objects are. */
import { failFormat } from '../core/errors.ts'
import { nameOf } from '../io/given.ts'

/** Bytes that a file of a tokenizer may have, 64 MiB; the largest known ones have 33. */
export const MOST_BYTES = 2 ** 26
/** Lists and objects in each other. */
const DEEPEST = 64

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

/** Refuse what is too deep before it is parsed. */
function checkDepth(op: string, name: string, text: string): void {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x22) {
      // To the end of the string
      while (++i < text.length && text.charCodeAt(i) !== 0x22) if (text.charCodeAt(i) === 0x5c) i++
    } else if (code === 0x5b || code === 0x7b) {
      if (++depth > DEEPEST) failFormat(op, `${nameOf(name)}: more than ${DEEPEST} lists or objects in each other`)
    } else if (code === 0x5d || code === 0x7d) depth--
  }
}

function checkKeys(op: string, name: string, value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  if (Object.hasOwn(value, '__proto__')) failFormat(op, `${nameOf(name)} has the key "__proto__", which is refused`)
  for (const inner of Object.values(value)) checkKeys(op, name, inner)
}

/** The value of a JSON text. @throws FormatError if it is none, or more than a tokenizer needs */
export function parseJson(op: string, name: string, text: string): unknown {
  checkDepth(op, name, text)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    failFormat(op, `${nameOf(name)} is not JSON: ${(error as Error).message}`, 'is it whole?')
  }
  checkKeys(op, name, value)
  return value
}

/** An object in JSON. */
export type Json = Readonly<Record<string, unknown>>

/** True for an object, neither null nor a list. */
export const isObject = (x: unknown): x is Json => typeof x === 'object' && x !== null && !Array.isArray(x)
