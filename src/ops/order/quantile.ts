/** @file What is found in sorted rows: quantiles, the k-th value, the most frequent one. */
import { describe, fail } from '../../core/errors.ts'
import { noGrad } from '../../core/graph.ts'
import { tensorOf } from '../../core/launch.ts'
import { cutOf, floats, numbers } from '../../core/op.ts'
import { scope } from '../../core/scope.ts'
import { normalDim, showShape } from '../../core/shape.ts'
import { Tensor } from '../../core/tensor.ts'
import { checkDType, checkSameKind } from '../base/arguments.ts'
import { sliced } from '../base/axes.ts'
import { parametersOf } from '../base/options.ts'
import { detach, permute, reshape, squeeze, transpose } from '../base/views.ts'
import { cast } from '../elementwise/cast.ts'
import {
  add,
  ceil,
  eq,
  floor,
  ge,
  isinf,
  isnan,
  le,
  lerp,
  logicalAnd,
  logicalNot,
  logicalOr,
  maximum,
  mul,
  round,
  sub,
  where,
} from '../elementwise/elementwise.ts'
import { gather, takeAlongDim } from '../indexing/gather.ts'
import { extremes } from '../reduce/attributes.ts'
import { argmax, type Extremes, type ReduceOptions, sum } from '../reduce/reduce.ts'
import { searchsorted, sort } from '../reduce/sort.ts'

const INTERPOLATIONS = ['linear', 'lower', 'higher', 'midpoint', 'nearest'] as const

/** Numbers from 0 to 1. */
type Parts = number | readonly number[] | Tensor

/** Options of quantile and nanquantile. */
export interface QuantileOptions extends ReduceOptions {
  /** Default, or null: all elements. */
  dim?: number | null
  /**
   * What is taken between two neighbours in order: a value between them in proportion ('linear', default), the lower or
   * the higher one, their mean, or the nearest (of two the one at an even place).
   */
  interpolation?: (typeof INTERPOLATIONS)[number]
}

/** Refuse what is not one number from 0 to 1 or a list of them. Those of a tensor are not known here. */
function checkQ(op: string, x: Tensor, q: unknown): asserts q is Parts {
  if (q instanceof Tensor) {
    checkSameKind(op, x, 'q', q)
    if (q.ndim > 1) fail(op, `q is ${showShape(q.shape)}`, 'give a number, or one axis of them')
    return
  }
  for (const part of Array.isArray(q) ? q : [q])
    if (!(typeof part === 'number' && part >= 0 && part <= 1))
      fail(op, `q is ${describe(part)}`, 'give numbers from 0 to 1')
}

const made = (data: Float64Array, { dtype, device }: Tensor): Tensor =>
  tensorOf(data, [data.length], dtype, device, 'quantile')

/**
 * Places q·last in sorted rows: whole numbers at or below them, and what is left. Numbers are multiplied in float64,
 * unless each row has a last place of its own.
 */
function placesOf(q: Float64Array | Tensor, last: number | Tensor, like: Tensor): [whole: Tensor, rest: Tensor] {
  if (!(q instanceof Tensor) && typeof last === 'number') {
    const whole = q.map((part) => Math.floor(part * last))
    return [
      made(whole, like),
      made(
        q.map((part, i) => part * last - whole[i]),
        like,
      ),
    ]
  }
  const place = mul(q instanceof Tensor ? q : made(q, like), last)
  const whole = floor(detach(place))
  return [whole, sub(place, whole)]
}

/** The values of sorted rows at places, which have the rows' leading axes or none. */
function valuesAt(rows: Tensor, place: Tensor): Tensor {
  const ones = new Array<number>(rows.ndim - place.ndim).fill(1)
  return takeAlongDim(rows, cast(reshape(place, [...ones, ...place.shape]), 'int32'), -1)
}

/** low + weight·(high − low), and low where that is exact: infinities have no difference. */
function between(low: Tensor, high: Tensor, weight: Tensor): Tensor {
  const exact = logicalOr(eq(weight, 0), logicalAnd(eq(low, high), isinf(low)))
  return where(exact, low, lerp(where(exact, 0, low), where(exact, 0, high), weight))
}

