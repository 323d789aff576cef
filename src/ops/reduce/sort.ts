/**
 * @file Order along an axis: sort and what follows from it (argsort, topk, median, histc), and searchsorted. Sorting is
 * stable and the same on every device: by value, then by position; NaN counts as the greatest.
 */

import { fail } from '../../core/errors.ts'
import { noGrad } from '../../core/graph.ts'
import { copyTo, launch } from '../../core/launch.ts'
import { anyType, cutOf, defineOp, floats, numbers, type Op } from '../../core/op.ts'
import { scope } from '../../core/scope.ts'
import { normalDim, sameShape, showShape } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType, checkSameKind } from '../base/arguments.ts'
import { cat } from '../base/joining.ts'
import * as kernels from '../base/kernels.generated.ts'
import { optionsOf, parametersOf } from '../base/options.ts'
import { keptShape } from '../base/sum.ts'
import { reshape, slice, squeeze, transpose } from '../base/views.ts'
import { arange, tensor } from '../creation/create.ts'
import { cast } from '../elementwise/cast.ts'
import { add, eq, isfinite, minimum, mul, ne, sub, where } from '../elementwise/elementwise.ts'
import { attrsOf, checkExtreme, evenly, extremes } from './attributes.ts'
import { amax, amin, type Extremes, mean, type OneAxis, type ReduceOptions } from './reduce.ts'

const isInt32 = (x: Tensor): number => (x.dtype === 'int32' ? 1 : 0)
const noIndexGradient = () => fail('backward', 'sort: an index has no gradient')

/** y[i] = x[to[i]], a permutation of the flat tensors; `back` is its inverse, so that the gradient is one too. */
const sortPermuteOp: Op = defineOp({
  name: 'sortPermute',
  as: 'sort',
  inputs: ['x', 'to', 'back'],
  dtypes: { x: anyType, to: ['int32'], back: ['int32'] },
  contiguous: ['x', 'to', 'back'],
  shape: ([x]) => ({ shape: x.shape }),
  launch: ([x, to], [y]) => {
    const params = { count: x.numel, cols: 1, first: 0, rows: x.numel, limit: x.numel, launch_id: 0 }
    launch('sort', kernels.gather, [y, x, to], { ...params, x_offset: x.layout.offset, index_offset: to.layout.offset })
  },
  saves: { x: ['to', 'back'] },
  vjp: { x: ({ g, to, back }) => sortPermuteOp([g, back, to], {}), to: noIndexGradient, back: noIndexGradient },
})

/** Sort the last axis. */
const sortOp: Op<{ descending: boolean }> = defineOp({
  name: 'sort',
  inputs: ['x'],
  outputs: ['y', 'index'],
  dtypes: numbers,
  contiguous: ['x'],
  shape: ([x], _: { descending: boolean }) => [{ shape: x.shape }, { shape: x.shape, dtype: 'int32' }],
  launch: ([x], [y, index], { descending }) => {
    const cols = x.shape[x.ndim - 1]
    const params = { rows: x.numel / cols, cols, offset: x.layout.offset, width: 0 }
    launch('sort', kernels.sort, [y, index, x, null], params, { INT: isInt32(x), DESCENDING: descending ? 1 : 0 })
  },
  saves: { x: ['index'] },
  vjp: {
    x: ({ g, index }) => {
      const { shape, numel, device } = index
      if (numel === 0) return g
      const cols = shape[shape.length - 1]
      const rows = arange(0, numel, cols, { device })
      // Sorting positions inverts them. Both as places in the flat tensor.
      const flat = (places: Tensor) => add(reshape(places, [-1, cols]), reshape(rows, [-1, 1]))
      return sortPermuteOp([g, flat(sortOp.all([index], { descending: false })[1]), flat(index)], {})
    },
  },
})

/** Options of sort and argsort. */
export interface SortOptions {
  /** The greatest first. */
  descending?: boolean
}
/** All that sort and argsort are told, by name. */
export interface SortBy extends SortOptions {
  /** Default: the last axis. */
  dim?: number
}

function sorted(op: string, x: Tensor, dim: number, descending: boolean): Extremes {
  const at = normalDim(op, dim, x.ndim)
  const from = x.ndim === 0 ? reshape(x, [1]) : transpose(x, at, -1)
  const [values, indices] = sortOp
    .all([from], { descending })
    .map((y) => (x.ndim === 0 ? reshape(y, []) : transpose(y, at, -1)))
  indices.cut = cutOf(op, [x])
  return extremes(values, indices)
}

/** What sort and argsort share. */
function ordered(op: string, x: Tensor, given: readonly unknown[]): Extremes {
  checkDType(op, 'x', x, numbers)
  const { dim, descending } = parametersOf(op, given, { dim: -1, descending: false })
  return sorted(op, x, dim, descending)
}

/**
 * The values in order along `dim`, and where they were (int32). Stable; NaN counts as the greatest. Dtypes: floats,
 * int32.
 * @param dim  default: the last axis; or all by name: `x.sort({ descending: true })`
 * @returns values and indices, both of x's shape
 */
