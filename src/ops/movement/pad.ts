/** @file Padding: constant, reflected, replicated, circular. */

import { describe, fail } from '../../core/errors.ts'
import { contiguousView, showShape } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkList, checkScalar, checkTensor } from '../base/arguments.ts'
import { listOf } from '../base/axes.ts'
import { parametersOf } from '../base/options.ts'
import type { Slice } from '../base/slices.ts'
import { clone, scatterView, slice } from '../base/views.ts'
import { indexSelect } from '../indexing/indexing.ts'

/** Options of {@link pad}. */
export interface PadOptions {
  /**
   * What stands in the margin. 'constant' (default): `value`; else x mirrored without its edge, its edge, or x again.
   */
  mode?: 'constant' | 'reflect' | 'replicate' | 'circular'
  /** Default (or null): 0. */
  value?: number | null
}

/** The place that position i, outside [0, n), takes its value from, and the widest margin. */
const margins = {
  reflect: { most: (n: number) => n - 1, at: (i: number, n: number) => (i < 0 ? -i : 2 * (n - 1) - i) },
  replicate: { most: (n: number) => (n > 0 ? Infinity : 0), at: (i: number, n: number) => (i < 0 ? 0 : n - 1) },
  circular: { most: (n: number) => n, at: (i: number, n: number) => (i + n) % n },
}

/**
 * Margins around x. Any dtype.
 * @param padding [left, right, top, bottom, …]: before and after the last axis, then the one before it; negative ones
 *   crop (mode 'constant' only)
 * @returns x's shape with the margins added
 * @throws HandgradError for an odd number of margins or more than two per axis, margins that are not integers or crop
 *   more than there is, a margin below 0 or wider than x − 1 ('reflect') or x ('circular'), an edge of an empty axis,
 *   an unknown mode, or a value that the dtype cannot hold
 */
export function pad(x: Tensor, padding: readonly number[], mode?: PadOptions['mode'], value?: number | null): Tensor
/** The same by name: `pad(x, [1, 1], { mode: 'reflect' })`. */
export function pad(x: Tensor, padding: readonly number[], options?: PadOptions): Tensor
export function pad(x: Tensor, padding: readonly number[], ...given: unknown[]): Tensor {
  const op = 'pad'
  checkTensor(op, 'x', x)
  const { mode, value: filling } = parametersOf<Required<PadOptions>>(op, given, { mode: 'constant', value: null })
  checkList(op, 'padding', padding)
  listOf(op, 'a margin', padding)
  if (padding.length % 2 === 1 || padding.length > 2 * x.ndim)
    fail(op, `${padding.length} margins for ${showShape(x.shape)}`, 'give a pair per axis, the last axis first')
  const sides = x.shape.map((_, d) => [padding[2 * (x.ndim - 1 - d)] ?? 0, padding[2 * (x.ndim - 1 - d) + 1] ?? 0])
  const shape = x.shape.map((n, d) => n + sides[d][0] + sides[d][1])
  if (shape.some((n) => n < 0)) fail(op, `[${padding.join(', ')}] crops more than ${showShape(x.shape)} has`)
  if (mode === 'constant') {
    const value = filling ?? 0
    checkScalar(op, value, x.dtype)
    // Crop, then place what is left.
    const inside = sides.map(([before, after], d): Slice => [Math.max(0, -before), x.shape[d] + Math.min(0, after)])
    const { strides } = contiguousView(shape)
    const offset = sides.reduce((sum, [before], d) => sum + Math.max(0, before) * strides[d], 0)
    return scatterView(slice(x, ...inside), shape, { shape, strides, offset }, value)
  }
  if (!Object.hasOwn(margins, mode))
    fail(op, `mode is ${describe(mode)}`, "one of 'constant', 'reflect', 'replicate', 'circular'")
  const { most, at } = margins[mode]
  sides.forEach((side, d) => {
    const widest = most(x.shape[d])
    // An axis without margins may be empty.
    const wrong = side.find((n) => n !== 0 && (n < 0 || n > widest))
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
