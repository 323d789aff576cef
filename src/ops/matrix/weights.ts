/**
 * @file Maps whose matrix is stored in 16 bits, the weights of a model: it stays so, also in the graph, and where each
 * element is read once, kernels read it as it is.
 */
import { isHalf } from '../../core/device.ts'
import { gradEnabled } from '../../core/graph.ts'
import { copyTo } from '../../core/launch.ts'
import type { Op } from '../../core/op.ts'
import { scope } from '../../core/scope.ts'
import { contiguousView, permuteView, type View } from '../../core/shape.ts'
import { Tensor } from '../../core/tensor.ts'
import { isNarrow, resize, widen } from '../base/halves.ts'
import * as kernels from '../base/kernels.generated.ts'

/**
 * `halves` of products: weights of 16 bits that get no gradient stay so, also in the graph, next to wider inputs. All
 * else is widened.
 */
export function weighted<A>(op: Op<A>, xs: readonly (Tensor | undefined)[], attrs: A): Tensor[] | undefined {
  const [x, weight, ...added] = xs
  if (!x || isNarrow(x) || !isNarrow(weight) || (weight?.edge && gradEnabled())) return widen(op, xs, attrs)
  if (!added.some(isNarrow)) return undefined
  const wide = (one: Tensor | undefined) => (isNarrow(one) ? resize([one], { dtype: x.dtype }) : one)
  return scope(() => op.all([x, weight, ...added.map(wide)], attrs))
}

/**
 * A matrix b as kernels take it: as it is where it has 32 bits, the device's products read its format, or the rows of a
 * are so few that each element is read once; else its numbers, for the time of the launches.
 * @param right  b as it is multiplied
 */
export function readable(op: string, a: Tensor, b: Tensor, right: View, use: (b: Tensor, right: View) => void): void {
  const few = a.numel <= kernels.matmul.consts.FEW * a.shape[a.ndim - 1]
  if (!isHalf(b.dtype) || few || b.device.readsAsIs?.includes(b.dtype)) return use(b, right)
  // Columns that lie side by side stay so.
  const turned = right.strides[0] === 1
  const swap = (view: View) => (turned ? permuteView(view, [1, 0]) : view)
  const from = swap(right)
  const wide = Tensor.alloc(b.device, a.dtype, from.shape, op)
  try {
    copyTo(op, wide, contiguousView(from.shape), b, from)
    use(wide, swap(wide.layout))
  } finally {
    wide.dispose()
  }
}
