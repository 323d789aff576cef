/** @file Along an axis: running extremes, and differences of neighbours. */
import { describe, fail } from '../../core/errors.ts'
import { noGrad } from '../../core/graph.ts'
import { anyType, cutOf, numbers } from '../../core/op.ts'
import { scope } from '../../core/scope.ts'
import { normalDim, showShape } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType, checkSameKind } from '../base/arguments.ts'
import { axisOf, sliced } from '../base/axes.ts'
import { cat } from '../base/joining.ts'
import { parametersOf } from '../base/options.ts'
import { detach, expand, reshape } from '../base/views.ts'
import { arange } from '../creation/create.ts'
import { eq, gt, logicalAnd, logicalOr, logicalXor, lt, ne, sub, where } from '../elementwise/elementwise.ts'
import { gather } from '../indexing/gather.ts'
import { extremes } from '../reduce/attributes.ts'
import type { Extremes } from '../reduce/reduce.ts'

/**
 * Positions of the extremes so far. Doubling: after a step that looks s places back, each place knows the extreme of
 * the 2s that end there. A NaN stays; of ties the later one is taken.
 */
function runningPlaces(x: Tensor, dim: number, better: typeof gt): Tensor {
  const n = x.shape[dim]
  let values = detach(x)
  let places = expand(
    reshape(
      arange(0, n, 1, { dtype: 'int32', device: x.device }),
      x.shape.map((size, d) => (d === dim ? size : 1)),
    ),
    x.shape,
  )
  for (let s = 1; s < n; s *= 2) {
    const before = sliced(values, [dim], [0, n - s])
    const here = sliced(values, [dim], [s])
    const keep = logicalAnd(eq(here, here), logicalOr(ne(before, before), better(before, here)))
    const advance = (y: Tensor) =>
      cat([sliced(y, [dim], [0, s]), where(keep, sliced(y, [dim], [0, n - s]), sliced(y, [dim], [s]))], dim)
    places = advance(places)
    values = advance(values)
  }
  return places
}

function running(op: string, x: Tensor, given: readonly unknown[], better: typeof gt): Extremes {
  checkDType(op, 'x', x, numbers)
  const { dim } = parametersOf(op, given, { dim: undefined as number | undefined })
  if (dim === undefined) fail(op, 'no axis is given', 'name the one to run along: { dim: 0 }')
  const at = normalDim(op, dim, x.ndim)
  const line = x.ndim === 0 ? reshape(x, [1]) : x
  const places = scope(() => noGrad(() => runningPlaces(line, at, better)))
  places.cut = cutOf(op, [x])
  return extremes(reshape(gather(line, at, places), x.shape), reshape(places, x.shape))
}

/**
 * values[t] = max(x[0], …, x[t]) along `dim`, and where that is (int32): of ties the last, which gets the gradient. A
 * NaN wins from where it is. Dtypes: floats, int32.
 * @returns values and indices, both of x's shape
 * @throws HandgradError if no dim is given
 */
export function cummax(x: Tensor, dim: number): Extremes
/** The same by name: `cummax(x, { dim: 0 })`. */
export function cummax(x: Tensor, options: { dim: number }): Extremes
export function cummax(x: Tensor, ...given: unknown[]): Extremes {
  return running('cummax', x, given, gt)
}

/**
 * values[t] = min(x[0], …, x[t]) along `dim`, and where that is (int32): of ties the last, which gets the gradient. A
 * NaN wins from where it is. Dtypes: floats, int32.
 * @returns values and indices, both of x's shape
 * @throws HandgradError if no dim is given
 */
export function cummin(x: Tensor, dim: number): Extremes
/** The same by name: `cummin(x, { dim: 0 })`. */
export function cummin(x: Tensor, options: { dim: number }): Extremes
export function cummin(x: Tensor, ...given: unknown[]): Extremes {
  return running('cummin', x, given, lt)
}

/** Options of diff. */
export interface DiffOptions {
  /** How often differences are taken. Default: 1. */
  n?: number
  /** Default: the last axis. */
  dim?: number
  /** What is put before and after x first: of x's shape, but for the axis. */
  prepend?: Tensor | null
  append?: Tensor | null
}

/**
 * y[t] = x[t + 1] − x[t] along an axis, n times; of bools y[t] = x[t + 1] ⊻ x[t]. Any dtype.
 * @param n  default 1, or all of it by name: `diff(x, { dim: 0 })`
 * @returns x's shape with n less at dim, but not below 0
 * @throws HandgradError if x is 0-d, n is not an integer from 0 up, or prepend or append does not fit x
 */
export function diff(x: Tensor, n?: number, dim?: number, prepend?: Tensor | null, append?: Tensor | null): Tensor
/** The same by name: `diff(x, { n: 2, dim: 0 })`. */
export function diff(x: Tensor, options?: DiffOptions): Tensor
export function diff(x: Tensor, ...given: unknown[]): Tensor {
  const op = 'diff'
  checkDType(op, 'x', x, anyType)
  const { n, dim, prepend, append } = parametersOf<Required<DiffOptions>>(op, given, {
    n: 1,
    dim: -1,
    prepend: null,
    append: null,
  })
  if (!Number.isInteger(n) || n < 0) fail(op, `n is ${describe(n)}`, 'give an integer from 0 up')
  const at = axisOf(op, x, dim)
  for (const [name, part] of Object.entries({ prepend, append })) {
    if (part == null) continue
    checkSameKind(op, x, name, part)
    if (part.ndim !== x.ndim || part.shape.some((size, d) => d !== at && size !== x.shape[d]))
      fail(op, `${name} is ${showShape(part.shape)}, x ${showShape(x.shape)}`, `they may differ at axis ${at} alone`)
  }
  const parts = [prepend, x, append].filter((part) => part != null)
  let y = parts.length > 1 ? cat(parts, at) : x
  const minus = x.dtype === 'bool' ? logicalXor : sub
  for (let i = 0; i < n && y.shape[at] > 0; i++) y = minus(sliced(y, [at], [1]), sliced(y, [at], [0, -1]))
  return y
}
