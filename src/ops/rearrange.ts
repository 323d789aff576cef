/**
 * @file More movement, by the views and copies of movement.ts: reordering and cutting axes, repeating, padding, diagonals,
 * windows. What PyTorch gives as a view is one here too, and so is flip.
 */
import { describe, fail, failIndex } from '../errors.ts'
import { anyType, defineOp } from '../op.ts'
import {
  checkShape,
  contiguousView,
  normalDim,
  normalDims,
  type Shape,
  showShape,
  sizeOf,
  type View,
} from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { checkList, checkSameKind, checkScalar, checkTensor } from './arguments.ts'
import { arange, tensor } from './create.ts'
import { ge, where } from './elementwise.ts'
import { indexSelect, scatterRows } from './indexing.ts'
import { fillNew } from './launches.ts'
import {
  cat,
  clone,
  expand,
  permute,
  place,
  reshape,
  reshaped,
  slice,
  stack,
  transpose,
  unsqueeze,
} from './movement.ts'
import { sum } from './reduce.ts'
import type { Slice } from './slices.ts'

/** An axis that x has: a 0-d tensor has none to cut. */
function axisOf(op: string, x: Tensor, dim: number): number {
  checkTensor(op, 'x', x)
  if (x.ndim === 0) fail(op, `${x.title} is 0-d`, 'it has no axis')
  return normalDim(op, dim, x.ndim)
}

/** One number for all, or a list. */
function listOf(op: string, name: string, list: number | readonly number[], low = -Infinity): readonly number[] {
  const all = typeof list === 'number' ? [list] : list
  checkList(op, name, all)
  for (const n of all) {
    const least = low === -Infinity ? 'integers' : `integers from ${low} up`
    if (!Number.isSafeInteger(n) || n < low) fail(op, `${name} is ${describe(n)}`, `give ${least}`)
  }
  return all
}

function checkInteger(op: string, name: string, n: number, low = -Infinity): void {
  if (typeof n !== 'number') fail(op, `${name} is ${describe(n)}`, 'give an integer')
  listOf(op, name, n, low)
}

/** The same slice on some axes. */
const sliced = (x: Tensor, dims: readonly number[], one: Slice): Tensor =>
  slice(x, ...x.shape.map((_, d) => (dims.includes(d) ? one : null)))

// ---- views

/**
 * An axis as several: the inverse of flatten. A view where the strides allow, else a copy. Any dtype.
 * @param sizes  their product is the axis' size; one may be −1
 */
export function unflatten(x: Tensor, dim: number, sizes: Shape): Tensor {
  const at = axisOf('unflatten', x, dim)
  checkList('unflatten', 'sizes', sizes)
  const known = sizes.reduce((n, s) => (s === -1 ? n : n * s), 1)
  const full = sizes.map((s) => (s === -1 ? x.shape[at] / known : s))
  if (full.some((s) => !Number.isInteger(s)) || sizeOf(full) !== x.shape[at])
    fail('unflatten', `axis ${dim} of ${showShape(x.shape)} is ${x.shape[at]}, not ${showShape(sizes)}`)
  return reshaped('unflatten', x, [...x.shape.slice(0, at), ...full, ...x.shape.slice(at + 1)])
}

/** Axes moved to other positions, the others keep their order. A view. Any dtype. */
export function movedim(x: Tensor, from: number | readonly number[], to: number | readonly number[]): Tensor {
  checkTensor('movedim', 'x', x)
  const [sources, places] = [from, to].map((list) =>
    listOf('movedim', 'a dim', list).map((d) => normalDim('movedim', d, x.ndim)),
  )
  if (sources.length !== places.length || [sources, places].some((list) => new Set(list).size !== list.length))
    fail('movedim', `dims [${sources.join(', ')}] to [${places.join(', ')}]`, 'name as many places as dims, each once')
  const rest = x.shape.map((_, d) => d).filter((d) => !sources.includes(d))
  // A 0-d tensor has dim 0 by name only.
  const order = x.shape.map((_, d) => (places.includes(d) ? sources[places.indexOf(d)] : (rest.shift() as number)))
  return permute(x, order)
}

