/** @file Products and distances of vectors, and norms of matrices. */
import type { DType } from '../../core/device.ts'
import { describe, fail } from '../../core/errors.ts'
import { floats, numbers } from '../../core/op.ts'
import { broadcastShapes, normalDim, showShape, sizeOf } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType, checkSameKind, checkTensor } from '../base/arguments.ts'
import { sliced } from '../base/axes.ts'
import { cat } from '../base/joining.ts'
import { parametersOf } from '../base/options.ts'
import { expand, reshape, transpose, unsqueeze } from '../base/views.ts'
import { abs, mul, sub } from '../elementwise/elementwise.ts'
import { inDType } from '../reduce/attributes.ts'
import { amax, amin, type ReduceOptions, sum } from '../reduce/reduce.ts'
import { norm } from '../reduce/statistics.ts'
import { matmul } from './matmul.ts'

/**
 * y = a × b, the vector at right angles to both, along an axis of size 3, broadcasting: (a₂b₃ − a₃b₂, a₃b₁ − a₁b₃, a₁b₂
 * − a₂b₁). Dtypes: floats, int32.
 * @param dim  default: the last axis, as torch.linalg.cross has it
 * @returns the shape that both broadcast to
 * @throws HandgradError if the inputs do not broadcast, or the axis is not of size 3 in both
 */
export function cross(a: Tensor, b: Tensor, dim?: number): Tensor
/** The same by name: `cross(a, b, { dim: 0 })`. */
export function cross(a: Tensor, b: Tensor, options?: { dim?: number }): Tensor
export function cross(a: Tensor, b: Tensor, ...given: unknown[]): Tensor {
  const op = 'cross'
  checkDType(op, 'a', a, numbers)
  checkSameKind(op, a, 'b', b)
  const { dim } = parametersOf(op, given, { dim: -1 })
  const shape = broadcastShapes(op, a.shape, b.shape)
  const at = normalDim(op, dim, shape.length)
  const sizes = [a, b].map((x) => x.shape[at - shape.length + x.ndim])
  if (sizes.some((size) => size !== 3))
    fail(op, `${showShape(a.shape)} and ${showShape(b.shape)} at axis ${at}`, 'the axis has size 3')
  const [u, v] = [a, b].map((x) => expand(x, shape))
  const turned = (x: Tensor, by: number): Tensor => cat([sliced(x, [at], [by]), sliced(x, [at], [0, by])], at)
  return sub(mul(turned(u, 1), turned(v, 2)), mul(turned(u, 2), turned(v, 1)))
}

/**
 * y[…, …] = Σₖ a[…, k]·b[…, k] over the last axes: every vector of a with every one of b; of a 0-d tensor and another
 * one the product. Dtypes: floats, int32.
 * @returns a's axes but the last, then b's
 * @throws HandgradError if the last sizes differ
 */
export function inner(a: Tensor, b: Tensor): Tensor {
  const op = 'inner'
  checkDType(op, 'a', a, numbers)
  checkSameKind(op, a, 'b', b)
  if (a.ndim === 0 || b.ndim === 0) return mul(a, b)
  const [k, other] = [a, b].map(({ shape }) => shape[shape.length - 1])
  if (k !== other) fail(op, `${showShape(a.shape)} and ${showShape(b.shape)}`, 'the last sizes must agree')
  const [u, v] = [a, b].map((x) => reshape(x, [sizeOf(x.shape.slice(0, -1)), k]))
  const y = a.dtype === 'int32' ? sum(mul(unsqueeze(u, 1), v), -1) : matmul(u, transpose(v))
  return reshape(y, [...a.shape.slice(0, -1), ...b.shape.slice(0, -1)])
}

/**
 * y = ‖x − other‖ₚ over all elements, broadcasting, 0-d; 0 of nothing, whatever p. The gradient at distance 0 is 0.
 * Dtypes: floats.
 * @param p  as {@link norm} has it; default 2
 * @throws HandgradError if the inputs do not broadcast, or p is not a number
 */
