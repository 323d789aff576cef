/** @file Where a diagonal lies: what diagonal takes, and what diag and diagEmbed write to. */
import type { View } from '../../core/shape.ts'

/** Which diagonal of which two axes, normal. */
export interface Diagonal {
  readonly offset: number
  readonly dim1: number
  readonly dim2: number
}

/** The diagonal of a view, as its last axis. */
export function diagonalView({ shape, strides, offset: start }: View, { offset, dim1, dim2 }: Diagonal): View {
  const length = Math.max(0, Math.min(shape[dim1] + Math.min(0, offset), shape[dim2] - Math.max(0, offset)))
  const rest = shape.map((_, d) => d).filter((d) => d !== dim1 && d !== dim2)
  const from = offset < 0 ? -offset * strides[dim1] : offset * strides[dim2]
  return {
    shape: [...rest.map((d) => shape[d]), length],
    strides: [...rest.map((d) => strides[d]), strides[dim1] + strides[dim2]],
    offset: length > 0 ? start + from : start,
  }
}
