/**
 * @file More movement, by the views and copies of base/views.ts: reordering axes, rolling, repeating. What PyTorch
 * gives as a view is one here too, and so is flip.
 */

import { describe, fail, failIndex } from '../../core/errors.ts'
import { checkShape, normalDim, normalDims, type Shape, showShape, sizeOf } from '../../core/shape.ts'
import { Tensor } from '../../core/tensor.ts'
import { checkList, checkSameKind, checkTensor } from '../base/arguments.ts'
import { axisOf, listOf, sliced } from '../base/axes.ts'
import { cat } from '../base/joining.ts'
import { optionsOf } from '../base/options.ts'
import { clone, expand, listed, permute, reshape, reshaped, type Spread, transpose } from '../base/views.ts'
import { owned, repeated } from './copies.ts'
import { split } from './split.ts'

// ---- views

/**
 * An axis as several: the inverse of flatten. A view where the strides allow, else a copy. Any dtype.
 * @param sizes  their product is the axis' size; one may be −1
 * @throws HandgradError if x is 0-d, the product of sizes is not the axis' size, or there are more than 8 axes
 */
export function unflatten(x: Tensor, dim: number, sizes: Shape): Tensor {
  const op = 'unflatten'
  const at = axisOf(op, x, dim)
  checkList(op, 'sizes', sizes)
  const open = sizes.filter((s) => s === -1).length
  const known = sizes.reduce((n, s) => (s === -1 ? n : n * s), 1)
  const full = sizes.map((s) => (s === -1 ? x.shape[at] / known : s))
  if (open > 1 || full.some((s) => !Number.isInteger(s)) || sizeOf(full) !== x.shape[at])
    fail(op, `axis ${dim} of ${showShape(x.shape)} is ${x.shape[at]}, not ${showShape(sizes)}`)
  return reshaped(op, x, [...x.shape.slice(0, at), ...full, ...x.shape.slice(at + 1)])
}

/**
 * Axes moved to other positions, the others keep their order. A view. Any dtype.
 * @throws HandgradError if there are not as many places as dims, or one is there twice
 */
export function movedim(x: Tensor, from: number | readonly number[], to: number | readonly number[]): Tensor {
  const op = 'movedim'
  checkTensor(op, 'x', x)
  const [sources, places] = [from, to].map((list) => listOf(op, 'a dim', list).map((d) => normalDim(op, d, x.ndim)))
  if (sources.length !== places.length || [sources, places].some((list) => new Set(list).size !== list.length))
    fail(op, `dims [${sources.join(', ')}] to [${places.join(', ')}]`, 'name as many places as dims, each once')
  const rest = x.shape.map((_, d) => d).filter((d) => !sources.includes(d))
  // A 0-d tensor has dim 0 by name only.
  const order = x.shape.map((_, d) => (places.includes(d) ? sources[places.indexOf(d)] : (rest.shift() as number)))
  return permute(x, order)
}

/**
 * The order of elements along `dims` reversed. A view, as NumPy's; PyTorch copies: `flip(x, 0).clone()`. Any dtype.
 * @param dims  axes, as a list or one by one
 * @throws HandgradError if a dim is named twice, or none is given
 */
export function flip(x: Tensor, dims: readonly number[]): Tensor
export function flip(x: Tensor, ...dims: number[]): Tensor
export function flip(x: Tensor, ...dims: Spread): Tensor {
  const op = 'flip'
  checkTensor(op, 'x', x)
  const list = dims.length > 0 ? listed(dims) : undefined
  checkList(op, 'dims', list, 'name the axes to reverse, such as [0, 1]')
  return sliced(x, normalDims(op, list, x.ndim), [null, null, -1])
}

/**
 * x[start : start + length] along `dim`; start may be negative. A view. Any dtype.
 * @throws HandgradError if x is 0-d, or the part is not inside of the axis
 */
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
 * @throws HandgradError if x is 0-d
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

// ---- moving and repeating

/**
 * Elements shifted along axes; those that leave at the end come back at the start. Any dtype.
 * @param dims  one for each shift; none, or null: x is shifted as if it were flat
 * @throws HandgradError if a shift is not an integer, there are not as many dims as shifts (without dims: one), or dims
 *   are named of a 0-d x
 */
