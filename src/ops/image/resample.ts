/**
 * @file Images at other places: interpolate by an even grid, gridSample by any, such as affineGrid's. Compositions of
 * gathers and weights, so they can be differentiated any number of times, by the image and by the grid.
 */

import { fail } from '../../core/errors.ts'
import { fillNew, tensorOf } from '../../core/launch.ts'
import { floats } from '../../core/op.ts'
import { contiguousView, sameShape, showShape } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType, checkList, checkSameKind, checkWord } from '../base/arguments.ts'
import { optionsOf, parametersOf } from '../base/options.ts'
import { permute, reshape, scatterView, slice } from '../base/views.ts'
import { cast } from '../elementwise/cast.ts'
import { abs, add, div, floor, gt, lt, mul, round, sub, where } from '../elementwise/elementwise.ts'
import { indexSelect } from '../indexing/indexing.ts'
import { adaptiveAvgPool1d, adaptiveAvgPool2d } from './pool.ts'
import { type PerAxis, perAxis } from './windows.ts'

/** Options of {@link interpolate}: one of `size` and `scaleFactor`; null is as good as none. */
export interface InterpolateOptions {
  /** Elements along each axis of the result. */
  size?: PerAxis | null
  /** Result over input, along each axis; sizes are rounded down. */
  scaleFactor?: PerAxis | null
  /** 'linear' for signals, 'bilinear' and 'bicubic' for images. Default: 'nearest'. */
  mode?: 'nearest' | 'linear' | 'bilinear' | 'bicubic' | 'area'
  /** Ends are the centres of the outer elements, not their edges. Not with 'nearest' and 'area'. Default: false. */
  alignCorners?: boolean | null
}

/** Weights of the elements around a place, from `first` after ⌊s⌋ on, by t = s − ⌊s⌋. */
interface Taps {
  readonly first: number
  readonly weights: readonly ((t: number) => number)[]
}
const LINEAR: Taps = { first: 0, weights: [(t) => 1 - t, (t) => t] }

/** The cubic convolution kernel (Keys 1981) at distances below 1 and from 1 to 2, with PyTorch's a = −¾. */
const A = -0.75
const near = (d: number) => ((A + 2) * d - (A + 3)) * d * d + 1
const far = (d: number) => ((A * d - 5 * A) * d + 8 * A) * d - 4 * A
const CUBIC: Taps = { first: -1, weights: [(t) => far(t + 1), near, (t) => near(1 - t), (t) => far(2 - t)] }

/** x at places between the elements of an axis: Σₖ wₖ(t)·x[⌊s⌋ + k], beyond the ends the outer element. */
function blend(x: Tensor, dim: number, places: readonly number[], { first, weights }: Taps): Tensor {
  const last = x.shape[dim] - 1
  const low = places.map(Math.floor)
  const along = x.shape.map((_, d) => (d === dim ? low.length : 1))
  const terms = weights.flatMap((weight, k) => {
    const factors = Float64Array.from(places, (s, i) => weight(s - low[i]))
    if (factors.every((w) => w === 0)) return []
    const index = low.map((i) => Math.min(Math.max(i + first + k, 0), last))
    const taken = indexSelect(x, dim, index)
    const whole = factors.every((w) => w === 1)
    return [whole ? taken : mul(taken, tensorOf(factors, along, x.dtype, x.device, 'interpolate'))]
  })
  return terms.reduce((sum, term) => add(sum, term))
}

/**
 * Images or signals in another size. 'nearest': y[i] = x[⌊i·s⌋] with s = input over output size (or 1 / scaleFactor).
 * 'linear' and 'bilinear': between the two neighbours of s·(i + ½) − ½ on each axis, not before the first; with
 * `alignCorners` of i·(in − 1)/(out − 1). 'bicubic': by four neighbours and cubic convolution (Keys 1981, a = −¾),
 * which overshoots at edges. 'area': means over equal parts, {@link adaptiveAvgPool2d} of the size.
 * By `scaleFactor` sizes are ⌊size·factor⌋ in float64, as in PyTorch: 88 by 120/88 is 119, and 49 by 1/49 nothing,
 * which is refused; `size` says it exactly. Dtypes: floats.
 * @param x  [N, C, L] or [N, C, H, W]
 * @returns [N, C, …] with the new sizes
 * @throws HandgradError if both or neither of size and scaleFactor are given, a resulting size is not an integer from 1
 *   up, the mode is not one for x, or alignCorners comes with 'nearest' or 'area'
 */
