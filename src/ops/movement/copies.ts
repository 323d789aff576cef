/** @file What repeat, tile and repeatInterleave share: an axis several times over. */
import { sizeOf } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { clone, expand, reshape } from '../base/views.ts'

/**
 * y with memory of its own, as in PyTorch: where an axis of size 1 is repeated it is a view, whose elements share
 * memory.
 */
export const owned = (x: Tensor, y: Tensor): Tensor => (y.storage !== x.storage && y.isContiguous ? y : clone(y))

/** An axis r times as long: blocks one after the other, or each slice next to itself. */
export function repeated(x: Tensor, dim: number, r: number, beside: boolean): Tensor {
  if (r === 1) return x
  const [outer, inner] = [sizeOf(x.shape.slice(0, dim)), sizeOf(x.shape.slice(dim + 1))]
  const n = x.shape[dim]
  // The copies lie on an axis of their own: after each slice, or in front of all of them.
  const [before, after] = beside ? [outer * n, inner] : [outer, n * inner]
  return reshape(
    expand(reshape(x, [before, 1, after]), [before, r, after]),
    x.shape.map((s, d) => (d === dim ? s * r : s)),
  )
}