export function roll(x: Tensor, shifts: number | readonly number[], dims?: number | readonly number[] | null): Tensor {
  const op = 'roll'
  checkTensor(op, 'x', x)
  const by = listOf(op, 'a shift', shifts)
  if (dims == null) {
    if (by.length !== 1) fail(op, `shifts [${by.join(', ')}] without dims`, 'give a dim for each')
    return reshape(roll(reshape(x, [-1]), by, 0), x.shape)
  }
  const axes = listOf(op, 'a dim', dims).map((d) => axisOf(op, x, d))
  if (axes.length !== by.length) fail(op, `${by.length} shifts, ${axes.length} dims`, 'give a dim for each shift')
  let y = x
  axes.forEach((dim, i) => {
    const n = x.shape[dim]
    const shift = n && ((by[i] % n) + n) % n
    if (shift > 0) y = cat(split(y, [n - shift, shift], dim).reverse(), dim)
  })
  return y === x ? clone(x) : y
}

function repeatedAll(op: string, x: Tensor, reps: readonly number[]): Tensor {
  const wide = reshaped(op, x, [...new Array<number>(Math.max(0, reps.length - x.ndim)).fill(1), ...x.shape])
  const y = reps.reduce((all, r, i) => repeated(all, wide.ndim - reps.length + i, r, false), wide)
  return owned(x, y)
}

/**
 * x side by side, as often along each axis as `sizes` says; more sizes than dims add axes in front. A copy. Any dtype.
 * @param sizes  a list, or one by one
 * @returns the sizes, each times that of x
 * @throws HandgradError if sizes are not integers from 0 up, fewer than axes, or more than 8
 */
export function repeat(x: Tensor, sizes: readonly number[]): Tensor
export function repeat(x: Tensor, ...sizes: number[]): Tensor
export function repeat(x: Tensor, ...given: Spread): Tensor {
  const op = 'repeat'
  checkTensor(op, 'x', x)
  const sizes = listed(given)
  checkList(op, 'sizes', sizes)
  listOf(op, 'a size', sizes, 0)
  if (sizes.length < x.ndim)
    fail(op, `${sizes.length} sizes for ${showShape(x.shape)}`, 'give one per axis, or use tile')
  return repeatedAll(op, x, sizes)
}

/**
 * {@link repeat} by NumPy's rule: missing reps, of the first axes, are 1. A copy. Any dtype.
 * @param reps  a list, or one by one
 * @returns x's sizes, each times its rep
 * @throws HandgradError if reps are not integers from 0 up, or more than 8
 */
export function tile(x: Tensor, reps: readonly number[]): Tensor
export function tile(x: Tensor, ...reps: number[]): Tensor
export function tile(x: Tensor, ...reps: Spread): Tensor {
  const op = 'tile'
  checkTensor(op, 'x', x)
  return repeatedAll(op, x, listOf(op, 'a rep', listed(reps), 0))
}

/** Options of {@link meshgrid}. */
export interface MeshgridOptions {
  /** 'ij' (default): axes as given; 'xy': the first two swapped, as for plots. */
  indexing?: 'ij' | 'xy'
}

/**
 * Coordinate grids of axes: the i-th result has xs[i] along axis i, all have the shape of their sizes. Views. Any
 * dtype.
 * @param xs  vectors or 0-d tensors of one dtype, as a list or one by one
 * @throws HandgradError if xs is not a list, an input has more than one axis, inputs differ in dtype or device or are
 *   more than 8, or indexing is neither 'ij' nor 'xy'
 */
export function meshgrid(xs: readonly Tensor[], options?: MeshgridOptions): Tensor[]
export function meshgrid(...xs: Tensor[]): Tensor[]
export function meshgrid(...given: readonly [...xs: Tensor[], options: MeshgridOptions]): Tensor[]
export function meshgrid(...given: readonly unknown[]): Tensor[] {
  const op = 'meshgrid'
  // (a, b, options) is ([a, b], options).
  const count = given.length - (given.at(-1) instanceof Tensor ? 0 : 1)
  const [list, options = {}] = given[0] instanceof Tensor ? [given.slice(0, count), given[count]] : given
  const { indexing } = optionsOf(op, options as MeshgridOptions, { indexing: 'ij' })
  checkList(op, 'xs', list, 'give tensors, or a list of them')
  const xs = list as readonly Tensor[]
  if (indexing !== 'ij' && indexing !== 'xy') fail(op, `indexing is ${describe(indexing)}`, "give 'ij' or 'xy'")
  xs.forEach((x, i) => {
    checkSameKind(op, xs[0], `input ${i}`, x)
    if (x.ndim > 1) fail(op, `input ${i} is ${showShape(x.shape)}`, 'give vectors')
  })
  const shape = xs.map((x) => x.numel)
  checkShape(op, shape)
  return xs.map((x, i) => {
    const along = shape.map((n, d) => (d === i ? n : 1))
    const grid = expand(reshape(x, along), shape)
    return indexing === 'xy' && xs.length > 1 ? transpose(grid, 0, 1) : grid
  })
}
