/** @file Indexing by integer tensors along one axis: whole slices are picked and added. The kernels are in
 * rows.ts. */

import { fail, failIndex } from '../../core/errors.ts'
import { floats } from '../../core/op.ts'
import { sameShape, showShape } from '../../core/shape.ts'
import { Tensor } from '../../core/tensor.ts'
import { checkDType, checkSameKind, checkScalar, checkTensor } from '../base/arguments.ts'
import { axisOf } from '../base/axes.ts'
import { optionsOf } from '../base/options.ts'
import { reshape, transpose } from '../base/views.ts'
import { add, mul } from '../elementwise/elementwise.ts'
import { countOf, indexTensor } from './named.ts'
import { gathering, intIndex, scatterRows, selectRows } from './rows.ts'

const embedRows = gathering('embedding')

/** What names slices along an axis: an int32 tensor, or integers on the host. */
export type Index = Tensor | readonly number[] | Int32Array

/**
 * y = the slices of x at `index` along `dim`, in that order; repeats are allowed, and their gradients add up. Any
 * dtype.
 * @param index  int32 of one axis, or host integers; 0-d as one of one element. Negative ones count from the end, which
 *   PyTorch refuses
 * @returns x's shape with the length of the index at dim
 * @throws IndexError for an index outside [−n, n), n the size of the axis: at once for host integers and on the CPU,
 *   else at the next read
 * @throws HandgradError if x is 0-d, or the index has several axes or is not a list of integers
 */
export function indexSelect(x: Tensor, dim: number, index: Index): Tensor {
  const op = 'indexSelect'
  const at = axisOf(op, x, dim)
  countOf(op, index)
  const list = indexTensor(op, index, x, x.shape[at])
  return at === 0 ? selectRows([x, list], {}) : transpose(selectRows([transpose(x, 0, at), list], {}), 0, at)
}

/**
 * Rows of a table: y[…, :] = weight[index[…], :]. Repeated indices add up in the gradient. The index, known by its
 * dtype, may also come first, as in PyTorch. Dtypes: floats.
 * @param weight  [rows, cols]
 * @param index   int32 of any shape; negative ones count from the end, which PyTorch refuses
 * @param options.paddingIdx a row that gets no gradient, such as the one that fills up short sequences. Default (or
 *   null): none
 * @returns […, cols], the index's axes in front
 * @throws IndexError as {@link indexSelect}, and for a paddingIdx outside the rows
 * @throws HandgradError if weight is not a matrix
 */
export function embedding(weight: Tensor, index: Tensor, options?: { paddingIdx?: number | null }): Tensor {
  const op = 'embedding'
  const { paddingIdx: asked } = optionsOf(op, options, { paddingIdx: null })
  checkTensor(op, 'weight', weight)
  if (weight.dtype === 'int32' && index instanceof Tensor && index.dtype !== 'int32')
    return embedding(index, weight, options)
  if (weight.ndim !== 2) fail(op, `weight is ${showShape(weight.shape)}`, 'give [rows, cols]')
  checkDType(op, 'index', index, intIndex)
  const [rows, cols] = weight.shape
  const given = asked ?? undefined
  if (given !== undefined && !(Number.isInteger(given) && given >= -rows && given < rows))
    failIndex(op, `paddingIdx ${given} is outside [${-rows}, ${rows})`)
  const paddingIdx = given === undefined || given >= 0 ? given : given + rows
  return reshape(embedRows([weight, reshape(index, [-1])], { paddingIdx }), [...index.shape, cols])
}

/**
 * y = x with α·source[i] added to x[index[i]] along `dim`; repeats add up in the order of i, so the result is the same
 * on every run. Dtypes: floats.
 * @param index   as of {@link indexSelect}
 * @param source  x's shape with the axis replaced by the length of `index`; floats
 * @param options.alpha  default 1
 * @returns x's shape
 * @throws IndexError as {@link indexSelect}
 * @throws HandgradError if x is 0-d or not of floats, the index has several axes or is not a list of integers, source
 *   differs from x in dtype or has another shape, or alpha is not a number
 */
export function indexAdd(x: Tensor, dim: number, index: Index, source: Tensor, options?: { alpha?: number }): Tensor {
  const op = 'indexAdd'
  const { alpha } = optionsOf(op, options, { alpha: 1 })
  const at = axisOf(op, x, dim)
  checkDType(op, 'x', x, floats)
  checkScalar(op, alpha, x.dtype)
  checkSameKind(op, x, 'source', source)
  const count = countOf(op, index)
  const wanted = x.shape.map((n, i) => (i === at ? count : n))
  if (!sameShape(wanted, source.shape)) {
    fail(op, `source is ${showShape(source.shape)}, not ${showShape(wanted)}`, 'one slice of x for each index')
  }
  const list = indexTensor(op, index, x, x.shape[at])
  const added = scatterRows([transpose(source, 0, at), list], { rows: x.shape[at] })
  const all = transpose(added, 0, at)
  return add(x, alpha === 1 ? all : mul(all, alpha))
}
