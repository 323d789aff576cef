/**
 * @file Products with few rows or few columns, as in decoding: every element of the large operand is used a few times
 * only, so it is read where it lies. Sums are in the order of k, as those of matmul.ts.
 */
import type { TypedArray } from '../../core/kernel.ts'

/** A matrix: its data, where it begins, and its strides. */
export interface Matrix {
  readonly x: TypedArray
  readonly at: number
  readonly down: number
  readonly right: number
}

/** Matrix t of a batch of two axes, of which the inner one has `inner`. Strides: two batch axes, rows, columns. */
export function matrixAt(t: number, inner: number, x: TypedArray, from: number, strides: readonly number[]): Matrix {
  const [outer, next, down, right] = strides
  return { x, at: from + Math.floor(t / inner) * outer + (t % inner) * next, down, right }
}

/** Rows, or columns, that are few. */
export const FEW = 4

/** y = a b, [m, k] × [k, n], for a small m or n. */
export function few(y: Matrix, a: Matrix, b: Matrix, m: number, n: number, k: number): void {
  if (m > n) {
    few(turned(y), turned(b), turned(a), n, m, k)
    return
  }
  const sums = new Float64Array(n)
  for (let i = 0; i < m; i++) {
    const row = a.at + i * a.down
    // Along the shorter steps of b: by columns, or all columns at once.
    if (Math.abs(b.down) < Math.abs(b.right)) {
      for (let j = 0; j < n; j++) sums[j] = dot(k, a.x, row, a.right, b.x, b.at + j * b.right, b.down)
    } else {
      sums.fill(0)
      for (let e = 0; e < k; e += 4) addRows(sums, k - e, a.x, row + e * a.right, a.right, b, b.at + e * b.down)
    }
    for (let j = 0; j < n; j++) y.x[y.at + i * y.down + j * y.right] = sums[j]
  }
}

export const turned = ({ x, at, down, right }: Matrix): Matrix => ({ x, at, down: right, right: down })

function dot(k: number, a: TypedArray, i: number, iStep: number, b: TypedArray, j: number, jStep: number): number {
  let sum = 0
  for (let e = 0; e < k; e++, i += iStep, j += jStep) sum += a[i] * b[j]
  return sum
}

/** sums += up to four rows of b, from `at` on, each times its element of a. */
function addRows(
  sums: Float64Array,
  left: number,
  a: TypedArray,
  i: number,
  step: number,
  b: Matrix,
  at: number,
): void {
  const { x, down, right } = b
  if (left < 4) {
    for (let e = 0; e < left; e++) {
      const by = a[i + e * step]
      for (let j = 0; j < sums.length; j++) sums[j] += by * x[at + e * down + j * right]
    }
    return
  }
  const [by0, by1, by2, by3] = [a[i], a[i + step], a[i + 2 * step], a[i + 3 * step]]
  for (let j = 0; j < sums.length; j++) {
    const to = at + j * right
    sums[j] = sums[j] + by0 * x[to] + by1 * x[to + down] + by2 * x[to + 2 * down] + by3 * x[to + 3 * down]
  }
}
