/** @file How to run shaders/fold.wgsl. */
import type { Plan } from '../../core/kernel.ts'
import { perElement, type Vec4 } from './common.ts'

interface FoldParams {
  /** Down and across: windows, pixels, taps, stride. */
  rows: Vec4
  cols: Vec4
  images: number
}

export const fold: Plan = {
  variants: {
    element: {
      dispatch: ({ rows: [, pixelsDown], cols: [, pixelsAcross], images }: FoldParams) => ({
        entry: 'fold',
        groups: perElement(images * pixelsDown * pixelsAcross),
      }),
    },
  },
}
