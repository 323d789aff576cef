/** @file How to run shaders/pool.wgsl, and what its gradient shares with it. */
import type { Constants, Plan } from '../../core/kernel.ts'
import { perElement, type Vec4 } from './common.ts'

interface PoolParams {
  /** Down and across: windows, pixels, taps, stride. */
  rows: Vec4
  cols: Vec4
  images: number
}

/** One thread for each window or each pixel. Of the two entry points, MAX says which. */
export const threadPer = (what: 'window' | 'pixel', entry: string): Plan => ({
  variants: {
    thread: {
      dispatch: ({ rows, cols, images }: PoolParams, _, { MAX }: Constants) => {
        const [windowsDown, pixelsDown] = rows
        const [windowsAcross, pixelsAcross] = cols
        const threads = what === 'window' ? windowsDown * windowsAcross : pixelsDown * pixelsAcross
        return { entry: `${entry}_${MAX ? 'max' : 'mean'}`, groups: perElement(images * threads) }
      },
    },
  },
})

export const pool = threadPer('window', 'pool')
