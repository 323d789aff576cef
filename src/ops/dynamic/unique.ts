/** @file The different values of a tensor, or its different slices along an axis; sorted, or where they change. */

import { tensorOf } from '../../core/launch.ts'
import { anyType, cutOf } from '../../core/op.ts'
import { scope } from '../../core/scope.ts'
import { sizeOf } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { order } from '../../cpu/kernels/order.ts'
import { checkDType } from '../base/arguments.ts'
import { axisOf } from '../base/axes.ts'
import { optionsOf, parametersOf } from '../base/options.ts'
import { contiguous, permute, reshape } from '../base/views.ts'

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

const defaults = { returnInverse: false, returnCounts: false, dim: null as number | null }

/** Slices as they are, or in the order of their values; equal neighbours are one. */
async function grouped(op: string, x: Tensor, given: readonly unknown[], sorted: boolean) {
  checkDType(op, 'x', x, anyType)
  const { returnInverse, returnCounts, dim } = parametersOf(op, given, defaults)
  const { shape, dtype, device } = x
  const cut = cutOf(op, [x])
  // Elements are the slices of what is flat.
  const whole = dim === null ? [x.numel] : shape
  const at = dim === null ? 0 : axisOf(op, x, dim)
  const axes = [at, ...whole.keys()].filter((d, i) => i === 0 || d !== at)
  const [rows, ...rest] = axes.map((d) => whole[d])
  const cols = sizeOf(rest)
  const view = scope(() => permute(reshape(x, whole), axes))
  const reading = view.data()
  view.dispose()
  const data = await reading
  /** Below 0 where row i comes before row j, 0 where none does; `strictly` a NaN is like no other. */
  const compare = (i: number, j: number, strictly: boolean): number => {
    for (let c = 0; c < cols; c++) {
      const [a, b] = [data[i * cols + c], data[j * cols + c]]
      const d = order(a, b) || (strictly && a !== b ? 1 : 0)
      if (d !== 0) return d
    }
    return 0
  }
  const places = Uint32Array.from({ length: rows }, (_, i) => i)
  if (sorted) places.sort((i, j) => compare(i, j, false) || i - j)
  const inverse = new Int32Array(rows)
  const found: number[] = []
  const counts: number[] = []
  let first = -1
  for (const place of places) {
    if (first < 0 || compare(place, first, true) !== 0) {
      first = place
      for (let c = 0; c < cols; c++) found.push(data[place * cols + c])
      counts.push(0)
    }
    counts[counts.length - 1]++
    inverse[place] = counts.length - 1
  }
  const values = scope(() => {
    const made = tensorOf(found, [counts.length, ...rest], dtype, device, op)
    return contiguous(
      permute(
        made,
        axes.map((_, d) => axes.indexOf(d)),
      ),
    )
  })
  values.cut = cut
  if (!returnInverse && !returnCounts) return values
  const int32 = (list: ArrayLike<number>, size: readonly number[]) => {
    const y = tensorOf(list, size, 'int32', device, op)
    y.cut = cut
    return y
  }
  return { values, inverse: int32(inverse, dim === null ? shape : [rows]), counts: int32(counts, [counts.length]) }
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
  return grouped('unique', x, [optionsOf('unique', options, defaults)], true)
}

/**
 * x without the elements that equal the one before them, as [n]; with `dim` the slices along that axis. Results and
 * options as {@link unique}, which sorts first; every NaN is one of its own. Waits for x on the host. Any dtype; no
 * gradient.
 * @throws HandgradError, by the promise, if dim is named of a 0-d x
 */
export function uniqueConsecutive(x: Tensor, options?: { dim?: number | null }): Promise<Tensor>
export function uniqueConsecutive(x: Tensor, options: UniqueOptions): Promise<Unique>
/** The same with options in their places, as PyTorch has it. */
export function uniqueConsecutive(
  x: Tensor,
  returnInverse: boolean,
  returnCounts?: boolean,
  dim?: number | null,
): Promise<Unique>
export function uniqueConsecutive(x: Tensor, ...given: unknown[]): Promise<Tensor | Unique> {
  return grouped('uniqueConsecutive', x, given, false)
}
