/** @file How to run shaders/attention.wgsl, and what its gradients share with it. */
import type { Facts, Plan } from '../../core/kernel.ts'
import { perElement, sizeClass, type Vec4 } from './common.ts'

interface AttentionParams {
  batch: number
  rows: number
  cols: number
  /** Width of queries and keys, and of values. */
  e: number
  ev: number
  group: number
  q_at: Vec4
  k_at: Vec4
  v_at: Vec4
  y_at?: Vec4
  g_at?: Vec4
  dk_at?: Vec4
  dv_at?: Vec4
}

/** Rows of a tile, in the kernels' words. */
const ROWS = 64
/** Columns that a workgroup holds sums of: a wider head goes by threads. */
const WIDEST = 128
/** Bytes of workgroup memory that a tile takes. */
const TILE_BYTES = 16384

/** Matrices and rows of each that a kernel has results for: of queries, or of keys. */
type Results = (p: AttentionParams) => readonly [matrices: number, rows: number]

export function attentionPlan(name: string, results: Results): Plan {
  /** A thread for each `neighbours` rows of one matrix. */
  const threads = (variant: string, neighbours: number) => (p: AttentionParams) => {
    const [matrices, rows] = results(p)
    return { entry: `${name}_${variant}`, groups: perElement(matrices * Math.ceil(rows / neighbours)) }
  }
  return {
    class: ({ batch, rows, cols, e, ev }: AttentionParams) => sizeClass(batch, rows, cols, Math.max(e, ev)),
    variants: {
      tile: {
        requires: `heads at most ${WIDEST} wide, ${TILE_BYTES} bytes of workgroup memory`,
        fits: ({ e, ev }: AttentionParams, { maxWorkgroupBytes }: Facts) =>
          Math.max(e, ev) <= WIDEST && maxWorkgroupBytes >= TILE_BYTES,
        better: (_: AttentionParams, { software }) => !software,
        dispatch: (p: AttentionParams) => {
          const [matrices, rows] = results(p)
          return { entry: `${name}_tile`, groups: matrices * Math.ceil(rows / ROWS) }
        },
      },
      block: {
        requires: 'widths, offsets and strides that are multiples of 4',
        fits: ({ e, ev, q_at, k_at, v_at, y_at = [], g_at = [], dk_at = [], dv_at = [] }: AttentionParams) =>
          [e, ev, q_at, k_at, v_at, y_at, g_at, dk_at, dv_at].flat().every((n) => n % 4 === 0),
        dispatch: threads('block', 4),
      },
      thread: { dispatch: threads('thread', 1) },
    },
  }
}

/** Results for each query. */
export const queries: Results = ({ batch, rows }) => [batch, rows]

export const attention = attentionPlan('attention', queries)
