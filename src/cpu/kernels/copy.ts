/** @file CPU twin of shaders/copy.wgsl: y[dst view] = x[src view] over up to eight axes. */
import type { Twin } from '../../core/kernel.ts'
import { eachAddress } from '../../core/shape.ts'

export const copy: Twin = ([y, x], p) => {
  const { size, dst_offset, src_offset } = p
  if (p.flat) {
    y.set(x.subarray(src_offset, src_offset + size), dst_offset)
    return
  }
  const shape = [...p.shape_lo, ...p.shape_hi]
  const at = new Int32Array(size)
  eachAddress({ shape, strides: [...p.dst_lo, ...p.dst_hi], offset: dst_offset }, (address, i) => {
    at[i] = address
  })
  eachAddress({ shape, strides: [...p.src_lo, ...p.src_hi], offset: src_offset }, (address, i) => {
    y[at[i]] = x[address]
  })
}
