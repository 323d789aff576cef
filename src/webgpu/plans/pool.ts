/** @file How to run shaders/pool.wgsl. */
import type { Constants, Dispatch, Plan } from '../../core/kernel.ts'
import { perElement, type View } from './common.ts'

interface PoolParams {
  rows: View
  cols: View
  images: number
}

/** One thread for each window (`at` = 0) or pixel (1). MAX: which of the two entry points. */
export const threads = (entry: string, at: 0 | 1): Plan => ({
  thread: {
    dispatch: ({ rows, cols, images }: PoolParams, _, { MAX }: Constants): Dispatch => ({
      entry: `${entry}_${MAX ? 'max' : 'mean'}`,
      groups: perElement(images * rows[at] * cols[at]),
    }),
  },
})

export const pool = threads('pool', 0)