/** The order of elements along `dims` reversed. A view, as NumPy's; PyTorch copies: `flip(x, 0).clone()`. Any dtype. */
export function flip(x: Tensor, dims: number | readonly number[]): Tensor {
  checkTensor('flip', 'x', x)
  return sliced(x, normalDims('flip', dims, x.ndim), [null, null, -1])
}

/** x[start : start + length] along `dim`; start may be negative. A view. Any dtype. */
export function narrow(x: Tensor, dim: number, start: number, length: number): Tensor {
  const at = axisOf('narrow', x, dim)
  const n = x.shape[at]
  const first = start < 0 ? start + n : start
  const fits = Number.isInteger(first) && Number.isInteger(length) && first >= 0 && length >= 0 && first + length <= n
  if (!fits) fail('narrow', `start ${start}, length ${length} is outside axis ${dim} of ${showShape(x.shape)}`)
  return sliced(x, [at], [first, first + length])
}

/**
 * x at one index along `dim`, which is dropped; −1 is the last. A view. Any dtype.
 * @throws IndexError for an index outside the axis
 */
export function select(x: Tensor, dim: number, index: number): Tensor {
  const at = axisOf('select', x, dim)
  const n = x.shape[at]
  if (!Number.isInteger(index) || index < -n || index >= n)
    failIndex('select', `index ${index} is outside [${-n}, ${n}) on axis ${dim} of ${showShape(x.shape)}`)
  const from = index < 0 ? index + n : index
  return reshape(
    sliced(x, [at], [from, from + 1]),
    x.shape.filter((_, d) => d !== at),
  )
}

// ---- cutting

interface Cuts {
  readonly dim: number
  readonly sizes: readonly number[]
  /** Pieces of size 1, without the axis. */
  readonly drop: boolean
}

/** All pieces are outputs of one node, whose gradient joins theirs by one copy. */
const splitOp = defineOp<'x', Cuts>({
  name: 'split',
  inputs: ['x'],
  dtypes: anyType,
  shape: ([x], cuts) => cutViews(x.layout, cuts),
  view: (view, cuts) => cutViews(view, cuts),
  vjp: {
    x: (ctx) => {
      const { dtype, device, shape } = ctx.meta('x')
      // No gradient arrived at a piece that was not used.
      const pieces = cutViews(contiguousView(shape), ctx.attrs)
      const gs = pieces.map((piece, i) => ctx.gs[i] ?? fillNew('split', piece.shape, 0, dtype, device))
      return (ctx.attrs.drop ? stack : cat)(gs, ctx.attrs.dim)
    },
  },
})

function cutViews({ shape, strides, offset }: View, { dim, sizes, drop }: Cuts): View[] {
  let start = 0
  const without = <T>(list: readonly T[]) => list.filter((_, d) => d !== dim)
  return sizes.map((n) => {
    const from = offset + (n > 0 ? start * strides[dim] : 0)
    start += n
    if (drop) return { shape: without(shape), strides: without(strides), offset: from }
    return { shape: shape.map((s, d) => (d === dim ? n : s)), strides, offset: from }
  })
}

/**
 * Pieces along an axis, as views. Any dtype.
 * @param sizes  of every piece (the last may be smaller), or a list of sizes that add up to the axis
 */
export function split(x: Tensor, sizes: number | readonly number[], dim = 0): Tensor[] {
  const at = axisOf('split', x, dim)
  const n = x.shape[at]
  listOf('split', 'a size', sizes, 0)
  if (typeof sizes === 'number' && sizes === 0 && n > 0) fail('split', 'the size is 0', 'give an integer from 1 up')
  const list = typeof sizes === 'number' ? pieces(n, sizes) : sizes
  const total = list.reduce((a, b) => a + b, 0)
  if (total !== n)
    fail('split', `sizes [${list.join(', ')}] make ${total}, axis ${dim} of ${showShape(x.shape)} is ${n}`)
  return splitOp.all([x], { dim: at, sizes: list, drop: false })
}

