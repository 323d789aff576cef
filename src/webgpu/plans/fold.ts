/** @file How to run shaders/fold.wgsl. */
import type { Plan } from '../../core/kernel.ts'
import { perElement, type View } from './common.ts'

interface FoldParams {
  rows: View
  cols: View
  images: number
}

export const fold: Plan = {
  element: {
    dispatch: ({ rows, cols, images }: FoldParams) => ({
      entry: 'fold',
      groups: perElement(images * rows[1] * cols[1]),
    }),
  },
}
