/** @file JSON that state.ts made of a nested state, as a state again; whatever it claims is looked at. */
import { describe, failFormat } from '../core/errors.ts'
import type { TypedArray } from '../core/kernel.ts'
import { nameOf } from './given.ts'
import { arrayTypes, MARK, MOST_LEVELS } from './state.ts'

/** What `unpack` asks for by name: a tensor, or the elements of an array. */
export type Get = (kind: 'tensor' | 'array', name: string) => unknown

/**
 * The state that `pack` made JSON of.
 * @param where  the file, for errors
 * @throws FormatError at what `pack` does not write
 */
export function unpack(op: string, where: string, json: unknown, get: Get): unknown {
  const wrong = (what: string): never => failFormat(op, `${where}: ${what}`, 'was the checkpoint changed by hand?')
  const text = (value: unknown): string =>
    typeof value === 'string' ? value : wrong('a name in the state is not a text')
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
    if (data instanceof Type) return data
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