function quantileOf(op: string, x: Tensor, q: Parts, given: readonly unknown[]): Tensor {
  checkDType(op, 'x', x, floats)
  checkQ(op, x, q)
  const options = { dim: null, keepdim: false, interpolation: 'linear' } as const
  const { dim, keepdim, interpolation: kind } = parametersOf<Required<QuantileOptions>>(op, given, options)
  if (!INTERPOLATIONS.includes(kind))
    fail(op, `interpolation is ${describe(kind)}`, `one of ${INTERPOLATIONS.map((name) => `'${name}'`).join(', ')}`)
  const at = dim == null || x.ndim === 0 ? null : normalDim(op, dim, x.ndim)
  const n = at === null ? x.numel : x.shape[at]
  if (n === 0) fail(op, `${showShape(x.shape)} has no elements along the reduced dims`)
  const rows = sort(at === null ? reshape(x, [-1]) : transpose(x, at, -1)).values
  const parts = q instanceof Tensor ? reshape(q, [-1]) : Float64Array.from([q].flat())
  const inside = parts instanceof Tensor ? logicalAnd(ge(parts, 0), le(parts, 1)) : null
  // NaN is the greatest: a row that has one ends with it.
  const skip = op === 'nanquantile'
  const bad = isnan(rows)
  const last = skip ? maximum(sub(sum(cast(logicalNot(bad), x.dtype), -1, { keepdim: true }), 1), 0) : n - 1
  const [whole, rest] = placesOf(inside ? where(inside, parts as Tensor, 0) : parts, last, x)
  const next = add(whole, ceil(rest))
  let y: Tensor
  if (kind === 'lower') y = valuesAt(rows, whole)
  else if (kind === 'higher') y = valuesAt(rows, next)
  else if (kind === 'nearest') y = valuesAt(rows, round(add(whole, rest)))
  else y = between(valuesAt(rows, whole), valuesAt(rows, next), kind === 'linear' ? rest : mul(ceil(rest), 0.5))
  if (!skip) {
    const lastOf = (t: Tensor) => sliced(t, [t.ndim - 1], [n - 1])
    y = where(lastOf(bad), lastOf(rows), y)
  }
  if (inside) y = where(inside, y, NaN)
  // Several quantiles are the first axis.
  const others = x.shape.map((_, d) => d).filter((d) => d !== at)
  const front = at === null ? y : permute(transpose(y, at, -1), [at, ...others])
  const kept = x.shape.flatMap((size, d) => (at !== null && d !== at ? [size] : keepdim ? [1] : []))
  const list = q instanceof Tensor ? q.ndim === 1 : Array.isArray(q)
  return reshape(front, list ? [front.shape[0], ...kept] : kept)
}

/**
 * The values below which the parts q of the elements lie, in order: at the place q·(n − 1) among n. A row with a NaN
 * gives NaN, and the gradient goes to that element (the last of several), as in PyTorch. Dtypes: floats.
 * @param q    from 0 to 1, several as a list, or a tensor of x's dtype, which has a gradient; outside it gives NaN
 * @param dim  one axis; default, or null: all elements. Or all of it by name: `quantile(x, 0.5, { dim: 1 })`
 * @returns x's shape without the axis (with `keepdim` of size 1 there); several q come first as an axis of their own
 * @throws HandgradError if x has no elements along the axis, or a q is not a number from 0 to 1
 */
export function quantile(x: Tensor, q: Parts, dim?: number | null, options?: Omit<QuantileOptions, 'dim'>): Tensor
/** The same by name. */
export function quantile(x: Tensor, q: Parts, options?: QuantileOptions): Tensor
export function quantile(x: Tensor, q: Parts, ...given: unknown[]): Tensor {
  return scope(() => quantileOf('quantile', x, q, given))
}

