/** @file How to run shaders/attention.wgsl, and what its gradients share with it. */
import type { Dispatch, Facts, Plan } from '../../core/kernel.ts'
import { perElement } from './common.ts'

interface AttentionParams {
  batch: number
  rows: number
  cols: number
  e: number
  ev: number
  group: number
  q_offset: number
  k_offset: number
  v_offset: number
  g_offset?: number
  dv_offset?: number
}

/** Rows of a tile, in the kernels' words. */
const ROWS = 64
/** Columns that a workgroup holds sums of: a wider head goes by threads. */
const WIDEST = 128

/** Matrices and rows of each that a kernel has results for: of queries, or of keys. */
type Results = (p: AttentionParams) => readonly [number, number]

export function attentionPlan(name: string, results: Results): Plan {
  /** A thread for each `rows` neighbours. */
  const threads = (variant: string, rows: number) => (p: AttentionParams) => {
    const [matrices, all] = results(p)
    return { entry: `${name}_${variant}`, groups: perElement(matrices * Math.ceil(all / rows)) }
  }
  return {
    tile: {
      fits: ({ e, ev }: AttentionParams, { maxWorkgroupBytes }: Facts) =>
        Math.max(e, ev) <= WIDEST && maxWorkgroupBytes >= 16384,
      better: (_: AttentionParams, { software }) => !software,
      dispatch: (p: AttentionParams): Dispatch => {
        const [matrices, rows] = results(p)
        return { entry: `${name}_tile`, groups: matrices * Math.ceil(rows / ROWS) }
      },
    },
    block: {
      fits: ({ e, ev, q_offset, k_offset, v_offset, g_offset = 0, dv_offset = 0 }: AttentionParams) =>
        [e, ev, q_offset, k_offset, v_offset, g_offset, dv_offset].every((n) => n % 4 === 0),
      dispatch: threads('block', 4),
    },
    thread: { dispatch: threads('thread', 1) },
  }
}

/** Results for each query. */
export const queries: Results = ({ batch, rows }) => [batch, rows]

export const attention = attentionPlan('attention', queries)
