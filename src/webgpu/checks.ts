/** @file What devices whose memory is 32-bit words refuse, besides what every device does. */
import { arrayOf, type Block, bytesOf, type DType } from '../core/device.ts'
import { fail } from '../core/errors.ts'
import type { TypedArray } from '../core/kernel.ts'

/** What words hold, one element each or two. */
export const WORD_TYPES: readonly DType[] = ['float32', 'int32', 'bool', 'float16', 'bfloat16']

/** Refuse elements that words do not hold. */
export function checkType(dtype: DType, label: string): void {
  if (!WORD_TYPES.includes(dtype)) fail(label, `${dtype} tensors live on the cpu device only`, "use device 'cpu'")
}

/** Refuse a block that was given back. */
export function checkLive({ freed, label }: { freed: boolean; label: string }, op: string): void {
  if (freed) fail(op, `the block of ${label} was freed`)
}

/** Refuse data of another width than the block's elements. */
export function checkWidth({ dtype }: Block, data: TypedArray): void {
  if (data.BYTES_PER_ELEMENT === bytesOf[dtype]) return
  fail('write', `a ${data.constructor.name} does not hold elements of ${dtype}`, `give a ${arrayOf[dtype].name}`)
}