/** {@link quantile} of what is not NaN; NaN where nothing else is. Dtypes: floats. */
export function nanquantile(x: Tensor, q: Parts, dim?: number | null, options?: Omit<QuantileOptions, 'dim'>): Tensor
/** The same by name. */
export function nanquantile(x: Tensor, q: Parts, options?: QuantileOptions): Tensor
export function nanquantile(x: Tensor, q: Parts, ...given: unknown[]): Tensor {
  return scope(() => quantileOf('nanquantile', x, q, given))
}

/** Options of kthvalue and mode. */
export interface RankOptions extends ReduceOptions {
  /** Default: the last axis. */
  dim?: number
}

/** The axis of values in order, and whether it stays. */
function axisGiven(op: string, x: Tensor, given: readonly unknown[]): { at: number; keepdim: boolean } {
  checkDType(op, 'x', x, numbers)
  const { dim, keepdim } = parametersOf<Required<RankOptions>>(op, given, { dim: -1, keepdim: false })
  return { at: normalDim(op, dim, x.ndim), keepdim }
}

/**
 * The k-th smallest value along an axis, and where it is (int32): of equal ones by position, as {@link sort} has them.
 * NaN counts as the greatest. Dtypes: floats, int32.
 * @param k    from 1 to the size of the axis
 * @param dim  default: the last axis. Or by name: `kthvalue(x, 2, { dim: 0 })`
 * @returns values and indices, both of x's shape without that axis (with `keepdim` of size 1 there)
 * @throws HandgradError if k is not such an integer
 */
export function kthvalue(x: Tensor, k: number, dim?: number, options?: ReduceOptions): Extremes
/** The same by name. */
export function kthvalue(x: Tensor, k: number, options?: RankOptions): Extremes
export function kthvalue(x: Tensor, k: number, ...given: unknown[]): Extremes {
  const op = 'kthvalue'
  const { at, keepdim } = axisGiven(op, x, given)
  const size = x.shape[at] ?? 1
  if (!Number.isInteger(k) || k < 1 || k > size)
    fail(op, `k is ${describe(k)}, the axis of ${showShape(x.shape)} has ${size}`, `give 1 to ${size}`)
  const [values, indices] = sort(x, at)
  const pick = (y: Tensor): Tensor => {
    if (x.ndim === 0) return y
    const one = sliced(y, [at], [k - 1, k])
    return keepdim ? one : squeeze(one, at)
  }
  indices.cut = cutOf(op, [x])
  return extremes(pick(values), pick(indices))
}

/**
 * The most frequent value along an axis, of equally frequent ones the smallest, and the last place where it is (int32),
 * to which the gradient goes. NaN equals NaN here, and counts as the greatest. Dtypes: floats, int32.
 * @param dim  default: the last axis. Or by name: `mode(x, { dim: 0 })`
 * @returns values and indices, both of x's shape without that axis (with `keepdim` of size 1 there)
 * @throws HandgradError if x has no elements along the axis
 */
export function mode(x: Tensor, dim?: number, options?: ReduceOptions): Extremes
/** The same by name. */
export function mode(x: Tensor, options?: RankOptions): Extremes
export function mode(x: Tensor, ...given: unknown[]): Extremes {
  const op = 'mode'
  const { at, keepdim } = axisGiven(op, x, given)
  if (x.shape[at] === 0) fail(op, `${showShape(x.shape)} has no elements along the reduced dims`)
  const rows = x.ndim === 0 ? reshape(x, [1]) : transpose(x, at, -1)
  const place = scope(() =>
    noGrad(() => {
      const [values, indices] = sort(rows)
      const ends = searchsorted(values, values, { right: true })
      const counts = sub(ends, searchsorted(values, values))
      // The first place of the longest run, which is that of its smallest value.
      const longest = argmax(counts, -1, { keepdim: true })
      return gather(indices, -1, sub(gather(ends, -1, longest), 1))
    }),
  )
  place.cut = cutOf(op, [x])
  const pick = (y: Tensor): Tensor => {
    if (x.ndim === 0) return reshape(y, [])
    const one = transpose(y, at, -1)
    return keepdim ? one : squeeze(one, at)
  }
  return extremes(pick(gather(rows, -1, place)), pick(place))
}