/** n in pieces of a size, the rest last; one piece of nothing. */
const pieces = (n: number, size: number): number[] =>
  Array.from({ length: Math.max(1, Math.ceil(n / size) || 0) }, (_, i) => Math.min(size, n - i * size))

/** At most `chunks` pieces of one size along an axis, the last may be smaller: {@link split}. Views. Any dtype. */
export function chunk(x: Tensor, chunks: number, dim = 0): Tensor[] {
  const at = axisOf('chunk', x, dim)
  checkInteger('chunk', 'chunks', chunks, 1)
  const n = x.shape[at]
  return splitOp.all([x], { dim: at, sizes: pieces(n, Math.ceil(n / chunks)), drop: false })
}

/** x at each index along an axis, which is dropped: what stack joined. Views. Any dtype. */
export function unbind(x: Tensor, dim = 0): Tensor[] {
  const at = axisOf('unbind', x, dim)
  return splitOp.all([x], { dim: at, sizes: new Array<number>(x.shape[at]).fill(1), drop: true })
}

// ---- moving and repeating

/**
 * Elements shifted along axes; those that leave at the end come back at the start. Any dtype.
 * @param dims  one for each shift; none: x is shifted as if it were flat
 */
export function roll(x: Tensor, shifts: number | readonly number[], dims?: number | readonly number[]): Tensor {
  checkTensor('roll', 'x', x)
  const by = listOf('roll', 'a shift', shifts)
  if (dims === undefined) {
    if (by.length !== 1) fail('roll', `shifts [${by.join(', ')}] without dims`, 'give a dim for each')
    return reshape(roll(reshape(x, [-1]), by, 0), x.shape)
  }
  const axes = listOf('roll', 'a dim', dims).map((d) => axisOf('roll', x, d))
  if (axes.length !== by.length) fail('roll', `${by.length} shifts, ${axes.length} dims`, 'give a dim for each shift')
  let y = x
  axes.forEach((dim, i) => {
    const n = x.shape[dim]
    const shift = n && ((by[i] % n) + n) % n
    if (shift > 0) y = cat(split(y, [n - shift, shift], dim).reverse(), dim)
  })
  return y === x ? clone(x) : y
}

/** An axis r times as long: blocks one after the other, or each slice beside itself. */
function repeated(x: Tensor, dim: number, r: number, beside: boolean): Tensor {
  if (r === 1) return x
  const [outer, inner] = [sizeOf(x.shape.slice(0, dim)), sizeOf(x.shape.slice(dim + 1))]
  const n = x.shape[dim]
  const [from, to] = beside
    ? [[outer * n, 1, inner], [outer * n, r, inner]] // biome-ignore format: pairs
    : [
        [outer, 1, n * inner],
        [outer, r, n * inner],
      ]
  return reshape(
    expand(reshape(x, from), to),
    x.shape.map((s, d) => (d === dim ? s * r : s)),
  )
}

function repeatedAll(op: string, x: Tensor, reps: readonly number[]): Tensor {
  const wide = reshaped(op, x, [...new Array<number>(Math.max(0, reps.length - x.ndim)).fill(1), ...x.shape])
  const y = reps.reduce((all, r, i) => repeated(all, wide.ndim - reps.length + i, r, false), wide)
  return y === wide ? clone(x) : y
}

/** x side by side, as often along each axis as `sizes` says; more sizes than dims add axes in front. A copy. Any dtype. */
export function repeat(x: Tensor, sizes: readonly number[]): Tensor {
  checkTensor('repeat', 'x', x)
  checkList('repeat', 'sizes', sizes)
  listOf('repeat', 'a size', sizes, 0)
  if (sizes.length < x.ndim)
    fail('repeat', `${sizes.length} sizes for ${showShape(x.shape)}`, 'give one an axis, or use tile')
  return repeatedAll('repeat', x, sizes)
}

/** {@link repeat} by NumPy's rule: missing reps, of the first axes, are 1. A copy. Any dtype. */
export function tile(x: Tensor, reps: number | readonly number[]): Tensor {
  checkTensor('tile', 'x', x)
  return repeatedAll('tile', x, listOf('tile', 'a rep', reps, 0))
}