export function interpolate(
  x: Tensor,
  size?: PerAxis | null,
  scaleFactor?: PerAxis | null,
  mode?: InterpolateOptions['mode'],
  alignCorners?: boolean | null,
): Tensor
/** The same by name: `interpolate(x, { scaleFactor: 2 })`. */
export function interpolate(x: Tensor, options?: InterpolateOptions): Tensor
export function interpolate(x: Tensor, ...given: unknown[]): Tensor {
  const op = 'interpolate'
  const { mode, alignCorners, ...asked } = parametersOf<Required<InterpolateOptions>>(op, given, {
    size: null,
    scaleFactor: null,
    mode: 'nearest',
    alignCorners: null,
  })
  checkDType(op, 'x', x, floats)
  const dims = x.ndim - 2
  if (dims !== 1 && dims !== 2)
    fail(op, `x is ${showShape(x.shape)}`, 'give [batch, channels, length] or [batch, channels, height, width]')
  const [size, scaleFactor] = [asked.size ?? undefined, asked.scaleFactor ?? undefined]
  checkWord(op, `mode for x ${showShape(x.shape)}`, mode, [
    'nearest',
    'area',
    ...(dims === 1 ? ['linear'] : ['bilinear', 'bicubic']),
  ])
  if (alignCorners && (mode === 'nearest' || mode === 'area'))
    fail(op, `alignCorners with mode '${mode}'`, 'it is for places between elements')
  if ((size === undefined) === (scaleFactor === undefined))
    fail(op, `${size === undefined ? 'neither' : 'both'} of size and scaleFactor are given`, 'give one')
  const scales = Array.isArray(scaleFactor) ? scaleFactor : new Array(dims).fill(scaleFactor)
  if (size === undefined && (scales.length !== dims || scales.some((s) => !(s > 0 && Number.isFinite(s)))))
    fail(op, `scaleFactor is ${[scaleFactor].flat().join(', ')}`, `give a number above 0, or ${dims} of them`)
  const shape = x.shape.slice(2)
  const wanted = size ?? shape.map((n, i) => Math.floor(n * scales[i]))
  if (size === undefined && [wanted].flat().includes(0) && !shape.includes(0))
    fail(
      op,
      `${showShape(shape)} by ${scales.join(', ')} is rounded down to ${showShape([wanted].flat())}`,
      'pass size',
    )
  const sizes = perAxis(op, size === undefined ? 'the scaled size' : 'size', wanted, dims, 1).slice(-dims)
  if (shape.includes(0)) fail(op, `x ${showShape(x.shape)} has no elements to take`)
  if (mode === 'area') return dims === 1 ? adaptiveAvgPool1d(x, sizes) : adaptiveAvgPool2d(x, sizes)
  return sizes.reduce((y, count, i) => {
    const last = shape[i] - 1
    // A product before the quotient, so that whole places stay whole.
    const scaled = (j: number) => (size === undefined ? j / scales[i] : (j * shape[i]) / count)
    const aligned = (j: number) => (count > 1 ? (j * last) / (count - 1) : 0)
    const place = (j: number): number => {
      if (mode === 'nearest') return Math.min(Math.floor(scaled(j)), last)
      if (alignCorners) return Math.min(aligned(j), last)
      const centre = scaled(j + 0.5) - 0.5
      return mode === 'bicubic' ? centre : Math.min(Math.max(0, centre), last)
    }
    return blend(
      y,
      i + 2,
      Array.from({ length: count }, (_, j) => place(j)),
      mode === 'bicubic' ? CUBIC : LINEAR,
    )
  }, x)
}

