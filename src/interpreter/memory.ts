/**
 * @file Memory of the interpreter's device: bytes, and for each word whether something was written there. What was not
 * holds garbage, other garbage before every run, as memory of a GPU may.
 */
import { WORD_BYTES } from '../core/contract.ts'
import { type Block, bytesOf, type DType } from '../core/device.ts'
import type { Memory } from './program.ts'

/** Buffers hold whole vec4s: variants that take four elements at a time bind them as such. */
const VEC4_BYTES = 4 * WORD_BYTES

/** What `alloc` hands out. */
export class InterpreterBlock implements Block {
  readonly dtype: DType
  readonly length: number
  readonly label: string
  readonly memory: Memory
  freed = false

  /** @param tensor  false: scratch of a launch */
  constructor(dtype: DType, length: number, label: string, tensor: boolean) {
    this.dtype = dtype
    this.length = length
    this.label = label
    this.memory = memoryOf(wordsOf(length * bytesOf[dtype]), tensor)
  }
}

/** Bytes of whole words. */
const wordsOf = (bytes: number): number => Math.ceil(bytes / WORD_BYTES) * WORD_BYTES

/** Bytes of the buffer for a request: an array in WGSL has at least one element. */
export const sizeFor = (bytes: number): number => Math.max(VEC4_BYTES, Math.ceil(bytes / VEC4_BYTES) * VEC4_BYTES)

/** Memory to which nothing was written. @param size  of its buffer, a multiple of 4 */
export function memoryOf(bytes: number, tensor: boolean, size = sizeFor(bytes)): Memory {
  const buffer = new ArrayBuffer(size)
  return { buffer, bytes, tensor, undefined: new Uint8Array(buffer.byteLength / WORD_BYTES).fill(1) }
}

/** Words, as memory of its own. */
export function memoryFrom(words: Uint32Array, tensor: boolean): Memory {
  const memory = memoryOf(words.byteLength, tensor)
  new Uint32Array(memory.buffer).set(words)
  define(memory, 0, words.byteLength)
  return memory
}

/** Note that bytes were written. */
export function define({ undefined: flags }: Memory, byte: number, bytes: number): void {
  flags.fill(0, Math.floor(byte / WORD_BYTES), Math.ceil((byte + bytes) / WORD_BYTES))
}

/** Note that nothing of what is there counts. */
export const forget = ({ undefined: flags }: Memory): void => void flags.fill(1)

/** What follows the last element counts never, whatever was written there. */
export const forgetPadding = ({ undefined: flags, bytes }: Memory): void => void flags.fill(1, bytes / WORD_BYTES)

/** The same bytes and flags again. */
export const copyOf = ({ buffer, bytes, tensor, undefined: flags }: Memory): Memory => ({
  buffer: buffer.slice(0),
  bytes,
  tensor,
  undefined: flags.slice(),
})

/** Fill what nothing was written to with bits of any kind: numbers, infinities, NaN. */
export function scramble({ buffer, undefined: flags }: Memory, seed: number): void {
  const first = flags.indexOf(1)
  if (first < 0) return
  const words = new Uint32Array(buffer)
  // Marsaglia's xorshift, which never leaves 0.
  let bits = Math.imul(seed + 1, 0x9e3779b1) || 1
  for (let i = first; i < words.length; i++) {
    bits ^= bits << 13
    bits ^= bits >>> 17
    bits ^= bits << 5
    if (flags[i] === 1) words[i] = bits
  }
}
