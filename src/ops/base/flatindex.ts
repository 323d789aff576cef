/** @file Indices along an axis as checked places in the flattened tensor, under the name of whoever was given them. */
import { launch } from '../../core/launch.ts'
import { defineOp } from '../../core/op.ts'
import type { Tensor } from '../../core/tensor.ts'
import * as kernels from './kernels.generated.ts'

interface FlatAttrs {
  /** The function that the user called. */
  readonly op: string
  /** Indices are good in [0, limit). */
  readonly limit: number
  /** Indices along the axis, and elements after it. Default: one axis. */
  readonly count?: number
  readonly inner?: number
  /** Negative ones count from the end. */
  readonly wrap?: boolean
}

/** Indices along the middle axis of [outer, limit, inner] as checked places in the flat tensor. */
// An index has no gradient.
export const flatIndexOp = defineOp({
  name: 'flatIndex',
  inputs: ['index'],
  dtypes: ['int32'],
  contiguous: ['index'],
  shape: ([index], _: FlatAttrs) => ({ shape: [index.numel] }),
  launch: ([index], [y], { op, limit, count = index.numel, inner = 1, wrap }) => {
    const params = { size: index.numel, count, inner, limit, index_offset: index.layout.offset, launch_id: 0 }
    launch(op, kernels.flat_index, [y, index], params, { WRAP: wrap ? 1 : 0 })
  },
  vjp: 'none',
})

/** The index, flat and checked against [0, limit), or [−limit, limit) with `wrap`. */
export const checkedIndex = (op: string, index: Tensor, limit: number, wrap = true): Tensor =>
  flatIndexOp([index], { op, limit, wrap })
