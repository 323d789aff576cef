/**
 * @file What an expression is in the generated code: the JavaScript of each of its scalars. Vectors, matrices (column
 * by column), structs and arrays are lists of scalars, so that no object is made while a thread runs. A scalar of f32,
 * f16, i32 or u32 is a number that its type has, a bool is a boolean.
 */
import type { Type } from '../../wgsl/types.ts'

/** A scalar: two expressions without effects, names or literals, which may be used as often as one likes. */
export interface Part {
  readonly js: string
  /**
   * Where undefined data came into it: `0` if none did, which most parts are known to be when code is generated, else
   * an integer that is not 0 when the thread runs (the number of the place that loaded it).
   */
  readonly bad: string
}

export interface Value {
  readonly type: Type
  readonly parts: readonly Part[]
}

/** Where code is written to. */
export interface Emitter {
  /** The name of what an expression is now; a statement `const NAME = js` is written. Names and literals stay. */
  name(js: string): string
}

/** A number that is known when code is generated, from 0 up. */
export const isCount = (js: string): boolean => /^\d+$/.test(js)

/** Undefined data came into a result where it came into any of what it is made of. */
export function badOf(parts: readonly Part[], emit: Emitter): string {
  const bads = [...new Set(parts.map(({ bad }) => bad))].filter((bad) => bad !== '0')
  return bads.length <= 1 ? (bads[0] ?? '0') : emit.name(bads.join(' || '))
}
