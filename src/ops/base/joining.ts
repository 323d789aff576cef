/** @file Joining along an axis: cat and stack, by one launch for up to seven tensors. */
import { describe, fail } from '../../core/errors.ts'
import { copyTo, launch } from '../../core/launch.ts'
import { anyType, defineOp } from '../../core/op.ts'
import {
  isContiguous,
  mergeViews,
  normalDim,
  rowMajor,
  sameShape,
  showShape,
  sizeOf,
  type View,
} from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkSameKind } from './arguments.ts'
import { widen } from './halves.ts'
import * as kernels from './kernels.generated.ts'
import type { Slice } from './slices.ts'
import { reshape, slice, unsqueeze } from './views.ts'

const { INPUTS } = kernels.cat.consts

/** An input that lies in rows, each side by side. */
interface Part {
  readonly x: Tensor
  /** Elements of a row, and from one row to the next. */
  readonly width: number
  readonly step: number
}

/** From one row to the next, where the axes from `dim` on lie side by side and those before are one; else null. */
function stepOf({ shape, strides }: View, dim: number): number | null {
  if (!isContiguous({ shape: shape.slice(dim), strides: strides.slice(dim), offset: 0 })) return null
  const outer = mergeViews([{ shape: shape.slice(0, dim), strides: strides.slice(0, dim), offset: 0 }]).strides[0]
  return outer.length > 1 ? null : (outer[0] ?? 0)
}

/** Write inputs beside each other, the first at column `begin` of a matrix of `rows` rows of `row` elements. */
function writeBeside(y: Tensor, parts: readonly Part[], rows: number, row: number, begin: number): void {
  // Every binding has a buffer; inputs beyond the last have no columns.
  const all = Array.from({ length: INPUTS + 1 }, (_, k) => parts[Math.min(k, parts.length - 1)])
  let width = 0
  const ends = all.map((part, k) => (k < parts.length ? (width += part.width) : width))
  const ats = all.map(({ x }, k) => x.layout.offset - (k > 0 ? ends[k - 1] : 0))
  const steps = all.map(({ step }) => step)
  const params = {
    ...{ rows, width, row, begin },
    ...{ ends_lo: ends.slice(0, 4), ends_hi: ends.slice(4) },
    ...{ at_lo: ats.slice(0, 4), at_hi: ats.slice(4) },
    ...{ step_lo: steps.slice(0, 4), step_hi: steps.slice(4) },
  }
  launch('cat', kernels.cat, [y, ...all.slice(0, INPUTS).map(({ x }) => x)], params, undefined, width === row)
}

const catOp = defineOp({
  name: 'cat',
  inputs: 'list',
  dtypes: anyType,
  shape: (xs, { dim }: { dim: number }) => ({
    shape: xs[0].shape.map((n, i) => (i === dim ? xs.reduce((sum, x) => sum + x.shape[dim], 0) : n)),
  }),
  halves: widen,
  launch: (xs, [y], { dim }) => {
    const inner = sizeOf(y.shape.slice(dim + 1))
    const row = y.shape[dim] * inner
    if (y.numel === 0) return
    let parts: Part[] = []
    let end = 0
    const flush = () => {
      const begin = end - parts.reduce((sum, { width }) => sum + width, 0)
      // One alone is a copy, which has more ways to run.
      if (parts.length > 1) writeBeside(y, parts, y.numel / row, row, begin)
      else for (const { x } of parts) copyInto(y, x, begin)
      parts = []
    }
    const copyInto = (y: Tensor, x: Tensor, offset: number) =>
      copyTo('cat', y, { shape: x.shape, strides: rowMajor(y.shape), offset }, x, x.layout)
    for (const x of xs) {
      const width = x.shape[dim] * inner
      if (width === 0) continue
      const step = stepOf(x.layout, dim)
      if (step === null || parts.length === INPUTS) flush()
      if (step === null) copyInto(y, x, end)
      else parts.push({ x, width, step })
      end += width
    }
    flush()
  },
  vjp: {
    list: (ctx, i) => {
      const { dim } = ctx.attrs
      let start = 0
      for (let j = 0; j < i; j++) start += ctx.meta(j).shape[dim]
      return slice(
        ctx.g,
        ...ctx.g.shape.map((_, d): Slice => (d === dim ? [start, start + ctx.meta(i).shape[dim]] : null)),
      )
    },
  },
})

/** A list of tensors, at least one, of one dtype on one device. */
function checkJoin(op: string, xs: readonly Tensor[]): void {
  if (!Array.isArray(xs)) fail(op, `${describe(xs)} was given`, `give a list: ${op}([x, y])`)
  if (xs.length === 0) fail(op, 'an empty list was given', 'give at least one tensor')
  xs.forEach((x, i) => checkSameKind(op, xs[0], `input ${i}`, x))
}

/**
 * Tensors one after the other along an axis, whose sizes add up; empty vectors fit to any, as in PyTorch. Any dtype,
 * the same for all.
 * @throws HandgradError if the list is empty, or inputs are 0-d, or differ in dtype, device or other axes
 */
export function cat(xs: readonly Tensor[], dim = 0): Tensor {
  const op = 'cat'
  checkJoin(op, xs)
  const isNothing = (x: Tensor) => x.ndim === 1 && x.numel === 0
  const first = xs.find((x) => !isNothing(x)) ?? xs[0]
  const axis = normalDim(op, dim, first.ndim)
  const none = first.shape.map((n, i) => (i === axis ? 0 : n))
  const parts = xs.map((x) => (first.ndim > 1 && isNothing(x) ? reshape(x, none) : x))
  for (const x of parts) {
    const fits = x.ndim === first.ndim && x.ndim > 0 && x.shape.every((n, i) => i === axis || n === first.shape[i])
    if (!fits)
      fail(
        op,
        `${showShape(first.shape)} and ${showShape(x.shape)} do not join along dim ${dim}`,
        'all other axes must be equal',
      )
  }
  return catOp(parts, { dim: axis })
}

/**
 * Tensors of one shape along a new axis. Any dtype, the same for all.
 * @throws HandgradError if the list is empty, or inputs have 8 axes, or differ in dtype, device or shape
 */
export function stack(xs: readonly Tensor[], dim = 0): Tensor {
  const op = 'stack'
  checkJoin(op, xs)
  const [first] = xs
  const axis = normalDim(op, dim, first.ndim + 1)
  for (const x of xs) {
    if (!sameShape(x.shape, first.shape))
      fail(op, `${showShape(first.shape)} and ${showShape(x.shape)} differ`, 'all must have one shape')
  }
  const parts = xs.map((x) => unsqueeze(x, axis))
  const y = cat(parts, axis)
  for (const part of parts) part.dispose()
  return y
}
