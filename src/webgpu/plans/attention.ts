/** @file How to run shaders/attention.wgsl and attention_few.wgsl, and what the gradients share with it. */

import { WORD_BYTES } from '../../core/contract.ts'
import * as shaders from '../../core/contracts.generated.ts'
import { type Facts, LANES, type Plan, type Scratch } from '../../core/kernel.ts'
import { perElement, sizeClass, type Vec4 } from './common.ts'

const { FEW_LANES, BLOCK_LANES } = shaders.attention.consts

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

const inVec4s = ({ e, ev, q_at, k_at, v_at, y_at = [], g_at = [], dk_at = [], dv_at = [] }: AttentionParams): boolean =>
  [e, ev, q_at, k_at, v_at, y_at, g_at, dk_at, dv_at].flat().every((n) => n % 4 === 0)
const VEC4 = 'widths, offsets and strides that are multiples of 4'

/** Matrices and rows of each that a kernel has results for: of queries, or of keys. */
type Results = (p: AttentionParams) => readonly [matrices: number, rows: number]

export function attentionPlan(name: string, results: Results): Plan {
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
        requires: VEC4,
        fits: inVec4s,
        // It computes four rows even where there is one.
        better: (p: AttentionParams) => results(p)[1] > 1,
        dispatch: (p: AttentionParams) => {
          const [matrices, rows] = results(p)
          return { entry: `${name}_block`, groups: matrices * Math.ceil(rows / 4 / BLOCK_LANES) }
        },
      },
      thread: {
        dispatch: (p: AttentionParams) => {
          const [matrices, rows] = results(p)
          return { entry: `${name}_thread`, groups: perElement(matrices * rows) }
        },
      },
    },
  }
}

/** Results for each query. */
export const queries: Results = ({ batch, rows }) => [batch, rows]

/** Queries of a matrix up to which keys are read anew for each: on a GPU, on a software adapter. */
const FEW_ON_GPU = 8
const FEW = 2
/** Multiply-adds from which two passes pay there. */
const FEW_PAYS = 2 ** 17
/** Scores, by fours along the keys. */
const foursOf = ({ batch, rows, cols }: AttentionParams): number => batch * rows * Math.ceil(cols / 4)

const plan = attentionPlan('attention', queries)

export const attention: Plan = {
  ...plan,
  variants: {
    few_group: {
      requires: `${VEC4}, values of 4 to ${4 * LANES} columns`,
      fits: (p: AttentionParams) => inVec4s(p) && p.ev > 0 && p.ev <= 4 * LANES,
      better: ({ rows }: AttentionParams, { software }) => !software && rows <= FEW_ON_GPU,
      dispatch: ({ batch, rows }: AttentionParams) => ({ entry: 'attention_few_group', groups: batch * rows }),
    },
    few_vec4: {
      requires: `${VEC4}, keys, values of 4 columns or more, and scores within one binding`,
      fits: (p: AttentionParams, { maxBindingBytes }) =>
        inVec4s(p) && p.ev > 0 && p.cols > 0 && 4 * WORD_BYTES * foursOf(p) <= maxBindingBytes,
      better: ({ batch, rows, cols, e }: AttentionParams, { software }) =>
        software && rows <= FEW && batch * rows * cols * e >= FEW_PAYS,
      dispatch: (p: AttentionParams) => {
        const fours = foursOf(p)
        const scores: Scratch = { bytes: 4 * WORD_BYTES * fours }
        const perLane = (threads: number) => Math.ceil(threads / FEW_LANES)
        return [
          { entry: 'attention_few_scores', groups: perLane(fours), blocks: [scores, 1, 2, 3, 4, 5, 6, 7] },
          {
            entry: 'attention_few_mix',
            groups: perLane((p.batch * p.rows * p.ev) / 4),
            blocks: [0, 1, 2, scores, 4, 5, 6, 7],
          },
        ]
      },
    },
    ...plan.variants,
  },
}
