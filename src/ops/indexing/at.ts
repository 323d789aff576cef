/** @file Indexing as in NumPy: integers, slices and integer tensors mixed, and values put where integer tensors say. */
import { describe, fail, failIndex } from '../../core/errors.ts'
import { fillNew } from '../../core/launch.ts'
import { floats } from '../../core/op.ts'
import { broadcastShapes, expandView, type Shape, showShape, sizeOf } from '../../core/shape.ts'
import { Tensor } from '../../core/tensor.ts'
import { checkDType, checkList, checkOptions, checkSameKind, checkScalar, checkTensor } from '../base/arguments.ts'
import { type Slice, sliceView } from '../base/slices.ts'
import { expand, permute, reshape, reshaped, slice } from '../base/views.ts'
import { tensor } from '../creation/create.ts'
import { add, mul } from '../elementwise/elementwise.ts'
import { checkedIndex, overwritten } from './gather.ts'
import { gathering, intIndex, scatterRows } from './indexing.ts'

const atRows = gathering('at')

/** Integers that name slices of an axis; negative ones count from the end. */
type Integers = Tensor | Int32Array

/**
 * What stands for an axis in `x.at(…)`: an integer (the axis is dropped), a slice, null (all), integers as an int32 tensor or an
 * Int32Array; '...' for all axes that are not named, 'new' for a new axis of size 1.
 */
export type AtIndex = number | Slice | '...' | 'new' | Integers

const isIntegers = (index: unknown): index is Integers => index instanceof Tensor || index instanceof Int32Array

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
function rowsOf(op: string, x: Tensor, lists: ReadonlyMap<number, Integers>): Rows {
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
    if (at < -n || at >= n) failIndex(op, `index ${at} at position ${i} is outside [0, ${n})`)
  })
  return tensor(
    list.map((at) => (at < 0 ? at + n : at)),
    { device: x.device },
  )
}

function checkIntegers(op: string, x: Tensor, list: Integers): void {
  if (!(list instanceof Tensor)) return
  if (list.dtype === 'bool')
    fail(op, `an index is a bool mask, ${list.title}`, 'write await x.maskedSelect(mask), or where(mask, x, 0)')
  checkDType(op, 'an index', list, intIndex)
  if (list.device !== x.device)
    fail(op, `inputs are on ${x.device.name} and ${list.device.name}`, 'move one with to(device)')
}

/**
 * NumPy's x[…], an argument for an axis: `x.at(0)`, `x.at('...', -1)`, `x.at([2, 5], null, [null, null, -1])`, `x.at('new')`,
 * `x.at(rows, cols)` with int32 tensors. Without integer tensors the result is a view: `noGrad(() => x.at(0).fill_(1))` changes x.
 *
 * Integer tensors broadcast together and pick elements, one for each of theirs; repeats are allowed, and their gradients add up.
 * The result has their axes where theirs stood if they are neighbours, else in front. Integers from the host are an Int32Array: an
 * array [a, b] is a slice. Any dtype.
 * @throws IndexError for an index outside its axis: at once for host integers and on the CPU, else at the next read
 * @throws HandgradError for what is no index (a bool mask neither), more indices than axes, a second '...', a slice with step 0 or of
 *   what are no integers, integer tensors that do not broadcast together, or a result of more than 8 axes
 */
export function at(x: Tensor, ...indices: AtIndex[]): Tensor {
  const op = 'at'
  checkTensor(op, 'x', x)
  const named = indices.filter((index) => index !== 'new' && index !== '...').length
  if (named > x.ndim) fail(op, `${named} indices for ${showShape(x.shape)}`, 'at most one an axis')
  if (indices.filter((index) => index === '...').length > 1) fail(op, "'...' stands twice", 'give it once')
  // Axes of x, and of the view before integers pick from it.
  const slices: Slice[] = []
  const kept: (number | 'new')[] = []
  const lists = new Map<number, Integers>()
  const all = (count: number) => {
    for (; count > 0; count--) kept.push(slices.push(null) - 1)
  }
  for (const index of indices) {
    const axis = slices.length
    if (index === 'new') kept.push('new')
    else if (index === '...') all(x.ndim - named)
    else if (typeof index === 'number') {
      const n = x.shape[axis]
      if (!Number.isInteger(index) || index < -n || index >= n)
        failIndex(op, `index ${index} is outside [${-n}, ${n}) on axis ${axis} of ${showShape(x.shape)}`)
      const from = index < 0 ? index + n : index
      slices.push([from, from + 1])
    } else if (isIntegers(index)) {
      checkIntegers(op, x, index)
      lists.set(kept.length, index)
      all(1)
    } else if (index === null || Array.isArray(index)) kept.push(slices.push(index as Slice) - 1)
    else {
      const todo = "integers, [start, stop, step], null, int32 tensors, '...' and 'new'"
      fail(op, `an index is ${describe(index)}`, todo)
    }
  }
  all(x.ndim - slices.length)
  sliceView(op, x.layout, slices)
  const cut = slice(x, ...slices)
  const view = reshaped(
    op,
    cut,
    kept.map((axis) => (axis === 'new' ? 1 : cut.shape[axis])),
  )
  if (lists.size === 0) return view
  const { table, index, shape, order, rest } = rowsOf(op, view, lists)
  return permute(reshape(atRows([table(), index()], {}), [...shape, ...rest]), order)
}

/** Options of {@link indexPut}. */
export interface PutOptions {
  /** Add to what is there; repeats add up. Floats only. Default: false. */
  accumulate?: boolean
}

/**
 * y = x, but y.at(...indices) = values, broadcast to its shape. Where several are written to one place the last one in row-major
 * order wins and has the gradient there; with `accumulate` all are added to x, in that order. Any dtype (accumulate: floats).
 * @param indices  int32 tensors or Int32Arrays for the first axes; null leaves one whole
 * @param values   a number, or a tensor of x's dtype
 * @returns x's shape
 * @throws IndexError as {@link at}
 * @throws HandgradError for no index at all or more than axes, or values that do not broadcast to what is picked, differ from x in dtype
 *   or device, or are a number that the dtype cannot hold, and with `accumulate` if x is not of floats, or an option is unknown
 */
export const indexPut = (
  x: Tensor,
  indices: readonly (Integers | null)[],
  values: Tensor | number,
  options: PutOptions = {},
): Tensor => put('indexPut', x, indices, values, options)

/** {@link indexPut}, under the name that the user called. Internal. */
export function put(
  op: string,
  x: Tensor,
  indices: readonly (Integers | null)[],
  values: Tensor | number,
  options: PutOptions,
): Tensor {
  checkOptions(op, options, ['accumulate'])
  const { accumulate = false } = options
  checkTensor(op, 'x', x)
  checkList(op, 'indices', indices, 'give an index an axis: [rows, columns]')
  if (typeof values === 'number') checkScalar(op, values, x.dtype)
  else checkSameKind(op, x, 'values', values)
  if (indices.length > x.ndim) fail(op, `${indices.length} indices for ${showShape(x.shape)}`, 'at most one an axis')
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
