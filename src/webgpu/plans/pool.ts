/** @file How to run shaders/pool.wgsl, and what its gradient shares with it. */
import type { Constants, Plan } from '../../core/kernel.ts'
import { perElement, type Vec4 } from './common.ts'

export interface PoolParams {
  /** Down and across: windows, pixels, taps, stride. */
  rows: Vec4
  cols: Vec4
  images: number
}

export const pixelsOf = ({ rows, cols, images }: PoolParams): number => images * rows[1] * cols[1]
const windowsOf = ({ rows, cols, images }: PoolParams): number => images * rows[0] * cols[0]

/** One thread for each window or each pixel. Of the two entry points, MAX says which. */
export const threadPer = (what: 'window' | 'pixel', entry: string): Plan => ({
  variants: {
    thread: {
      dispatch: (p: PoolParams, _, { MAX }: Constants) => ({
        entry: `${entry}_${MAX ? 'max' : 'mean'}`,
        groups: perElement(what === 'window' ? windowsOf(p) : pixelsOf(p)),
      }),
    },
  },
})

export const pool = threadPer('window', 'pool')