export function sort(x: Tensor, dim?: number | SortBy, options?: SortOptions | boolean): Extremes
export function sort(x: Tensor, ...given: unknown[]): Extremes {
  return ordered('sort', x, given)
}

/** The positions (int32) that {@link sort} gives. Dtypes: floats, int32. */
export function argsort(x: Tensor, dim?: number | SortBy, options?: SortOptions | boolean): Tensor
export function argsort(x: Tensor, ...given: unknown[]): Tensor {
  return ordered('argsort', x, given).indices
}

/** Part of one axis. */
const narrowed = (x: Tensor, dim: number, start: number, end: number): Tensor =>
  slice(x, ...x.shape.map((_, i) => (i === dim ? ([start, end] as const) : null)))

/** Options of topk. */
export interface TopkOptions {
  /** Default: the last axis. */
  dim?: number
  /** False: the k smallest. */
  largest?: boolean
  /** Results are in order either way. */
  sorted?: boolean
}

/**
 * The k largest (or smallest) values along `dim`, in order, and where they were (int32). Of equal ones the first; NaN
 * counts as the greatest. Dtypes: floats, int32.
 * @param k  from 0 to the size of the axis
 * @param dim  default: the last axis; or all by name
 * @returns values and indices, both of x's shape with k at dim
 * @throws HandgradError if k is not such an integer
 */
export function topk(x: Tensor, k: number, dim?: number, largest?: boolean, sorted?: boolean): Extremes
/** The same by name: `topk(x, 2, { largest: false })`, `topk(x, 2, 0, { largest: false })`. */
export function topk(x: Tensor, k: number, dim?: number | TopkOptions, options?: Omit<TopkOptions, 'dim'>): Extremes
export function topk(x: Tensor, k: number, ...given: unknown[]): Extremes {
  const op = 'topk'
  checkDType(op, 'x', x, numbers)
  const { dim, largest } = parametersOf(op, given, { dim: -1, largest: true, sorted: true })
  const at = normalDim(op, dim, x.ndim)
  const size = x.shape[at] ?? 1
  if (!Number.isInteger(k) || k < 0 || k > size)
    fail(op, `k is ${k}, the axis of ${showShape(x.shape)} has ${size}`, `give 0 to ${size}`)
  const { values, indices } = sorted(op, x, at, largest)
  return extremes(narrowed(values, at, 0, k), narrowed(indices, at, 0, k))
}

function medianAlong(x: Tensor, dim: number, keepdim: boolean): Extremes {
  // From the greatest: NaN, which wins as in PyTorch, comes first; the lower median of n lies n >> 1 places down.
  const { values, indices } = sorted('median', x, dim, true)
  if (x.ndim === 0) return extremes(values, indices)
  const n = x.shape[dim]
  const first = narrowed(values, dim, 0, 1)
  const bad = ne(first, first)
  const pick = (y: Tensor) => {
    const one = where(bad, narrowed(y, dim, 0, 1), narrowed(y, dim, n >> 1, (n >> 1) + 1))
    return keepdim ? one : squeeze(one, dim)
  }
  const places = pick(indices)
  places.cut = indices.cut
  return extremes(pick(values), places)
}

/** The median of all elements. */
const medianOp = defineOp({
  name: 'median',
  inputs: ['x'],
  dtypes: numbers,
  shape: () => ({ shape: [] }),
  launch: ([x], [y]) =>
    scope(() => {
      const { values } = noGrad(() => medianAlong(reshape(x, [-1]), 0, false))
      copyTo('median', y, y.layout, values, values.layout)
    }),
  saves: { x: ['x', 'y'] },
  vjp: { x: ({ g, x, y }) => evenly(g, x, y) },
})

/**
 * `median(x)`: the middle one of all elements in order, of an even number the lower; elements equal to it share the
 * gradient evenly; NaN over nothing, of floats. `median(x, dim)`: along one axis, with its position, to which the
 * gradient goes. NaN wins. Dtypes: floats, int32.
 * @returns 0-d; with dim values and indices, both of x's shape without that axis (with `keepdim` of size 1 there)
 * @throws HandgradError if x has no elements along dim, or is int32 and has none at all
 */
export function median(x: Tensor): Tensor
export function median(x: Tensor, dim: number | OneAxis, options?: ReduceOptions | boolean): Extremes
export function median(x: Tensor, ...given: unknown[]): Tensor | Extremes {
  checkDType('median', 'x', x, numbers)
  if (given[0] == null && x.numel === 0 && x.dtype !== 'int32')
    return mean(x, null, attrsOf('median', x, given).keepdim)
  const [dim, { dims, keepdim }] = checkExtreme('median', x, given)
  if (dim !== null) return medianAlong(x, dims[0] ?? 0, keepdim)
  const y = medianOp([x], {})
  return keepdim ? reshape(y, keptShape(x.shape, dims)) : y
}

