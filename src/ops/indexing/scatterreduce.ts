/** @file Elements folded into those of a tensor where an index says: by sum, product, mean, or the extremes. */

import { describe, fail } from '../../core/errors.ts'
import { fillNew } from '../../core/launch.ts'
import { floats } from '../../core/op.ts'
import { sizeOf } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType } from '../base/arguments.ts'
import { customGrad } from '../base/custom.ts'
import { optionsOf } from '../base/options.ts'
import { clone, reshape } from '../base/views.ts'
import { cast } from '../elementwise/cast.ts'
import { add, div, eq, ge, logicalOr, maximum, mul, ne, neg, where } from '../elementwise/elementwise.ts'
import { checkSource, flatIndices, grow, shrink } from './along.ts'
import { gatherAt, lastIndexOp } from './flat.ts'
import { greatestRows, multipliedRows } from './folds.ts'
import { scatterRows } from './rows.ts'

/** How {@link scatterReduce} folds elements. */
export type ScatterReduction = 'sum' | 'prod' | 'mean' | 'amax' | 'amin'

/** Options of {@link scatterReduce}. */
export interface ScatterReduceOptions {
  /** Whether x's own element takes part where others come. Default: true. */
  includeSelf?: boolean
}

/** 1 where a is the extreme y, or NaN as it is then. */
const ties = (a: Tensor, y: Tensor): Tensor => cast(logicalOr(eq(a, y), ne(a, a)), a.dtype)

/**
 * y = x, but where the index points y[…, k, …] = the fold of x[…, k, …] and of all src[…, j, …] with index[…, j, …] = k
 * along `dim`: Σ, Π, the mean, the greatest or the least; in the order of j, so that the result is the same on every
 * run. Extremes share their gradient evenly among all that tie, as in PyTorch; the product's is right with zeros too,
 * where PyTorch has no second derivative. Without `includeSelf` x has no part where the index points, not even at a tie
 * (PyTorch counts it among the ties of extremes). Dtypes: floats.
 * @param index  int32 of x's rank; off the axis at most x's sizes. Negative ones count from the end, which PyTorch
 *   refuses
 * @param src    of x's rank and at least the index's sizes
 * @returns x's shape
 * @throws IndexError as {@link gather}
 * @throws HandgradError if x is not of floats, the index has not as many axes as x or is larger off the axis, src is
 *   smaller than the index or differs from x in dtype, or there is no such reduction
 */
export function scatterReduce(
  x: Tensor,
  dim: number,
  index: Tensor,
  src: Tensor,
  reduce: ScatterReduction,
  options?: ScatterReduceOptions,
): Tensor {
  const op = 'scatterReduce'
  const { includeSelf } = optionsOf(op, options, { includeSelf: true })
  checkDType(op, 'x', x, floats)
  if (!['sum', 'prod', 'mean', 'amax', 'amin'].includes(reduce))
    fail(op, `reduce is ${describe(reduce)}`, "'sum', 'prod', 'mean', 'amax' or 'amin'")
  checkSource(op, x, index, src)
  const { fit, index: places, lines } = flatIndices(op, x, dim, index)
  if (index.numel === 0) return clone(x)
  const attrs = { rows: sizeOf(fit), ...lines }
  const whole = (rows: Tensor, value = 0) => grow(reshape(rows, fit), x.shape, value)
  const given = reshape(shrink(src, index.shape), [-1])
  const hit = ge(whole(lastIndexOp([places], attrs), -1), 0)
  const base = includeSelf ? x : where(hit, reduce === 'prod' ? 1 : 0, x)
  if (reduce === 'prod') return mul(base, whole(multipliedRows([given, places], attrs), 1))
  if (reduce === 'sum' || reduce === 'mean') {
    const sum = add(base, whole(scatterRows([given, places], attrs)))
    if (reduce === 'sum') return sum
    const ones = fillNew(op, [places.numel], 1, x.dtype, x.device)
    const count = whole(scatterRows([ones, places], attrs))
    return div(sum, includeSelf ? add(count, 1) : maximum(count, 1))
  }
  const turned = reduce === 'amin' ? neg : (v: Tensor) => v
  return customGrad(
    (x, given, places, hit) => {
      const most = whole(greatestRows([turned(given), places], attrs))
      return where(hit, turned(includeSelf ? maximum(turned(x), most) : most), x)
    },
    (g, [x, given, places, hit], y) => {
      const at = (v: Tensor) => gatherAt([reshape(shrink(v, fit), [-1]), places], lines)
      const own = includeSelf ? ties(x, y) : where(hit, 0, ties(x, y))
      const others = ties(given, at(y))
      const share = div(g, add(own, whole(scatterRows([others, places], attrs))))
      return [mul(share, own), mul(at(share), others), null, null]
    },
    op,
  )(x, given, places, hit)
}
