/** @file How to run shaders/conv2d.wgsl. */

import * as shaders from '../../core/contracts.generated.ts'
import type { Constants, Plan } from '../../core/kernel.ts'
import { perElement, type View } from './common.ts'

const { CHANNELS, TILE_THREADS } = shaders.conv2d.consts

export interface ConvParams {
  /** Batch, groups, channels of x and of y in a group. */
  counts: View
  /** Windows, pixels, taps, stride. */
  rows: View
  cols: View
}

/** Places of y over the batch. */
function columnsOf({ counts, rows, cols }: ConvParams, { TRANSPOSED }: Constants): number {
  return counts[0] * rows[TRANSPOSED] * cols[TRANSPOSED]
}
const quarter = (p: ConvParams, c: Constants): number => Math.ceil(columnsOf(p, c) / 4)

/** Products from which a register tile pays for its compilation on a software adapter. */
export const PAYS = 32768

export const conv2d: Plan = {
  shared: {
    better: ({ counts }: ConvParams, { software }) => !software && counts[2] >= 8 && counts[3] >= 32,
    dispatch: (p: ConvParams, _, c) => ({
      entry: 'conv2d_shared',
      groups: p.counts[1] * Math.ceil(p.counts[3] / 64) * Math.ceil(columnsOf(p, c) / 64),
    }),
  },
  tile: {
    better: (p: ConvParams, { software }, c) => {
      const [, , from, to] = p.counts
      return to >= 4 && (!software || columnsOf(p, c) * to * from * p.rows[2] * p.cols[2] >= PAYS)
    },
    dispatch: (p: ConvParams, _, c) => ({
      entry: 'conv2d_tile',
      groups: p.counts[1] * Math.ceil(p.counts[3] / CHANNELS) * Math.ceil(quarter(p, c) / TILE_THREADS),
    }),
  },
  thread: {
    dispatch: (p: ConvParams, _, c) => ({
      entry: 'conv2d_thread',
      groups: perElement(quarter(p, c) * p.counts[1] * p.counts[3]),
    }),
  },
}
