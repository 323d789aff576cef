/** @file How to run shaders/softmax.wgsl. */
import type { Plan } from '../../core/kernel.ts'
import { classOfRows, groupPerRow, manyElements, perElement, type Rows } from './common.ts'
import { softmaxNest } from './nests.ts'

export const softmax: Plan = {
  nests: softmaxNest,
  class: classOfRows,
  variants: {
    group: { better: groupPerRow, dispatch: ({ rows }: Rows) => ({ entry: 'softmax_group', groups: rows }) },
    thread_vec4: {
      requires: 'cols and offset that are multiples of 4',
      fits: ({ cols, offset }: Rows) => cols % 4 === 0 && offset % 4 === 0,
      better: ({ rows, cols }: Rows, facts) => manyElements(rows * cols, facts),
      dispatch: ({ rows }: Rows) => ({ entry: 'softmax_thread_vec4', groups: perElement(rows) }),
    },
    thread: { dispatch: ({ rows }: Rows) => ({ entry: 'softmax_thread', groups: perElement(rows) }) },
  },
}
