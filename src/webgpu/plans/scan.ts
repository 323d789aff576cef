/** @file How to run shaders/scan.wgsl. */
import { WORD_BYTES } from '../../core/contract.ts'
import * as shaders from '../../core/contracts.generated.ts'
import type { Dispatch, Plan, Scratch } from '../../core/kernel.ts'
import { LANES } from '../../core/kernel.ts'
import { classOfRows, perElement } from './common.ts'

interface ScanParams {
  rows: number
  cols: number
  inner: number
}

/** Segments of a row, at most: the longest walk over what lies before one. */
const SEGMENTS = 256
/** Shortest segments worth a dispatch of their own, for threads. */
const CHUNK = 4096
/** What a segment comes to: two words. */
const PAIR_BYTES = 2 * WORD_BYTES
/** Elements that a workgroup takes at a time. */
const { TILE } = shaders.scan.consts

/**
 * One dispatch, or for rows in segments two: what each segment comes to, then each segment from what lies before it.
 */
function scanning(entry: string, unit: number, segmentsOf: (p: ScanParams) => number, groups: (n: number) => number) {
  return (p: ScanParams): Dispatch | Dispatch[] => {
    const chunk = unit * Math.ceil(p.cols / Math.max(1, Math.min(SEGMENTS, segmentsOf(p))) / unit)
    const segments = Math.ceil(p.cols / chunk)
    const shared = { groups: groups(p.rows * segments), params: { chunk, segments } }
    // Without segments nothing is carried; x stands in for the scratch.
    if (segments === 1) return { entry, ...shared, blocks: [0, 1, 2, 1] }
    const totals: Scratch = { bytes: PAIR_BYTES * p.rows * segments }
    return [
      { entry: `${entry}_totals`, ...shared, blocks: [totals, 1, 2, null] },
      { entry, ...shared, blocks: [0, 1, 2, totals] },
    ]
  }
}

export const scan: Plan = {
  class: classOfRows,
  variants: {
    /** For GPUs, except for many rows that lie side by side. A few long rows are cut, to keep all of the GPU busy. */
    group: {
      better: ({ rows, cols, inner }: ScanParams, { software }) =>
        !software && cols >= 64 && !(inner > 1 && rows >= 8 * LANES),
      dispatch: scanning(
        'scan_group',
        TILE,
        ({ rows, cols }) => Math.min(SEGMENTS / rows, cols / (4 * TILE)),
        (n) => n,
      ),
    },
    thread: { dispatch: scanning('scan_thread', 1, ({ cols }) => cols / CHUNK, perElement) },
  },
}
