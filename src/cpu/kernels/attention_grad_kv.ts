/**
 * @file CPU twin of shaders/attention_grad_kv.wgsl: dk[j] = Σ_i ds_ij·q[i] and dv[j] = Σ_i f_ij·p_ij·g[i], over the
 * queries of a group.
 */
import type { Twin } from '../../core/kernel.ts'
import { eachBlock, multiply, ofKeys, ofQueries, putRows } from './attention.ts'
import { slopes } from './attention_grad_q.ts'

export const attention_grad_kv: Twin = ([y, q, k, v, mask, g, stats, lengths], p) => {
  const { rows, cols, e: width, ev: valueWidth, group } = p
  const [dk, dv] = [new Float64Array(cols * width), new Float64Array(cols * valueWidth)]
  const [partK, partV] = [new Float64Array(dk.length), new Float64Array(dv.length)]
  // Where there are no queries.
  y.fill(0)
  const add = (sums: Float64Array, part: Float64Array) => part.forEach((x, i) => (sums[i] += x))
  eachBlock(p, (block) => {
    const { t, first, count } = block
    if (first === 0 && t % group === 0) for (const sums of [dk, dv]) sums.fill(0)
    const { ds, weights } = slopes(block, [q, k, v, mask, g, stats, lengths], p)
    multiply(partK, [ds, 0, 1, cols], ofQueries(q, p.q_at, t, p, first), cols, width, count)
    multiply(partV, [weights, 0, 1, cols], ofQueries(g, p.g_at, t, p, first), cols, valueWidth, count)
    add(dk, partK)
    add(dv, partV)
    if (first + count < rows || t % group < group - 1) return
    putRows(y, ofKeys(y, p.dk_at, t, p), dk, width)
    putRows(y, ofKeys(y, p.dv_at, t, p), dv, valueWidth)
  })
}
