/**
 * @file CPU twin of shaders/matmul.wgsl: y[b, i, j] = Σₖ a[b, i, k]·x[b, k, j] (+ bias[j]) over any strides. Both are
 * packed into panels of three, so that the inner loop reads memory in order and keeps a 3×3 tile of sums in registers;
 * sums are float64.
 */
import type { Twin } from '../../core/kernel.ts'

/**
 * Rows of A and columns of B that one inner loop handles. Nine sums and six operands fit the 16 registers of x64,
 * sixteen sums do not: 3×3 ran 10 to 35 % faster than 4×4 and 4×3 (Node 20).
 */
export const TILE = 3

export const matmul: Twin = ([y, a, b, bias], p, { BIAS }) => {
  const { batch, inner, m, n, k, a_offset, b_offset } = p
  // Strides: two batch axes, rows, columns.
  const [aOuter, aInner, aDown, aRight] = p.a
  const [bOuter, bInner, bDown, bRight] = p.b
  const rows = panels(a, m, k)
  const columns = panels(b, n, k)
  for (let t = 0; t < batch; t++) {
    const [i0, i1] = [Math.floor(t / inner), t % inner]
    pack(rows, a, a_offset + i0 * aOuter + i1 * aInner, m, aDown, aRight)
    pack(columns, b, b_offset + i0 * bOuter + i1 * bInner, n, bRight, bDown)
    for (let i = 0; i < m; i += TILE) {
      for (let j = 0; j < n; j += TILE) tile(y, (t * m + i) * n + j, n, m - i, n - j, rows[i / TILE], columns[j / TILE])
    }
  }
  if (BIAS) for (let e = 0; e < y.length; e++) y[e] += bias[p.bias_offset + (e % n)]
}

export type Floats = Float32Array | Float64Array

/** Room for `count` rows or columns of k elements: one array for each three. */
export function panels(like: Floats, count: number, k: number): Floats[] {
  const make = () => (like instanceof Float64Array ? new Float64Array(TILE * k) : new Float32Array(TILE * k))
  return Array.from({ length: Math.ceil(count / TILE) }, make)
}

/** out[row / 3][k][row % 3] = x[row, k]; rows past the end stay 0. */
function pack(out: Floats[], x: Floats, offset: number, rows: number, rowStep: number, kStep: number): void {
  for (let row = 0; row < rows; row++) {
    const lane = row % TILE
    const panel = out[(row - lane) / TILE]
    let from = offset + row * rowStep
    for (let at = lane; at < panel.length; at += TILE) {
      panel[at] = x[from]
      from += kStep
    }
  }
}

/**
 * Nine dot products, from y[at] on, of the rows of panel a with the columns of panel b. One index serves both panels.
 */
export function tile(y: Floats, at: number, n: number, rows: number, cols: number, a: Floats, b: Floats): void {
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

function storeRow(y: Floats, at: number, cols: number, c0: number, c1: number, c2: number): void {
  y[at] = c0
  if (cols > 1) y[at + 1] = c1
  if (cols > 2) y[at + 2] = c2
}