/**
 * Each slice along an axis several times in a row: [a, b] to [a, a, b, b]. A copy. Any dtype.
 * @param repeats  a number: with a tensor the shape would depend on its values
 * @param dim      none: x is flattened first
 */
export function repeatInterleave(x: Tensor, repeats: number, dim?: number): Tensor {
  const op = 'repeatInterleave'
  checkTensor(op, 'x', x)
  if (dim === undefined) return repeatInterleave(reshape(x, [-1]), repeats, 0)
  const at = axisOf(op, x, dim)
  checkInteger(op, 'repeats', repeats, 0)
  return repeats === 1 ? clone(x) : repeated(x, at, repeats, true)
}

/**
 * Coordinate grids of axes: the i-th result has xs[i] along axis i, all have the shape of their sizes. Views. Any dtype.
 * @param xs  vectors or 0-d tensors of one dtype
 * @param options.indexing  'ij' (default): axes as given; 'xy': the first two swapped, as for plots
 */
export function meshgrid(xs: readonly Tensor[], options: { indexing?: 'ij' | 'xy' } = {}): Tensor[] {
  const { indexing = 'ij' } = options
  checkList('meshgrid', 'xs', xs)
  if (indexing !== 'ij' && indexing !== 'xy') fail('meshgrid', `indexing is ${describe(indexing)}`, "give 'ij' or 'xy'")
  xs.forEach((x, i) => {
    checkSameKind('meshgrid', xs[0], `input ${i}`, x)
    if (x.ndim > 1) fail('meshgrid', `input ${i} is ${showShape(x.shape)}`, 'give vectors')
  })
  const shape = xs.map((x) => x.numel)
  checkShape('meshgrid', shape)
  return xs.map((x, i) => {
    const along = shape.map((n, d) => (d === i ? n : 1))
    const grid = expand(reshape(x, along), shape)
    return indexing === 'xy' && xs.length > 1 ? transpose(grid, 0, 1) : grid
  })
}

// ---- padding

/** Options of {@link pad}. */
export interface PadOptions {
  /** What stands in the margin. 'constant' (default): `value`; else x mirrored without its edge, its edge, or x again. */
  mode?: 'constant' | 'reflect' | 'replicate' | 'circular'
  /** Default: 0. */
  value?: number
}

/** The place that position i, outside [0, n), takes its value from, and the widest margin. */
const margins = {
  reflect: { most: (n: number) => n - 1, at: (i: number, n: number) => (i < 0 ? -i : 2 * (n - 1) - i) },
  replicate: { most: (n: number) => (n > 0 ? Infinity : 0), at: (i: number, n: number) => (i < 0 ? 0 : n - 1) },
  circular: { most: (n: number) => n, at: (i: number, n: number) => (i + n) % n },
}

/**
 * Margins around x. Any dtype.
 * @param padding  [left, right, top, bottom, …]: before and after the last axis, then the one before it; negative ones crop
 *   (mode 'constant' only)
 * @throws HandgradError for a margin wider than x − 1 ('reflect') or x ('circular')
 */
