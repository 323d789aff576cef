/**
 * @file Launches without graph: how views of tensors become the params of the pointwise and reduce kernels. Ops are
 * made of these; nothing here is recorded. Copy and fill are in core/launch.ts.
 */
import type { DType } from '../../core/device.ts'
import { contiguousCopy, launch, tensorOf } from '../../core/launch.ts'
import {
  contiguousView,
  expandView,
  mergeViews,
  permuteView,
  type Shape,
  sameShape,
  sizeOf,
  type View,
} from '../../core/shape.ts'
import { Tensor } from '../../core/tensor.ts'
import type { PointwiseCode } from '../../cpu/kernels/pointwise.ts'
import * as kernels from './kernels.generated.ts'

/** A tensor, or a JS number in its place. */
export type Operand = Tensor | number

export type { PointwiseCode }

// ---- pointwise

const FLAT = [0, 0, 0, 1]
const UNUSED = [0, 0, 0, 0]

/** Launch the pointwise kernel: y = op(operands), each broadcast to y's shape. y is fresh and contiguous. */
export function runPointwise(
  label: string,
  code: PointwiseCode,
  y: Tensor,
  operands: readonly Operand[],
  dtype: DType,
): void {
  const kernel = kernels.pointwise
  // One number rides along as a param. A second one, or an integer past float32's exact range, becomes a 0-d tensor.
  let scalarAt = operands.findIndex((x) => typeof x === 'number')
  const made: Tensor[] = []
  const tensors: Tensor[] = []
  operands.forEach((x, i) => {
    if (x instanceof Tensor) tensors.push(x)
    else if (i !== scalarAt || (dtype === 'int32' && Math.abs(x) > 2 ** 24)) {
      const constant = tensorOf(new Float64Array([x]), [], dtype, y.device, label)
      made.push(constant)
      tensors.push(constant)
      if (i === scalarAt) scalarAt = -1
    }
  })
  const scalar = scalarAt >= 0 ? (operands[scalarAt] as number) : 0
  const { size, d1, d2, views, inputs, temporary } = mergedOperands(label, y.shape, tensors)
  launch(
    label,
    kernel,
    [y, inputs[0], inputs[1] ?? null, inputs[2] ?? null],
    { size, d1, d2, scalar, a: views[0], b: views[1] ?? UNUSED, c: views[2] ?? UNUSED },
    { OP: kernel.consts[code], SCALAR: scalarAt + 1, INT: dtype === 'int32' || dtype === 'bool' ? 1 : 0 },
  )
  for (const x of made) x.dispose()
  for (const x of temporary) x.dispose()
}

interface MergedOperands {
  size: number
  d1: number
  d2: number
  views: readonly (readonly number[])[]
  inputs: readonly Tensor[]
  temporary: readonly Tensor[]
}

/** Operands as (offset, s₀, s₁, s₂) over at most three merged axes; what does not fit is copied first. */
function mergedOperands(label: string, shape: Shape, tensors: readonly Tensor[]): MergedOperands {
  let size = 1
  for (const n of shape) size *= n
  if (tensors.every((x) => sameShape(x.shape, shape) && x.isContiguous)) {
    const views = tensors.map((x) => (x.layout.offset === 0 ? FLAT : [x.layout.offset, 0, 0, 1]))
    return { size, d1: 1, d2: size, views, inputs: tensors, temporary: [] }
  }
  const expanded = tensors.map((x) => expandView(label, x.layout, shape))
  const merged = mergeViews([contiguousView(shape), ...expanded])
  if (merged.shape.length > 3) {
    const copies = tensors.map((x, i) => contiguousCopy(label, x, expanded[i]))
    return { size, d1: 1, d2: size, views: copies.map(() => FLAT), inputs: copies, temporary: copies }
  }
  const [d1, d2] = innerSizes(merged.shape)
  const views = tensors.map((_, i) => walkOf(expanded[i].offset, merged.strides[i + 1]))
  return { size, d1, d2, views, inputs: tensors, temporary: [] }
}

/** The last two of up to three merged sizes, right-aligned. */
const innerSizes = (shape: readonly number[]): [number, number] => [shape.at(-2) ?? 1, shape.at(-1) ?? 1]

/** (offset, s₀, s₁, s₂) of up to three merged strides, right-aligned. */
function walkOf(offset: number, strides: readonly number[]): number[] {
  const walk = [offset, 0, 0, 0]
  strides.forEach((s, i) => {
    walk[4 - strides.length + i] = s
  })
  return walk
}

// ---- reduce

/** Kernel params for folding `dims` of x, and x itself or a copy that they fit. */
export function foldParams(label: string, x: Tensor, dims: readonly number[]) {
  const keptDims = x.shape.map((_, i) => i).filter((i) => !dims.includes(i))
  const make = (view: View) => {
    const kept = mergeViews([contiguousView(keptDims.map((d) => x.shape[d])), permuteView(view, keptDims)])
    const reduced = mergeViews([permuteView(view, dims)])
    return { kept, reduced, offset: view.offset }
  }
  let from = x
  let fold = make(x.layout)
  if (fold.kept.shape.length > 3 || fold.reduced.shape.length > 3) {
    // Kept axes first, then the reduced ones: row-major, they merge to one each.
    from = contiguousCopy(label, x, permuteView(x.layout, [...keptDims, ...dims]))
    const columns = sizeOf(dims.map((d) => x.shape[d]))
    const rows = x.numel / columns
    fold = {
      kept: { shape: [rows], strides: [[1], [columns]] },
      reduced: { shape: [columns], strides: [[1]] },
      offset: 0,
    }
  }
  const count = sizeOf(fold.reduced.shape)
  return {
    from,
    params: {
      kept: [sizeOf(keptDims.map((d) => x.shape[d])), ...innerSizes(fold.kept.shape), 1],
      reduced: [count, ...innerSizes(fold.reduced.shape), count],
      ks: walkOf(fold.offset, fold.kept.strides[1]),
      rs: walkOf(0, fold.reduced.strides[0]),
    },
  }
}

export function runReduce(label: string, OP: number, x: Tensor, y: Tensor, dims: readonly number[]): void {
  const { from, params } = foldParams(label, x, dims)
  launch(label, kernels.reduce, [y, from], params, { OP, INT: x.dtype === 'int32' ? 1 : 0 })
  if (from !== x) from.dispose()
}
