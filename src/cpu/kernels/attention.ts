/**
 * @file CPU twin of shaders/attention.wgsl: per query, softmax of its scores applied to the values, and for the
 * gradients its largest score and 1 / Σ e^(score − largest). The scores of a block of queries are held at a time;
 * products are matmul's.
 */
import type { Twin, TwinParams, TypedArray } from '../../core/kernel.ts'
import { keeper } from './dropout.ts'
import { matmul } from './matmul.ts'
import { expSum } from './softmax.ts'

/** Values of mask_kind: 0 for none, one that says who takes part, one that is added to the scores. */
const BOOL_MASK = 1
const ADDED_MASK = 2

/** Stands for the largest score of a query without keys, as in shaders/lib/bits.wgsl. */
const LOWEST = -3.4028234663852886e38

export const attention: Twin = ([y, stats, q, k, v, mask], p) => {
  const { rows, cols, ev: valueWidth, group, v_offset } = p
  const drop = dropping(p)
  const powers = new Float64Array(cols)
  eachBlock(p, (block) => {
    const { t, first, count } = block
    const w = scores(block, q, k, mask, p)
    const from = t * rows + first
    for (let i = 0; i < count; i++) {
      const [at, row] = [from + i, i * cols]
      const { max, sum } = expSum(powers, w, row, cols)
      stats.set(sum === 0 ? [LOWEST, 0] : [max, 1 / sum], 2 * at)
      for (let j = 0; j < cols; j++) w[row + j] = sum === 0 ? 0 : (powers[j] / sum) * drop(at, j)
    }
    const values = v_offset + Math.floor(t / group) * cols * valueWidth
    multiply(y.subarray(from * valueWidth), [w, 0, cols, 1], [v, values, valueWidth, 1], count, valueWidth, cols)
  })
}

/** Neighbouring queries of matrix t. */
export interface QueryBlock {
  readonly t: number
  readonly first: number
  readonly count: number
}

/** Queries of a block: as many as make it cheap that matmul packs the keys for each, and a multiple of its tile. */
const BLOCK = 96

export function eachBlock({ batch, rows }: TwinParams, run: (block: QueryBlock) => void): void {
  for (let t = 0; t < batch; t++) {
    for (let first = 0; first < rows; first += BLOCK) run({ t, first, count: Math.min(BLOCK, rows - first) })
  }
}

/** What dropout multiplies the weight of a key by, in a row of all queries. */
export function dropping(p: TwinParams): (row: number, j: number) => number {
  const { threshold, keep } = p
  const bits = keeper(p)
  return (row, j) => (threshold === 0 ? 1 : bits(row, j) >= threshold ? keep : 0)
}

/** Scores of a block, −Inf where a key takes no part. */
export function scores(block: QueryBlock, q: TypedArray, k: TypedArray, mask: TypedArray, p: TwinParams): Float64Array {
  const { t, first, count } = block
  const { rows, cols, e: width, group, inner, scale, mask_offset, mask_kind, causal, q_offset, k_offset } = p
  const [outer, next, down, right] = p.steps
  const s = new Float64Array(count * cols)
  const [queries, keys] = [q_offset + (t * rows + first) * width, k_offset + Math.floor(t / group) * cols * width]
  multiply(s, [q, queries, width, 1], [k, keys, 1, width], count, cols, width)
  for (let i = 0; i < count; i++) {
    const m = mask_offset + Math.floor(t / inner) * outer + (t % inner) * next + (first + i) * down
    for (let j = 0; j < cols; j++) {
      const own = mask_kind ? mask[m + j * right] : 0
      const out = (causal && j > first + i) || (mask_kind === BOOL_MASK ? own === 0 : own === -Infinity)
      s[i * cols + j] = out ? -Infinity : s[i * cols + j] * scale + (mask_kind === ADDED_MASK ? own : 0)
    }
  }
  return s
}

/** A matrix: where it begins, and its strides. */
type Matrix = readonly [data: TypedArray, offset: number, down: number, right: number]

/** y = a b, [m, k] × [k, n], from the start of y on. */
export function multiply(
  y: TypedArray,
  [a, aOffset, aDown, aRight]: Matrix,
  [b, bOffset, bDown, bRight]: Matrix,
  m: number,
  n: number,
  k: number,
): void {
  const walks = { a_offset: aOffset, b_offset: bOffset, a: [0, 0, aDown, aRight], b: [0, 0, bDown, bRight] }
  matmul([y, a, b], { batch: 1, inner: 1, m, n, k, ...walks }, {}, 'attention')
}
