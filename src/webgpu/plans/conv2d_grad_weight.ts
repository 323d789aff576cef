/** @file How to run shaders/conv2d_grad_weight.wgsl. */
import { WORD_BYTES } from '../../core/contract.ts'
import * as shaders from '../../core/contracts.generated.ts'
import type { Dispatch, Plan } from '../../core/kernel.ts'
import { perElement, sizeClass } from './common.ts'
import { type ConvParams, PAYS, SHARED_TILE, tapsOf } from './conv2d.ts'

const { CHANNELS, TILE_THREADS } = shaders.conv2d_grad_weight.consts

/** Weights of one channel of g: a column is one channel of x and one tap. */
function columnsOf(p: ConvParams): number {
  const [, , inputs] = p.counts
  return inputs * tapsOf(p)
}

/** Quadruples of columns. */
const quarter = (p: ConvParams): number => Math.ceil(columnsOf(p) / 4)

/** Windows over the batch: what is summed. */
function windowsOf({ counts, rows, cols }: ConvParams): number {
  const [batch] = counts
  const [windowsDown] = rows
  const [windowsAcross] = cols
  return batch * windowsDown * windowsAcross
}

/** Workgroups that keep an adapter busy, and the windows that one of them should at least, and may at most sum. */
const BUSY = 512
const SHORT = 256
const LONG = 8192

/** Split the windows so far that an adapter is busy. @param groupsOf  workgroups for one split */
function splitting(entry: string, groupsOf: (p: ConvParams) => number) {
  return (p: ConvParams): Dispatch | Dispatch[] => {
    const [, groups, , outputs] = p.counts
    const windows = windowsOf(p)
    const least = Math.ceil((windows * groupsOf(p)) / BUSY)
    const chunk = 16 * Math.ceil(Math.min(LONG, Math.max(SHORT, least)) / 16)
    const splits = Math.max(1, Math.ceil(windows / chunk))
    const weights = groups * outputs * columnsOf(p)
    const params = { chunk }
    if (splits === 1) return { entry, groups: groupsOf(p), params }
    const parts = { bytes: WORD_BYTES * splits * weights }
    return [
      { entry, groups: groupsOf(p) * splits, params, blocks: [parts, 1, 2] },
      { entry: 'conv2d_grad_weight_sum', groups: perElement(weights), params, blocks: [0, parts, null] },
    ]
  }
}

export const conv2d_grad_weight: Plan = {
  class: (p: ConvParams) => {
    const [, groups, , outputs] = p.counts
    return sizeClass(groups, columnsOf(p), outputs, windowsOf(p))
  },
  variants: {
    shared: {
      better: (p: ConvParams, { software }) => {
        const [, , , outputs] = p.counts
        return !software && outputs >= 16 && columnsOf(p) >= 32
      },
      dispatch: splitting('conv2d_grad_weight_shared', (p) => {
        const [, groups, , outputs] = p.counts
        return groups * Math.ceil(outputs / SHARED_TILE) * Math.ceil(columnsOf(p) / SHARED_TILE)
      }),
    },
    tile: {
      better: (p: ConvParams, { software }) => {
        const [, , , outputs] = p.counts
        return software && outputs >= 4 && windowsOf(p) * outputs * columnsOf(p) >= PAYS
      },
      dispatch: splitting('conv2d_grad_weight_tile', (p) => {
        const [, groups, , outputs] = p.counts
        return groups * Math.ceil(outputs / CHANNELS) * Math.ceil(quarter(p) / TILE_THREADS)
      }),
    },
    thread: {
      dispatch: splitting('conv2d_grad_weight_thread', (p) => {
        const [, groups, , outputs] = p.counts
        return perElement(quarter(p) * groups * outputs)
      }),
    },
  },
}
