/**
 * @file Products with few rows or few columns, as in decoding: every element of the large operand is used a few times
 * only, so it is read where it lies. Sums are in the order of k, as those of matmul.ts. Elements of 16 bits are looked
 * up one by one: nothing is widened, and a model's weights have so few exponents that what is looked up stays in the
 * nearest cache.
 */
import type { TypedArray } from '../../core/kernel.ts'

/** A matrix: its data, where it begins, and its strides. */
export interface Matrix {
  readonly x: TypedArray
  readonly at: number
  readonly down: number
  readonly right: number
  /** Of 16 bits: the numbers that elements stand for. */
  readonly numbers?: Float64Array
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
  const [row, sums] = [new Float64Array(k), new Float64Array(n)]
  const { down, right, numbers } = b
  for (let i = 0; i < m; i++) {
    const from = a.at + i * a.down
    for (let e = 0; e < k; e++) row[e] = numberAt(a, from + e * a.right)
    // Along the shorter steps of b: by columns, or all columns at once.
    if (Math.abs(down) < Math.abs(right)) {
      for (let j = 0; j < n; j += 4) {
        if (n - j < 4) dots(sums, row, j, b)
        else if (numbers) fourDotsOf16(sums, row, j, b, numbers)
        else fourDots(sums, row, j, b)
      }
    } else {
      sums.fill(0)
      for (let e = 0; e < k; e += 4) {
        if (k - e < 4) addLast(sums, row, e, b)
        else if (numbers) addRowsOf16(sums, row, e, b, numbers)
        else addRows(sums, row, e, b)
      }
    }
    for (let j = 0; j < n; j++) y.x[y.at + i * y.down + j * y.right] = sums[j]
  }
}

export const turned = ({ down, right, ...x }: Matrix): Matrix => ({ ...x, down: right, right: down })

const numberAt = ({ x, numbers }: Matrix, at: number): number => (numbers ? numbers[x[at]] : x[at])

/** sums j to j + 3 = a times those columns of b: four sums at once, as one alone waits for each of its additions. */
function fourDots(sums: Float64Array, a: Float64Array, j: number, { x, at, down, right }: Matrix): void {
  let [s0, s1, s2, s3] = [0, 0, 0, 0]
  for (let e = 0, of = at + j * right; e < a.length; e++, of += down) {
    const by = a[e]
    s0 += by * x[of]
    s1 += by * x[of + right]
    s2 += by * x[of + 2 * right]
    s3 += by * x[of + 3 * right]
  }
  ;[sums[j], sums[j + 1], sums[j + 2], sums[j + 3]] = [s0, s1, s2, s3]
}

/** The same of 16 bits. */
function fourDotsOf16(sums: Float64Array, a: Float64Array, j: number, b: Matrix, numbers: Float64Array): void {
  const { x, at, down, right } = b
  let [s0, s1, s2, s3] = [0, 0, 0, 0]
  for (let e = 0, of = at + j * right; e < a.length; e++, of += down) {
    const by = a[e]
    s0 += by * numbers[x[of]]
    s1 += by * numbers[x[of + right]]
    s2 += by * numbers[x[of + 2 * right]]
    s3 += by * numbers[x[of + 3 * right]]
  }
  ;[sums[j], sums[j + 1], sums[j + 2], sums[j + 3]] = [s0, s1, s2, s3]
}

/** The last columns, from j on. */
function dots(sums: Float64Array, a: Float64Array, j: number, b: Matrix): void {
  for (; j < sums.length; j++) {
    let sum = 0
    for (let e = 0; e < a.length; e++) sum += a[e] * numberAt(b, b.at + e * b.down + j * b.right)
    sums[j] = sum
  }
}

/** sums += rows e to e + 3 of b, each times its element of a. */
function addRows(sums: Float64Array, a: Float64Array, e: number, { x, at, down, right }: Matrix): void {
  const [by0, by1, by2, by3] = [a[e], a[e + 1], a[e + 2], a[e + 3]]
  for (let j = 0, to = at + e * down; j < sums.length; j++, to += right)
    sums[j] = sums[j] + by0 * x[to] + by1 * x[to + down] + by2 * x[to + 2 * down] + by3 * x[to + 3 * down]
}

/** The same of 16 bits. */
function addRowsOf16(sums: Float64Array, a: Float64Array, e: number, b: Matrix, numbers: Float64Array): void {
  const { x, at, down, right } = b
  const [by0, by1, by2, by3] = [a[e], a[e + 1], a[e + 2], a[e + 3]]
  for (let j = 0, to = at + e * down; j < sums.length; j++, to += right) {
    const two = sums[j] + by0 * numbers[x[to]] + by1 * numbers[x[to + down]]
    sums[j] = two + by2 * numbers[x[to + 2 * down]] + by3 * numbers[x[to + 3 * down]]
  }
}

/** sums += the last rows of b, from e on, each times its element of a. */
function addLast(sums: Float64Array, a: Float64Array, e: number, b: Matrix): void {
  for (; e < a.length; e++)
    for (let j = 0; j < sums.length; j++) sums[j] += a[e] * numberAt(b, b.at + e * b.down + j * b.right)
}
