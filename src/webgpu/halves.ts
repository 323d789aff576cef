/** @file Host data of 16 bits on its way to words of 32, of which the host writes whole ones only. */
import { WORD_BYTES } from '../core/contract.ts'
import { copy } from '../core/contracts.generated.ts'
import { type Block, type Device, isHalf } from '../core/device.ts'
import type { TypedArray } from '../core/kernel.ts'
import { copyParams } from '../core/launch.ts'

/** Whether data has a part of a word, the rest of which is to stay. */
export function sharesWords({ dtype, length }: Block, data: TypedArray, offset: number): boolean {
  const end = offset + data.length
  return isHalf(dtype) && (offset % 2 !== 0 || (end % 2 !== 0 && end < length))
}

/** Write such data: as a block of its own, which a kernel copies. */
export function writeBeside(device: Device, block: Block, data: TypedArray, offset: number): void {
  const part = device.alloc(block.dtype, data.length, 'write')
  device.write(part, data)
  const line = { shape: [data.length], strides: [1] }
  const params = copyParams({ ...line, offset }, { ...line, offset: 0 })
  device.run({ kernel: copy, blocks: [block, part], params, constants: { FROM: 1, TO: 1, WHOLE: 0 }, label: 'write' })
  device.free(part)
}

/** Data as whole words: what is after the last element of a block is nobody's. */
export function inWords(data: TypedArray): TypedArray {
  if (data.byteLength % WORD_BYTES === 0) return data
  const whole = new Uint16Array(data.length + 1)
  whole.set(data)
  return whole
}
