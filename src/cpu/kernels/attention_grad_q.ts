/**
 * @file CPU twin of shaders/attention_grad_q.wgsl: dq[i] = Σ_j ds_ij·k[j], ds = scale·p·(f·g·v − delta), p from what
 * stats has of each query: (m, 1 / Σ, delta).
 */
import type { Twin, TwinParams, TypedArray } from '../../core/kernel.ts'
import {
  dropping,
  eachBlock,
  keysIn,
  multiply,
  ofKeys,
  ofQueries,
  putRows,
  type QueryBlock,
  scores,
  turned,
} from './attention.ts'

export const attention_grad_q: Twin = ([y, q, k, v, mask, g, stats, lengths], p) => {
  const { cols, e: width } = p
  eachBlock(p, (block) => {
    const { t, first, count } = block
    const { ds } = slopes(block, [q, k, v, mask, g, stats, lengths], p)
    const dq = new Float64Array(count * width)
    multiply(dq, [ds, 0, cols, 1], ofKeys(k, p.k_at, t, p), count, width, keysIn(lengths, t, p))
    putRows(y, ofQueries(y, p.y_at, t, p, first), dq, width)
  })
}

/** ds, and the weights after dropout, of a block. */
export function slopes(
  block: QueryBlock,
  [q, k, v, mask, g, stats, lengths]: readonly TypedArray[],
  p: TwinParams,
): { ds: Float64Array; weights: Float64Array } {
  const { t, first, count } = block
  const { rows, cols, ev: valueWidth, scale } = p
  const drop = dropping(p)
  const weights = scores(block, q, k, mask, lengths, p)
  const ds = new Float64Array(count * cols)
  multiply(ds, ofQueries(g, p.g_at, t, p, first), turned(ofKeys(v, p.v_at, t, p)), count, cols, valueWidth)
  for (let i = 0; i < count; i++) {
    const row = t * rows + first + i
    const [m, factor, delta] = stats.subarray(4 * row, 4 * row + 3)
    for (let at = i * cols; at < (i + 1) * cols; at++) {
      const seen = weights[at] !== -Infinity
      const w = seen ? Math.exp(weights[at] - m) * factor : 0
      const f = drop(row, at - i * cols)
      weights[at] = w * f
      ds[at] = seen ? scale * w * (f * ds[at] - delta) : 0
    }
  }
  return { ds, weights }
}