export function dist(x: Tensor, other: Tensor, p?: number): Tensor
/** The same by name: `dist(x, other, { p: 1 })`. */
export function dist(x: Tensor, other: Tensor, options?: { p?: number }): Tensor
export function dist(x: Tensor, other: Tensor, ...given: unknown[]): Tensor {
  const op = 'dist'
  checkDType(op, 'x', x, floats)
  checkSameKind(op, x, 'other', other)
  broadcastShapes(op, x.shape, other.shape)
  const { p } = parametersOf(op, given, { p: 2 })
  if (typeof p !== 'number' || Number.isNaN(p)) fail(op, `p is ${describe(p)}`, 'give a number, such as 1 or Infinity')
  const d = sub(x, other)
  // Of nothing there is no greatest difference, and yet no distance.
  return d.numel === 0 ? sum(d) : norm(d, p)
}

/** Which norm of a matrix. */
export type MatrixOrder = 'fro' | 1 | -1 | number

/** Options of matrixNorm. */
export interface MatrixNormOptions extends ReduceOptions {
  /** 'fro' (default), 1, −1, Infinity or −Infinity. */
  ord?: MatrixOrder
  /** The axes of rows and of columns. Default: the last two. */
  dim?: readonly [number, number]
  /** Cast x to this float dtype first. Default: x's. */
  dtype?: DType | null
}

/**
 * A norm of matrices: 'fro' is √(Σ x²) over both axes, with gradient 0 at 0; 1 the largest and −1 the smallest sum of
 * |x| of a column, ±∞ of a row. Dtypes: floats.
 * @param ord  default 'fro'; or all of it by name: `matrixNorm(x, { ord: 1 })`
 * @param dim  the axes of rows and of columns; default the last two
 * @returns x's shape without both axes (with `keepdim` of size 1 there)
 * @throws HandgradError if x has fewer than two axes, dim is not two of them, ord is none of these (2, −2 and 'nuc'
 *   need singular values), or an extreme is taken over nothing
 */
export function matrixNorm(
  x: Tensor,
  ord?: MatrixOrder,
  dim?: readonly [number, number],
  options?: Pick<MatrixNormOptions, 'keepdim' | 'dtype'>,
): Tensor
/** The same by name. */
export function matrixNorm(x: Tensor, options?: MatrixNormOptions): Tensor
export function matrixNorm(x: Tensor, ...given: unknown[]): Tensor {
  const op = 'matrixNorm'
  const options = { ord: 'fro', dim: [-2, -1], keepdim: false, dtype: null } as const
  const { ord, dim, keepdim, dtype } = parametersOf<Required<MatrixNormOptions>>(op, given, options)
  checkTensor(op, 'x', x)
  if (!Array.isArray(dim) || dim.length !== 2) fail(op, `dim is ${describe(dim)}`, 'give two axes: rows, columns')
  if (x.ndim < 2) fail(op, `x is ${showShape(x.shape)}`, 'give a matrix, or several')
  const [rows, columns] = dim.map((d) => normalDim(op, d, x.ndim))
  if (rows === columns) fail(op, `dim is [${dim.join(', ')}]`, 'give two axes')
  if (ord === 'fro') return norm(inDType(op, x, dtype, floats), 2, [rows, columns], { keepdim })
  if (typeof ord !== 'number' || (Math.abs(ord) !== 1 && Math.abs(ord) !== Infinity))
    fail(op, `ord is ${describe(ord)}`, "give 'fro', 1, -1, Infinity or -Infinity")
  const [added, compared] = Math.abs(ord) === 1 ? [rows, columns] : [columns, rows]
  if (x.shape[compared] === 0) fail(op, `${showShape(x.shape)} has no elements along the reduced dims`)
  const sums = sum(abs(inDType(op, x, dtype, floats)), added, { keepdim: true })
  const y = (ord > 0 ? amax : amin)(sums, compared, { keepdim: true })
  return keepdim
    ? y
    : reshape(
        y,
        x.shape.filter((_, d) => d !== rows && d !== columns),
      )
}
