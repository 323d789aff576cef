/** @file How to run shaders/rope.wgsl. */
import type { Plan } from '../../core/kernel.ts'
import { manyElements, perElement, perVec4, sizeClass, type Vec4 } from './common.ts'

interface RopeParams {
  size: number
  pairs: number
  x_at: Vec4
  y_at: Vec4
  cos_offset: number
  sin_offset: number
}

export const rope: Plan = {
  class: ({ size }: RopeParams) => sizeClass(size),
  variants: {
    vec4: {
      requires: 'half a row, offsets and strides that are multiples of 4',
      fits: ({ pairs, x_at, y_at, cos_offset, sin_offset }: RopeParams) =>
        [pairs, x_at, y_at, cos_offset, sin_offset].flat().every((n) => n % 4 === 0),
      better: ({ size }: RopeParams, facts) => manyElements(size, facts),
      dispatch: ({ size }: RopeParams) => ({ entry: 'rope_vec4', groups: perVec4(size) }),
    },
    element: { dispatch: ({ size }: RopeParams) => ({ entry: 'rope', groups: perElement(size) }) },
  },
}
