/**
 * @file CPU twin of shaders/attention_grad_q.wgsl: dq[i] = Σ_j ds_ij·k[j], ds = scale·p·(f·g·v − delta), p from stats.
 */
import type { Twin, TwinParams, TypedArray } from '../../core/kernel.ts'
import {
  dropping,
  eachBlock,
  multiply,
  ofKeys,
  ofQueries,
  putRows,
  type QueryBlock,
  scores,
  turned,
} from './attention.ts'

export const attention_grad_q: Twin = ([y, q, k, v, mask, g, stats, delta], p) => {
  const { cols, e: width } = p
  eachBlock(p, (block) => {
    const { t, first, count } = block
    const { ds } = slopes(block, [q, k, v, mask, g, stats, delta], p)
    const dq = new Float64Array(count * width)
    multiply(dq, [ds, 0, cols, 1], ofKeys(k, p.k_at, t, p), count, width, cols)
    putRows(y, ofQueries(y, p.y_at, t, p, first), dq, width)
  })
}

/** ds, and the weights after dropout, of a block. */
export function slopes(
  block: QueryBlock,
  [q, k, v, mask, g, stats, delta]: readonly TypedArray[],
  p: TwinParams,
): { ds: Float64Array; weights: Float64Array } {
  const { t, first, count } = block
  const { rows, cols, ev: valueWidth, scale } = p
  const drop = dropping(p)
  const weights = scores(block, q, k, mask, p)
  const ds = new Float64Array(count * cols)
  multiply(ds, ofQueries(g, p.g_at, t, p, first), turned(ofKeys(v, p.v_at, t, p)), count, cols, valueWidth)
  for (let i = 0; i < count; i++) {
    const row = t * rows + first + i
    const [, at_delta] = ofQueries(delta, p.delta_at, t, p, first + i)
    for (let at = i * cols; at < (i + 1) * cols; at++) {
      const w = Math.exp(weights[at] - stats[2 * row]) * stats[2 * row + 1]
      const f = drop(row, at - i * cols)
      weights[at] = w * f
      ds[at] = scale * w * (f * ds[at] - delta[at_delta])
    }
  }
  return { ds, weights }
}
