/** @file How to run shaders/copy.wgsl. */
import type { Plan } from '../../core/kernel.ts'
import { manyElements, perElement, perVec4, sizeClass } from './common.ts'

interface CopyParams {
  size: number
  flat: number
  dst_offset: number
  src_offset: number
}

export const copy: Plan = {
  class: ({ size }: CopyParams) => sizeClass(size),
  variants: {
    flat: {
      requires: 'flat operands whose offsets are multiples of 4',
      fits: ({ flat, dst_offset, src_offset }: CopyParams) =>
        flat === 1 && dst_offset % 4 === 0 && src_offset % 4 === 0,
      better: ({ size }: CopyParams, facts) => manyElements(size, facts),
      dispatch: ({ size }: CopyParams) => ({ entry: 'copy_flat', groups: perVec4(size) }),
    },
    strided: { dispatch: ({ size }: CopyParams) => ({ entry: 'copy_strided', groups: perElement(size) }) },
  },
}
