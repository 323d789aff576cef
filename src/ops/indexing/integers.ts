/**
 * @file Integers along some axes, as NumPy has them: what x.at(…) picks by, and what indexPut and indexPut_ write to.
 */

import { describe, fail, indexError } from '../../core/errors.ts'
import { fillNew } from '../../core/launch.ts'
import { floats } from '../../core/op.ts'
import { broadcastShapes, expandView, type Shape, showShape, sizeOf } from '../../core/shape.ts'
import { Tensor } from '../../core/tensor.ts'
import { checkDType, checkList, checkSameKind, checkScalar, checkTensor } from '../base/arguments.ts'
import { checkedIndex } from '../base/flatindex.ts'
import { parametersOf } from '../base/options.ts'
import { expand, permute, reshape } from '../base/views.ts'
import { tensor } from '../creation/create.ts'
import { add, mul } from '../elementwise/elementwise.ts'
import type { PutOptions } from './at.ts'
import { overwritten } from './flat.ts'
import { intIndex, scatterRows } from './rows.ts'

/** Integers that name slices of an axis; negative ones count from the end. */
export type Integers = Tensor | Int32Array

export const isIntegers = (index: unknown): index is Integers => index instanceof Tensor || index instanceof Int32Array

/** Integers along some axes of x, as rows of a matrix. */
interface Rows {
  /** What the integers broadcast to. */
  readonly shape: Shape
  /** Axes of the result, [...shape, ...other axes], in their final order. */
  readonly order: readonly number[]
  /** Axes of x, those indexed first; sizes of the others. */
  readonly axes: readonly number[]
  readonly rest: Shape
  /** x with the indexed axes in front, as one. */
  table(): Tensor
  /** Rows of it, int32, flat. */
  index(): Tensor
}

/** Checked; nothing is launched before table() or index(). */
export function rowsOf(op: string, x: Tensor, lists: ReadonlyMap<number, Integers>): Rows {
  const indexed = [...lists.keys()]
  const others = x.shape.map((_, d) => d).filter((d) => !lists.has(d))
  const rest = others.map((d) => x.shape[d])
  const shapes = [...lists.values()].map((list) => (list instanceof Tensor ? list.shape : [list.length]))
  const shape = broadcastShapes(op, ...shapes)
  const axes = [...indexed, ...others]
  // Neighbours are replaced where they are, others make the first axes.
  const together = indexed.every((d, i) => d === indexed[0] + i)
  const before = together ? indexed[0] : 0
  const result = [...shape, ...others].map((_, i) => i)
  const order = [
    ...result.slice(shape.length, shape.length + before),
    ...result.slice(0, shape.length),
    ...result.slice(shape.length + before),
  ]
  const index = () => {
    // Horner: ((i₀·n₁ + i₁)·n₂ + i₂) …
    let rows: Tensor | null = null
    for (const [axis, list] of lists) {
      const one = integersOf(op, list, axis, x)
      rows = rows ? add(mul(rows, x.shape[axis]), one) : one
    }
    return reshape(expand(rows as Tensor, shape), [-1])
  }
  const table = () => reshape(permute(x, axes), [sizeOf(indexed.map((d) => x.shape[d])), ...rest])
  return { shape, order, axes, rest, table, index }
}

/** Integers along an axis as checked ones from 0 up. */
function integersOf(op: string, list: Integers, axis: number, x: Tensor): Tensor {
  const n = x.shape[axis]
  if (list instanceof Tensor) return reshape(checkedIndex(op, list, n), list.shape)
  list.forEach((at, i) => {
    if (at < -n || at >= n) throw indexError(op, i, at, n, -n)
  })
  return tensor(
    list.map((at) => (at < 0 ? at + n : at)),
    { device: x.device },
  )
}

export function checkIntegers(op: string, x: Tensor, list: Integers): void {
  if (!(list instanceof Tensor)) return
  if (list.dtype === 'bool')
    fail(op, `an index is a bool mask, ${list.title}`, 'write await x.maskedSelect(mask), or where(mask, x, 0)')
  checkDType(op, 'an index', list, intIndex)
  if (list.device !== x.device)
    fail(op, `inputs are on ${x.device.name} and ${list.device.name}`, 'move one with to(device)')
}

/** {@link indexPut}, under the name that the user called. Internal. */
export function put(
  op: string,
  x: Tensor,
  indices: readonly (Integers | null)[],
  values: Tensor | number,
  options: PutOptions | boolean | undefined,
): Tensor {
  const { accumulate } = parametersOf(op, [options], { accumulate: false })
  checkTensor(op, 'x', x)
  checkList(op, 'indices', indices, 'give an index per axis: [rows, columns]')
  if (typeof values === 'number') checkScalar(op, values, x.dtype)
  else checkSameKind(op, x, 'values', values)
  if (indices.length > x.ndim) fail(op, `${indices.length} indices for ${showShape(x.shape)}`, 'at most one per axis')
  const lists = new Map<number, Integers>()
  indices.forEach((index, axis) => {
    if (index === null) return
    if (!isIntegers(index))
      fail(op, `an index is ${describe(index)}`, 'int32 tensors, an Int32Array, null; views of x take slices: x.at(…)')
    checkIntegers(op, x, index)
    lists.set(axis, index)
  })
  if (lists.size === 0) fail(op, 'no axis has an index', 'x.copy_(values) changes all of x')
  const { table, index, shape, order, axes, rest } = rowsOf(op, x, lists)
  const picked = [...shape, ...rest]
  const given = order.map((d) => picked[d])
  if (values instanceof Tensor) expandView(op, values.layout, given)
  if (accumulate && !floats.includes(x.dtype))
    fail(op, `x is ${x.dtype}, accumulate adds floats`, "cast with x.to('float32')")
  const [base, rows] = [table(), index()]
  // Values as they are picked: indexed axes first, flat.
  const flat = (v: Tensor) => {
    const inverse = picked.map((_, d) => order.indexOf(d))
    return reshape(permute(expand(v, given), inverse), [rows.numel, ...rest])
  }
  const tensorOf = (v: Tensor | number) => (v instanceof Tensor ? v : fillNew(op, [], v, x.dtype, x.device))
  const y = accumulate
    ? add(base, scatterRows([flat(tensorOf(values)), rows], { rows: base.shape[0] }))
    : overwritten(base, rows, values instanceof Tensor ? flat(values) : values)
  const back = x.shape.map((_, d) => axes.indexOf(d))
  return permute(
    reshape(
      y,
      axes.map((d) => x.shape[d]),
    ),
    back,
  )
}