/**
 * Places of a result's pixels in its source, for {@link gridSample}: grid[n, i, j] = θₙ · (uⱼ, vᵢ, 1), where −1 and 1
 * are the edges of the image: uⱼ = (2j + 1)/W − 1 (Jaderberg et al., Spatial Transformer Networks, 2015). Dtypes:
 * floats.
 * @param theta         [N, 2, 3]
 * @param size          of the result, [N, C, H, W]
 * @param alignCorners  −1 and 1 are the centres of the outer pixels: uⱼ = 2j/(W − 1) − 1. Default: false
 * @returns [N, H, W, 2], the last axis column and row
 * @throws HandgradError if theta has another shape, or size is not four integers that begin with N
 */
export function affineGrid(
  theta: Tensor,
  size: readonly number[],
  options?: { alignCorners?: boolean | null },
): Tensor {
  const op = 'affineGrid'
  const { alignCorners } = optionsOf(op, options, { alignCorners: null })
  checkDType(op, 'theta', theta, floats)
  const [n, ...map] = theta.shape
  if (!sameShape(map, [2, 3])) fail(op, `theta is ${showShape(theta.shape)}`, 'give [batch, 2, 3]')
  checkList(op, 'size', size, 'give [batch, channels, height, width]')
  if (size.length !== 4 || size[0] !== n || !size.every((k) => Number.isInteger(k) && k >= 0))
    fail(op, `size is ${showShape(size)}`, `give [${n}, channels, height, width]`)
  const centres = (axis: number) => {
    const count = size[axis]
    const [from, step] = alignCorners ? [count > 1 ? -1 : 0, 2 / (count - 1)] : [1 / count - 1, 2 / count]
    const places = Float64Array.from({ length: count }, (_, j) => from + (j && j * step))
    return tensorOf(places, axis === 3 ? [count, 1] : [count, 1, 1], theta.dtype, theta.device, op)
  }
  const column = (k: number) => reshape(slice(theta, null, null, [k, k + 1]), [n, 1, 1, 2])
  return add(add(mul(column(0), centres(3)), mul(column(1), centres(2))), column(2))
}

/** Options of {@link gridSample}. */
export interface GridSampleOptions {
  /** Default: 'bilinear', between the four pixels around a place. */
  mode?: 'bilinear' | 'nearest'
  /** What is outside of the image. Default: 'zeros'. */
  paddingMode?: 'zeros' | 'border' | 'reflection'
  /** −1 and 1 are the centres of the outer pixels, not their edges. Default: false. */
  alignCorners?: boolean | null
}

/** u between two bounds; beyond them, and for NaN, a bound itself, which has no gradient. */
const clip = (u: Tensor, low: number, high: number): Tensor => where(gt(u, low), where(lt(u, high), u, high), low)

/** Places of a grid along an axis of `size` pixels, as pixel numbers. */
function pixels(g: Tensor, size: number, paddingMode: string, alignCorners?: boolean | null): Tensor {
  const u = alignCorners ? mul(add(g, 1), (size - 1) / 2) : sub(mul(add(g, 1), size / 2), 0.5)
  // Two pixels off is as good as anywhere outside, and finite.
  if (paddingMode === 'zeros') return clip(u, -2, size + 1)
  if (paddingMode === 'border' || size === 1) return clip(u, 0, size - 1)
  // A triangular wave between the first and the last centre, or edge.
  const [low, span] = alignCorners ? [0, size - 1] : [-0.5, size]
  const from = sub(u, low)
  const turn = sub(from, mul(floor(div(from, 2 * span)), 2 * span))
  return clip(sub(low + span, abs(sub(turn, span))), 0, size - 1)
}

/**
 * y[n, c, i, j] = x[n, c] at (gx, gy) = grid[n, i, j], where −1 and 1 are the edges of the image (Jaderberg et al.,
 * Spatial Transformer Networks, 2015). Gradients by x and by the grid, by the latter zeros with mode 'nearest'. Dtypes:
 * floats.
 * @param x     [N, C, H, W]
 * @param grid  [N, H', W', 2]: column, row
 * @returns     [N, C, H', W']
 * @throws HandgradError if the grid has another shape, or there is no such mode or paddingMode
 */
