/**
 * @file CPU twin of shaders/attention.wgsl: per query, softmax of its scores applied to the values, and for the gradients its
 * largest score and 1 / Σ e^(score − largest). The scores of one matrix are held at a time; its products are matmul's.
 */
import type { Twin, TwinParams, TypedArray } from '../../kernel.ts'
import { keeper } from './dropout.ts'
import { matmul } from './matmul.ts'
import { expSum } from './softmax.ts'

/** Stands for the largest score of a query without keys, as in shaders/lib/bits.wgsl. */
const LOWEST = -3.4028234663852886e38

export const attention: Twin = ([y, stats, q, k, v, mask], p) => {
  const { rows, cols, ev, group, v_offset } = p
  const drop = dropping(p)
  for (let t = 0; t < p.batch; t++) {
    const w = scores(t, q, k, mask, p)
    for (let i = 0; i < rows; i++) {
      const row = w.subarray(i * cols, (i + 1) * cols)
      const { max, sum } = expSum(row)
      const at = t * rows + i
      stats.set(sum === 0 ? [LOWEST, 0] : [max, 1 / sum], 2 * at)
      for (let j = 0; j < cols; j++) row[j] = sum === 0 ? 0 : (Math.exp(row[j] - max) / sum) * drop(at, j)
    }
    const values = v_offset + Math.floor(t / group) * cols * ev
    multiply(y.subarray(t * rows * ev), [w, 0, cols, 1], [v, values, ev, 1], rows, ev, cols)
  }
}

/** What dropout multiplies the weight of a key by, in a row of all queries. */
export function dropping(p: TwinParams): (row: number, j: number) => number {
  const { threshold, keep } = p
  const bits = keeper(p)
  return (row, j) => (threshold === 0 ? 1 : bits(row, j) >= threshold ? keep : 0)
}

/** Scores of matrix t, −Inf where a key takes no part. */
export function scores(t: number, q: TypedArray, k: TypedArray, mask: TypedArray, p: TwinParams): Float64Array {
  const { rows, cols, e, group, inner, scale, mask_offset, mask_kind, causal, q_offset, k_offset } = p
  const [outer, next, down, right] = p.steps
  const s = new Float64Array(rows * cols)
  const [queries, keys] = [q_offset + t * rows * e, k_offset + Math.floor(t / group) * cols * e]
  multiply(s, [q, queries, e, 1], [k, keys, 1, e], rows, cols, e)
  for (let i = 0; i < rows; i++) {
    const m = mask_offset + Math.floor(t / inner) * outer + (t % inner) * next + i * down
    for (let j = 0; j < cols; j++) {
      const own = mask_kind ? mask[m + j * right] : 0
      const out = (causal && j > i) || (mask_kind === 1 ? own === 0 : own === -Infinity)
      s[i * cols + j] = out ? -Infinity : s[i * cols + j] * scale + (mask_kind === 2 ? own : 0)
    }
  }
  return s
}

/** A matrix: where it begins, and its strides. */
type Matrix = readonly [data: TypedArray, offset: number, down: number, right: number]

/** y = a b, [m, k] × [k, n], from the start of y on. */
export function multiply(y: TypedArray, a: Matrix, b: Matrix, m: number, n: number, k: number): void {
  const walks = { a_offset: a[1], b_offset: b[1], a: [0, 0, a[2], a[3]], b: [0, 0, b[2], b[3]] }
  matmul([y, a[0], b[0]], { batch: 1, inner: 1, m, n, k, ...walks }, {}, 'attention')
}
