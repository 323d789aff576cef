/** @file Sums that leave NaN out. */
import { floats, numbers } from '../../core/op.ts'
import type { Tensor } from '../../core/tensor.ts'
import { cast } from '../elementwise/cast.ts'
import { div, isnan, logicalNot, where } from '../elementwise/elementwise.ts'
import { totalsOf } from './attributes.ts'
import { type Over, type SumOptions, sum } from './reduce.ts'

/** y = Σ x over `dims` of what is not NaN, which gets no gradient; 0 over nothing. Dtypes: floats, int32, bool. */
export function nansum(x: Tensor, dims?: Over<SumOptions>, options?: SumOptions | boolean): Tensor
export function nansum(x: Tensor, ...given: unknown[]): Tensor {
  const [from, attrs] = totalsOf('nansum', x, given, numbers)
  return sum(where(isnan(from), 0, from), attrs.dims.length > 0 ? attrs.dims : null, { keepdim: attrs.keepdim })
}

/**
 * The mean over `dims` of what is not NaN, which gets no gradient; NaN over nothing. Dtypes: floats, with `dtype` any.
 */
export function nanmean(x: Tensor, dims?: Over<SumOptions>, options?: SumOptions | boolean): Tensor
export function nanmean(x: Tensor, ...given: unknown[]): Tensor {
  const [from, { dims: some, keepdim }] = totalsOf('nanmean', x, given, floats)
  const none = isnan(from)
  const over = [some, { keepdim }] as const
  return div(sum(where(none, 0, from), ...over), sum(cast(logicalNot(none), from.dtype), ...over))
}