// A place in a list has no gradient.
const searchOp = defineOp({
  name: 'searchsorted',
  inputs: ['values', 'sequence'],
  dtypes: numbers,
  contiguous: ['values', 'sequence'],
  shape: ([values], _: { right: boolean }) => ({ shape: values.shape, dtype: 'int32' }),
  launch: ([x, s], [y], { right }) => {
    const params = { size: x.numel, per: x.shape[x.ndim - 1] ?? 1, cols: s.shape[s.ndim - 1] }
    launch(
      'searchsorted',
      kernels.search,
      [y, x, s],
      { ...params, x_offset: x.layout.offset, s_offset: s.layout.offset },
      { INT: isInt32(x), RIGHT: right ? 1 : 0, SHARED: s.ndim === 1 ? 1 : 0 },
    )
  },
  vjp: 'none',
})

/**
 * For each value the place in its sorted row that keeps the row sorted: how many elements are less (`right`: not
 * greater). NaN counts as the greatest. Result int32 of the shape of `values`. Dtypes: floats, int32.
 * @param sortedSequence  [n], one row for all values; or [..., n] with the leading axes of `values`
 * @param values          any shape; or [..., m]
 * @returns the shape of `values`
 * @throws HandgradError if the sequence is 0-d or has other leading axes than the values, or they differ in dtype or
 *   device
 */
export function searchsorted(sortedSequence: Tensor, values: Tensor, options?: { right?: boolean }): Tensor {
  const op = 'searchsorted'
  const { right } = optionsOf(op, options, { right: false })
  checkDType(op, 'sortedSequence', sortedSequence, numbers)
  checkSameKind(op, sortedSequence, 'values', values)
  const [rows, wanted] = [sortedSequence.shape.slice(0, -1), values.shape.slice(0, -1)]
  if (sortedSequence.ndim === 0 || (sortedSequence.ndim > 1 && !(values.ndim > 0 && sameShape(rows, wanted))))
    fail(
      op,
      `${showShape(values.shape)} is searched for in ${showShape(sortedSequence.shape)}`,
      'the sequence has one axis, or the leading axes of the values',
    )
  return searchOp([values, sortedSequence], { right: right ?? false })
}

/** Options of histc. */
export interface HistcOptions {
  /** Default: 100. */
  bins?: number
  /** The range; where both are 0 (default), that of the finite elements of x. */
  min?: number
  max?: number
}

/**
 * How many elements lie in each of `bins` equal parts of [min, max], as floats; the last part has its upper end.
 * Elements outside, and NaN, are not counted. By sorting, so the same on every run. Dtypes: floats; no gradient.
 * @returns [bins]
 * @throws HandgradError if bins is not an integer from 1 up, or min or max is not finite or min above max
 */
export function histc(x: Tensor, bins?: number, min?: number, max?: number): Tensor
/** The same by name: `histc(x, { bins: 10 })`. */
export function histc(x: Tensor, options?: HistcOptions): Tensor
export function histc(x: Tensor, ...given: unknown[]): Tensor {
  const op = 'histc'
  checkDType(op, 'x', x, floats)
  const { bins, min, max } = parametersOf(op, given, { bins: 100, min: 0, max: 0 })
  if (!Number.isInteger(bins) || bins < 1) fail(op, `bins is ${bins}`, 'give an integer from 1 up')
  if (!Number.isFinite(min) || !Number.isFinite(max) || min > max)
    fail(op, `the range is ${min} to ${max}`, 'give finite numbers, min below max')
  const y = noGrad(() => {
    const flat = reshape(x, [-1])
    const like = { dtype: x.dtype, device: x.device }
    const ofData = min === 0 && max === 0 && x.numel > 0
    // A range of one value is widened to both sides, as in PyTorch.
    const wide = (low: Tensor, high: Tensor) => {
      const one = cast(eq(low, high), x.dtype)
      return [sub(low, one), add(high, one)]
    }
    const finite = isfinite(flat)
    // The least of nothing is ∞, the greatest −∞: then the range is 0.
    const end = (of: typeof amin, otherwise: number) => {
      const y = of(where(finite, flat, otherwise))
      return where(isfinite(y), y, 0)
    }
    const [low, high] = ofData
      ? wide(end(amin, Infinity), end(amax, -Infinity))
      : wide(tensor(min, like), tensor(max, like))
    const parts = tensor(
      Float64Array.from({ length: bins }, (_, i) => i / bins),
      like,
    )
    // low + (high − low)·i/bins, from halves, whose difference is finite.
    const half = mul(low, 0.5)
    const edges = minimum(mul(add(half, mul(sub(mul(high, 0.5), half), parts)), 2), high)
    const { values } = sorted(op, flat, 0, false)
    const below = [searchsorted(values, edges), searchsorted(values, reshape(high, [1]), { right: true })]
    const places = cat(below)
    return cast(sub(narrowed(places, 0, 1, bins + 1), narrowed(places, 0, 0, bins)), x.dtype)
  })
  y.cut = cutOf(op, [x])
  return y
}
