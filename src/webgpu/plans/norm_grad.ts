/** @file How to run shaders/norm_grad.wgsl. */
import type { Plan } from '../../core/kernel.ts'
import { classOfRows, groupPerRow, manyElements, perElement, type Rows } from './common.ts'

interface Params extends Rows {
  x_offset: number
  g_offset: number
  w_offset: number
  span: number
}

export const norm_grad: Plan = {
  class: classOfRows,
  variants: {
    group: { better: groupPerRow, dispatch: ({ rows }: Rows) => ({ entry: 'norm_grad_group', groups: rows }) },
    thread_vec4: {
      requires: 'cols, span and offsets that are multiples of 4',
      fits: ({ cols, x_offset, g_offset, w_offset, span }: Params) =>
        [cols, x_offset, g_offset, span === 1 ? w_offset : span].every((n) => n % 4 === 0),
      better: ({ rows, cols }: Rows, facts) => manyElements(rows * cols, facts),
      dispatch: ({ rows }: Rows) => ({ entry: 'norm_grad_thread_vec4', groups: perElement(rows) }),
    },
    thread: { dispatch: ({ rows }: Rows) => ({ entry: 'norm_grad_thread', groups: perElement(rows) }) },
  },
}
