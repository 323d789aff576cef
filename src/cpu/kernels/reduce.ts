/**
 * @file CPU twin of shaders/reduce.wgsl: fold the reduced axes of each kept element. Sums run in
 * float64 whatever the dtype.
 */

import * as shaders from '../../core/contracts.generated.ts'
import type { Twin, TypedArray } from '../../core/kernel.ts'
import { addresses } from './view.ts'

const { SUM, PROD, MAX } = shaders.reduce.consts

/** Kept elements side by side from which on they are summed together, row by row of memory. */
const WIDE = 8
/** Terms from which on four sums run side by side. */
const MANY = 64

export const reduce: Twin = ([y, x], { kept, reduced, ks, rs }, { OP, INT }) => {
  const [count, d1, n] = reduced
  const [, s0, s1, step] = rs
  // The innermost reduced axis is walked; of the others there is a table.
  const starts = addresses([count && count / n, d1, 1], [0, s0, s1, 0])
  const wide = kept[2]
  if (OP === SUM && wide >= WIDE && Math.abs(ks[3]) < Math.abs(step)) {
    const sums = new Float64Array(wide)
    addresses([kept[0] / wide, kept[1], 1], [ks[0], ks[1], ks[2], 0]).forEach((base, i) => {
      sums.fill(0)
      for (const start of starts) addRows(sums, x, base + start, ks[3], n, step)
      y.set(sums, i * wide)
    })
    return
  }
  const fold = OP === SUM ? sumOf : OP === PROD ? (INT ? intProductOf : productOf) : OP === MAX ? maxOf : minOf
  const first = OP === SUM ? 0 : OP === PROD ? 1 : OP === MAX ? -Infinity : Infinity
  addresses(kept, ks).forEach((base, i) => {
    let result = first
    for (let j = 0; j < starts.length; j++) result = fold(result, x, base + starts[j], n, step)
    y[i] = INT ? result | 0 : result
  })
}

/** sums += n rows of x. */
function addRows(sums: Float64Array, x: TypedArray, at: number, right: number, n: number, down: number): void {
  let i = 0
  for (; i + 4 <= n; i += 4) {
    const row = at + i * down
    for (let j = 0; j < sums.length; j++) {
      const from = row + j * right
      sums[j] = sums[j] + x[from] + x[from + down] + x[from + 2 * down] + x[from + 3 * down]
    }
  }
  for (; i < n; i++) for (let j = 0; j < sums.length; j++) sums[j] += x[at + i * down + j * right]
}

// Loops of their own: engines optimise each apart from the others. Four sums run side by side; few terms are added in
// their order, as one writes it by hand.
function sumOf(first: number, x: TypedArray, at: number, n: number, step: number): number {
  let [sum0, sum1, sum2, sum3] = [first, 0, 0, 0]
  let i = 0
  for (; n >= MANY && i + 4 <= n; i += 4) {
    const from = at + i * step
    sum0 += x[from]
    sum1 += x[from + step]
    sum2 += x[from + 2 * step]
    sum3 += x[from + 3 * step]
  }
  for (; i < n; i++) sum0 += x[at + i * step]
  return sum0 + sum1 + (sum2 + sum3)
}

function productOf(product: number, x: TypedArray, at: number, n: number, step: number): number {
  for (let i = 0; i < n; i++) product *= x[at + i * step]
  return product
}

function intProductOf(product: number, x: TypedArray, at: number, n: number, step: number): number {
  for (let i = 0; i < n; i++) product = Math.imul(product, x[at + i * step])
  return product
}

function maxOf(best: number, x: TypedArray, at: number, n: number, step: number): number {
  for (let i = 0; i < n; i++) best = Math.max(best, x[at + i * step])
  return best
}

function minOf(best: number, x: TypedArray, at: number, n: number, step: number): number {
  for (let i = 0; i < n; i++) best = Math.min(best, x[at + i * step])
  return best
}
