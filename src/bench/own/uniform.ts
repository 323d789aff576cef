/** @file The bytes of a uniform from its fields' values (https://www.w3.org/TR/WGSL/#structure-member-layout). */
import { fail } from '../../core/errors.ts'
import type { Field, Variable } from './declarations.ts'
import { bytesOf, pack, strideOf } from './types.ts'

/** A param's value: a number, or one for each component. */
export type Values = Readonly<Record<string, readonly number[]>>

const roundUp = (x: number, to: number): number => Math.ceil(x / to) * to

/** A uniform's block, in which each field has its param's value; `p.n` names the field of one variable. */
export function uniformBytes({ name: variable, fields }: Variable, params: Values): Uint8Array<ArrayBuffer> {
  const pieces: { at: number; bytes: Uint8Array }[] = []
  let end = 0
  for (const field of fields) {
    const { element } = field
    // A vector begins at a multiple of its own size, of which one of three has four parts.
    const at = roundUp(end, strideOf(element) * bytesOf[element.scalar])
    const bytes = pack(element, valuesOf(variable, field, params))
    pieces.push({ at, bytes })
    end = at + element.width * bytesOf[element.scalar]
  }
  const block = new Uint8Array(roundUp(end, 16))
  for (const { at, bytes } of pieces) block.set(bytes.subarray(0, block.length - at), at)
  return block
}

function valuesOf(variable: string, { name, element }: Field, params: Values): readonly number[] {
  const found = params[`${variable}.${name}`] ?? params[name]
  if (!found)
    fail(
      'bench',
      `${variable}.${name} has no value`,
      `give --param ${name}=${element.width > 1 ? Array(element.width).fill(1) : 1}`,
    )
  if (found.length !== element.width)
    fail('bench', `--param ${name} has ${found.length} numbers`, `${variable}.${name} takes ${element.width}`)
  const { scalar } = element
  const [least, most] = scalar === 'u32' ? [0, 2 ** 32 - 1] : [-(2 ** 31), 2 ** 31 - 1]
  if (scalar === 'u32' || scalar === 'i32')
    for (const x of found)
      if (!(Number.isInteger(x) && x >= least && x <= most))
        fail('bench', `--param ${name} is ${x}`, `${variable}.${name} is of type ${scalar}`)
  return found
}
