/**
 * @file CPU twin of shaders/matmul.wgsl: y[b, i, j] = Σₖ a[b, i, k]·x[b, k, j], plus bias[j] and residual[b, i, j], or
 * the greater of that and 0, over any strides. Both are packed into panels of three, so that the inner loop reads
 * memory in order and keeps a 3×3 tile of sums in registers; few rows or columns are not worth that. All is float64:
 * numbers are converted once, when they are packed, also those of 16 bits.
 */
import { numbersIn } from '../../core/half.ts'
import type { Twin, TypedArray } from '../../core/kernel.ts'
import { FEW, few, type Matrix, matrixAt, turned } from './few.ts'

/**
 * Rows of A and columns of B that one inner loop handles. Nine sums and six operands fit the 16 registers of x64,
 * sixteen sums do not: 3×3 ran 10 to 35 % faster than 4×4 and 4×3 (Node 20).
 */
export const TILE = 3

/** Elements of the columns that all rows go through before the next columns: they stay in the second cache. */
const CACHED = 2 ** 17

export const matmul: Twin = ([y, a, b, bias, residual], p, { BIAS = 0, RESIDUAL = 0, RELU, HALF = 0 }) => {
  const { batch, inner, m, n, k } = p
  const packed = m > FEW && n > FEW
  const wide = Math.min(TILE * Math.max(1, Math.floor(CACHED / (TILE * k))), n)
  // Nothing is packed, and no tile computed, where rows or columns are few.
  const [rows, columns] = packed ? [panels(m, k), panels(wide, k)] : [[], []]
  const numbers = HALF ? numbersIn(HALF) : undefined
  for (let t = 0; t < batch; t++) {
    const left = matrixAt(t, inner, a, p.a_offset, p.a)
    const right = { ...matrixAt(t, inner, b, p.b_offset, p.b), numbers }
    const at = t * m * n
    if (packed) pack(rows, left, 0, m)
    else few({ x: y, at, down: n, right: 1 }, left, right, m, n, k)
    for (let first = packed ? 0 : n; first < n; first += wide) {
      const end = Math.min(first + wide, n)
      pack(columns, turned(right), first, end)
      for (let i = 0; i < m; i += TILE) {
        for (let j = first; j < end; j += TILE)
          tile(y, at + i * n + j, n, m - i, n - j, rows[i / TILE], columns[(j - first) / TILE])
      }
    }
  }
  const added = (e: number) => (BIAS && bias[p.bias_offset + (e % n)]) + (RESIDUAL && residual[e])
  if (BIAS || RESIDUAL) for (let e = 0; e < y.length; e++) y[e] += added(e)
  if (RELU) for (let e = 0; e < y.length; e++) if (y[e] <= 0) y[e] = 0
}

/** Room for `count` rows or columns of k elements: one array for each three. */
export const panels = (count: number, k: number): Float64Array[] =>
  Array.from({ length: Math.ceil(count / TILE) }, () => new Float64Array(TILE * k))

/**
 * out[row / 3][k][row % 3] = x[first + row, k], for rows before `end`; what lies past it is any number. Three at a
 * time, as they may lie side by side.
 */
function pack(out: Float64Array[], { x, at, down, right, numbers }: Matrix, first: number, end: number): void {
  for (let t = 0; first + TILE * t < end; t++) {
    const [panel, row] = [out[t], first + TILE * t]
    let from = at + row * down
    if (row + TILE > end) panel.fill(0)
    for (let e = 0; e < panel.length; e += TILE, from += right) {
      panel[e] = x[from]
      if (row + 1 < end) panel[e + 1] = x[from + down]
      if (row + 2 < end) panel[e + 2] = x[from + 2 * down]
    }
    if (numbers) for (let e = 0; e < panel.length; e++) panel[e] = numbers[panel[e]]
  }
}

/** Three rows or columns, of which the elements for one k lie side by side. */
type Panel = Float64Array
/**
 * Nine dot products, from y[at] on, of the rows of panel a with the columns of panel b. One index serves both panels.
 */
export function tile(y: TypedArray, at: number, n: number, rows: number, cols: number, a: Panel, b: Panel): void {
  let [c00, c01, c02] = [0, 0, 0]
  let [c10, c11, c12] = [0, 0, 0]
  let [c20, c21, c22] = [0, 0, 0]
  for (let e = 0; e < a.length; e += TILE) {
    const a0 = a[e]
    const a1 = a[e + 1]
    const a2 = a[e + 2]
    const b0 = b[e]
    const b1 = b[e + 1]
    const b2 = b[e + 2]
    c00 += a0 * b0
    c01 += a0 * b1
    c02 += a0 * b2
    c10 += a1 * b0
    c11 += a1 * b1
    c12 += a1 * b2
    c20 += a2 * b0
    c21 += a2 * b1
    c22 += a2 * b2
  }
  storeRow(y, at, cols, c00, c01, c02)
  if (rows > 1) storeRow(y, at + n, cols, c10, c11, c12)
  if (rows > 2) storeRow(y, at + 2 * n, cols, c20, c21, c22)
}

function storeRow(y: TypedArray, at: number, cols: number, c0: number, c1: number, c2: number): void {
  y[at] = c0
  if (cols > 1) y[at + 1] = c1
  if (cols > 2) y[at + 2] = c2
}
