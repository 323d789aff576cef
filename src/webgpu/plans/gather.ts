/** @file How to run shaders/gather.wgsl. */
import type { Plan } from '../../core/kernel.ts'
import { manyElements, perElement, perVec4, sizeClass } from './common.ts'
import { gatherNest } from './nests.ts'

interface GatherParams {
  count: number
  cols: number
  x_offset: number
}

export const gather: Plan = {
  nests: gatherNest,
  class: ({ count, cols }: GatherParams) => sizeClass(count, cols),
  variants: {
    vec4: {
      requires: 'cols and x_offset that are multiples of 4',
      fits: ({ cols, x_offset }: GatherParams) => cols % 4 === 0 && x_offset % 4 === 0,
      better: ({ count, cols }: GatherParams, facts) => manyElements(count * cols, facts),
      dispatch: ({ count, cols }: GatherParams) => ({ entry: 'gather_vec4', groups: perVec4(count * cols) }),
    },
    element: {
      dispatch: ({ count, cols }: GatherParams) => ({ entry: 'gather', groups: perElement(count * cols) }),
    },
  },
}
