/**
 * @file Indexing element by element: the index has an entry for each element, not for each row. Indices become places
 * in the flattened tensor (flat.ts, along.ts).
 */

import { fail } from '../../core/errors.ts'
import { floats } from '../../core/op.ts'
import { broadcastShapes, normalDim, type Shape, showShape, sizeOf } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType, checkScalar, checkTensor } from '../base/arguments.ts'
import { checkedIndex } from '../base/flatindex.ts'
import { clone, expand, reshape, unsqueeze } from '../base/views.ts'
import { arange } from '../creation/create.ts'
import { cast } from '../elementwise/cast.ts'
import { add, eq, lt, maximum, where } from '../elementwise/elementwise.ts'
import { checkSource, flatIndices, grow, shrink } from './along.ts'
import { gatherAt, lastIndexOp } from './flat.ts'
import { gathering, intIndex, scatterRows } from './rows.ts'

const takeAt = gathering('take')

/**
 * y[…, j, …] = x[…, index[…, j, …], …] along `dim`: the index says for each element of y where along the axis it comes
 * from. Elements taken several times add up in the gradient, in a fixed order. Any dtype.
 * @param index  int32 of x's rank; off the axis at most x's sizes. y has its shape. Negative ones count from the end,
 *   which PyTorch refuses
 * @returns the index's shape
 * @throws IndexError for an index outside [−n, n), n the size of the axis: at once on the CPU, else at the next read
 * @throws HandgradError if the index has not as many axes as x or is larger off the axis
 */
export function gather(x: Tensor, dim: number, index: Tensor): Tensor {
  const { fit, index: places, lines } = flatIndices('gather', x, dim, index)
  return reshape(gatherAt([reshape(shrink(x, fit), [-1]), places], lines), index.shape)
}

/**
 * {@link gather}, with x and the index broadcast to each other off the axis; without `dim` both are flattened first. It
 * takes what argmax(x, dim, { keepdim: true }) or argsort found. Any dtype.
 * @param index  int32; negative ones count from the end, which PyTorch refuses
 * @param dim    default: none (or null), both are flat
 * @returns the index's shape, off the axis broadcast with x's; without dim [index.numel]
 * @throws IndexError as {@link gather}
 * @throws HandgradError if the index has not as many axes as x, or they do not broadcast off the axis
 */
export function takeAlongDim(x: Tensor, index: Tensor, dim?: number | null): Tensor {
  const op = 'takeAlongDim'
  checkTensor(op, 'x', x)
  checkDType(op, 'index', index, intIndex)
  if (dim == null) return gather(reshape(x, [-1]), 0, reshape(index, [-1]))
  const axis = normalDim(op, dim, x.ndim)
  if (index.ndim !== x.ndim)
    fail(op, `the index is ${showShape(index.shape)}, x ${showShape(x.shape)}`, 'they need as many dims')
  // The axis itself does not take part.
  const off = (shape: Shape, n: number) => shape.map((s, d) => (d === axis ? n : s))
  const common = broadcastShapes(op, off(x.shape, 1), off(index.shape, 1))
  return gather(expand(x, off(common, x.shape[axis])), dim, expand(index, off(common, index.shape[axis])))
}

/**
 * y = x, but y[…, index[…, j, …], …] = src[…, j, …] along `dim`. Where several write to one place the last one in
 * row-major order wins, on every device; it alone gets the gradient there. Any dtype.
 * @param index  int32 of x's rank; off the axis at most x's sizes. Negative ones count from the end, which PyTorch
 *   refuses
 * @param src    a number, or a tensor of x's rank and at least the index's sizes
 * @returns x's shape
 * @throws IndexError as {@link gather}
 * @throws HandgradError if the index has not as many axes as x or is larger off the axis, or src is smaller than the
 *   index, differs from x in dtype, or is a number that the dtype cannot hold, or options are given
 */
export function scatter(x: Tensor, dim: number, index: Tensor, src: Tensor | number): Tensor
export function scatter(x: Tensor, dim: number, index: Tensor, src: Tensor | number, ...more: unknown[]): Tensor {
  const op = 'scatter'
  if (more.length > 0) fail(op, 'it takes no options', 'scatterAdd adds to what is there')
  checkTensor(op, 'x', x)
  if (typeof src === 'number') checkScalar(op, src, x.dtype)
  else checkSource(op, x, index, src)
  const { fit, index: places } = flatIndices(op, x, dim, index)
  if (index.numel === 0) return clone(x)
  const last = grow(reshape(lastIndexOp([places], { rows: sizeOf(fit) }), fit), x.shape, -1)
  if (typeof src === 'number') return where(lt(last, 0), x, src)
  const from = reshape(shrink(src, index.shape), [-1])
  const taken = gatherAt([from, maximum(reshape(last, [-1]), 0)], {})
  return where(lt(last, 0), x, reshape(taken, x.shape))
}

/**
 * y = x + Σ src: src[…, j, …] is added to x[…, index[…, j, …], …] along `dim`, repeats in the order of j, so that the
 * result is the same on every run. Dtypes: floats.
 * @param index  int32 of x's rank; off the axis at most x's sizes. Negative ones count from the end, which PyTorch
 *   refuses
 * @param src    of x's rank and at least the index's sizes
 * @returns x's shape
 * @throws IndexError as {@link gather}
 * @throws HandgradError if x is not of floats, the index has not as many axes as x or is larger off the axis, or src is
 *   smaller than the index or differs from x in dtype
 */
export function scatterAdd(x: Tensor, dim: number, index: Tensor, src: Tensor): Tensor {
  const op = 'scatterAdd'
  checkDType(op, 'x', x, floats)
  checkSource(op, x, index, src)
  const { fit, index: places, lines } = flatIndices(op, x, dim, index)
  const added = scatterRows([reshape(shrink(src, index.shape), [-1]), places], { rows: sizeOf(fit), ...lines })
  return add(x, grow(reshape(added, fit), x.shape))
}

/**
 * y[…] = x[index[…]], x taken as flat, in row-major order. Any dtype.
 * @param index  int32 of any shape; negative ones count from the end
 * @returns the index's shape
 * @throws IndexError as {@link gather}
 */
export function take(x: Tensor, index: Tensor): Tensor {
  const op = 'take'
  checkTensor(op, 'x', x)
  checkDType(op, 'index', index, intIndex)
  return reshape(takeAt([reshape(x, [-1]), checkedIndex(op, index, x.numel)], {}), index.shape)
}

/**
 * y[…, c] = 1 where index[…] = c, else 0. Cast it for arithmetic with floats. Dtypes: int32.
 * @param index       int32 of any shape: classes, so none is negative
 * @param numClasses size of the last axis; it must be given, because a shape does not depend on values that may be on a
 *   GPU
 * @returns […, numClasses], the index's axes in front
 * @throws IndexError for an index outside [0, numClasses), as {@link gather}
 * @throws HandgradError if numClasses is not an integer from 1 up
 */
export function oneHot(index: Tensor, numClasses: number): Tensor {
  const op = 'oneHot'
  checkDType(op, 'index', index, intIndex)
  if (!Number.isInteger(numClasses) || numClasses < 1) {
    fail(op, `numClasses is ${numClasses}`, 'give the number of classes, an integer from 1 up')
  }
  const checked = reshape(checkedIndex(op, index, numClasses, false), index.shape)
  return cast(eq(unsqueeze(checked, -1), arange(0, numClasses, 1, { device: index.device })), 'int32')
}
