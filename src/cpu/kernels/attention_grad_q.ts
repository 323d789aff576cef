/** @file CPU twin of shaders/attention_grad_q.wgsl: dq[i] = Σ_j ds_ij·k[j], ds = scale·p·(f·g·v − delta), p from stats. */
import type { Twin, TwinParams, TypedArray } from '../../kernel.ts'
import { dropping, multiply, scores } from './attention.ts'

export const attention_grad_q: Twin = ([y, q, k, v, mask, g, stats, delta], p) => {
  const { rows, cols, e, group, k_offset } = p
  for (let t = 0; t < p.batch; t++) {
    const { ds } = slopes(t, [q, k, v, mask, g, stats, delta], p)
    const keys = k_offset + Math.floor(t / group) * cols * e
    multiply(y.subarray(t * rows * e), [ds, 0, cols, 1], [k, keys, e, 1], rows, e, cols)
  }
}

/** ds, and the weights after dropout, of matrix t. */
export function slopes(
  t: number,
  [q, k, v, mask, g, stats, delta]: readonly TypedArray[],
  p: TwinParams,
): { ds: Float64Array; weights: Float64Array } {
  const { rows, cols, ev, group, scale, v_offset, g_offset } = p
  const drop = dropping(p)
  const weights = scores(t, q, k, mask, p)
  const ds = new Float64Array(rows * cols)
  const values = v_offset + Math.floor(t / group) * cols * ev
  multiply(ds, [g, g_offset + t * rows * ev, ev, 1], [v, values, 1, ev], rows, cols, ev)
  for (let i = 0; i < rows; i++) {
    const row = t * rows + i
    for (let at = i * cols; at < (i + 1) * cols; at++) {
      const w = Math.exp(weights[at] - stats[2 * row]) * stats[2 * row + 1]
      const f = drop(row, at - i * cols)
      weights[at] = w * f
      ds[at] = scale * w * (f * ds[at] - delta[row])
    }
  }
  return { ds, weights }
}
