/**
 * @file Elementwise operations by blocks of elements. Operands are laid out in arrays of float64 that stay the same,
 * whose place and length engines put into the code: loops over whatever array a caller has run at half the speed.
 * Broadcast and strided operands are laid out as well, so that no operation knows of them.
 */
import type { TypedArray } from '../../core/kernel.ts'
import type { Apply, PointwiseCode } from './pointwise.ts'

/** Elements of a block: all four arrays stay in the nearest cache. */
export const BLOCK = 1024
const x = new Float64Array(BLOCK)
const y = new Float64Array(BLOCK)
const z = new Float64Array(BLOCK)
const out = new Float64Array(BLOCK)

/** Below this many elements a call of `set` costs more than a loop. */
const FEW = 256

/** A tensor, or a number as an array of one, and its walk over the result's axes: (offset, s₀, s₁, s₂). */
export interface Operand {
  readonly x: ArrayLike<number>
  readonly walk: readonly number[]
}

/** op(operands) of the block of elements from `first` on, at the start of an array that the next call overwrites. */
export function block(
  { size, d1, d2 }: { readonly size: number; readonly d1: number; readonly d2: number },
  first: number,
  [a, b, c]: readonly Operand[],
  op: Loop | undefined,
  apply: Apply,
): Float64Array {
  const n = Math.min(BLOCK, size - first)
  layOut(x, n, a, first, d1, d2)
  if (b) layOut(y, n, b, first, d1, d2)
  if (c) layOut(z, n, c, first, d1, d2)
  if (op) op(n)
  else if (c) for (let e = 0; e < n; e++) out[e] = apply(x[e], y[e], z[e])
  else if (b) for (let e = 0; e < n; e++) out[e] = apply(x[e], y[e], 0)
  else for (let e = 0; e < n; e++) out[e] = apply(x[e], 0, 0)
  return out
}

/** n elements of an operand, from `first` on, to the start of a block. */
function layOut(to: Float64Array, n: number, operand: Operand, first: number, d1: number, d2: number): void {
  const { x: data, walk } = operand
  const [offset, s0, s1, s2] = walk
  // Every block has the same number.
  if (s0 === 0 && s1 === 0 && s2 === 0 && first > 0) return
  let i2 = first % d2
  let row = (first - i2) / d2
  for (let e = 0; e < n; row++, i2 = 0) {
    const end = Math.min(e + d2 - i2, n)
    let at = offset + Math.floor(row / d1) * s0 + (row % d1) * s1 + i2 * s2
    if (s2 === 0) to.fill(data[at], e, end)
    else if (s2 === 1 && end - e >= FEW) to.set((data as TypedArray).subarray(at, at + end - e), e)
    else for (let i = e; i < end; i++, at += s2) to[i] = data[at]
    e = end
  }
}

type Loop = (n: number) => void

/**
 * What training mostly does, with a loop each: calls of a function for every element take seven times as long. The
 * same as in pointwise.ts, to the bit.
 */
export const loops: Readonly<Partial<Record<PointwiseCode, Loop>>> = {
  NEG: (n) => {
    for (let e = 0; e < n; e++) out[e] = -x[e]
  },
  EXP: (n) => {
    for (let e = 0; e < n; e++) out[e] = Math.exp(x[e])
  },
  LOG: (n) => {
    for (let e = 0; e < n; e++) out[e] = Math.log(x[e])
  },
  SQRT: (n) => {
    for (let e = 0; e < n; e++) out[e] = Math.sqrt(x[e])
  },
  SQUARE: (n) => {
    for (let e = 0; e < n; e++) out[e] = x[e] * x[e]
  },
  RECIPROCAL: (n) => {
    for (let e = 0; e < n; e++) out[e] = 1 / x[e]
  },
  TANH: (n) => {
    for (let e = 0; e < n; e++) out[e] = Math.tanh(x[e])
  },
  RELU: (n) => {
    for (let e = 0; e < n; e++) out[e] = x[e] <= 0 ? 0 : x[e]
  },
  ADD: (n) => {
    for (let e = 0; e < n; e++) out[e] = x[e] + y[e]
  },
  SUB: (n) => {
    for (let e = 0; e < n; e++) out[e] = x[e] - y[e]
  },
  MUL: (n) => {
    for (let e = 0; e < n; e++) out[e] = x[e] * y[e]
  },
  DIV: (n) => {
    for (let e = 0; e < n; e++) out[e] = x[e] / y[e]
  },
  MAXIMUM: (n) => {
    for (let e = 0; e < n; e++) out[e] = Math.max(x[e], y[e])
  },
  MINIMUM: (n) => {
    for (let e = 0; e < n; e++) out[e] = Math.min(x[e], y[e])
  },
  EQ: (n) => {
    for (let e = 0; e < n; e++) out[e] = +(x[e] === y[e])
  },
  LT: (n) => {
    for (let e = 0; e < n; e++) out[e] = +(x[e] < y[e])
  },
  LE: (n) => {
    for (let e = 0; e < n; e++) out[e] = +(x[e] <= y[e])
  },
  GT: (n) => {
    for (let e = 0; e < n; e++) out[e] = +(x[e] > y[e])
  },
  GE: (n) => {
    for (let e = 0; e < n; e++) out[e] = +(x[e] >= y[e])
  },
  RELU_GRAD: (n) => {
    for (let e = 0; e < n; e++) out[e] = y[e] <= 0 ? 0 : x[e]
  },
  WHERE: (n) => {
    for (let e = 0; e < n; e++) out[e] = x[e] ? y[e] : z[e]
  },
}
