/** @file How to run shaders/gather.wgsl. */
import type { Constants, Plan } from '../../core/kernel.ts'
import { manyElements, perElement, perVec4, sizeClass } from './common.ts'
import { gatherNest } from './nests.ts'

interface GatherParams {
  count: number
  cols: number
  x_offset: number
}

/** Columns in words: with HALF = 1, where elements have 16 bits, they may be fractions. */
function inWords({ cols, x_offset }: GatherParams, { HALF }: Constants): { cols: number; x_offset: number } {
  return HALF ? { cols: cols / 2, x_offset: x_offset / 2 } : { cols, x_offset }
}

export const gather: Plan = {
  nests: gatherNest,
  class: ({ count, cols }: GatherParams) => sizeClass(count, cols),
  variants: {
    vec4: {
      requires: 'cols and x_offset that are multiples of 4 words',
      fits: (p: GatherParams, _, c) => Object.values(inWords(p, c)).every((words) => words % 4 === 0),
      better: ({ count, cols }: GatherParams, facts) => manyElements(count * cols, facts),
      dispatch: (p: GatherParams, _, c) => {
        const params = inWords(p, c)
        return { entry: 'gather_vec4', groups: perVec4(p.count * params.cols), params }
      },
    },
    element: {
      dispatch: (p: GatherParams, _, c) => {
        const params = inWords(p, c)
        const groups = perElement(p.count * params.cols)
        const whole = Object.values(params).every(Number.isInteger)
        return whole ? { entry: 'gather', groups, params } : { entry: 'gather_halves', groups }
      },
    },
  },
}
