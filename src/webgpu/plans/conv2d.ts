/** @file How to run shaders/conv2d.wgsl. */
import * as shaders from '../../core/contracts.generated.ts'
import type { Constants, Plan } from '../../core/kernel.ts'
import { perElement, sizeClass, type Vec4 } from './common.ts'

const { CHANNELS, TILE_THREADS } = shaders.conv2d.consts

/** Rows and columns of y that a workgroup of the shared variant makes. */
export const SHARED_TILE = 64

export interface ConvParams {
  /** Batch, groups, channels of x and of y in a group. */
  counts: Vec4
  /** Down and across: windows, pixels, taps, stride. */
  rows: Vec4
  cols: Vec4
}

/**
 * Positions of y over the batch: its windows, or its pixels where TRANSPOSED. A thread makes some of them, as columns.
 */
function positionsOf({ counts, rows, cols }: ConvParams, { TRANSPOSED }: Constants): number {
  const [batch] = counts
  const [windowsDown, pixelsDown] = rows
  const [windowsAcross, pixelsAcross] = cols
  return batch * (TRANSPOSED ? pixelsDown * pixelsAcross : windowsDown * windowsAcross)
}

/** Weights of one channel of x to one of y. */
export function tapsOf({ rows, cols }: ConvParams): number {
  const [, , tapsDown] = rows
  const [, , tapsAcross] = cols
  return tapsDown * tapsAcross
}

/** Quadruples of positions. */
const quarter = (p: ConvParams, c: Constants): number => Math.ceil(positionsOf(p, c) / 4)

/** Products from which a register tile pays for its compilation on a software adapter. */
export const PAYS = 32768

export const conv2d: Plan = {
  class: (p: ConvParams, c) => {
    const [, groups, inputs, outputs] = p.counts
    return sizeClass(groups, inputs * tapsOf(p), outputs, positionsOf(p, c))
  },
  variants: {
    shared: {
      better: ({ counts }: ConvParams, { software }) => {
        const [, , inputs, outputs] = counts
        return !software && inputs >= 8 && outputs >= 32
      },
      dispatch: (p: ConvParams, _, c) => {
        const [, groups, , outputs] = p.counts
        const tiles = Math.ceil(outputs / SHARED_TILE) * Math.ceil(positionsOf(p, c) / SHARED_TILE)
        return { entry: 'conv2d_shared', groups: groups * tiles }
      },
    },
    tile: {
      better: (p: ConvParams, { software }, c) => {
        const [, , inputs, outputs] = p.counts
        return outputs >= 4 && (!software || positionsOf(p, c) * outputs * inputs * tapsOf(p) >= PAYS)
      },
      dispatch: (p: ConvParams, _, c) => {
        const [, groups, , outputs] = p.counts
        const tiles = Math.ceil(outputs / CHANNELS) * Math.ceil(quarter(p, c) / TILE_THREADS)
        return { entry: 'conv2d_tile', groups: groups * tiles }
      },
    },
    thread: {
      dispatch: (p: ConvParams, _, c) => {
        const [, groups, , outputs] = p.counts
        return { entry: 'conv2d_thread', groups: perElement(quarter(p, c) * groups * outputs) }
      },
    },
  },
}
