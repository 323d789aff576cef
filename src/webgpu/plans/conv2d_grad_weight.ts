/** @file How to run shaders/conv2d_grad_weight.wgsl. */

import * as shaders from '../../core/contracts.generated.ts'
import type { Dispatch, Plan } from '../../core/kernel.ts'
import { perElement } from './common.ts'
import { type ConvParams, PAYS } from './conv2d.ts'

const { CHANNELS, TILE_THREADS } = shaders.conv2d_grad_weight.consts

const columnsOf = ({ counts, rows, cols }: ConvParams): number => counts[2] * rows[2] * cols[2]
const quarter = (p: ConvParams): number => Math.ceil(columnsOf(p) / 4)
const windowsOf = ({ counts, rows, cols }: ConvParams): number => counts[0] * rows[0] * cols[0]

/** Workgroups that keep an adapter busy, and the windows that one of them should at least, and may at most sum. */
const BUSY = 512
const SHORT = 256
const LONG = 8192

/** Split the windows so far that an adapter is busy. @param groups  workgroups for one split */
function splitting(entry: string, groups: (p: ConvParams) => number) {
  return (p: ConvParams): Dispatch | Dispatch[] => {
    const windows = windowsOf(p)
    const least = Math.ceil((windows * groups(p)) / BUSY)
    const chunk = 16 * Math.ceil(Math.min(LONG, Math.max(SHORT, least)) / 16)
    const splits = Math.max(1, Math.ceil(windows / chunk))
    const weights = p.counts[1] * p.counts[3] * columnsOf(p)
    const params = { chunk }
    if (splits === 1) return { entry, groups: groups(p), params }
    const parts = { bytes: 4 * splits * weights }
    return [
      { entry, groups: groups(p) * splits, params, blocks: [parts, 1, 2] },
      { entry: 'conv2d_grad_weight_sum', groups: perElement(weights), params, blocks: [0, parts, null] },
    ]
  }
}

export const conv2d_grad_weight: Plan = {
  shared: {
    better: (p: ConvParams, { software }) => !software && p.counts[3] >= 16 && columnsOf(p) >= 32,
    dispatch: splitting(
      'conv2d_grad_weight_shared',
      (p) => p.counts[1] * Math.ceil(p.counts[3] / 64) * Math.ceil(columnsOf(p) / 64),
    ),
  },
  tile: {
    better: (p: ConvParams, { software }) =>
      software && p.counts[3] >= 4 && windowsOf(p) * p.counts[3] * columnsOf(p) >= PAYS,
    dispatch: splitting(
      'conv2d_grad_weight_tile',
      (p) => p.counts[1] * Math.ceil(p.counts[3] / CHANNELS) * Math.ceil(quarter(p) / TILE_THREADS),
    ),
  },
  thread: {
    dispatch: splitting('conv2d_grad_weight_thread', (p) => perElement(quarter(p) * p.counts[1] * p.counts[3])),
  },
}
