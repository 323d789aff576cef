/** @file The different values of a tensor, or its different slices along an axis; sorted, or where they change. */

import { tensorOf } from '../../core/launch.ts'
import { scope } from '../../core/scope.ts'
import type { Tensor } from '../../core/tensor.ts'
import { order } from '../../cpu/kernels/order.ts'
import { checkTensor } from '../base/arguments.ts'
import { axisOf } from '../base/axes.ts'
import { optionsOf } from '../base/options.ts'
import { contiguous, permute } from '../base/views.ts'

/** What {@link unique} is asked for besides the values. */
export interface UniqueOptions {
  returnInverse?: boolean
  returnCounts?: boolean
  /** Slices along this axis are compared, not elements. Default (or null): none. */
  dim?: number | null
}
/** Different values, and how x is made of them. */
export interface Unique {
  /** [n], ascending; with `dim` x's shape with n there. */
  readonly values: Tensor
  /** For each element of x, in x's shape, which of the values it is, int32; with `dim` for each slice. */
  readonly inverse: Tensor
  /** How often each value occurs, [n], int32. */
  readonly counts: Tensor
}

/** One after the other, as they are or in the order of their values; equal neighbours are one. */
async function grouped(op: string, x: Tensor, options: UniqueOptions | undefined, sorted: boolean) {
  checkTensor(op, 'x', x)
  const { returnInverse, returnCounts, dim } = optionsOf(op, options, {
    returnInverse: false,
    returnCounts: false,
    dim: null,
  })
  const { shape, dtype, device } = x
  const axes = dim === null ? [] : [axisOf(op, x, dim)]
  const front = [...axes, ...shape.map((_, d) => d).filter((d) => d !== axes[0])]
  const rest = axes.length > 0 ? front.slice(1).map((d) => shape[d]) : []
  const cols = rest.reduce((a, b) => a * b, 1)
  const rows = axes.length > 0 ? shape[axes[0]] : x.numel
  const view = axes.length > 0 ? permute(x, front) : x
  const reading = view.data()
  if (view !== x) view.dispose()
  const data = await reading
  /** Below 0 where row i comes before row j, 0 where they are alike in order. */
  const compare = (i: number, j: number): number => {
    for (let c = 0; c < cols; c++) {
      const d = order(data[i * cols + c], data[j * cols + c])
      if (d !== 0) return d
    }
    return 0
  }
  const equal = (i: number, j: number): boolean => {
    for (let c = 0; c < cols; c++) if (data[i * cols + c] !== data[j * cols + c]) return false
    return true
  }
  const places = Uint32Array.from({ length: rows }, (_, i) => i)
  if (sorted) places.sort((i, j) => compare(i, j) || i - j)
  const inverse = new Int32Array(rows)
  const firsts: number[] = []
  const counts: number[] = []
  for (const place of places) {
    if (firsts.length === 0 || !equal(place, firsts[firsts.length - 1])) {
      firsts.push(place)
      counts.push(0)
    }
    counts[counts.length - 1]++
    inverse[place] = firsts.length - 1
  }
  const found = new Float64Array(firsts.length * cols)
  firsts.forEach((place, i) => {
    for (let c = 0; c < cols; c++) found[i * cols + c] = data[place * cols + c]
  })
  const made = tensorOf(found, [firsts.length, ...rest], dtype, device, op)
  const back = front.map((_, d) => front.indexOf(d))
  const values = scope(() => (axes.length > 0 ? contiguous(permute(made, back)) : made))
  if (values !== made) made.dispose()
  if (!returnInverse && !returnCounts) return values
  const int32 = (list: ArrayLike<number>, size: readonly number[]) => tensorOf(list, size, 'int32', device, op)
  return {
    values,
    inverse: int32(inverse, axes.length > 0 ? [rows] : [...shape]),
    counts: int32(counts, [counts.length]),
  }
}

/**
 * The different values of x, ascending, as [n]; every NaN is one of its own. With `dim` the different slices along that
 * axis, in the order of their first difference. With `returnInverse` or `returnCounts` an object with both. Waits for x
 * on the host. Any dtype; no gradient.
 * @throws HandgradError, by the promise, if dim is named of a 0-d x
 */
export function unique(x: Tensor, options?: { dim?: number | null }): Promise<Tensor>
export function unique(x: Tensor, options: UniqueOptions): Promise<Unique>
export function unique(x: Tensor, options?: UniqueOptions): Promise<Tensor | Unique> {
  return grouped('unique', x, options, true)
}

/**
 * x without the elements that equal the one before them, as [n]; with `dim` the slices along that axis. Results and
 * options as {@link unique}, which sorts first; every NaN is one of its own. Waits for x on the host. Any dtype; no
 * gradient.
 * @throws HandgradError, by the promise, if dim is named of a 0-d x
 */
export function uniqueConsecutive(x: Tensor, options?: { dim?: number | null }): Promise<Tensor>
export function uniqueConsecutive(x: Tensor, options: UniqueOptions): Promise<Unique>
export function uniqueConsecutive(x: Tensor, options?: UniqueOptions): Promise<Tensor | Unique> {
  return grouped('uniqueConsecutive', x, options, false)
}
