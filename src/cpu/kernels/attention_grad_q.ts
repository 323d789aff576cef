/**
 * @file CPU twin of shaders/attention_grad_q.wgsl: dq[i] = Σ_j ds_ij·k[j], ds = scale·p·(f·g·v − delta), p from stats.
 */
import type { Twin, TwinParams, TypedArray } from '../../core/kernel.ts'
import { dropping, eachBlock, multiply, type QueryBlock, scores } from './attention.ts'

export const attention_grad_q: Twin = ([y, q, k, v, mask, g, stats, delta], p) => {
  const { rows, cols, e: width, group, k_offset } = p
  eachBlock(p, (block) => {
    const { t, first, count } = block
    const { ds } = slopes(block, [q, k, v, mask, g, stats, delta], p)
    const keys = k_offset + Math.floor(t / group) * cols * width
    multiply(y.subarray((t * rows + first) * width), [ds, 0, cols, 1], [k, keys, width, 1], count, width, cols)
  })
}

/** ds, and the weights after dropout, of a block. */
export function slopes(
  block: QueryBlock,
  [q, k, v, mask, g, stats, delta]: readonly TypedArray[],
  p: TwinParams,
): { ds: Float64Array; weights: Float64Array } {
  const { t, first, count } = block
  const { rows, cols, ev: valueWidth, group, scale, v_offset, g_offset } = p
  const drop = dropping(p)
  const weights = scores(block, q, k, mask, p)
  const ds = new Float64Array(count * cols)
  const values = v_offset + Math.floor(t / group) * cols * valueWidth
  const from = t * rows + first
  multiply(ds, [g, g_offset + from * valueWidth, valueWidth, 1], [v, values, 1, valueWidth], count, cols, valueWidth)
  for (let i = 0; i < count; i++) {
    const row = from + i
    for (let at = i * cols; at < (i + 1) * cols; at++) {
      const w = Math.exp(weights[at] - stats[2 * row]) * stats[2 * row + 1]
      const f = drop(row, at - i * cols)
      weights[at] = w * f
      ds[at] = scale * w * (f * ds[at] - delta[row])
    }
  }
  return { ds, weights }
}