export function pad(x: Tensor, padding: readonly number[], options: PadOptions = {}): Tensor {
  const op = 'pad'
  checkTensor(op, 'x', x)
  checkList(op, 'padding', padding)
  listOf(op, 'a margin', padding)
  const { mode = 'constant', value = 0 } = options
  if (padding.length % 2 === 1 || padding.length > 2 * x.ndim)
    fail(op, `${padding.length} margins for ${showShape(x.shape)}`, 'give a pair an axis, the last axis first')
  const sides = x.shape.map((_, d) => [padding[2 * (x.ndim - 1 - d)] ?? 0, padding[2 * (x.ndim - 1 - d) + 1] ?? 0])
  const shape = x.shape.map((n, d) => n + sides[d][0] + sides[d][1])
  if (shape.some((n) => n < 0)) fail(op, `[${padding.join(', ')}] crops more than ${showShape(x.shape)} has`)
  if (mode === 'constant') {
    checkScalar(op, value, x.dtype)
    // Crop, then place what is left.
    const inside = sides.map(([before, after], d): Slice => [Math.max(0, -before), x.shape[d] + Math.min(0, after)])
    const { strides } = contiguousView(shape)
    const offset = sides.reduce((sum, [before], d) => sum + Math.max(0, before) * strides[d], 0)
    return place(slice(x, ...inside), shape, { shape, strides, offset }, value)
  }
  if (!Object.hasOwn(margins, mode))
    fail(op, `mode is ${describe(mode)}`, "one of 'constant', 'reflect', 'replicate', 'circular'")
  const { most, at } = margins[mode]
  sides.forEach((side, d) => {
    const widest = most(x.shape[d])
    const wrong = side.find((n) => n < 0 || n > widest)
    if (wrong === undefined) return
    const range = widest < Infinity ? `0 to ${Math.max(0, widest)}` : 'margins from 0 up'
    fail(op, `a ${mode} margin of ${wrong} on axis ${d} of ${showShape(x.shape)}`, `give ${range}`)
  })
  let y = x
  sides.forEach(([before, after], d) => {
    const n = x.shape[d]
    if (before === 0 && after === 0) return
    const index = Int32Array.from({ length: shape[d] }, (_, j) => {
      const i = j - before
      return i >= 0 && i < n ? i : at(i, n)
    })
    y = indexSelect(y, d, index)
  })
  return y === x ? clone(x) : y
}

// ---- diagonals

/** Which diagonal {@link diagonal} takes. */
export interface DiagonalOptions {
  /** Above the main diagonal if positive, below if negative. Default: 0. */
  offset?: number
  /** The two axes whose diagonal it is. Default: the first two. */
  dim1?: number
  dim2?: number
}

type Diagonal = Required<DiagonalOptions>

function diagonalView({ shape, strides, offset: start }: View, { offset, dim1, dim2 }: Diagonal): View {
  const length = Math.max(0, Math.min(shape[dim1] + Math.min(0, offset), shape[dim2] - Math.max(0, offset)))
  const rest = shape.map((_, d) => d).filter((d) => d !== dim1 && d !== dim2)
  const from = offset < 0 ? -offset * strides[dim1] : offset * strides[dim2]
  return {
    shape: [...rest.map((d) => shape[d]), length],
    strides: [...rest.map((d) => strides[d]), strides[dim1] + strides[dim2]],
    offset: length > 0 ? start + from : start,
  }
}

const diagonalOp = defineOp<'x', Diagonal>({
  name: 'diagonal',
  inputs: ['x'],
  dtypes: anyType,
  shape: ([x], attrs) => diagonalView(x.layout, attrs),
  view: diagonalView,
  vjp: {
    x: (ctx) => {
      const { shape } = ctx.meta('x')
      return place(ctx.g, shape, diagonalView(contiguousView(shape), ctx.attrs))
    },
  },
})

/** The diagonal of two axes as the last axis of the result: y[…, i] = x[…, i, …, i + offset, …]. A view. Any dtype. */
export function diagonal(x: Tensor, options: DiagonalOptions = {}): Tensor {
  const op = 'diagonal'
  checkTensor(op, 'x', x)
  const { offset = 0 } = options
  const dim1 = normalDim(op, options.dim1 ?? 0, x.ndim)
  const dim2 = normalDim(op, options.dim2 ?? 1, x.ndim)
  checkInteger(op, 'offset', offset)
  if (dim1 === dim2) fail(op, `dim1 and dim2 are both ${dim1}`, 'name two axes')
  return diagonalOp([x], { offset, dim1, dim2 })
}

/** A vector as the k-th diagonal of a matrix of zeros; of a matrix its k-th diagonal, a view. Any dtype. */
export function diag(x: Tensor, k = 0): Tensor {
  checkTensor('diag', 'x', x)
  checkInteger('diag', 'k', k)
  if (x.ndim === 2) return diagonal(x, { offset: k })
  if (x.ndim !== 1) fail('diag', `${x.title} is neither vector nor matrix`, 'diagonal takes any shape')
  const n = x.numel + Math.abs(k)
  return place(x, [n, n], diagonalView(contiguousView([n, n]), { offset: k, dim1: 0, dim2: 1 }))
}