export function gridSample(
  x: Tensor,
  grid: Tensor,
  mode?: GridSampleOptions['mode'],
  paddingMode?: GridSampleOptions['paddingMode'],
  alignCorners?: boolean | null,
): Tensor
/** The same by name: `gridSample(x, grid, { mode: 'nearest' })`. */
export function gridSample(x: Tensor, grid: Tensor, options?: GridSampleOptions): Tensor
export function gridSample(x: Tensor, grid: Tensor, ...given: unknown[]): Tensor {
  const op = 'gridSample'
  const { mode, paddingMode, alignCorners } = parametersOf<Required<GridSampleOptions>>(op, given, {
    mode: 'bilinear',
    paddingMode: 'zeros',
    alignCorners: null,
  })
  checkDType(op, 'x', x, floats)
  checkSameKind(op, x, 'grid', grid)
  if (x.ndim !== 4) fail(op, `x is ${showShape(x.shape)}`, 'give [batch, channels, height, width]')
  if (grid.ndim !== 4 || grid.shape[3] !== 2 || grid.shape[0] !== x.shape[0])
    fail(op, `grid is ${showShape(grid.shape)}`, `give [${x.shape[0]}, height, width, 2], as many as there are images`)
  checkWord(op, 'mode', mode, ['bilinear', 'nearest'])
  checkWord(op, 'paddingMode', paddingMode, ['zeros', 'border', 'reflection'])
  const [n, c, height, width] = x.shape
  if (height * width === 0) fail(op, `x ${showShape(x.shape)} has no pixels`)
  const shape = grid.shape.slice(0, 3)
  const axis = (i: number) => reshape(slice(grid, null, null, null, [i, i + 1]), shape)
  const u = pixels(axis(0), width, paddingMode, alignCorners)
  const v = pixels(axis(1), height, paddingMode, alignCorners)
  // Pixels are the rows of a table, a column for each channel, within a margin of zeros as wide as places go beyond.
  const [before, after] = paddingMode === 'zeros' ? [2, 3] : [0, 1]
  const [high, wide] = [height + before + after, width + before + after]
  const padded = [n, high, wide, c]
  const { strides } = contiguousView(padded)
  const inside = { shape: padded, strides, offset: before * (wide + 1) * c }
  const table = reshape(scatterView(permute(x, [0, 2, 3, 1]), padded, inside), [n * high * wide, c])
  const first = Int32Array.from({ length: n }, (_, image) => (image * high + before) * wide + before)
  const images = tensorOf(first, [n, 1, 1], 'int32', x.device, op)
  const column = (weight: Tensor) => reshape(weight, [-1, 1])
  const numberOf = (col: Tensor, row: Tensor): Tensor =>
    add(add(mul(cast(row, 'int32'), wide), cast(col, 'int32')), images)
  const at = (index: Tensor): Tensor => indexSelect(table, 0, reshape(index, [-1]))
  let y: Tensor
  if (mode === 'nearest') {
    y = at(numberOf(round(u), round(v)))
    // Integers are cut off the graph: what is never taken brings the grid's zeros back into it.
    if (grid.edge) y = where(fillNew(op, [], 1, 'bool', x.device), y, column(u))
  } else {
    const [left, top] = [floor(u), floor(v)]
    const [toRight, toBottom] = [sub(u, left), sub(v, top)]
    const [toLeft, toTop] = [sub(1, toRight), sub(1, toBottom)]
    const index = numberOf(left, top)
    const corner = (step: number, across: Tensor, down: Tensor) =>
      mul(at(step === 0 ? index : add(index, step)), column(mul(across, down)))
    y = add(
      add(corner(0, toLeft, toTop), corner(1, toRight, toTop)),
      add(corner(wide, toLeft, toBottom), corner(wide + 1, toRight, toBottom)),
    )
  }
  return permute(reshape(y, [...shape, c]), [0, 3, 1, 2])
}
