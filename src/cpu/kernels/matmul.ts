/**
 * @file CPU twin of shaders/matmul.wgsl: y[b, i, j] = Σₖ a[b, i, k]·x[b, k, j] over any strides. Both operands are packed into
 * panels of four, so that the inner loop reads memory in order and keeps a 4×4 tile of sums in registers; sums are float64.
 */
import type { Twin } from '../../kernel.ts'

/** Rows of A and columns of B that one inner loop handles. */
const TILE = 4

export const matmul: Twin = ([y, a, b], p) => {
  const { batch, inner, m, n, k } = p
  const packedA = panels(a, m, k)
  const packedB = panels(b, n, k)
  for (let t = 0; t < batch; t++) {
    const [b0, b1] = [Math.floor(t / inner), t % inner]
    pack(packedA, a, p.a_offset + b0 * p.a[0] + b1 * p.a[1], m, k, p.a[2], p.a[3])
    pack(packedB, b, p.b_offset + b0 * p.b[0] + b1 * p.b[1], n, k, p.b[3], p.b[2])
    for (let i = 0; i < m; i += TILE) {
      for (let j = 0; j < n; j += TILE) tile(y, t * m * n, packedA, packedB, i, j, m, n, k)
    }
  }
}

type Floats = Float32Array | Float64Array

function panels(like: Floats, rows: number, k: number): Floats {
  const size = Math.ceil(rows / TILE) * TILE * k
  return like instanceof Float64Array ? new Float64Array(size) : new Float32Array(size)
}

/** out[row / 4][k][row % 4] = x[row, k]; rows past the end stay 0. */
function pack(out: Floats, x: Floats, offset: number, rows: number, k: number, rowStep: number, kStep: number): void {
  for (let row = 0; row < rows; row++) {
    let to = (row - (row % TILE)) * k + (row % TILE)
    let from = offset + row * rowStep
    for (let i = 0; i < k; i++) {
      out[to] = x[from]
      to += TILE
      from += kStep
    }
  }
}

function tile(
  y: Floats,
  base: number,
  a: Floats,
  b: Floats,
  i: number,
  j: number,
  m: number,
  n: number,
  k: number,
): void {
  let [c00, c01, c02, c03] = [0, 0, 0, 0]
  let [c10, c11, c12, c13] = [0, 0, 0, 0]
  let [c20, c21, c22, c23] = [0, 0, 0, 0]
  let [c30, c31, c32, c33] = [0, 0, 0, 0]
  let at = i * k
  let bt = j * k
  for (let end = at + TILE * k; at < end; at += TILE, bt += TILE) {
    const a0 = a[at]
    const a1 = a[at + 1]
    const a2 = a[at + 2]
    const a3 = a[at + 3]
    const b0 = b[bt]
    const b1 = b[bt + 1]
    const b2 = b[bt + 2]
    const b3 = b[bt + 3]
    c00 += a0 * b0
    c01 += a0 * b1
    c02 += a0 * b2
    c03 += a0 * b3
    c10 += a1 * b0
    c11 += a1 * b1
    c12 += a1 * b2
    c13 += a1 * b3
    c20 += a2 * b0
    c21 += a2 * b1
    c22 += a2 * b2
    c23 += a2 * b3
    c30 += a3 * b0
    c31 += a3 * b1
    c32 += a3 * b2
    c33 += a3 * b3
  }
  const cols = n - j
  storeRow(y, base + i * n + j, cols, c00, c01, c02, c03)
  if (i + 1 < m) storeRow(y, base + (i + 1) * n + j, cols, c10, c11, c12, c13)
  if (i + 2 < m) storeRow(y, base + (i + 2) * n + j, cols, c20, c21, c22, c23)
  if (i + 3 < m) storeRow(y, base + (i + 3) * n + j, cols, c30, c31, c32, c33)
}

function storeRow(y: Floats, at: number, cols: number, c0: number, c1: number, c2: number, c3: number): void {
  y[at] = c0
  if (cols > 1) y[at + 1] = c1
  if (cols > 2) y[at + 2] = c2
  if (cols > 3) y[at + 3] = c3
}