/** The sum of a matrix's diagonal. Dtypes: floats, int32. */
export function trace(x: Tensor): Tensor {
  checkTensor('trace', 'x', x)
  if (x.ndim !== 2) fail('trace', `${x.title} is no matrix`, 'sum diagonal(x) over its last axis')
  return sum(diagonal(x))
}

/** x where column − row ≤ k (lower) or ≥ k (upper), else 0. */
function triangle(op: string, x: Tensor, k: number, lower: boolean): Tensor {
  checkTensor(op, 'x', x)
  checkInteger(op, 'k', k)
  if (x.ndim < 2) fail(op, `${x.title} is no matrix`, 'give at least two axes')
  const [rows, cols] = x.shape.slice(-2)
  const at = (n: number, start: number) => arange(start, start + n, 1, { device: x.device })
  // Diagonals beyond the matrix are all alike.
  const row = unsqueeze(at(rows, Math.max(-rows, Math.min(k, cols))), 1)
  return lower ? where(ge(row, at(cols, 0)), x, 0) : where(ge(at(cols, 0), row), x, 0)
}

/** The lower triangle of the last two axes: x on and below the k-th diagonal, else 0. Any dtype. */
export const tril = (x: Tensor, k = 0): Tensor => triangle('tril', x, k, true)
/** The upper triangle of the last two axes: x on and above the k-th diagonal, else 0. Any dtype. */
export const triu = (x: Tensor, k = 0): Tensor => triangle('triu', x, k, false)

// ---- windows

interface Windows {
  readonly dim: number
  readonly size: number
  readonly step: number
}

function windowView({ shape, strides, offset }: View, { dim, size, step }: Windows): View {
  const count = Math.floor((shape[dim] - size) / step) + 1
  return {
    shape: [...shape.map((n, d) => (d === dim ? count : n)), size],
    strides: [...strides.map((s, d) => (d === dim ? s * step : s)), strides[dim]],
    offset,
  }
}

const unfoldOp = defineOp<'x', Windows>({
  name: 'unfold',
  inputs: ['x'],
  dtypes: anyType,
  shape: ([x], attrs) => windowView(x.layout, attrs),
  view: windowView,
  vjp: {
    // Element k of window w came from step·w + k: where windows overlap, theirs add up.
    x: (ctx) => {
      const { shape } = ctx.meta('x')
      const { dim, size, step } = ctx.attrs
      if (step >= size) return place(ctx.g, shape, windowView(contiguousView(shape), ctx.attrs))
      const last = shape.length
      const rest = shape.map((_, d) => d).filter((d) => d !== dim)
      const g = permute(ctx.g, [dim, last, ...rest])
      const index = Int32Array.from({ length: g.shape[0] * size }, (_, i) => step * Math.floor(i / size) + (i % size))
      const flat = reshape(g, [index.length, ...g.shape.slice(2)])
      const rows = shape[dim]
      return movedim(scatterRows([flat, tensor(index, { device: g.device })], { rows }), 0, dim)
    },
  },
})

/**
 * Sliding windows: y[…, w, …, k] = x[…, step·w + k, …]; the axis counts windows, a new last axis is inside of them. A view: windows
 * share memory, and their gradients add up. (Patches of images: nn.functional.unfold.) Any dtype.
 */
export function unfold(x: Tensor, dim: number, size: number, step: number): Tensor {
  const at = axisOf('unfold', x, dim)
  checkInteger('unfold', 'size', size, 1)
  checkInteger('unfold', 'step', step, 1)
  if (size > x.shape[at]) fail('unfold', `windows of ${size} on axis ${dim} of ${showShape(x.shape)}`, 'they must fit')
  checkShape('unfold', [...x.shape, size])
  return unfoldOp([x], { dim: at, size, step })
}
