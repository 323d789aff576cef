/**
 * @file CPU twin of shaders/attention_grad_kv.wgsl: dk[j] = Σ_i ds_ij·q[i], and from dv_offset on dv[j] = Σ_i
 * f_ij·p_ij·g[i].
 */
import type { Twin } from '../../core/kernel.ts'
import { eachBlock, multiply } from './attention.ts'
import { slopes } from './attention_grad_q.ts'

export const attention_grad_kv: Twin = ([y, q, k, v, mask, g, stats, delta], p) => {
  const { rows, cols, e: width, ev: valueWidth, group, q_offset, g_offset, dv_offset } = p
  const sums = new Float64Array(y.length)
  const [dk, dv] = [new Float64Array(cols * width), new Float64Array(cols * valueWidth)]
  const add = (part: Float64Array, at: number) => part.forEach((x, i) => (sums[at + i] += x))
  eachBlock(p, (block) => {
    const { t, first, count } = block
    const from = t * rows + first
    const { ds, weights } = slopes(block, [q, k, v, mask, g, stats, delta], p)
    multiply(dk, [ds, 0, 1, cols], [q, q_offset + from * width, width, 1], cols, width, count)
    multiply(dv, [weights, 0, 1, cols], [g, g_offset + from * valueWidth, valueWidth, 1], cols, valueWidth, count)
    add(dk, Math.floor(t / group) * dk.length)
    add(dv, dv_offset + Math.floor(t / group) * dv.length)
  })
  y.set(sums)
}
