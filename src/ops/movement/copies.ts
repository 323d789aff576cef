/**
 * @file An axis several times over: what repeat, tile and repeatInterleave share. The method repeatInterleave is here:
 * it is in every bundle, and the counts that the function takes (interleave.ts) are not.
 */
import { sizeOf } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkTensor } from '../base/arguments.ts'
import { axisOf, checkInteger } from '../base/axes.ts'
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

/**
 * Each slice along an axis several times in a row: [a, b] to [a, a, b, b]. A copy. The function repeatInterleave takes
 * counts too. Any dtype.
 * @param repeats  a number
 * @param dim      none, or null: x is flattened first
 * @throws HandgradError if repeats is not an integer from 0 up, or dim is named of a 0-d x
 */
export function repeatInterleave(x: Tensor, repeats: number, dim?: number | null): Tensor {
  const op = 'repeatInterleave'
  checkTensor(op, 'x', x)
  if (dim == null) return repeatInterleave(reshape(x, [-1]), repeats, 0)
  const at = axisOf(op, x, dim)
  checkInteger(op, 'repeats', repeats, 0)
  return owned(x, repeated(x, at, repeats, true))
}
