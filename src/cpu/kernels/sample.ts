/**
 * @file CPU twin of shaders/sample.wgsl: a column of each row, drawn by its softmax after penalty, temperature, top-k,
 * top-p and min-p, and its log-softmax before them. What is left is found in the sorted logits, and added up in
 * float64; of float32 logits the penalised ones and the end of min-p are rounded as there.
 */
import * as shaders from '../../core/contracts.generated.ts'
import type { Twin, TypedArray } from '../../core/kernel.ts'
import { philox4x32 } from '../../core/philox.ts'
import { reportError } from '../../core/reports.ts'

const { PENALTY, MARK, UNUSED, POSITIONS, SEEDS, LONG_SEEDS, LOGIT, NOTHING, STREAM } = shaders.sample.consts

/** Columns of greater logits, and of this one those up to `last`. */
interface Kept {
  readonly value: number
  readonly last: number
}

export const sample: Twin = ([ids, logprobs, seen, x, seeds, positions, unused], p, _, label) => {
  const { rows, cols, used, x_offset, seen_offset, seeds_offset, positions_offset, flags } = p
  const round = x instanceof Float32Array ? Math.fround : (v: number) => v
  const isUnused = (c: number): boolean => (flags & UNUSED) !== 0 && unused[c] !== 0
  for (let r = 0; r < rows; r++) checkRow(label, x, x_offset, cols, r, used, isUnused)
  const logits = new Float64Array(used)
  const words = new Uint32Array(4)
  for (let r = 0; r < rows; r++) {
    const [from, marks] = [x_offset + r * cols, seen_offset + r * cols]
    let [rawTop, rawSum] = [-Infinity, 0]
    for (let c = 0; c < used; c++) {
      const v = isUnused(c) ? -Infinity : x[from + c]
      rawTop = Math.max(rawTop, v)
      const again = (flags & PENALTY) !== 0 && seen[marks + c] !== 0
      logits[c] = again ? round(v * round(v > 0 ? p.inverse_penalty : p.penalty)) : v
    }
    for (let c = 0; c < used; c++) if (!isUnused(c)) rawSum += Math.exp(x[from + c] - rawTop)
    let position = p.position
    if (flags & POSITIONS) position = positions[positions_offset + r]
    let [low, high] = [p.seed_lo, p.seed_hi]
    if (flags & SEEDS) [low, high] = [seeds[seeds_offset + r], 0]
    if (flags & LONG_SEEDS) [low, high] = [seeds[seeds_offset + 2 * r], seeds[seeds_offset + 2 * r + 1]]
    philox4x32(position, 0, STREAM, 0, low, high, words)
    const column = drawn(logits, p, round, words[0] / 2 ** 32)
    ids[r] = column
    logprobs[r] = x[from + column] - rawTop - Math.log(rawSum)
    if (flags & MARK) seen[marks + column] = 1
  }
}

/** Refuse a row that nothing can be drawn by. */
function checkRow(
  label: string,
  x: TypedArray,
  offset: number,
  cols: number,
  row: number,
  used: number,
  isUnused: (c: number) => boolean,
): void {
  let any = false
  for (let c = 0; c < used; c++) {
    const value = x[offset + row * cols + c]
    if (isUnused(c) || value === -Infinity) continue
    if (!(value < Infinity)) throw reportError(label, { kind: LOGIT, position: row * cols + c, value, limit: cols })
    any = true
  }
  if (!any) throw reportError(label, { kind: NOTHING, position: row, value: 0, limit: cols })
}

interface DrawParams {
  readonly top_k: number
  readonly top_p: number
  readonly inverse: number
  readonly cut: number
}

/** The column that u in [0, 1) stands for. */
function drawn(logits: Float64Array, p: DrawParams, round: (v: number) => number, u: number): number {
  let top = -Infinity
  for (const v of logits) top = Math.max(top, v)
  if (p.top_k === 1) return logits.indexOf(top)
  const kept = left(logits, top, p, round)
  const isKept = (c: number): boolean => logits[c] > kept.value || (logits[c] === kept.value && c <= kept.last)
  const powers = new Float64Array(logits.length)
  let all = 0
  for (let c = 0; c < logits.length; c++) if (isKept(c)) all += powers[c] = Math.exp((logits[c] - top) * p.inverse)
  let [sum, column] = [0, 0]
  for (let c = 0; c < logits.length && !(sum > u * all); c++) {
    sum += powers[c]
    if (powers[c] > 0) column = c
  }
  return column
}

/** What top-k, top-p and min-p leave. */
function left(logits: Float64Array, top: number, p: DrawParams, round: (v: number) => number): Kept {
  let kept: Kept = { value: -Infinity, last: logits.length }
  if (p.top_k > 0 || p.top_p > 0) {
    const power = (v: number): number => Math.exp((v - top) * p.inverse)
    let all = 0
    if (p.top_k === 0) for (const v of logits) all += power(v)
    const least = p.top_k > 0 ? leastOf(logits, p.top_k) : top + Math.log(lost(p, all) / logits.length / 2) / p.inverse
    const sorted = logits
      .filter((v) => v >= least)
      .sort()
      .reverse()
    const most = p.top_k || sorted.length
    let count = most
    if (p.top_p > 0) {
      if (p.top_k > 0) for (let i = 0; i < most; i++) all += power(sorted[i])
      const goal = all - lost(p, all)
      count = 0
      for (let sum = 0; count < most && sum < goal; count++) sum += power(sorted[count])
    }
    const value = sorted[count - 1]
    // Of those that are equal, the first are kept.
    let last = logits.indexOf(value)
    for (let i = count - 2; i >= 0 && sorted[i] === value; i--) last = logits.indexOf(value, last + 1)
    kept = { value, last }
  }
  const least = round(top + round(p.cut))
  return least > kept.value ? { value: least, last: logits.length } : kept
}

/** What of a sum of probabilities top-p does not ask for. All those together that are below this by n have no part. */
const lost = (p: DrawParams, all: number): number => (1 - p.top_p / 2 ** 32) * all

/** A number that at least k logits reach, and few more: the least of the greatest of k runs. So that few are sorted. */
function leastOf(logits: Float64Array, k: number): number {
  const width = Math.floor(logits.length / k)
  let least = Infinity
  for (let run = 0; run < k; run++) {
    let greatest = -Infinity
    for (let c = run * width; c < (run + 1) * width; c++) greatest = Math.max(greatest, logits[c])
    least = Math.min(least, greatest)
  }
  return least
}
