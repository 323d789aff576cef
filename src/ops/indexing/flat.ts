/**
 * @file Indices element by element, as places in the flattened tensor: one kernel checks them, and the row kernels of
 * rows.ts do the work, with rows of one element. The functions are in gather.ts and at.ts.
 */
import { launch } from '../../core/launch.ts'
import { defineOp, type Op } from '../../core/op.ts'
import type { Tensor } from '../../core/tensor.ts'
import * as kernels from '../base/kernels.generated.ts'
import { clone, reshape } from '../base/views.ts'
import { lt, maximum, where } from '../elementwise/elementwise.ts'
import { gathering, intIndex } from './rows.ts'

export const gatherAt = gathering('gather')

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
  dtypes: intIndex,
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

/** y[r] = the last i with index[i] = r, −1 where there is none. */
// An index has no gradient.
export const lastIndexOp: Op<{ rows: number }> = defineOp({
  name: 'lastIndex',
  inputs: ['index'],
  dtypes: intIndex,
  contiguous: ['index'],
  shape: (_, { rows }: { rows: number }) => ({ shape: [rows] }),
  launch: ([index], [y], { rows }) =>
    launch('scatter', kernels.last_index, [y, index], { rows, count: index.numel, index_offset: index.layout.offset }),
  vjp: 'none',
})

/** rows[r] = source[i] for the last i with index[i] = r, else base[r]; the gradient goes to what is there. */
export function overwritten(base: Tensor, index: Tensor, source: Tensor | number): Tensor {
  const [rows, ...rest] = base.shape
  if (index.numel === 0) return clone(base)
  const last = lastIndexOp([index], { rows })
  const free = reshape(lt(last, 0), [rows, ...rest.map(() => 1)])
  return where(free, base, typeof source === 'number' ? source : gatherAt([source, maximum(last, 0)], {}))
}
