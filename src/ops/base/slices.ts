/** @file Python's slices as views: what x.slice and its gradient share. */
import { describe, fail } from '../../core/errors.ts'
import { showShape, type View } from '../../core/shape.ts'

/** `[start, stop, step]` of one axis; null means the axis' end. One number: from there to the end. */
export type Slice = readonly [start?: number | null, stop?: number | null, step?: number | null] | null

/**
 * Python's slice rules on each axis: negative positions count from the end, out-of-range ones are clamped, steps may be
 * negative.
 */
export function sliceView(op: string, view: View, slices: readonly Slice[]): View {
  const rank = view.shape.length
  if (slices.length > rank) fail(op, `${slices.length} slices for ${showShape(view.shape)}`, 'at most one per axis')
  const shape = [...view.shape]
  const strides = [...view.strides]
  let offset = view.offset
  slices.forEach((slice, i) => {
    if (slice == null) return
    const n = view.shape[i]
    if (!Array.isArray(slice) || slice.length > 3 || slice.some((part) => part != null && !Number.isInteger(part))) {
      const given = Array.isArray(slice) ? `[${slice.join(', ')}]` : describe(slice)
      fail(op, `the slice of axis ${i} is ${given}`, 'give integers [start, stop, step], or null for all of it')
    }
    const step = slice[2] ?? 1
    if (step === 0) fail(op, `step 0 on axis ${i}`, 'a step is a non-zero integer')
    const clamp = (at: number, low: number, high: number) => Math.min(Math.max(at < 0 ? at + n : at, low), high)
    const start = step > 0 ? clamp(slice[0] ?? 0, 0, n) : slice[0] == null ? n - 1 : clamp(slice[0], -1, n - 1)
    const stop = step > 0 ? clamp(slice[1] ?? n, 0, n) : slice[1] == null ? -1 : clamp(slice[1], -1, n - 1)
    shape[i] = Math.max(0, Math.ceil((stop - start) / step))
    strides[i] = view.strides[i] * step
    if (shape[i] > 0) offset += start * view.strides[i]
  })
  return { shape, strides, offset }
}
