/**
 * @file CPU twin of shaders/attention.wgsl: per query, softmax of its scores applied to the values, and for the
 * gradients its largest score and 1 / Σ e^(score − largest). The scores of a block of queries are held at a time;
 * products are matmul's.
 */
import { attention as contract } from '../../core/contracts.generated.ts'
import type { Twin, TwinParams, TypedArray } from '../../core/kernel.ts'
import { reportError } from '../../core/reports.ts'
import { keeper } from './dropout.ts'
import { matmul } from './matmul.ts'
import { expSum } from './softmax.ts'

/** Values of mask_kind: 0 for none, one that says who takes part, one that is added to the scores. */
const BOOL_MASK = 1
const ADDED_MASK = 2

/** The value of causal where queries and keys are counted from their last. */
const FROM_LAST = 2

/** Stands for the largest score of a query without keys, as in shaders/lib/bits.wgsl. */
const LOWEST = -3.4028234663852886e38

export const attention: Twin = ([y, stats, q, k, v, mask, lengths], p, _, label) => {
  const { batch, rows, cols, ev: valueWidth } = p
  for (let t = 0; p.ragged && t < batch; t++) {
    const at = lengthAt(t, p)
    const value = lengths[at]
    const position = at - p.lengths_at[0]
    if (value < 0 || value > cols)
      throw reportError(label, { kind: contract.consts.LENGTH, position, value, limit: cols })
  }
  const drop = dropping(p)
  const powers = new Float64Array(cols)
  eachBlock(p, (block) => {
    const { t, first, count } = block
    const w = scores(block, q, k, mask, lengths, p)
    const from = t * rows + first
    for (let i = 0; i < count; i++) {
      const [at, row] = [from + i, i * cols]
      const { max, sum } = expSum(powers, w, row, cols)
      stats.set(sum === 0 ? [LOWEST, 0] : [max, 1 / sum], 2 * at)
      for (let j = 0; j < cols; j++) w[row + j] = sum === 0 ? 0 : (powers[j] / sum) * drop(at, j)
    }
    const sums = new Float64Array(count * valueWidth)
    multiply(sums, [w, 0, cols, 1], ofKeys(v, p.v_at, t, p), count, valueWidth, keysIn(lengths, t, p))
    putRows(y, ofQueries(y, p.y_at, t, p, first), sums, valueWidth)
  })
}

// ---- matrices

/** A matrix: where it begins, and its strides. */
type Matrix = readonly [data: TypedArray, offset: number, down: number, right: number]

/** Matrix t of queries from a row on, by a walk: its start, strides of two batch axes, and of rows. */
export function ofQueries(data: TypedArray, walk: readonly number[], t: number, p: TwinParams, first = 0): Matrix {
  const [start, outer, next, down] = walk
  return [data, start + Math.floor(t / p.inner) * outer + (t % p.inner) * next + first * down, down, 1]
}

/** The matrix of keys or values that matrix t of queries shares with its group. */
export function ofKeys(data: TypedArray, walk: readonly number[], t: number, p: TwinParams): Matrix {
  const [start, outer, next, down] = walk
  return [data, start + Math.floor(t / p.inner) * outer + Math.floor((t % p.inner) / p.group) * next, down, 1]
}

export const turned = ([data, offset, down, right]: Matrix): Matrix => [data, offset, right, down]

/** Rows to where a matrix has them. */
export function putRows(y: TypedArray, [, offset, down]: Matrix, rows: Float64Array, width: number): void {
  for (let i = 0; i * width < rows.length; i++) y.set(rows.subarray(i * width, (i + 1) * width), offset + i * down)
}

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

// ---- what the gradients need too

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

/** Where the length of matrix t stands. */
const lengthAt = (t: number, { lengths_at: [start, outer, next], inner }: TwinParams): number =>
  start + Math.floor(t / inner) * outer + (t % inner) * next

/** Of how many keys matrix t of queries may see the first; what lies behind them has no influence. */
export const keysIn = (lengths: TypedArray, t: number, p: TwinParams): number =>
  p.ragged ? lengths[lengthAt(t, p)] : p.cols

/** Scores of a block, −Inf where a key takes no part. */
export function scores(
  block: QueryBlock,
  q: TypedArray,
  k: TypedArray,
  mask: TypedArray,
  lengths: TypedArray,
  p: TwinParams,
): Float64Array {
  const { t, first, count } = block
  const { rows, cols, e: width, scale, mask_step, mask_kind, causal } = p
  const seen = keysIn(lengths, t, p)
  const sight = causal === FROM_LAST ? seen - rows : 0
  const s = new Float64Array(count * cols)
  multiply(s, ofQueries(q, p.q_at, t, p, first), turned(ofKeys(k, p.k_at, t, p)), count, cols, width)
  for (let i = 0; i < count; i++) {
    const [, m] = ofQueries(mask, p.mask_at, t, p, first + i)
    for (let j = 0; j < cols; j++) {
      const own = mask_kind ? mask[m + j * mask_step] : 0
      const late = j >= seen || (causal && j > first + i + sight)
      const out = late || (mask_kind === BOOL_MASK ? own === 0 : own === -Infinity)
      s[i * cols + j] = out ? -Infinity : s[i * cols + j] * scale + (mask_kind === ADDED_MASK ? own : 0)
    }
  }
  return s
}
