/**
 * @file Buffers with guard cells around what a kernel may touch, filled with NaN where nothing was written yet; and what
 * they show after it ran. Pure: bytes in, words out.
 *
 * What guards can see: WebGPU keeps every access inside of what is bound, so a buffer is bound with the cells behind its
 * end (GUARD), and writes up to there land in them; those further out are led to the last cell, or dropped, as the
 * driver has it. A kernel that asks for `arrayLength` must be told the truth: then nothing but the array is bound, a
 * write past its end changes its last element or nothing, and only the check by a reference can tell.
 */
import type { Planned } from './spec.ts'
import { bitsOf, bytesOf, outsideWord, sizeOf, strideOf, unpack, unwrittenBits, unwrittenWord } from './types.ts'

/** Bytes before and behind: the first is what a binding's offset must be a multiple of on any device. */
export const HEAD = 256
export const GUARD = 4096

/** Bytes of the array, and those that are bound, from HEAD on. */
export function layoutOf({ variable, count }: Planned): { data: number; bound: number; whole: number } {
  const data = sizeOf(variable.element, count)
  const words = Math.ceil(data / 4) * 4
  // What is behind an array is whole elements too.
  return { data, bound: variable.measured ? words : words + GUARD, whole: HEAD + words + GUARD }
}

/** The bytes of a whole buffer, before a run; without contents the array is unwritten, too. */
export function guarded(planned: Planned, contents: Uint8Array | null): Uint8Array<ArrayBuffer> {
  const { data, whole } = layoutOf(planned)
  const { element, writable } = planned.variable
  const bytes = new Uint8Array(whole)
  new Uint32Array(bytes.buffer).fill(outsideWord(element.scalar, writable))
  if (contents) bytes.set(contents, HEAD)
  else {
    const nothing = new Uint32Array(Math.ceil(data / 4)).fill(unwrittenWord(element.scalar))
    bytes.set(new Uint8Array(nothing.buffer, 0, data), HEAD)
  }
  return bytes
}

/** The numbers of the array in the bytes of a whole buffer. */
export function numbersIn({ variable, count }: Planned, bytes: Uint8Array<ArrayBuffer>): Float64Array {
  return unpack(variable.element, bytes.subarray(HEAD), count)
}

/** Where a place in an array is: `y[12]`, `y[3, 4]`. */
export function placeIn({ bind, shape }: Planned, index: number): string {
  const at: number[] = []
  for (let rest = index, d = shape.length - 1; d >= 0; d--) {
    at.unshift(rest % shape[d])
    rest = Math.floor(rest / shape[d])
  }
  return `${bind.name}[${at.join(', ')}]`
}

/**
 * What a run did to a buffer that it should not have: guard cells that were written, elements of an output that were
 * not, an input that was changed.
 */
export function faultsIn(planned: Planned, before: Uint8Array<ArrayBuffer>, after: Uint8Array<ArrayBuffer>): string[] {
  const { variable, bind, count } = planned
  const { name, role } = bind
  const faults: string[] = []
  const cells = outside(planned, before, after)
  if (cells.length > 0) {
    const [first] = cells
    const where = first < 0 ? `${-first} before its beginning` : `at ${name}[${first}], and it ends at ${count - 1}`
    faults.push(
      `${cells.length} guard ${cells.length > 1 ? 'cells' : 'cell'} of ${name} ${cells.length > 1 ? 'were' : 'was'} written, the first ${where}`,
    )
  }
  if (role === 'out') {
    const bits = bitsOf(variable.element, after.subarray(HEAD), count)
    const nothing = unwrittenBits(variable.element.scalar)
    const open = bits.reduce((n, each) => n + Number(each === nothing), 0)
    if (open > 0)
      faults.push(
        `${open} of ${count} elements of ${name} were not written, or read before they were, the first is ${placeIn(planned, bits.indexOf(nothing))} (bind what is written in part as inout=zeros:SHAPE)`,
      )
  }
  if (role === 'in') {
    const [old, now] = [before, after].map((bytes) => bitsOf(variable.element, bytes.subarray(HEAD), count))
    const at = now.findIndex((bits, i) => bits !== old[i])
    if (at >= 0) faults.push(`${name} is an input and was changed, first ${placeIn(planned, at)} (bind it as inout=…)`)
  }
  return faults
}

/** Guard cells that changed, as indices from the array's beginning. */
function outside(planned: Planned, before: Uint8Array, after: Uint8Array): number[] {
  const { element } = planned.variable
  const { data, whole } = layoutOf(planned)
  const width = bytesOf[element.scalar] * strideOf(element)
  const cells = new Set<number>()
  for (let i = 0; i < whole; i++)
    if ((i < HEAD || i >= HEAD + data) && before[i] !== after[i])
      cells.add(Math.floor((i - HEAD) / width) * element.width)
  return [...cells].sort((a, b) => (a < 0 === b < 0 ? Math.abs(a) - Math.abs(b) : b - a))
}
