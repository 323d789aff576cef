/** @file Indexing by integer tensors along one axis: whole slices are picked and added. The kernels are in rows.ts. */

import { describe, fail, failIndex } from '../../core/errors.ts'
import { floats } from '../../core/op.ts'
import { normalDim, sameShape, showShape } from '../../core/shape.ts'
import { Tensor } from '../../core/tensor.ts'
import { checkDType, checkSameKind, checkScalar, checkTensor } from '../base/arguments.ts'
import { optionsOf, parametersOf } from '../base/options.ts'
import { reshape, transpose } from '../base/views.ts'
import { add, mul } from '../elementwise/elementwise.ts'
import { countOf, indexTensor } from './named.ts'
import { gathering, intIndex, scatterRows, selectRows } from './rows.ts'

const embedRows = gathering('embedding', 'results')

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
 * @throws HandgradError if the index has several axes or is not a list of integers, or x is 0-d and it has not one
 */
export function indexSelect(x: Tensor, dim: number, index: Index): Tensor {
  const op = 'indexSelect'
  checkTensor(op, 'x', x)
  const at = normalDim(op, dim, x.ndim)
  const count = countOf(op, index)
  if (x.ndim === 0 && count !== 1) fail(op, `${count} indices of ${x.title}, which is 0-d`, 'give one: 0')
  const list = indexTensor(op, index, x, x.shape[at] ?? 1)
  if (x.ndim === 0) return reshape(selectRows([reshape(x, [1]), list], {}), [])
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
export function embedding(weight: Tensor, index: Tensor, paddingIdx?: number | null): Tensor
/** The same by name: `embedding(weight, index, { paddingIdx: 0 })`. */
export function embedding(weight: Tensor, index: Tensor, options?: { paddingIdx?: number | null }): Tensor
export function embedding(weight: Tensor, index: Tensor, ...given: unknown[]): Tensor {
  const op = 'embedding'
  const { paddingIdx: asked } = parametersOf(op, given, { paddingIdx: null as number | null })
  checkTensor(op, 'weight', weight)
  if (weight.dtype === 'int32' && index instanceof Tensor && index.dtype !== 'int32')
    return embedding(index, weight, asked)
  if (weight.ndim !== 2) fail(op, `weight is ${showShape(weight.shape)}`, 'give [rows, cols]')
  checkDType(op, 'index', index, intIndex)
  const [rows, cols] = weight.shape
  if (asked !== null && !(Number.isInteger(asked) && asked >= -rows && asked < rows))
    failIndex(op, `paddingIdx ${describe(asked)} is outside [${-rows}, ${rows})`)
  const paddingIdx = asked === null ? undefined : asked < 0 ? asked + rows : asked
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
 * @throws HandgradError if x is not of floats, the index has several axes or is not a list of integers, source
 *   differs from x in dtype or has another shape, or alpha is not a number
 */
export function indexAdd(x: Tensor, dim: number, index: Index, source: Tensor, options?: { alpha?: number }): Tensor {
  const op = 'indexAdd'
  const { alpha } = optionsOf(op, options, { alpha: 1 })
  checkDType(op, 'x', x, floats)
  const at = normalDim(op, dim, x.ndim)
  checkScalar(op, alpha, x.dtype)
  checkSameKind(op, x, 'source', source)
  const count = countOf(op, index)
  // A 0-d tensor is one element.
  const shape = x.ndim === 0 ? [1] : x.shape
  const wanted = shape.map((n, i) => (i === at ? count : n))
  if (!sameShape(wanted, source.shape) && !(x.ndim === 0 && source.ndim === 0 && count === 1)) {
    fail(op, `source is ${showShape(source.shape)}, not ${showShape(wanted)}`, 'one slice of x for each index')
  }
  const list = indexTensor(op, index, x, shape[at])
  const added = scatterRows([transpose(reshape(source, wanted), 0, at), list], { rows: shape[at] })
  const all = reshape(transpose(added, 0, at), x.shape)
  return add(x, alpha === 1 ? all : mul(all, alpha))
}
