/** @file JSON that came with a file from elsewhere: no longer and no deeper than it need be, and no key twice. */
import { failFormat } from '../core/errors.ts'
import { quote } from './header.ts'

/** Bytes of JSON, and how deep objects and lists may stand in each other. */
export const JSON_LIMIT = 2 ** 20
const DEPTH = 64
/** Bytes that a value has on average: what is made of many short ones takes much more memory and time than its text. */
const LEAST = 8

/** How many values a text of JSON has at most: `,`, `[` and `{` begin one. */
function valuesIn(text: string): number {
  let count = 1
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    count += Number(code === 0x2c || code === 0x5b || code === 0x7b)
  }
  return count
}

/**
 * What JSON says. `JSON.parse` takes the last of two equal keys and makes `__proto__` a key like others: both are
 * refused, since either may hide what is checked later.
 * @param name  of the file, as errors say it
 * @throws FormatError if it is longer than `most` bytes, deeper than 64, of too many values, not JSON, or has such keys
 */
export function parseJson(op: string, name: string, json: Uint8Array | string, most = JSON_LIMIT): unknown {
  const wrong = (what: string, todo?: string): never => failFormat(op, `${name}: ${what}`, todo)
  if (json.length > most) wrong(`it has ${json.length} bytes of JSON`, `at most ${most} are read`)
  const tried = <T>(read: () => T): T => {
    try {
      return read()
    } catch {
      return wrong('it is not JSON', 'is it whole?')
    }
  }
  const text = tried(() => (typeof json === 'string' ? json : new TextDecoder('utf-8', { fatal: true }).decode(json)))
  if (valuesIn(text) > most / LEAST) wrong(`it has more than ${most / LEAST} values`)
  const value: unknown = tried(() => JSON.parse(text))
  /** What stands open: the keys so far of objects that have some. */
  const open: (Set<string> | undefined)[] = []
  let last = ''
  // It is JSON, so each string ends, and what stands before a colon is a key.
  for (let i = 0; i < text.length; i++) {
    const char = text[i]
    if (char === '"') {
      const begin = i++
      while (text[i] !== '"') i += text[i] === '\\' ? 2 : 1
      last = text.slice(begin, i + 1)
    } else if (char === '}' || char === ']') open.pop()
    else if (char === '{' || char === '[') {
      if (open.push(undefined) > DEPTH) wrong(`it is nested more than ${DEPTH} deep`)
    } else if (char === ':') {
      const key = JSON.parse(last) as string // a JSON string literal gives a string
      if (key === '__proto__') wrong('it has the key "__proto__", which is refused')
      const keys = (open[open.length - 1] ??= new Set())
      if (keys.has(key)) wrong(`it has the key ${quote(key)} twice`)
      keys.add(key)
    }
  }
  return value
}
